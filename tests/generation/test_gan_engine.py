import dataclasses

import numpy as np
import pytest
from bundles import gan_bundle, lstm_bundle

from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.finished_notes import FinishedNotes
from musicgen.generation.gan_engine import latents, slerp
from musicgen.generation.request import Request
from musicgen.generation.roll_frames import RollFrames


@pytest.fixture(scope="module")
def engine():
    return load_engine(gan_bundle())


def _same(left, right) -> bool:
    return left.notes.tobytes() == right.notes.tobytes()


def test_music_does_not_depend_on_its_company(engine):
    requests = [Request(seed, bars=1 + seed * 3) for seed in range(4)]
    alone = [engine.generate([request])[0] for request in requests]
    assert all(map(_same, alone, engine.generate(requests)))
    assert all(len(score.notes) for score in alone)


@pytest.mark.parametrize("bars", [1, 4, 6, 9])
def test_pieces_are_as_long_as_asked(engine, bars):
    score = engine.generate([Request(5, bars=bars)])[0]
    assert score.length_steps == 16 * bars
    ends = score.notes["onset_steps"] + score.notes["duration_steps"]
    assert ends.max() <= score.length_steps


def test_longer_pieces_begin_as_shorter_ones_do(engine):
    short, long = engine.generate([Request(5, bars=4), Request(5, bars=12)])
    assert _same(short, long.window(0, 64))


@pytest.mark.parametrize("bars", [1, 6, 12])
def test_frames_of_phrases_are_the_piece(engine, bars):
    request = Request(5, bars=bars)
    phrases, frames, notes = RollFrames(), [], FinishedNotes()
    for roll in engine.phrases(request):
        frames += phrases.add(roll)
    found = [note for frame in frames for note in notes.add(frame)] + notes.rest(16 * bars)
    assert [frame.step for frame in frames] == list(range(16 * bars))
    assert sorted(found) == sorted(engine.generate([request])[0].notes.tolist())


def test_seed_composer_ensemble_and_temperature_each_change_the_music(engine):
    request = Request(1, bars=4)
    changes = [{"seed": 2}, {"composer": "Bach"}, {"ensemble": "Solo Piano"}, {"temperature": 1.5}]
    first, *rest = engine.generate(
        [request, *(dataclasses.replace(request, **change) for change in changes)]
    )
    assert not any(_same(first, other) for other in rest)


def test_the_tempo_is_the_asked_one_or_the_models_own(engine):
    asked, own = engine.generate([Request(1, tempo_qpm=60), Request(1)])
    assert (asked.tempo_qpm, own.tempo_qpm) == (60, 96)


def test_phrases_are_kin_to_their_neighbours_and_keep_their_length():
    walk = latents(3, 40, 256)
    lengths = np.linalg.norm(walk, axis=1)
    assert (np.abs(lengths - 16) < 3).all()  # the length of a normal draw is about sqrt(256)
    unit = walk / lengths[:, None]
    near, far = (unit[1:] * unit[:-1]).sum(1), (unit[20:] * unit[:-20]).sum(1)
    assert near.min() > 0.7
    assert np.abs(far).mean() < 0.3


def test_who_plays_stays_the_same_through_a_piece():
    """Of eight latent numbers all eight are kept, so that every phrase is the first again."""
    bundle = gan_bundle()
    keeps = load_engine(dataclasses.replace(bundle, model={**bundle.model, "orchestrations": 8}))
    first, *others = keeps.phrases(Request(5, bars=12))
    assert len(others) == 2
    assert all(np.array_equal(first, other) for other in others)


def test_without_a_temperature_it_is_one(engine):
    assert _same(*engine.generate([Request(1), Request(1, temperature=1)]))


def test_slerp_goes_from_start_to_end():
    start, end = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    np.testing.assert_allclose(slerp(start, end, 0), start)
    np.testing.assert_allclose(slerp(start, end, 0.5), [2**0.5, 2**0.5])
    np.testing.assert_allclose(slerp(start, end, 1), end, atol=1e-12)
    np.testing.assert_allclose(slerp(start, 2 * start, 0.5), 1.5 * start)
    np.testing.assert_allclose(slerp(np.zeros(2), end, 0.5), [0, 1])


def test_interpolation_leads_from_one_seeds_music_to_the_others(engine):
    piece = engine.interpolate(Request(1, bars=20), end_seed=2)
    first, last = engine.generate([Request(1, bars=4), Request(2, bars=4)])
    assert piece.length_steps == 20 * 16
    assert _same(piece.window(0, 64), first)
    # The phrase before may hold a note over; what begins in the last is the other seed's.
    ending = piece.window(256, 64)
    assert set(last.notes[last.notes["onset_steps"] > 0].tolist()) <= set(ending.notes.tolist())
    phrases = [set(_onsets(piece.window(64 * n, 64))) for n in range(5)]
    likeness = [len(phrases[0] & phrase) / len(phrases[0] | phrase) for phrase in phrases]
    assert likeness == sorted(likeness, reverse=True)


def test_interpolation_takes_two_phrases(engine):
    with pytest.raises(BadInput, match="4 bars are one phrase"):
        engine.interpolate(Request(1, bars=4), end_seed=2)


def _onsets(score):
    return score.notes[["onset_steps", "pitch", "family"]].tolist()


def test_a_name_the_model_never_met_is_refused(engine):
    with pytest.raises(BadInput, match="no composer 'Back'"):
        engine.generate([Request(1, composer="Back")])


def test_a_bundle_without_its_graph_is_refused():
    with pytest.raises(BadInput, match=r"no generator\.onnx"):
        load_engine(dataclasses.replace(gan_bundle(), files={}))


def test_a_bundle_with_a_broken_graph_is_refused():
    with pytest.raises(BadInput, match=r"generator\.onnx cannot be opened"):
        load_engine(dataclasses.replace(gan_bundle(), files={"generator.onnx": b"broken"}))


def test_an_lstm_named_gan_is_refused():
    with pytest.raises(BadInput, match=r"no generator\.onnx"):
        load_engine(dataclasses.replace(lstm_bundle(), family="gan"))
