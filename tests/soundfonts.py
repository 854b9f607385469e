"""A SoundFont of one instrument, a sine, small enough to know every number of."""

import struct

import numpy as np

RATE_HZ = 22_050
PERIOD = 50
SINE_HZ = RATE_HZ / PERIOD  # 441 Hz
ROOT_PITCH = 69


def sine_font(zones: list[dict[int, int]], preset: dict[int, int] | None = None) -> bytes:
    """Return the bytes of a font whose program 0 has these instrument zones.

    The sample is 20 periods of a sine at half of full scale; its loop is the last ten.
    """
    wave = np.sin(2 * np.pi * np.arange(20 * PERIOD) / PERIOD) * 16_384
    igen, ibag = [], []
    for zone in zones:
        ibag.append(len(igen))
        igen += [*zone.items(), (53, 0)]
    pgen = [*(preset or {}).items(), (41, 0)]
    name = b"x".ljust(20, b"\0")
    tables = {
        b"phdr": _rows("<20sHHHIII", [(name, 0, 0, 0, 0, 0, 0), (name, 0, 0, 1, 0, 0, 0)]),
        b"pbag": _rows("<HH", [(0, 0), (len(pgen), 0)]),
        b"pmod": b"",
        b"pgen": _rows("<Hh", [*pgen, (0, 0)]),
        b"inst": _rows("<20sH", [(name, 0), (name, len(zones))]),
        b"ibag": _rows("<HH", [(index, 0) for index in [*ibag, len(igen)]]),
        b"imod": b"",
        b"igen": _rows("<Hh", [*igen, (0, 0)]),
        b"shdr": _rows(
            "<20sIIIIIBbHH",
            [(name, 0, 1000, 500, 1000, RATE_HZ, ROOT_PITCH, 0, 0, 1), (name, *[0] * 9)],
        ),
    }
    sdta = b"LIST" + _sized(b"sdta" + _chunk(b"smpl", wave.astype("<i2").tobytes()))
    pdta = b"LIST" + _sized(b"pdta" + b"".join(_chunk(*item) for item in tables.items()))
    return b"RIFF" + _sized(b"sfbk" + sdta + pdta)


def _rows(layout: str, rows: list[tuple]) -> bytes:
    return b"".join(struct.pack(layout, *row) for row in rows)


def _sized(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + _sized(data)
