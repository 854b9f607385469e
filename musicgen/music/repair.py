"""Known damage of MIDI files, undone before a parser sees them."""

import struct


def repaired(data: bytes) -> bytes:
    """Return the file with its track count as found and its track lengths consistent.

    MusicNet holds seven files in which one byte of an MTrk length is 0x0D where 0x0A belongs (an
    old transfer that changed line ends) and two that hold more tracks than their header declares.
    A file without such damage comes back as it is.
    """
    if len(data) < 14 or data[:8] != b"MThd\x00\x00\x00\x06":
        return data
    fixed = bytearray(data)
    tracks, at = 0, 14
    while fixed[at : at + 4] == b"MTrk" and at + 8 <= len(fixed):
        at = _next_chunk(fixed, at)
        tracks += 1
    declared = struct.unpack_from(">H", fixed, 10)[0]
    if at == len(fixed) and tracks > declared:
        struct.pack_into(">H", fixed, 10, tracks)
    return bytes(fixed)


def _next_chunk(data: bytearray, at: int) -> int:
    """Return where the chunk at ``at`` ends, mending its length where one byte explains it."""
    length = struct.unpack_from(">I", data, at + 4)[0]
    if _is_boundary(data, at + 8 + length):
        return at + 8 + length
    for index in range(at + 4, at + 8):
        if data[index] != 0x0D:
            continue
        trial = bytearray(data[at + 4 : at + 8])
        trial[index - at - 4] = 0x0A
        end = at + 8 + struct.unpack(">I", trial)[0]
        if _is_boundary(data, end):
            data[at + 4 : at + 8] = trial
            return end
    return at + 8 + length


def _is_boundary(data: bytearray, at: int) -> bool:
    return at == len(data) or data[at : at + 4] == b"MTrk"
