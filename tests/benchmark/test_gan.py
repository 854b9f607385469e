import numpy as np
import pytest
from bundles import gan_bundle
from datasets import make_dataset, small_score
from evaluation.scores import excerpt

from musicgen import storage
from musicgen.benchmark.gan import gan, table
from musicgen.benchmark.gaps import GOALS, diversities, gaps
from musicgen.errors import BadInput
from musicgen.evaluation.excerpt_set import made

LONG = excerpt(*((16 * bar, 4, 60) for bar in range(4)))
SHORT = excerpt(*((16 * bar, 1, 60 + bar) for bar in range(4)))


def test_gaps_in_figures():
    reference = made("real", [LONG] * 4)
    found = gaps(reference, made("made", [LONG, LONG, LONG, SHORT]), seed=0)
    # A quarter of the excerpts holds nothing but notes of one step.
    assert found["qualified_notes"].held_out == 1
    assert found["qualified_notes"].made == pytest.approx(0.75)
    assert found["qualified_notes"].gap == pytest.approx(0.25)
    assert found["qualified_notes"].reached == "neither"
    low, high = found["qualified_notes"].interval
    assert 0 <= low < 0.25 < high <= 1
    assert found["used_pitch_classes"].reached == "summit"


def test_empty_bars_count_in_points():
    half = excerpt((0, 32, 60), (0, 32, 64))
    found = gaps(made("real", [LONG] * 50), made("made", [LONG] * 49 + [half]), seed=0)
    assert found["empty_bars"].gap == pytest.approx(0.01)
    assert found["empty_bars"].reached == "summit"


def test_tonal_distance_leaves_out_excerpts_of_one_family():
    apart = excerpt((0, 4, 60, 0), (0, 4, 66, 1))
    found = gaps(made("real", [apart, LONG]), made("made", [apart, apart]), seed=0)
    assert found["tonal_distance"].held_out == pytest.approx(np.sqrt(8))
    assert found["tonal_distance"].gap == 0


def test_families_in_unison_sound_together_and_those_of_different_beats_do_not():
    apart = excerpt((0, 4, 60, 0), (0, 4, 66, 1))
    octave = excerpt((0, 4, 60, 0), (0, 4, 72, 1))
    in_turn = excerpt((0, 4, 60, 0), (4, 4, 66, 1))
    found = gaps(made("real", [apart, octave, in_turn]), made("made", [octave] * 3), seed=0)
    assert found["tonal_distance"].held_out == pytest.approx(np.sqrt(8) / 2)
    assert found["tonal_distance"].made == 0
    assert found["tonal_distance"].gap == 1


def test_draws_without_the_measure_have_no_share():
    apart = excerpt((0, 4, 60, 0), (0, 4, 66, 1))
    found = gaps(made("real", [apart, LONG, LONG, LONG]), made("made", [apart] * 4), seed=0)
    assert found["tonal_distance"].interval == pytest.approx((0, 0))


def test_both_sets_are_drawn_apart():
    real, same = (made(name, [LONG, SHORT] * 4) for name in ("real", "made"))
    assert gaps(real, same, seed=0)["qualified_notes"].interval[1] > 0.5


def test_silence_and_music_without_families_have_gaps_too():
    silent = made("made", [LONG.window(1000, 64)] * 4)
    found = gaps(made("real", [LONG] * 4), silent, seed=0)
    assert {name: gap.gap for name, gap in found.items()} == {
        "qualified_notes": 1,
        "polyphonic_share": 0,
        "empty_bars": 1,
        "used_pitch_classes": 1,
        "tonal_distance": 0,
    }


def test_collapse_shows_in_every_diversity():
    real = made("real", [small_score(seed, bars=4) for seed in range(6)])
    same = made("made", [small_score(0, bars=4)] * 6)
    assert set(diversities(real, real).values()) == {1}
    found = diversities(real, same)
    assert found["pairwise_distance"] == 0
    assert found["pitch_class_patterns"] < 0.5
    assert found["rhythm_patterns"] < 0.5


def test_a_smaller_set_is_not_taken_for_a_collapse():
    music = [small_score(seed, bars=4) for seed in range(6)]
    found = diversities(made("real", music), made("made", music[:2]))
    assert (found["pitch_class_patterns"], found["rhythm_patterns"]) == (1, 1)


def test_a_model_beside_the_training_music(tmp_path):
    dataset_uri = make_dataset(tmp_path, bars=12)
    model_uri = storage.join(tmp_path.as_uri(), "wild")
    gan_bundle().save(model_uri)
    result = gan([model_uri], dataset_uri)
    assert result.excerpts == 6
    assert list(result.gaps) == ["training_music", "gan-wild"]
    assert set(result.gaps["gan-wild"]) == set(GOALS)
    assert result.gaps["training_music"]["used_pitch_classes"]["gap"] < 1
    text = table(result)
    assert "gan-wild" in text
    assert text.count("diversity: pairwise_distance") == 2


def test_too_little_held_out(tmp_path):
    with pytest.raises(BadInput, match=r"holds 2 test excerpts; to compare takes 4"):
        gan([], make_dataset(tmp_path, bars=4))
