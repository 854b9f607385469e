"""Scores as sound: samples, a little room, 16-bit WAV."""

import io
import wave
from functools import lru_cache
from pathlib import Path

import numpy as np

from musicgen.errors import BadInput
from musicgen.generation.room import with_room
from musicgen.generation.soundfont import SoundFont
from musicgen.generation.synthesizer import Synthesizer
from musicgen.music.grid import GridScore

SAMPLE_RATE_HZ = 44_100
TAIL_SECONDS = 1.5
PEAK = 0.89  # -1 dBFS: some players overshoot between samples


def render_wav(score: GridScore, soundfont_path: Path) -> bytes:
    """Return the score as a WAV file: 44.1 kHz, 16 bits, stereo.

    The first frame sounds at 0 s, so that a picture of the score keeps time with it. The file ends
    ``TAIL_SECONDS`` after the last frame.

    Raises:
        BadInput: the SoundFont is missing or cannot be read.
    """
    length = round((score.duration_seconds + TAIL_SECONDS) * SAMPLE_RATE_HZ)
    sound = _synthesizer(soundfont_path).render(score, length)
    if len(score.notes):
        sound = with_room(sound, SAMPLE_RATE_HZ)
        sound *= PEAK / max(np.abs(sound).max(), 1e-9)
    return _wav((sound.T * 32767).astype("<i2"))


@lru_cache(maxsize=2)
def _synthesizer(soundfont_path: Path) -> Synthesizer:
    """Open a SoundFont, once: it keeps its samples in memory."""
    try:
        return Synthesizer(SoundFont(soundfont_path.read_bytes()), SAMPLE_RATE_HZ)
    except OSError:
        raise BadInput(
            f"There is no SoundFont at {soundfont_path}: install the package pretty_midi, which "
            "carries one, or name another in MUSICGEN_SOUNDFONT_PATH."
        ) from None
    except BadInput as error:
        raise BadInput(f"{soundfont_path} is no SoundFont 2 file: {error}.") from None


def _wav(samples: np.ndarray) -> bytes:
    """Return a WAV file of samples ``(length, 2)``, little-endian 16 bits."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as stream:
        stream.setnchannels(2)
        stream.setsampwidth(2)
        stream.setframerate(SAMPLE_RATE_HZ)
        stream.writeframes(samples.tobytes())
    return buffer.getvalue()
