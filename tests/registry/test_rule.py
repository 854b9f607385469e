from dataclasses import replace

import numpy as np
import pytest

from musicgen.registry.evidence import Evidence
from musicgen.registry.rule import better_share, decide


def evidence(score, draws=None, **failed):
    gates = {
        name: {"value": value, "limit": 0.5, "passed": False} for name, value in failed.items()
    }
    resampled = score + (np.zeros(100) if draws is None else draws)
    interval = (float(resampled.min()), float(resampled.max()))
    found = ("old", "lstm", "run", "digest", score, interval, gates)
    return Evidence(*found, {"dataset_id": "d"}, "", "", {}, resampled)


def test_without_a_champion_the_challenger_wins():
    decision = decide(evidence(0.3), None, "lstm-1")
    assert decision.wins
    assert decision.reason == "lstm-1 scores 0.300 and there was no champion"


def test_gates_come_first():
    decision = decide(evidence(0.99, copied=0.8), None, "lstm-1")
    assert not decision.wins
    assert decision.reason == ("lstm-1 is barred by a gate: copied is 0.800, at most 0.500 passes")
    assert decision.evidence["challenger"]["gates"]["copied"]["value"] == 0.8


def test_ties_keep_the_champion():
    assert not decide(evidence(0.5), evidence(0.5), "lstm-2").wins


def test_better_in_95_percent_of_paired_resamples_wins():
    shared = np.random.default_rng(0).normal(size=100)
    champion = evidence(0.5, 0.2 * shared)
    small_but_sure = evidence(0.51, 0.2 * shared)
    assert decide(small_but_sure, champion, "lstm-2").wins
    larger_but_unsure = evidence(0.55, 0.2 * shared[::-1])
    decision = decide(larger_but_unsure, champion, "lstm-2")
    assert not decision.wins
    assert "lstm-2 scores 0.550 against 0.500 of old" in decision.reason
    assert decision.reason.endswith("of resamples, not the 95% that a new champion needs")


@pytest.mark.parametrize(("wins", "expected"), [(95, True), (94, False)])
def test_the_threshold_is_exact(wins, expected):
    draws = np.where(np.arange(100) < wins, 0.1, -0.1)
    decision = decide(evidence(0.5, draws), evidence(0.5), "lstm-2")
    assert decision.wins is expected
    assert decision.evidence["better_share"] == wins / 100


def test_ties_count_for_the_champion():
    assert better_share(np.array([1.0, 2.0, 0.0, 1.0]), np.ones(4)) == 0.25
    draws = np.where(np.arange(100) < 90, 0.1, 0.0)
    assert not decide(evidence(0.5, draws), evidence(0.5), "lstm-2").wins


def test_a_champion_that_learned_from_the_test_counts_as_none():
    champion = evidence(0.9, test_leak=0.8)
    decision = decide(evidence(0.5), champion, "lstm-2")
    assert decision.wins
    assert decision.reason == (
        "lstm-2 scores 0.500 and old counts as none, since it learned from 80% of the test pieces"
    )
    assert decision.evidence["champion"]["gates"]["test_leak"]["value"] == 0.8
    assert "better_share" not in decision.evidence, "no duel took place"
    assert not decide(evidence(0.95, test_leak=0.1), champion, "lstm-2").wins
    in_doubt = decide(evidence(0.5), evidence(0.9, unknown_origin=1.0), "lstm-2")
    assert not in_doubt.wins, "nobody knows whether its score is too high"


def test_other_terms_cannot_be_compared():
    other = replace(evidence(0.5), terms={"dataset_id": "other"})
    with pytest.raises(ValueError, match="different terms"):
        decide(evidence(0.6), other, "lstm-2")
