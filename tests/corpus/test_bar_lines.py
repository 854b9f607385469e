import pytest

from musicgen.corpus.bar_lines import Bar, bar_lines
from musicgen.music.score import Metre


def part(*lengths, signature=(4, 4)):
    bars = [Bar(float(length), has_notes=length > 0) for length in lengths]
    bars[0].signature = signature
    return bars


def test_full_bars_follow_one_another():
    starts, metres = bar_lines([part(3, 3, 3, signature=(3, 4))])
    assert starts == [0.0, 3.0, 6.0]
    assert metres == [Metre(0.0, 3, 4)]


def test_an_upbeat_stands_at_the_end_of_a_bar():
    starts, metres = bar_lines([part(1, 4, 4)])
    assert starts == [3.0, 4.0, 8.0]
    assert metres == [Metre(0.0, 4, 4)]


@pytest.mark.parametrize("faulty", [2, 3.5, 4.958])
def test_the_parts_that_agree_outvote_one_that_does_not(faulty):
    starts, metres = bar_lines([part(4, faulty, 4), part(4, 4, 4), part(4, 4)])
    assert starts == [0.0, 4.0, 8.0]
    assert len(metres) == 1


def test_a_bar_may_be_longer_than_its_metre_where_only_rests_say_no():
    silent = [Bar(4.0) for _ in range(3)]
    starts, metres = bar_lines([part(8, 4, 4), part(8, 4, 4), silent])
    assert starts == [0.0, 8.0, 12.0]
    assert len(metres) == 1


def test_what_rounding_lacks_is_made_up():
    starts, _ = bar_lines([part(1.882, 1.941, 1.882, signature=(2, 4))])
    assert starts == [0.0, 2.0, 4.0]


def test_an_empty_bar_is_a_whole_one():
    starts, _ = bar_lines([part(4, 0, 4)])
    assert starts == [0.0, 4.0, 8.0]


def test_a_bar_split_by_a_repeat_sign_keeps_the_count():
    starts, metres = bar_lines([part(4, 3, 1, 4)])
    assert starts == [0.0, 4.0, 7.0, 8.0]
    assert len(metres) == 1


def test_after_a_short_bar_the_count_begins_anew():
    starts, metres = bar_lines([part(4, 3, 4, 4)])
    assert starts == [0.0, 4.0, 7.0, 11.0]
    assert metres == [Metre(0.0, 4, 4), Metre(7.0, 4, 4)]


def test_a_new_signature_changes_the_bars():
    bars = part(4, 3, 3)
    bars[1].signature = (6, 8)
    starts, metres = bar_lines([part(4, 3, 3), bars])
    assert starts == [0.0, 4.0, 7.0]
    assert metres == [Metre(0.0, 4, 4), Metre(4.0, 6, 8)]


def test_thirds_do_not_lead_astray():
    thirds = sum([1 / 3] * 12)
    _, metres = bar_lines([part(*[thirds] * 50)])
    assert len(metres) == 1
