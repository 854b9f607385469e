import numpy as np
import pytest
from datasets import small_score
from evaluation.scores import SILENCE, excerpt, scale

from musicgen.evaluation.copying import CopyDetector
from musicgen.evaluation.gates import gates, is_degenerate
from musicgen.evaluation.measures.harmony import longest_chord_steps
from musicgen.evaluation.measures.repetition import longest_loop_steps


def detector(*scores):
    notes = np.concatenate([score.notes for score in scores])
    pieces = np.repeat(np.arange(len(scores)), [len(score.notes) for score in scores])
    return CopyDetector(notes["onset_steps"], notes["pitch"], pieces)


def moved(score, semitones=0, steps=0):
    rows = [(o + steps, d, p + semitones, f) for o, d, p, f in score.notes.tolist()]
    return excerpt(*rows)


def test_copies_are_found_in_any_key_and_at_any_time():
    known = small_score(1, bars=3)
    copies = detector(small_score(2, bars=4), known)
    assert copies.share([moved(known, 5, 16)], 16) == 1
    assert copies.longest([moved(known, -3)]) == len(known.notes)


def test_a_changed_note_breaks_the_run():
    known = scale()
    changed = scale(steps=(0, 2, 4, 5, 8, 9, 11, 12))
    copies = detector(known)
    assert copies.longest([changed]) == 4
    assert copies.share([changed], 4) == pytest.approx(1 / 5)
    assert copies.share([changed], 5) == 0


def test_runs_do_not_cross_from_piece_to_piece():
    first, second = excerpt((0, 4, 60), (4, 4, 62)), excerpt((8, 4, 64), (12, 4, 65))
    together = excerpt((0, 4, 60), (4, 4, 62), (8, 4, 64), (12, 4, 65))
    assert detector(first, second).longest([together]) == 2
    assert detector(together).longest([together]) == 4


@pytest.mark.parametrize("scores", [[], [SILENCE], [excerpt((0, 4, 60))]])
def test_too_short_to_copy(scores):
    copies = detector(scale())
    assert copies.share(scores, 8) == 0
    assert copies.longest(scores) == 0
    assert detector(excerpt((0, 4, 60))).share([scale()], 8) == 0


def test_gates_pass_music_and_say_why_they_fail_the_rest():
    held_out = [small_score(seed, bars=4) for seed in range(8)]
    training = [small_score(seed, bars=4) for seed in range(100, 108)]
    copies = detector(*training)
    new = [small_score(seed, bars=4) for seed in range(200, 208)]
    assert all(gate.passed for gate in gates(new, held_out, copies).values())
    judged = gates(training, held_out, copies)
    assert not judged["copied"].passed
    assert judged["copied"].value == 1
    judged = gates([SILENCE] * 5 + new[:3], held_out, copies)
    assert not judged["silent"].passed
    assert judged["silent"].value == 5 / 8
    drone = excerpt((0, 64, 36))
    assert not gates([drone] * 8, held_out, copies)["degenerate"].passed
    assert gates(new, held_out, copies)["invalid_midi"].document() == {
        "value": 0.0,
        "limit": 0.0,
        "passed": True,
    }


def test_degenerate():
    assert is_degenerate(SILENCE, 64)
    assert is_degenerate(excerpt(*((i, 1, 60 + i % 2) for i in range(64))), 64)
    wall = excerpt(*((i * 8, 8, pitch) for i in range(8) for pitch in range(40, 64)))
    assert is_degenerate(wall, 64)
    assert not is_degenerate(scale(), 64)


def test_three_rounds_are_a_loop():
    loop = excerpt(*((4 * i, 4, (60, 64, 67)[i % 3]) for i in range(9)))
    twice = excerpt(*((4 * i, 4, 60 + i % 8) for i in range(16)))
    assert longest_loop_steps(loop) == 36
    assert longest_loop_steps(twice) == longest_loop_steps(scale()) == 0
    assert not is_degenerate(loop, 36)
    assert is_degenerate(loop, 35)


@pytest.mark.parametrize("quarters", [12, 13])
def test_one_chord_for_more_than_three_bars_is_degenerate(quarters):
    chord = [(4 * i, 4, pitch) for i in range(quarters) for pitch in (60, 64, 67)]
    score = excerpt(*chord, (56, 4, 62), (60, 4, 65))
    assert longest_chord_steps(score) == 4 * quarters
    assert is_degenerate(score, 64) == (quarters == 13)


def test_a_loop_longer_than_any_in_real_music_closes_the_gate():
    held_out = [small_score(seed, bars=4) for seed in range(8)]
    copies = detector(small_score(100, bars=4))
    loop = excerpt(*((2 * i, 2, (60, 64, 67, 71)[i % 4]) for i in range(32)))
    judged = gates([loop] * 5 + held_out[:3], held_out, copies)["degenerate"]
    assert (judged.value, judged.limit) == (5 / 8, 0.5)
    assert not judged.passed
    assert gates([loop] * 8, [*held_out, loop], copies)["degenerate"].passed
