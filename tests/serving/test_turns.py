"""Who takes part in which step."""

from types import SimpleNamespace

import pytest

from musicgen.serving.stream import Need
from musicgen.serving.turns import TURNS, rows_of_turn


def _taking_part(*needs: Need) -> list[list[int] | None]:
    streams = [SimpleNamespace(need=lambda now, need=need: need) for need in needs]
    return [rows_of_turn(turn, streams, 0.0) for turn in range(TURNS)]


def test_most_steps_are_for_those_who_have_nothing_to_hear_and_nobody_is_forgotten():
    found = _taking_part(Need.LATER, Need.NOW, Need.SOON, Need.NOW)
    most = [[1, 3]] * (TURNS // 2 - 1)
    assert found == [None, *most, [1, 2, 3], *most]


def test_where_nobody_waits_for_a_first_note_most_steps_are_for_those_with_little_in_hand():
    assert _taking_part(Need.LATER, Need.SOON) == [None, *[[1]] * (TURNS - 1)]


@pytest.mark.parametrize("need", Need)
def test_those_with_the_same_need_share_every_step(need):
    assert _taking_part(need, need) == [None] * TURNS
