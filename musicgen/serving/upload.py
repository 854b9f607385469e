"""A MIDI file that somebody sent, as music to go on from. Runs in the sandbox."""

import json

from musicgen.errors import BadInput, UnreadableMusic
from musicgen.generation.prompt import prompt_of
from musicgen.music.grid import quantize
from musicgen.music.midi import Limits, read_midi

MAX_BYTES = 2**20
LIMITS = Limits(bytes=MAX_BYTES, tracks=64, notes=50_000, quarters=5_000)

_COUNTED = {
    b"MTrk": ("tracks", LIMITS.tracks),
    b"\xff\x51\x03": ("changes of tempo", 10_000),
    b"\xff\x58\x04": ("changes of metre", 2_000),
}
"""What takes long to read and can be counted before."""


def read_upload(data: bytes) -> bytes:
    """Return JSON with ``prompt`` and ``tempo_qpm`` of a MIDI file.

    Args:
        data: one byte, the number of bars to go on from, and the file.

    Raises:
        BadInput: the file cannot be read, or exceeds the limits.
    """
    for mark, (name, most) in _COUNTED.items():
        if data.count(mark) > most:
            raise BadInput(f"The MIDI file holds more than {most} {name}; send another one.")
    try:
        score = quantize(read_midi(data[1:], LIMITS))
    except UnreadableMusic as error:
        raise BadInput(f"The MIDI file cannot be used ({error}); send another one.") from None
    document = {"prompt": prompt_of(score, data[0]), "tempo_qpm": score.tempo_qpm}
    return json.dumps(document).encode()
