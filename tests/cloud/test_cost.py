import logging

import pytest
from airflow.sdk.exceptions import AirflowFailException
from musicgen_gcp.cost import TRAINING_HOURS, check, estimate, help_text, training_hours
from musicgen_gcp.settings import GcpSettings, Machine, gcp_settings
from musicgen_gcp.vertex import expected_hours
from musicgen_tasks import read_request

from musicgen.errors import BadInput
from musicgen.options import assignments
from musicgen.training.config import load_plan

ONE = {"profile": "standard", "families": ["lstm"], "trials": 1}


def settings(**changed):
    return GcpSettings("project", "region", **changed)


def test_more_trainings_cost_more_and_spark_costs_once():
    one = estimate(settings(), ONE)
    four = estimate(settings(), ONE | {"families": ["lstm", "gan"], "trials": 2})
    assert four.training_usd == pytest.approx(4 * one.training_usd)
    assert four.spark_usd == one.spark_usd > 0


@pytest.mark.parametrize("told", [["epochs=100"], ["steps_per_epoch=5000", "units=64"]])
def test_more_steps_cost_more_and_the_ceiling_sees_them(told):
    one = estimate(settings(), ONE)
    steps = load_plan("lstm", "standard", assignments(told)).training.total_steps
    times = steps / load_plan("lstm", "standard").training.total_steps
    longer = estimate(settings(), ONE | {"overrides": told})
    assert longer.training_usd == pytest.approx(times * one.training_usd)
    with pytest.raises(BadInput, match="would cost"):
        check(settings(cost_ceiling_usd=one.usd), ONE | {"overrides": told})


def test_a_setting_of_one_family_does_not_make_the_other_dearer():
    both = ONE | {"families": ["lstm", "gan"]}
    assert estimate(settings(), both | {"overrides": ["units=8"]}) == estimate(settings(), both)


def test_what_a_training_was_expected_to_take_is_counted_alike():
    line = ["gs://o", "MUSICGEN_BUCKET=gs://b", "train", "gan", "gs://d", "--profile", "quick"]
    told = ["epochs=1", "latent_dim=64"]
    words = [word for pair in told for word in ("--set", pair)]
    assert expected_hours([*line, *words]) == training_hours("gan", "quick", told)
    assert expected_hours(line) == TRAINING_HOURS["quick"]


def test_every_machine_of_a_replicated_training_is_paid_for():
    two = settings(machines="standard=g2-standard-12:NVIDIA_L4:1:2")
    assert estimate(two, ONE).training_usd == 2 * estimate(settings(), ONE).training_usd


def test_a_worker_of_ones_own_costs_nothing_here():
    assert estimate(settings(training="worker"), ONE).training_usd == 0


def test_a_run_above_the_ceiling_does_not_start():
    expected = check(settings(cost_ceiling_usd=100), ONE)
    assert expected.usd < 100
    with pytest.raises(BadInput, match=r"would cost about .* USD .* is 1.00"):
        check(settings(cost_ceiling_usd=1), ONE)
    assert check(settings(), ONE | {"trials": 100}).usd > 100


def test_a_run_says_what_it_may_cost_or_ends_before_anything_starts(monkeypatch, caplog):
    given = {"RUNTIME": "gcp", "GCP_PROJECT": "p", "GCP_REGION": "r", "GCP_COST_CEILING_USD": "50"}
    for name, value in given.items():
        monkeypatch.setenv(f"MUSICGEN_{name}", value)
    gcp_settings.cache_clear()
    form = ONE | {"corpus": "music21", "corpus_uri": None}
    with caplog.at_level(logging.INFO):
        read_request(form, {})
    assert f"Expected cost: {estimate(settings(), ONE)}" in caplog.messages
    with pytest.raises(AirflowFailException, match=r"would cost about .* is 50.00"):
        read_request(form | {"trials": 100}, {})
    gcp_settings.cache_clear()


def test_an_unknown_machine_asks_for_its_price_and_takes_it():
    own = "standard=n1-standard-4"
    with pytest.raises(BadInput, match=r"MUSICGEN_GCP_PRICES='n1-standard-4=1.23'"):
        estimate(settings(machines=own), ONE)
    known = settings(machines=own, prices="n1-standard-4=2 serverless=0")
    assert estimate(known, ONE).usd == pytest.approx(6)
    with pytest.raises(BadInput, match="MACHINE=PRICE"):
        estimate(settings(prices="cheap"), ONE)


def test_the_form_says_what_each_profile_costs():
    assert all(name in help_text(settings()) for name in ("quick", "standard", "full"))


def test_settings_come_from_the_environment_and_name_what_is_amiss():
    given = {"MUSICGEN_GCP_PROJECT": "p", "MUSICGEN_GCP_REGION": "r", "MUSICGEN_GCP_SPARK": ""}
    assert GcpSettings.from_environment(given).spark == "serverless"
    with pytest.raises(BadInput, match="MUSICGEN_GCP_PROJECT has to be set"):
        GcpSettings.from_environment({})
    with pytest.raises(BadInput, match="'moon'; it can be serverless or cluster"):
        GcpSettings.from_environment({**given, "MUSICGEN_GCP_SPARK": "moon"})
    with pytest.raises(BadInput, match="is 'ten', which is no number"):
        GcpSettings.from_environment({**given, "MUSICGEN_GCP_POLL_SECONDS": "ten"})


def test_machines_are_read_by_profile():
    machines = "a=m b=m:GPU:2 c=m:GPU:2:3"
    assert Machine.of_profile(machines, "a") == Machine("m")
    assert Machine.of_profile(machines, "b") == Machine("m", "GPU", 2)
    assert Machine.of_profile(machines, "c").replicas == 3
    with pytest.raises(BadInput, match="no machine for the profile 'd'"):
        Machine.of_profile(machines, "d")
    with pytest.raises(BadInput, match="write it as PROFILE=MACHINE"):
        Machine.of_profile("a=m:GPU:many", "a")
