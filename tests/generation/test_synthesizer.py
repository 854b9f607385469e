import numpy as np
import pytest
from soundfonts import ROOT_PITCH, SINE_HZ, sine_font

from musicgen.generation.soundfont import SoundFont
from musicgen.generation.synthesizer import Synthesizer
from musicgen.music.grid import GRID_NOTE, GridScore

RATE_HZ = 44_100
LOOP = {54: 1}


def _sound(zone: dict[int, int], *notes: tuple[int, int, int], seconds: float = 2) -> np.ndarray:
    """Render notes (onset, duration, pitch) of a keyboard, an eighth of a second a step."""
    rows = np.array([(*note, 0) for note in notes], GRID_NOTE)
    font = SoundFont(sine_font([zone]))
    return Synthesizer(font, RATE_HZ).render(GridScore(rows, 16), int(seconds * RATE_HZ))


def _hz(sound: np.ndarray) -> float:
    part = sound[0, 2000:18_000]
    spectrum = np.abs(np.fft.rfft(part * np.hanning(len(part)), 2**18))
    return float(spectrum.argmax() * RATE_HZ / 2**18)


def _peak(sound: np.ndarray, start_seconds: float, end_seconds: float) -> float:
    return float(np.abs(sound[:, int(start_seconds * RATE_HZ) : int(end_seconds * RATE_HZ)]).max())


@pytest.mark.parametrize(
    ("zone", "pitch", "semitones"),
    [
        (LOOP, ROOT_PITCH, 0),
        (LOOP, ROOT_PITCH + 12, 12),
        (LOOP, ROOT_PITCH - 7, -7),
        (LOOP | {51: 2, 52: 50}, ROOT_PITCH, 2.5),
        (LOOP | {58: ROOT_PITCH - 5}, ROOT_PITCH, 5),
        (LOOP | {56: 50}, ROOT_PITCH + 12, 6),
    ],
)
def test_pitch(zone, pitch, semitones):
    sound = _sound(zone, (0, 8, pitch))
    assert _hz(sound) == pytest.approx(SINE_HZ * 2 ** (semitones / 12), rel=1e-3)


def test_a_loop_sounds_as_long_as_the_note_and_a_sample_without_ends():
    assert _peak(_sound(LOOP, (0, 8, ROOT_PITCH)), 0.9, 1.0) > 0.3
    assert _peak(_sound({}, (0, 8, ROOT_PITCH)), 0.1, 2.0) == 0  # 1000 samples are 45 ms
    assert _peak(_sound({38: 0}, (0, 8, ROOT_PITCH)), 0.1, 2.0) == 0  # long over when released


def test_a_loop_has_no_seam():
    sound = _sound(LOOP, (0, 8, ROOT_PITCH))[0, 200:40_000]
    assert np.abs(np.diff(sound)).max() < 0.36 * 2 * np.pi * SINE_HZ / RATE_HZ


def test_a_released_note_rings_on_for_its_release():
    short = _sound(LOOP, (0, 8, ROOT_PITCH))
    long = _sound(LOOP | {38: 0}, (0, 8, ROOT_PITCH))  # 100 dB in 1 s
    assert _peak(short, 1.05, 2) == 0
    assert _peak(long, 1.2, 1.3) == pytest.approx(0.354 * 10 ** (-20 / 20), rel=0.05)
    assert _peak(long, 1.61, 2) == 0


def test_attack_decay_and_sustain():
    sound = _sound(LOOP | {34: -2400, 36: 0, 37: 200}, (0, 12, ROOT_PITCH))
    assert _peak(sound, 0.11, 0.125) == pytest.approx(0.354 / 2, rel=0.05)
    assert _peak(sound, 0.24, 0.26) == pytest.approx(0.354, rel=0.05)
    assert _peak(sound, 0.35, 0.352) == pytest.approx(0.354 * 10 ** (-10 / 20), rel=0.05)
    assert _peak(sound, 1.2, 1.3) == pytest.approx(0.354 * 10 ** (-20 / 20), rel=0.05)


def test_attenuation_and_pan():
    assert _peak(_sound(LOOP | {48: 500}, (0, 8, ROOT_PITCH)), 0.5, 0.9) == pytest.approx(
        0.0354, rel=0.02
    )
    left = np.abs(_sound(LOOP | {17: -500}, (0, 8, ROOT_PITCH))).max(axis=1)
    assert left[0] == pytest.approx(0.5, rel=0.02)
    assert left[1] < 1e-6


def test_the_filter_takes_treble():
    def level(pitch: int, cents: int) -> float:
        return _peak(_sound(LOOP | {8: cents}, (0, 8, pitch)), 0.5, 0.9)

    at_root = 6900  # 440 Hz
    assert level(ROOT_PITCH, at_root) == pytest.approx(0.354 / 2**0.5, rel=0.03)
    assert level(ROOT_PITCH + 24, at_root) == pytest.approx(0.354 / 16, rel=0.1)


def test_notes_sound_in_their_steps():
    sound = _sound(LOOP, (2, 2, ROOT_PITCH), (8, 4, ROOT_PITCH))
    for start, end, sounds in [(0, 0.24, 0), (0.26, 0.5, 1), (0.6, 0.99, 0), (1.01, 1.5, 1)]:
        assert (_peak(sound, start, end) > 0.1) == bool(sounds)


def test_what_would_sound_after_the_end_is_cut():
    assert _sound(LOOP | {38: 1200}, (0, 16, ROOT_PITCH), seconds=1.5).shape == (2, 66_150)
