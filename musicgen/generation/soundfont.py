"""SoundFont 2 files: which sample an instrument plays at a pitch, and how.

The format is the SoundFont Technical Specification 2.04 (E-mu Systems, 2006); numbers of
generators and their defaults are those of its section 8.1.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from musicgen.errors import BadInput

Generators = dict[int, int]

INSTRUMENT, SAMPLE = 41, 53
KEY_RANGE, VELOCITY_RANGE = 43, 44
# Section 8.5: at the preset's level these have no meaning; the others add to the instrument's.
INSTRUMENT_ONLY = {0, 1, 2, 3, 4, 12, 45, 46, 47, 50, 54, 57, 58}

DEFAULTS: Generators = {8: 13_500, 56: 100, 58: -1} | dict.fromkeys(range(33, 37), -12_000)
DEFAULTS |= {38: -12_000}

_HEADERS = {
    "phdr": [
        ("name", "S20"),
        ("program", "<u2"),
        ("bank", "<u2"),
        ("bag", "<u2"),
        ("library", "<u4"),
        ("genre", "<u4"),
        ("morphology", "<u4"),
    ],
    "pbag": [("generator", "<u2"), ("modulator", "<u2")],
    "pgen": [("kind", "<u2"), ("amount", "<i2")],
    "inst": [("name", "S20"), ("bag", "<u2")],
    "ibag": [("generator", "<u2"), ("modulator", "<u2")],
    "igen": [("kind", "<u2"), ("amount", "<i2")],
    "shdr": [
        ("name", "S20"),
        ("start", "<u4"),
        ("end", "<u4"),
        ("loop_start", "<u4"),
        ("loop_end", "<u4"),
        ("rate_hz", "<u4"),
        ("pitch", "u1"),
        ("correction_cents", "i1"),
        ("link", "<u2"),
        ("kind", "<u2"),
    ],
}


@dataclass(frozen=True)
class Zone:
    """A sample as an instrument plays it at some pitches.

    Attributes:
        generators: settings by number, preset's and instrument's added; defaults left out.
        header: the sample's row of ``shdr``.
    """

    generators: Generators
    header: np.void

    def get(self, generator: int, default: int = 0) -> int:
        """Return a setting."""
        return self.generators.get(generator, default)


class SoundFont:
    """A SoundFont file in memory.

    Attributes:
        samples: all samples one after the other, ``int16``.
    """

    def __init__(self, data: bytes) -> None:
        """Read a file's bytes.

        Raises:
            BadInput: they are no SoundFont 2 file.
        """
        try:
            chunks = _chunks(data)
            self.samples = np.frombuffer(chunks["smpl"], "<i2")
            self._tables = {
                name: np.frombuffer(chunks[name], np.dtype(fields))
                for name, fields in _HEADERS.items()
            }
        except (KeyError, ValueError, IndexError) as error:
            raise BadInput(f"it lacks a part ({error})") from None

    def zones(self, program: int, pitch: int, velocity: int) -> list[Zone]:
        """Return what sounds for a note of bank 0: none, a sample, or a left and a right one."""
        found = []
        for preset in self._preset_zones(program):
            if not _covers(preset, pitch, velocity) or INSTRUMENT not in preset:
                continue
            for zone in self._instrument_zones(preset[INSTRUMENT]):
                if _covers(zone, pitch, velocity) and SAMPLE in zone:
                    found.append(Zone(_added(zone, preset), self._tables["shdr"][zone[SAMPLE]]))
        return found

    @cached_property
    def _presets(self) -> dict[int, int]:
        """Row of ``phdr`` by program, of bank 0; the last row only ends the table."""
        rows = self._tables["phdr"][:-1]
        return {int(row["program"]): i for i, row in enumerate(rows) if row["bank"] == 0}

    def _preset_zones(self, program: int) -> list[Generators]:
        row = self._presets.get(program)
        return [] if row is None else self._zones("phdr", "pbag", "pgen", row, INSTRUMENT)

    def _instrument_zones(self, row: int) -> list[Generators]:
        return self._zones("inst", "ibag", "igen", row, SAMPLE)

    def _zones(self, heads: str, bags: str, kinds: str, row: int, last: int) -> list[Generators]:
        """Return the zones of a preset or an instrument, each on top of its global zone."""
        first_bag, end_bag = self._tables[heads]["bag"][row : row + 2].tolist()
        edges = self._tables[bags]["generator"][first_bag : end_bag + 1].tolist()
        zones: list[Generators] = []
        everywhere: Generators = {}
        for index, (start, end) in enumerate(pairwise(edges)):
            zone = dict(self._tables[kinds][start:end].tolist())
            if index == 0 and last not in zone:
                everywhere = zone
            else:
                zones.append({**everywhere, **zone})
        return zones


def _added(zone: Generators, preset: Generators) -> Generators:
    """Add a preset's settings to an instrument's, or to the defaults where it leaves them out."""
    skipped = INSTRUMENT_ONLY | {INSTRUMENT, SAMPLE, KEY_RANGE, VELOCITY_RANGE}
    total = dict(zone)
    for kind, amount in preset.items():
        if kind not in skipped:
            total[kind] = total.get(kind, DEFAULTS.get(kind, 0)) + amount
    return total


def _covers(zone: Generators, pitch: int, velocity: int) -> bool:
    """Whether both lie in the zone's ranges: low in the lower byte, high in the upper."""
    for kind, value in ((KEY_RANGE, pitch), (VELOCITY_RANGE, velocity)):
        amount = zone.get(kind)
        if amount is not None and not amount & 0xFF <= value <= amount >> 8 & 0xFF:
            return False
    return True


def _chunks(data: bytes) -> dict[str, memoryview]:
    """Return the innermost chunks of a RIFF file by name."""
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise ValueError("the RIFF header of a SoundFont")
    view, found, at = memoryview(data), {}, 12
    while at + 8 <= len(data):
        name = bytes(view[at : at + 4]).decode("ascii")
        size = int.from_bytes(view[at + 4 : at + 8], "little")
        if name == "LIST":
            at += 12
            continue
        found[name] = view[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
    return found
