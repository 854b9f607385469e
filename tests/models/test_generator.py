"""What the generator plays before it has learned anything: its prior."""

from dataclasses import replace

import keras
import numpy as np
import pytest

from musicgen.models.generator import GeneratorShape, build_generator
from musicgen.models.roll_prior import LEVELS, ORCHESTRATIONS, PACES, RollPrior
from musicgen.models.rolls import binary_roll
from musicgen.representation.pianoroll import PITCHES

pytestmark = pytest.mark.slow

SHAPE = GeneratorShape(composers=3, ensembles=2, latent_dim=16, width=32, voices=3)
PRIOR = RollPrior.uninformed(ensembles=2, voices=3)


def latents(pieces, shape):
    return np.random.default_rng(1).normal(size=(pieces, shape.latent_dim))


def play(prior, ensemble=0, pieces=64, shape=SHAPE):
    """Return rolls ``(B, 64, 84, 4, 2)`` and the voices' logits."""
    keras.utils.set_random_seed(0)
    generator = build_generator(shape, prior, "generator")
    labels = np.zeros(pieces, np.int32)
    inputs = {"latent": latents(pieces, shape), "composer": labels, "ensemble": labels + ensemble}
    voices = generator(inputs)
    return binary_roll(**voices).numpy(), {key: value.numpy() for key, value in voices.items()}


def test_shapes():
    roll, voices = play(PRIOR)
    assert roll.shape == (64, 64, 84, 4, 2)
    assert {key: value.shape[1:] for key, value in voices.items()} == {
        "pitches": (64, 84, 3),
        "sounding": (64, 3),
        "restruck": (64, 3),
        "families": (3, 4),
    }


def test_voices_sound_as_often_as_the_prior_says():
    presence = np.array([[0.0, 3.0, -3.0], [-3.0, -3.0, 0.0]])
    for ensemble in range(2):
        _, voices = play(replace(PRIOR, presence=presence), ensemble)
        often = (voices["sounding"] >= 0).mean((0, 1))
        expected = [0.5, 0.999, 0.001] if ensemble == 0 else [0.001, 0.001, 0.5]
        assert often == pytest.approx(expected, abs=0.12)


def test_lower_voices_sound_where_those_above_them_do():
    """So the prior's shares of the k-th highest note are those of k notes or more."""
    _, voices = play(replace(PRIOR, presence=np.tile([0.8, 0.0, -0.8], (2, 1))))
    sounds = voices["sounding"] >= 0
    assert (sounds[..., 1:] & ~sounds[..., :-1]).mean() < 0.02
    notes = sounds.sum(-1)
    shares = [(notes >= count).mean() for count in (1, 2, 3)]
    assert shares == pytest.approx(sounds.mean((0, 1)), abs=0.03)


def test_families_are_the_ensembles():
    families = np.zeros((2, ORCHESTRATIONS, 3, 4))
    families[0, ..., 1] = families[1, ..., 3] = 20
    for ensemble, family in enumerate((1, 3)):
        roll, _ = play(replace(PRIOR, families=families), ensemble)
        assert set(np.unique(np.nonzero(roll)[3])) == {family}


def test_a_piece_is_orchestrated_as_one_of_the_priors():
    """Strings play with keys, or winds alone, and no piece is mixed of the two."""
    families = np.zeros((2, ORCHESTRATIONS, 3, 4))
    families[:, ::2, 0, 1] = families[:, ::2, 1:, 0] = families[:, 1::2, :, 2] = 20
    chosen = play(replace(PRIOR, families=families))[1]["families"].argmax(-1).tolist()
    assert {tuple(each) for each in chosen} == {(1, 0, 0), (2, 2, 2)}
    assert 16 < chosen.count([2, 2, 2]) < 48


def test_voices_keep_to_their_registers_in_order():
    """The first about octave 5, the others an octave below one another."""
    register = np.tile([5.0, 0.0, 0.0], (2, 1))
    prior = replace(PRIOR, register=register, spread=np.full((2, 3), 0.05))
    pitch = play(prior)[1]["pitches"].argmax(2)
    assert pitch.mean((0, 1)) == pytest.approx([60, 48, 36], abs=2)
    assert (pitch[..., 0] > pitch[..., 1]).mean() > 0.9


def test_music_moves_on_the_levels_of_the_prior():
    """One ensemble moves with the bars alone, the other with every step."""
    shares = np.eye(LEVELS)[[1, 4]]
    prior = replace(PRIOR, shares=dict.fromkeys(PRIOR.shares, shares))
    pitch = play(prior)[1]["pitches"].argmax(2)
    moves = (pitch[:, 1:] != pitch[:, :-1]).any((0, 2))
    assert set(np.flatnonzero(moves) + 1) == {16, 32, 48}
    pitch = play(prior, ensemble=1)[1]["pitches"].argmax(2)
    assert (pitch[:, 1:] != pitch[:, :-1]).any((0, 2)).all()


def test_each_piece_moves_at_its_own_pace():
    """With the bars alone or with every step, as the last number of the pieces' half says."""
    variety = np.zeros((2, PACES, LEVELS))
    variety[:, -1] = [0, -5, 0, 0, 5]
    shares = np.array([[0, 0.5, 0, 0, 0.5]] * 2)
    prior = replace(
        PRIOR,
        shares=dict.fromkeys(PRIOR.shares, shares),
        variety=dict.fromkeys(PRIOR.variety, variety),
    )
    pitch = play(prior)[1]["pitches"].argmax(2)
    moves = (pitch[:, 1:] != pitch[:, :-1]).any(2).sum(1)
    pace = latents(64, SHAPE)[:, SHAPE.latent_dim // 2 - 1]
    assert np.median(moves[pace < -1]) == 3
    assert np.median(moves[pace > 1]) > 40


def test_harmony_is_the_chords():
    """Pitches that always go together: the white keys or the black ones."""
    white = np.isin(np.arange(PITCHES) % 12, [0, 2, 4, 5, 7, 9, 11])
    chords = np.zeros((LEVELS, PITCHES, PITCHES))
    chords[0, 0] = np.where(white, 12, -12)
    pitch = play(replace(PRIOR, chords=chords))[1]["pitches"].argmax(2)
    in_white = white[pitch].mean((1, 2))
    assert 0.2 < (in_white > 0.5).mean() < 0.8
    assert np.maximum(in_white, 1 - in_white).mean() > 0.9
