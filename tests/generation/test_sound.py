import io
import wave
from pathlib import Path

import numpy as np
import pytest

from musicgen.errors import BadInput
from musicgen.generation.sound import TAIL_SECONDS, render_wav
from musicgen.music.grid import GRID_NOTE, GridScore
from musicgen.settings import Settings

SOUNDFONT = Settings.from_environment({}).soundfont_path


def _samples(wav: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(wav)) as stream:
        assert (stream.getframerate(), stream.getsampwidth(), stream.getnchannels()) == (
            44_100,
            2,
            2,
        )
        data = np.frombuffer(stream.readframes(stream.getnframes()), "<i2")
    return data.reshape(-1, 2) / 32768


def _score(*notes: tuple[int, int, int, int], length: int = 32) -> GridScore:
    return GridScore(np.array(list(notes), GRID_NOTE), length)


def _level(samples: np.ndarray, start_seconds: float, end_seconds: float) -> float:
    part = samples[int(start_seconds * 44_100) : int(end_seconds * 44_100)]
    return float(np.sqrt((part**2).mean()))


def test_sound_begins_at_once_lasts_to_the_end_and_dies_away():
    score = _score((0, 32, 60, 1), (0, 32, 67, 3))
    samples = _samples(render_wav(score, SOUNDFONT))
    assert len(samples) == round((score.duration_seconds + TAIL_SECONDS) * 44_100)
    assert np.abs(samples[:441]).max() > 1e-3  # within 10 ms
    assert _level(samples, 0.2, 3.9) > 0.05
    assert 1e-4 < _level(samples, 4.0, 4.3) < _level(samples, 3.5, 4.0)  # release
    assert _level(samples, 5.3, 5.5) < 1e-3


@pytest.mark.parametrize("family", range(4))
def test_every_family_sounds(family):
    samples = _samples(render_wav(_score((0, 16, 60, family)), SOUNDFONT))
    assert _level(samples, 0.1, 1.5) > 0.01


def test_a_wall_of_notes_does_not_clip():
    notes = [(0, 16, pitch, family) for pitch in range(36, 96, 6) for family in range(4)]
    samples = _samples(render_wav(_score(*notes), SOUNDFONT))
    assert 0.8 < np.abs(samples).max() < 0.95


def test_a_rest_is_silent_and_the_note_after_it_is_in_time():
    samples = _samples(render_wav(_score((16, 16, 60, 0)), SOUNDFONT))
    assert np.abs(samples[: int(1.99 * 44_100)]).max() < 1e-3
    assert _level(samples, 2.0, 2.2) > 0.02


def test_an_empty_score_is_silence_of_its_length():
    samples = _samples(render_wav(_score(), SOUNDFONT))
    assert len(samples) == round((4 + TAIL_SECONDS) * 44_100)
    assert not samples.any()


def test_equal_scores_are_equal_bytes():
    score = _score((0, 8, 60, 0), (4, 8, 64, 2))
    assert render_wav(score, SOUNDFONT) == render_wav(score, SOUNDFONT)


def test_a_missing_soundfont_is_named_with_the_remedy():
    with pytest.raises(BadInput, match=r"no SoundFont at /nowhere.*MUSICGEN_SOUNDFONT_PATH"):
        render_wav(_score((0, 8, 60, 0)), Path("/nowhere/font.sf2"))


def test_a_file_that_is_no_soundfont_is_refused(tmp_path):
    path = tmp_path / "font.sf2"
    path.write_bytes(b"not a font")
    with pytest.raises(BadInput, match="no SoundFont 2 file"):
        render_wav(_score((0, 8, 60, 0)), path)
