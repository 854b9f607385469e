"""Sound small enough to lie inside a page."""

import base64
import io
import wave

import numpy as np

SMALLER = 2


def data_uri(wav: bytes) -> str:
    """Return a 16-bit stereo WAV as a ``data:`` URI: mono, at half its sample rate."""
    with wave.open(io.BytesIO(wav)) as stream:
        rate, channels = stream.getframerate(), stream.getnchannels()
        samples = np.frombuffer(stream.readframes(stream.getnframes()), "<i2")
    mono = samples.reshape(-1, channels).mean(1)
    mono = mono[: len(mono) // SMALLER * SMALLER].reshape(-1, SMALLER).mean(1)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(rate // SMALLER)
        stream.writeframes(mono.astype("<i2").tobytes())
    return "data:audio/wav;base64," + base64.b64encode(buffer.getvalue()).decode()
