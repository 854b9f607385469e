"""Sound small enough to lie inside a page."""

import base64
import io

import soundfile

from musicgen.generation.sound import render_wav
from musicgen.music.grid import GridScore
from musicgen.settings import settings

COMPRESSION = 0.7
"""LAME's variable rate 7 of 0 … 10: mono at about 55 kbit/s, which suits a SoundFont."""


def data_uri(score: GridScore) -> str:
    """Return a score as sound in a ``data:`` URI: MP3, which every browser plays.

    Raises:
        BadInput: the SoundFont is missing or cannot be read.
    """
    wav = render_wav(score, settings().soundfont_path)
    samples, rate_hz = soundfile.read(io.BytesIO(wav))
    buffer = io.BytesIO()
    soundfile.write(
        buffer,
        samples.mean(1),
        rate_hz,
        format="MP3",
        bitrate_mode="VARIABLE",
        compression_level=COMPRESSION,
    )
    return "data:audio/mpeg;base64," + base64.b64encode(buffer.getvalue()).decode()
