"""MIDI files that a server should refuse, and soon: small ones that claim much, and large ones."""

import struct

from musicgen.serving.upload import MAX_BYTES

END = b"\0\xff\x2f\0"


def midi(events: bytes, tracks: int = 1) -> bytes:
    """Return a MIDI file with the same events in each of its tracks."""
    track = b"MTrk" + struct.pack(">I", len(events)) + events
    return b"MThd" + struct.pack(">IHHH", 6, 1, tracks, 96) + track * tracks


BOMBS = {
    "years": midi(b"\0\x90\x3c\x40\xff\xff\xff\x7f\x80\x3c\0" + END),
    "notes": midi((b"\0\x90\x3c\x40\1\x3c\0" * 149_000) + END),
    "tempi": midi((b"\1\xff\x51\3\7\xa1\x20" * 149_000) + END),
    "metres": midi((b"\1\xff\x58\4\1\5\x18\x08" * 130_000) + END),
    "tracks": midi(END, 60_000),
    "silence": midi(END),
    "zeros": bytes(MAX_BYTES),
    "nothing": b"",
}
"""By what there is too much or too little of; all are within the limit of an upload's size."""
