"""When the frames of duets are due."""

from itertools import pairwise

import pytest

from musicgen.generation.request import Request
from musicgen.music.family import Family
from musicgen.serving.duet import LEAD_IN_MS, Duet

NOW_MS = 1_234_567.8


@pytest.mark.parametrize("count", [1, 2, 5, 64, 128])
def test_duets_that_begin_together_are_due_one_after_another(count):
    duets = [Duet(Request(n), 120, Family.KEYBOARD, 2, NOW_MS, n) for n in range(count)]
    step_ms = duets[0].step_ms
    waits_ms = sorted(duet.due_ms() - NOW_MS for duet in duets)
    assert waits_ms[0] >= LEAD_IN_MS - 1e-6
    assert waits_ms[-1] < LEAD_IN_MS + step_ms
    around = [*waits_ms, waits_ms[0] + step_ms]
    gaps_ms = [later - earlier for earlier, later in pairwise(around)]
    assert max(gaps_ms) < 2 * step_ms / count + 1e-6
    assert min(gaps_ms) > 0.4 * step_ms / count
