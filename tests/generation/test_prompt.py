import numpy as np
import pytest
from bundles import lstm_bundle
from hypothesis import given
from hypothesis import strategies as st

from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.prompt import MAX_BAR_STEPS, from_text, prompt_of, to_text
from musicgen.generation.request import Request
from musicgen.music.grid import GRID_NOTE, GridScore, canonical, quantize
from musicgen.music.midi import read_midi, write_midi
from musicgen.music.score import NOTE, Metre, Score
from musicgen.representation import sequence

notes = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 8), st.integers(0, 127), st.integers(0, 3)),
    min_size=1,
    max_size=30,
).map(lambda rows: canonical(np.array(rows, GRID_NOTE)))


@given(notes, st.sampled_from([12, 16, 20, 24]))
def test_text_holds_the_music(notes, bar_steps):
    text = to_text(notes, 5, bar_steps)
    score = from_text(text)
    assert np.array_equal(score.notes, notes)
    assert (score.length_steps, len(score.bar_starts_steps)) == (5 * bar_steps, 5)
    assert text.isascii()
    assert not set(text) & set("/+=.?&~")


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda data: data.hex()))
def test_other_text_is_refused(text):
    with pytest.raises(BadInput, match="cannot be read"):
        from_text(text)


def test_a_text_that_inflates_without_end_is_refused():
    bomb = to_text(np.zeros(100_000, GRID_NOTE)[:60_000], 1, 16)
    with pytest.raises(BadInput, match="cannot be read"):
        from_text(bomb)


def _score(*rows, length: int, bars=()) -> GridScore:
    return GridScore(np.array(list(rows), GRID_NOTE), length, np.array(bars, np.int32))


def test_the_last_bars_are_kept_and_filled_up():
    score = _score((0, 4, 60, 0), (20, 4, 62, 0), (34, 2, 64, 1), length=36)
    cut = from_text(prompt_of(score, 2))
    assert cut.notes.tolist() == [(4, 4, 62, 0), (18, 2, 64, 1)]
    assert cut.length_steps == 32


def test_a_waltz_stays_a_waltz_and_its_upbeat_keeps_its_place():
    score = _score((0, 4, 60, 0), (4, 12, 62, 0), (16, 12, 64, 0), length=28, bars=(0, 4, 16))
    cut = from_text(prompt_of(score, 8))
    assert cut.bar_starts_steps.tolist() == [0, 12, 24]
    assert cut.notes.tolist() == [(8, 4, 60, 0), (12, 12, 62, 0), (24, 12, 64, 0)]


@pytest.mark.parametrize(
    ("metres", "beats", "bar_steps"),
    [
        ([(0, 1, 8), (0.5, 4, 4)], 4.5, 16),
        ([(0, 3, 4)], 3, 12),
        ([(0, 6, 8)], 2, 12),
        ([(0, 4, 4), (16, 3, 4)], 19, 12),
        ([(0, 99, 4)], 30, MAX_BAR_STEPS),
        ([(0, 1, 64)], 1, 1),
    ],
)
def test_the_metre_is_the_one_that_the_music_ends_in(metres, beats, bar_steps):
    written = tuple(Metre(*metre) for metre in metres)
    score = quantize(Score(np.array([(0, beats, 60, 80, 0)], NOTE), written))
    cut = from_text(prompt_of(score, 1))
    assert (cut.length_steps, len(cut.bar_starts_steps)) == (bar_steps, 1)


def test_a_jig_goes_on_as_a_jig():
    engine = load_engine(lstm_bundle())
    metre = Metre(0.0, 6, 8)
    score = quantize(Score(np.array([(0, 3.0, 60, 80, 0)], NOTE), (metre,)))
    made = engine.generate([Request(5, bars=2, prompt=prompt_of(score, 1))])[0]
    assert made.bar_starts_steps.tolist() == [0, 12, 24]
    assert read_midi(write_midi(made)).metres == (metre,)


@pytest.mark.parametrize(("bar_steps", "usual"), [(12, 4), (16, 4), (14, 8), (5, 16)])
def test_a_text_names_figures_only_where_the_length_does_not(bar_steps, usual):
    notes = np.array([(0, 4, 60, 0)], GRID_NOTE)
    plain = to_text(notes, 2, bar_steps)
    assert from_text(plain).metres == ()
    assert to_text(notes, 2, bar_steps, usual) == plain
    assert to_text(notes, 2, bar_steps, 3) == plain
    other = from_text(to_text(notes, 2, bar_steps, 32)).metres
    assert other == (Metre(0.0, 2 * bar_steps, 32),)


def test_silence_cannot_be_gone_on_from():
    with pytest.raises(BadInput, match="Nothing sounds in the last 2 bars"):
        prompt_of(_score((0, 4, 60, 0), length=160), 2)


def test_the_engine_goes_on_from_it_alone_and_in_company():
    engine = load_engine(lstm_bundle())
    waltz = to_text(np.array([(0, 12, 60, 0), (12, 6, 64, 0)], GRID_NOTE), 2, 12)
    request = Request(5, bars=3, prompt=waltz)
    alone = engine.generate([request])[0]
    company = engine.generate([Request(1), request, Request(2, bars=1)])[1]
    assert alone.notes.tobytes() == company.notes.tobytes()
    assert alone.length_steps == 24 + 36
    assert alone.bar_starts_steps.tolist() == [0, 12, 24, 36, 48]
    before = alone.window(0, 24)
    assert before.notes.tolist() == [(0, 12, 60, 0), (12, 6, 64, 0)]
    assert sequence.encode(alone, engine._vocabulary)[:24].tolist()


def test_other_music_before_is_other_music_after():
    engine = load_engine(lstm_bundle())
    ends = []
    for pitch in (48, 60):
        chord = [(0, 16, pitch + step, 0) for step in range(12)]
        prompt = to_text(np.array(chord, GRID_NOTE), 1, 16)
        score = engine.generate([Request(5, bars=4, prompt=prompt)])[0]
        ends.append(score.window(16, 64).notes.tobytes())
    assert ends[0] != ends[1]
