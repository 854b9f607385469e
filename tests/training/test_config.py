import pytest

from musicgen.errors import BadInput
from musicgen.training.config import OPTIONS, check_settings, load_plan, own_settings
from musicgen.training.sweep import trial_overrides


@pytest.mark.parametrize("family", OPTIONS)
@pytest.mark.parametrize("profile", ["quick", "standard", "full"])
def test_every_family_has_every_profile(family, profile):
    plan = load_plan(family, profile)
    assert plan.training.total_steps > 0


@pytest.mark.parametrize("family", OPTIONS)
def test_trials_draw_what_a_plan_can_take(family):
    assert trial_overrides(family, 0, 0) == {}
    draws = [trial_overrides(family, trial, 0) for trial in range(1, 9)]
    assert draws[0] == trial_overrides(family, 1, 0)
    assert any(draw != draws[0] for draw in draws)
    for draw in draws:
        plan = load_plan(family, "quick", draw)
        values = {**plan.document()["training"], **plan.document()["options"]}
        assert {name: values[name] for name in draw} == draw


def test_overrides_reach_both_tables():
    plan = load_plan("lstm", "quick", {"epochs": "3", "units": 8, "transpose": "false"})
    assert plan.training.epochs == 3
    assert plan.options.units == 8
    assert plan.options.transpose is False


@pytest.mark.parametrize(
    ("profile", "overrides", "message"),
    [
        (
            "slow",
            {},
            "no profile 'slow' for lstm; choose benchmark, benchmark_long, full, quick, standard",
        ),
        ("quick", {"unit": 3}, "no training option 'unit'"),
        ("quick", {"units": "many"}, "units=many is not a valid int"),
        ("quick", {"units": 2.5}, "units=2.5 is not a valid int"),
        ("quick", {"transpose": "perhaps"}, "transpose=perhaps is not a valid bool"),
        ("quick", {"epochs": 0}, "epochs is 0; it must be at least 1"),
        ("quick", {"plateau_factor": 1}, r"plateau_factor is 1.0; it must lie in 0.01–0.99"),
        ("quick", {"hidden_dropout": 1.5}, r"hidden_dropout is 1.5; it must lie in 0–0.95"),
        ("quick", {"valid_windows": "0"}, "valid_windows is 0"),
        ("quick", {"learning_rate": "nan"}, "learning_rate is nan; it must be at least 0"),
        ("full", {"steps_per_epoch": 15}, "is 15; give a multiple of steps_per_execution, 10"),
    ],
)
def test_bad_choices_are_named(profile, overrides, message):
    with pytest.raises(BadInput, match=message):
        load_plan("lstm", profile, overrides)


def test_unknown_family():
    with pytest.raises(BadInput, match="choose lstm or gan"):
        load_plan("rnn", "quick")


def test_of_what_all_are_told_each_family_takes_what_it_has():
    told = ["units=256", "epochs=3", "latent_dim=64"]
    check_settings(["lstm", "gan"], "quick", told)
    assert own_settings("lstm", told) == ["units=256", "epochs=3"]
    assert own_settings("gan", told) == ["epochs=3", "latent_dim=64"]


@pytest.mark.parametrize(
    ("families", "profile", "told", "message"),
    [
        (["lstm", "gan"], "quick", ["unit=3"], "no training option 'unit' of lstm or gan; choose"),
        (["lstm"], "quick", ["latent_dim=64"], "no training option 'latent_dim' of lstm; choose"),
        (["lstm", "gan"], "quick", ["latent_dim=1"], "latent_dim is 1; it must be at least 8"),
        (["lstm", "gan"], "quick", ["epochs"], "epochs: write a setting as NAME=VALUE"),
        (["lstm", "gan"], "slow", [], "no profile 'slow'"),
    ],
)
def test_what_no_family_can_be_told_is_refused_before_anything_starts(
    families, profile, told, message
):
    with pytest.raises(BadInput, match=message):
        check_settings(families, profile, told)
