import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen.corpus.musicxml import read_musicxml
from musicgen.music.family import Family
from musicgen.music.grid import GRID_NOTE, GridScore, canonical
from musicgen.music.musicxml import write_musicxml
from musicgen.music.score import Metre
from musicgen.music.spelling import Spelling


def _score(rows, length=64, bars=()) -> GridScore:
    notes = canonical(np.array(list(rows), GRID_NOTE))
    return GridScore(notes, length, np.array(bars, np.int32), tempo_qpm=90)


rows = st.lists(
    st.tuples(st.integers(0, 50), st.integers(1, 14), st.integers(12, 115), st.integers(0, 3)),
    min_size=1,
    max_size=40,
)


@given(
    rows,
    st.sampled_from([(), (0, 12, 24, 36, 48), (0, 16, 30, 50)]),
    st.sampled_from([(), (Metre(0.0, 6, 8),)]),
)
def test_a_reader_finds_every_note_where_it_was(rows, bars, metres):
    score = replace(_score(rows, 66, bars), metres=metres)
    sheet = read_musicxml(write_musicxml(score, "A & B"))
    programs = {family.program: family for family in Family}
    found = [
        (round(onset * 4), round(duration * 4), pitch, programs[part.program])
        for part in sheet.parts
        for onset, duration, pitch in part.notes
    ]
    assert sorted(found) == sorted(score.notes.tolist())
    assert sheet.tempos[0] == (0.0, 90.0)


def test_bars_have_their_metre():
    text = write_musicxml(_score([(0, 12, 60, 0)], 36, (0, 12, 24)), "Waltz").decode()
    assert "<beats>3</beats><beat-type>4</beat-type>" in text
    assert text.count("<measure ") == 3


def test_a_lone_bar_has_the_metre_that_was_written():
    score = replace(_score([(0, 10, 60, 0)], 10, (0,)), metres=(Metre(0, 3, 4),))
    assert "<beats>3</beats><beat-type>4</beat-type>" in write_musicxml(score, "Waltz").decode()


def test_six_eighths_are_no_three_quarters():
    """Two dotted quarters, and eighths that are beamed by threes."""
    rows = [(0, 6, 60, 0), (6, 6, 62, 0), *((at, 2, 64, 0) for at in range(12, 24, 2))]
    score = replace(_score(rows, 24, (0, 12)), metres=(Metre(0.0, 6, 8),))
    text = write_musicxml(score, "Jig").decode()
    assert text.count("<beats>6</beats><beat-type>8</beat-type>") == 1
    assert (text.count("<dot />"), text.count("<tie ")) == (2, 0)
    beams = re.findall(r'<beam number="1">(\w+)', text)
    assert beams == ["begin", "continue", "end"] * 2


def test_silence_is_a_bar_of_rest():
    text = write_musicxml(GridScore(np.empty(0, GRID_NOTE), 16), "Rest").decode()
    assert '<rest measure="yes" />' in text


@pytest.mark.parametrize(
    ("pitches", "fifths", "mode", "names"),
    [
        ([60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60], 0, "major", {66: "F1", 70: "B-1"}),
        ([62, 64, 66, 67, 69, 71, 73, 74, 69, 66, 62], 2, "major", {66: "F1", 61: "C1"}),
        ([57, 59, 60, 62, 64, 65, 68, 69, 64, 60, 57], 0, "minor", {68: "G1", 57: "A0"}),
        ([63, 65, 67, 68, 70, 72, 74, 75, 70, 67, 63], -3, "major", {63: "E-1", 70: "B-1"}),
    ],
)
def test_keys_are_found_and_pitches_spelled_in_them(pitches, fifths, mode, names):
    rows = [(4 * i, 4, pitch, 0) for i, pitch in enumerate(pitches)]
    spelling = Spelling(np.array(rows, GRID_NOTE))
    assert (spelling.fifths, spelling.mode) == (fifths, mode)
    for pitch, name in names.items():
        letter, alteration, _ = spelling.name(pitch)
        assert f"{letter}{alteration}" == name


@given(st.integers(0, 127), rows)
def test_names_say_the_pitch(pitch, rows):
    letter, alteration, octave = Spelling(_score(rows).notes).name(pitch)
    assert 12 * (octave + 1) + [0, 2, 4, 5, 7, 9, 11]["CDEFGAB".index(letter)] + alteration == pitch
    assert abs(alteration) <= 2
