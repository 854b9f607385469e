import threading
import time

import pytest

from musicgen.errors import MusicgenError
from musicgen.training.outbox import Outbox


def test_deliveries_arrive_in_order_though_the_first_fails_twice():
    arrived, failures = [], iter([True, True, False])

    def first():
        if next(failures):
            raise ConnectionError("nobody there")
        arrived.append(1)

    outbox = Outbox("MLflow", retry_seconds=0.01)
    outbox.hand_in(first)
    outbox.hand_in(lambda: arrived.append(2))
    outbox.close(10)
    assert arrived == [1, 2]


def test_handing_in_never_waits():
    gate = threading.Event()
    outbox = Outbox("MLflow")
    outbox.hand_in(gate.wait)
    outbox.hand_in(gate.wait)  # comes back though the first has not arrived
    gate.set()
    outbox.close(10)


def test_a_server_that_stays_away_is_named_in_the_end():
    def refused():
        raise ConnectionError("refused\nat length")

    outbox = Outbox("MLflow at http://here", retry_seconds=0.01)
    outbox.hand_in(refused)
    with pytest.raises(MusicgenError, match=r"MLflow at http://here can't be reached \(refused\)"):
        outbox.close(0.1)


def test_a_long_queue_that_moves_is_waited_for():
    arrived = []

    def slow():
        time.sleep(0.05)
        arrived.append(1)

    outbox = Outbox("MLflow")
    for _ in range(6):
        outbox.hand_in(slow)
    outbox.close(0.02)  # less than any one takes
    assert len(arrived) == 6


def test_a_try_without_an_end_is_given_up():
    gate = threading.Event()
    outbox = Outbox("MLflow", longest_seconds=0.1)
    outbox.hand_in(gate.wait)
    with pytest.raises(MusicgenError, match=r"MLflow can't be reached \(it doesn't answer\)"):
        outbox.close(0.02)
    gate.set()
