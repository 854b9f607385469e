"""The corpora that can be ingested, by name."""

from collections.abc import Callable

from musicgen.corpus.protocol import Corpus
from musicgen.errors import BadInput


def find(name: str) -> Corpus:
    """Return a corpus by its name.

    Raises:
        BadInput: there is none of that name.
    """
    if name not in _CORPORA:
        raise BadInput(f"There is no corpus {name!r}; there are {', '.join(sorted(_CORPORA))}.")
    return _CORPORA[name]()


def names() -> list[str]:
    """Return the names of all corpora, sorted."""
    return sorted(_CORPORA)


# Each is imported only when it is asked for: so the command line starts fast.


def _midi() -> Corpus:
    from musicgen.corpus.midi_folder import MidiFolder

    return MidiFolder()


def _music21() -> Corpus:
    from musicgen.corpus.music21_corpus import Music21Corpus

    return Music21Corpus()


def _musicnet() -> Corpus:
    from musicgen.corpus.musicnet import MusicNet

    return MusicNet()


_CORPORA: dict[str, Callable[[], Corpus]] = {
    "midi": _midi,
    "music21": _music21,
    "musicnet": _musicnet,
}
