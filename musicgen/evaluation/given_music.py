"""Music that is there already, to be judged as models are: files, corpora, datasets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from musicgen import manifest, storage
from musicgen.corpus.reader import read_piece, read_pieces
from musicgen.errors import BadInput, UnreadableMusic
from musicgen.evaluation.excerpt_set import FEWEST_PIECES, ExcerptSet, real
from musicgen.evaluation.excerpts import Excerpt, cut, read_excerpts, spread
from musicgen.generation.request import UNKNOWN
from musicgen.music.grid import GridScore, quantize
from musicgen.music.midi import Limits, read_midi
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.encoding import VOCABULARY
from musicgen.preprocess.excerpts import excerpt_starts
from musicgen.representation.pianoroll import BARS
from musicgen.representation.sequence import in_range

MOST_EXCERPTS = 2000


@dataclass(frozen=True)
class GivenMusic:
    """Excerpts of music that nobody was asked for; stands where a ``Candidate`` may stand.

    Attributes:
        name: what the report calls it.
        music: its excerpts.
    """

    name: str
    music: list[Excerpt]
    family: str = "music"
    run_id: None = None
    version: None = None

    @property
    def bundle_digest(self) -> str:
        """Name of the content."""
        return manifest.digest([excerpt.score.notes.tolist() for excerpt in self.music])

    def answers(self, held_out: list[Excerpt], seed: int) -> ExcerptSet:
        """Return as many excerpts as there are held out, or all, spread over the pieces."""
        by_place = {(excerpt.piece_id, excerpt.start_steps): excerpt for excerpt in self.music}
        chosen = spread(list(by_place), len(held_out), seed)
        return replace(real([by_place[place] for place in chosen]), answers=False)


def given_music(name: str, uri: str) -> GivenMusic:
    """Read the music at a URI: a MIDI file or folder, a corpus snapshot or a dataset.

    Of a dataset, the training split is taken: its test split may be what all is compared with.

    Raises:
        BadInput: there is no music, none that can be read, or too little to compare.
    """
    facts = manifest.load(uri) if manifest.exists(uri) else {}
    if "dataset_id" in facts:
        music = read_excerpts(Dataset.open(uri), "train", MOST_EXCERPTS, seed=0)
        problem = ""
    else:
        pieces = _corpus(uri) if "corpus" in facts else _midi_files(uri)
        music, problem = _excerpts(pieces)
    if len(music) < FEWEST_PIECES:
        raise BadInput(
            f"{uri} is too little to compare: excerpts of four bars in 4/4 or 2/4 there are "
            f"{len(music)}, and it takes {FEWEST_PIECES}. Add longer pieces, or more.{problem}"
        )
    return GivenMusic(name, music)


def _excerpts(pieces: Iterable[tuple[str, GridScore | UnreadableMusic]]):
    """Cut pieces; return the excerpts, and a sentence on what was left out."""
    config = PreprocessConfig()
    music: list[Excerpt] = []
    problems = []
    for name, score in pieces:
        if isinstance(score, UnreadableMusic):
            problems.append(f"{name}: {score}")
            continue
        score = in_range(score, VOCABULARY)
        starts = excerpt_starts(score, BARS, config.min_excerpt_notes)
        music += [Excerpt(name, UNKNOWN, UNKNOWN, start, cut(score, start)) for start in starts]
    if not problems:
        return music, ""
    return music, f" Left out: {len(problems)} of its pieces ({problems[0]})."


def _corpus(uri: str) -> Iterator[tuple[str, GridScore | UnreadableMusic]]:
    for piece in read_pieces(uri):
        try:
            yield piece.piece_id, quantize(read_piece(uri, piece))
        except UnreadableMusic as error:
            yield piece.piece_id, error


def _midi_files(uri: str) -> Iterator[tuple[str, GridScore | UnreadableMusic]]:
    suffixes = (".mid", ".midi")
    if uri.lower().endswith(suffixes):
        found = {uri.rpartition("/")[2]: uri} if storage.exists(uri) else {}
    else:
        names = [name for name in storage.names(uri) if name.lower().endswith(suffixes)]
        found = {name: storage.join(uri, name) for name in names}
    if not found:
        raise BadInput(
            f"There is no music at {uri}: name an MLflow run, a model, a training, a MIDI file or "
            "folder, a corpus snapshot or a dataset."
        )
    for name, place in found.items():
        try:
            with storage.open_read(place) as stream:
                yield name, quantize(read_midi(stream.read(Limits().bytes + 1)))
        except UnreadableMusic as error:
            yield name, error
        except FileNotFoundError:  # a link that leads nowhere
            yield name, UnreadableMusic("missing_file", place)
