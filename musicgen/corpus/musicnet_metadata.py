"""MusicNet's table of recordings."""

import csv
import io
import re
from dataclasses import dataclass

from musicgen.corpus.piece import UNKNOWN
from musicgen.errors import BadInput

NAME = "musicnet_metadata.csv"
COLUMNS = ("id", "composer", "composition", "movement", "ensemble", "catalog_name")

OFFICIAL_TEST_IDS = frozenset(
    {"1759", "1819", "2106", "2191", "2298", "2303", "2382", "2416", "2556", "2628"}
)


@dataclass(frozen=True)
class Recording:
    """A row of the table: one recording of one movement.

    Attributes:
        recording_id: number, as text.
        composer: family name.
        composition: such as ``String Quartet No 19 in C major``.
        movement: such as ``2. Andante cantabile``.
        ensemble: such as ``String Quartet``.
        catalogue: number in a catalogue of works, such as ``K465`` or ``OP27NO2``; may be empty.
    """

    recording_id: str
    composer: str
    composition: str
    movement: str
    ensemble: str
    catalogue: str

    @property
    def work(self) -> str:
        """Key of the work: all movements and recordings of it share it, and nothing else does.

        It is the catalogue number. In MusicNet each stands for one composition, but a composition
        does not name a work: two of Schubert's sonatas are a "Piano Sonata in A major". The pairs
        of the Well-Tempered Clavier have a number each (BWV 846 …): a prelude and its fugue stay
        together.
        """
        number = re.sub(r"[\s.]", "", self.catalogue).upper()
        return f"{self.composer} {number or self.composition}"

    @property
    def title(self) -> str:
        """Composition and movement."""
        return ": ".join(part for part in (self.composition, self.movement) if part) or UNKNOWN

    @property
    def official_split(self) -> str | None:
        """``test`` for the ten recordings that MusicNet's authors test on."""
        return "test" if self.recording_id in OFFICIAL_TEST_IDS else None


def read_recordings(data: bytes) -> list[Recording]:
    """Read the table.

    Raises:
        BadInput: it lacks columns or rows, or names a recording twice or without a number.
    """
    try:
        rows = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise BadInput(
                f"{NAME} lacks the columns {', '.join(missing)}: take the one that comes with "
                "MusicNet."
            )
        cells = [[(row[name] or "").strip() for name in COLUMNS] for row in rows]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{NAME} is no CSV table ({error}).") from None
    found: dict[str, Recording] = {}
    for recording_id, composer, composition, movement, ensemble, catalogue in cells:
        if not re.fullmatch(r"[0-9]{1,9}", recording_id) or recording_id in found:
            raise BadInput(f"{NAME} has a row whose id {recording_id!r} is no number or not new.")
        found[recording_id] = Recording(
            recording_id,
            composer or UNKNOWN,
            composition,
            movement,
            ensemble or UNKNOWN,
            catalogue,
        )
    if not found:
        raise BadInput(f"{NAME} has no rows: take the one that comes with MusicNet.")
    return list(found.values())
