"""Which pieces of music21's corpus are taken, and what is known of them.

music21's files say little and at times nonsense about themselves (``CANTO`` for a title), so that
what they are is written down here. Names and catalogue numbers are spelt as MusicNet spells them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

QUARTET, PIANO = "String Quartet", "Solo Piano"

# Chorales and madrigals carry no tempo. At the 120 that MIDI assumes, chorales would be hurried.
CHORALE_QPM, MIDI_QPM = 84.0, 120.0

COMPOSERS = {
    "bach": "Bach",
    "beach": "Beach",
    "beethoven": "Beethoven",
    "corelli": "Corelli",
    "cpebach": "C. P. E. Bach",
    "handel": "Handel",
    "haydn": "Haydn",
    "monteverdi": "Monteverdi",
    "mozart": "Mozart",
    "schubert": "Schubert",
    "schumann_clara": "Clara Schumann",
    "schumann_robert": "Robert Schumann",
    "weber": "Weber",
}
"""Composers by folder. Left out: folk song, ragtime, the twentieth century, the middle ages,
Palestrina, whose 1,318 mass movements would be three pieces of four, and Chopin, of whom there is
one mazurka and that is not in MusicXML."""

# Below a composer's folder: file or folder, catalogue number, title, ensemble.
_WORKS = (
    ("bach/bwv846", "BWV846", "WTK I, No 1: Prelude in C major", PIANO),
    ("beach/prayer_of_a_tired_child", "OP75NO4", "Prayer of a Tired Child", "Accompanied Choir"),
    ("beethoven/opus18no1", "OP18NO1", "String Quartet No 1 in F major", QUARTET),
    ("beethoven/opus18no3", "OP18NO3", "String Quartet No 3 in D major", QUARTET),
    ("beethoven/opus18no4", "OP18NO4", "String Quartet No 4 in C minor", QUARTET),
    ("beethoven/opus18no5", "OP18NO5", "String Quartet No 5 in A major", QUARTET),
    ("beethoven/opus59no1", "OP59NO1", "String Quartet No 7 in F major", QUARTET),
    ("beethoven/opus59no2", "OP59NO2", "String Quartet No 8 in E minor", QUARTET),
    ("beethoven/opus59no3", "OP59NO3", "String Quartet No 9 in C major", QUARTET),
    ("beethoven/opus74", "OP74", "String Quartet No 10 in E-flat major", QUARTET),
    ("beethoven/opus132", "OP132", "String Quartet No 15 in A minor", QUARTET),
    ("beethoven/opus133", "OP133", "Grosse Fuge in B-flat major", QUARTET),
    ("corelli/opus3no1", "OP3NO1", "Trio Sonata in F major", "Trio Sonata"),
    ("cpebach/h186", "H186", "Piano Sonata in A major: Poco adagio", PIANO),
    ("handel/rinaldo", "HWV7", "Rinaldo: Lascia ch'io pianga", "Accompanied Voice"),
    ("haydn/opus1no1", "OP1NO1", "String Quartet in B-flat major", QUARTET),
    ("haydn/opus74no1", "OP74NO1", "String Quartet in C major", QUARTET),
    ("mozart/k80", "K80", "String Quartet No 1 in G major", QUARTET),
    ("mozart/k155", "K155", "String Quartet No 2 in D major", QUARTET),
    ("mozart/k156", "K156", "String Quartet No 3 in G major", QUARTET),
    ("mozart/k458", "K458", "String Quartet No 17 in B-flat major", QUARTET),
    ("mozart/k545", "K545", "Piano Sonata No 16 in C major", PIANO),
    ("schubert/Lindenbaum", "D911", "Winterreise: Der Lindenbaum", "Accompanied Voice"),
    ("schumann_clara/opus17", "OP17", "Piano Trio in G minor", "Piano Trio"),
    ("schumann_clara/polonaise_op1n1", "OP1", "Polonaise No 1 in E-flat major", PIANO),
    ("schumann_clara/polonaise_op1n2", "OP1", "Polonaise No 2 in C major", PIANO),
    ("schumann_clara/polonaise_op1n3", "OP1", "Polonaise No 3 in D major", PIANO),
    ("schumann_clara/polonaise_op1n4", "OP1", "Polonaise No 4 in C major", PIANO),
    ("schumann_robert/opus41no1", "OP41NO1", "String Quartet No 1 in A minor", QUARTET),
    ("schumann_robert/opus48no2", "OP48", "Dichterliebe: Aus meinen Tränen", "Accompanied Voice"),
    ("weber/concertino_clarinet", "OP26", "Clarinet Concertino", "Accompanied Clarinet"),
)

# Cantatas and chorales, by number, that share a setting: at least four notes of five are the same,
# in another key perhaps (some of the files bear a wrong number). They are one work, lest it fall
# into two splits.
_SAME_SETTING = {
    **{"59": "175", "177": "117", "274": "62", "279": "158", "398": "197", "414": "253"},
    **{"137": "120", "280": "176", "171": "41", "416": "245", "395": "245", "327": "326"},
    **{"271": "244", "359": "154", "146": "154"},
}

# A piece may be there more than once; the first of these is taken.
_SUFFIXES = (".mxl", ".xml", ".musicxml")


@dataclass(frozen=True)
class Encoding:
    """A file of music21's corpus and what is known of it.

    Attributes:
        name: path below the corpus.
        composer: as people write it.
        work: key of the work.
        title: for people.
        ensemble: what plays; None for a chorale, whose parts must be looked at.
        tempo_qpm: quarter notes a minute where the file says nothing.
        program: General MIDI program, from 0, of parts whose names say nothing.
        chorale: number in the Bach catalogue, such as ``248.42``, by which music21 knows a
            chorale's title; None for other music.
    """

    name: str
    composer: str
    work: str
    title: str
    ensemble: str | None
    tempo_qpm: float = MIDI_QPM
    program: int = 0
    chorale: str | None = None

    @property
    def piece_id(self) -> str:
        """Path with dashes, without suffix."""
        return self.name.rpartition(".")[0].replace("/", "-")


def encodings(root: Path, composers: list[str]) -> Iterator[Encoding]:
    """List what is taken of some composers' folders, each piece once.

    Args:
        root: the folder of music21's corpus.
        composers: keys of ``COMPOSERS``.
    """
    for composer in composers:
        paths = [path for path in sorted((root / composer).rglob("*")) if path.suffix in _SUFFIXES]
        best = sorted(paths, key=lambda path: _SUFFIXES.index(path.suffix), reverse=True)
        for path in sorted({path.with_suffix(""): path for path in best}.values()):
            encoding = describe(path.relative_to(root).as_posix())
            if encoding:
                yield encoding


def describe(name: str) -> Encoding | None:
    """Say what a file of the corpus is; None if it is not taken."""
    stem = name.rpartition(".")[0]
    composer = COMPOSERS[name.partition("/")[0]]
    for place, catalogue, title, ensemble in _WORKS:
        if stem == place or stem.startswith(f"{place}/"):
            movement = stem[len(place) + 1 :].replace("_", " ").replace("movement", "movement ")
            title = ", ".join(part for part in (title, movement.strip()) if part)
            return Encoding(name, composer, f"{composer} {catalogue}", title, ensemble)
    chorale = re.fullmatch(r"bach/bwv((\d+)(?:\.\d+)?)(-.*)?", stem)
    if chorale:
        number, cantata, variant = chorale.groups()
        title = f"Chorale BWV {number}{variant or ''}"
        work = f"{composer} BWV{_SAME_SETTING.get(cantata, cantata)}"
        return Encoding(name, composer, work, title, None, CHORALE_QPM, 52, number)
    madrigal = re.fullmatch(r"monteverdi/madrigal\.(\d+)\.(\d+)", stem)
    if madrigal:
        book, number = madrigal.groups()
        title = f"Madrigals, Book {book}, No {number}"
        work = f"{composer} MADRIGAL{book}NO{number}"
        return Encoding(name, composer, work, title, "Madrigal", program=52)
    return None
