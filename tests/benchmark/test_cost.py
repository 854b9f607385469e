import sys

import pytest

from musicgen.benchmark.cost import cost_of
from musicgen.errors import MusicgenError


def test_memory_and_time_are_those_of_the_largest_process():
    code = (
        "import os, time\n"
        "child = os.fork()\n"
        "held = bytearray((90 if child else 150) * 2**20)\n"
        "end = time.process_time() + 0.5\n"
        "while time.process_time() < end: pass\n"
        "child and os.wait()\n"
    )
    cost = cost_of([sys.executable, "-c", code])
    assert 150 < max(cost.peak_mib.values()) < 220
    assert cost.wall_seconds >= 0.5
    assert cost.processor_seconds > 0.5


def test_a_command_that_fails_says_why():
    with pytest.raises(MusicgenError, match="ended with 3: for want of notes"):
        cost_of(
            [
                sys.executable,
                "-c",
                "import sys; print('for want of notes', file=sys.stderr); sys.exit(3)",
            ]
        )
