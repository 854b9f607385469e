import pytest
from hypothesis import given
from hypothesis import strategies as st
from soundfonts import sine_font

from musicgen.errors import BadInput
from musicgen.generation.soundfont import SoundFont

LOW, HIGH = 43, 44


def _span(low: int, high: int) -> int:
    return low | high << 8


def test_zones_answer_to_their_pitches_and_velocities():
    font = SoundFont(
        sine_font(
            [
                {LOW: _span(0, 59), 51: 1},
                {LOW: _span(60, 127), HIGH: _span(0, 63), 51: 2},
                {LOW: _span(60, 127), HIGH: _span(64, 127), 51: 3},
            ]
        )
    )
    for pitch, velocity, expected in [(59, 80, 1), (60, 63, 2), (60, 64, 3), (127, 127, 3)]:
        assert [zone.get(51) for zone in font.zones(0, pitch, velocity)] == [expected]


def test_a_preset_adds_to_its_instrument_and_to_defaults():
    font = SoundFont(sine_font([{48: 100}], preset={48: 50, 38: 1200, 58: 5}))
    (zone,) = font.zones(0, 60, 80)
    assert zone.get(48) == 150
    assert zone.get(38) == -10_800
    assert zone.get(58, -1) == -1  # a root key is the instrument's alone


def test_a_program_that_is_not_there_is_silent():
    assert SoundFont(sine_font([{}])).zones(7, 60, 80) == []


@pytest.mark.parametrize("data", [b"", b"RIFF", b"RIFF\4\0\0\0sfbk", b"MThd" * 100])
def test_other_bytes_are_refused(data):
    with pytest.raises(BadInput):
        SoundFont(data)


@given(st.integers(0, len(sine_font([{}])) - 1))
def test_a_file_cut_short_is_refused(length):
    with pytest.raises(BadInput):
        SoundFont(sine_font([{}])[:length])
