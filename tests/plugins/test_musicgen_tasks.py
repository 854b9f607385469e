from types import SimpleNamespace

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from musicgen_tasks import (
    choose_trial,
    collect_runs,
    fail_if_ended,
    is_news,
    plan_trials,
    read_request,
    report_outcome,
    skip_without_news,
)

FORM = {
    "corpus": "music21",
    "corpus_uri": "bach",
    "profile": "quick",
    "families": ["lstm"],
    "trials": 1,
    "seed": 5,
    "promotion": "automatic",
    "overrides": ["epochs=1"],
}


def test_without_an_event_the_form_is_the_request():
    assert read_request(FORM, {}) == FORM


def test_an_event_says_where_the_data_is_and_the_form_all_else():
    event = SimpleNamespace(timestamp=1, extra={"corpus": "midi", "corpus_uri": "gs://b/new"})
    request = read_request(FORM, {"a": [event]})
    assert request == FORM | {"corpus": "midi", "corpus_uri": "gs://b/new"}


def test_an_event_that_says_where_and_not_what_ends_the_run():
    event = SimpleNamespace(timestamp=1, extra={"corpus_uri": "gs://b/new"})
    with pytest.raises(AirflowFailException, match="names corpus_uri gs://b/new without corpus"):
        read_request(FORM, {"a": [event]})


def test_the_first_trial_is_the_profile_as_it_is():
    assert plan_trials("lstm", FORM, "run-1") == [
        {
            "profile": "quick",
            "seed": 5,
            "trial": 0,
            "set": ["epochs=1"],
            "airflow-run": "run-1",
        }
    ]


def test_each_family_is_told_its_own_settings():
    form = FORM | {"families": ["lstm", "gan"], "overrides": ["units=8", "latent_dim=64"]}
    (lstm,), (gan,) = (plan_trials(family, form, "run-1") for family in form["families"])
    assert (lstm["set"], gan["set"]) == (["units=8"], ["latent_dim=64"])


@pytest.mark.parametrize("told", ["unit=8", "latent_dim=64", "epochs=0"])
def test_a_setting_that_cannot_be_used_ends_the_run_before_anything_starts(told):
    with pytest.raises(AirflowFailException, match=told.partition("=")[0]):
        read_request(FORM | {"overrides": [told]}, {})


@pytest.mark.parametrize("told", ["views=labels", "view=labels, limits.notes=5", "limits.notes=0"])
def test_a_setting_of_the_dataset_that_cannot_be_used_does_so_too(told):
    with pytest.raises(AirflowFailException, match=told.partition("=")[0].rpartition(".")[2]):
        read_request(FORM | {"dataset_overrides": [told]}, {})


def test_trials_are_numbered():
    planned = plan_trials("lstm", FORM | {"trials": 3}, "run-1")
    assert [trial["trial"] for trial in planned] == [0, 1, 2]


def test_a_family_that_was_not_chosen_is_skipped():
    with pytest.raises(AirflowSkipException, match="gan was not chosen"):
        plan_trials("gan", FORM, "run-1")


def test_the_best_trial_of_each_family_goes_on_and_the_log_says_why(caplog):
    caplog.set_level("INFO")
    measured = {0: ("a", 5.0), 2: ("b", 4.5), 3: ("c", 4.75)}  # and trial 1 has failed
    trials = [
        {
            "run_id": name,
            "metrics": {"val_nats_per_frame": value, "loss": -value},
            "trial": number,
            "drawn": {"units": 64 * number, "learning_rate": 0.002},
        }
        for number, (name, value) in measured.items()
    ]
    assert choose_trial("lstm", iter(trials)) == "b"
    assert caplog.messages[-3:] == [
        "lstm, trial 0 (units 0, learning_rate 0.002): val_nats_per_frame 5.0000",
        "lstm, trial 2 (units 128, learning_rate 0.002): val_nats_per_frame 4.5000, the lowest: "
        "it goes on",
        "lstm, trial 3 (units 192, learning_rate 0.002): val_nats_per_frame 4.7500",
    ]
    assert collect_runs({"lstm": "b", "gan": "d"}) == ["b", "d"]
    assert collect_runs({"lstm": None, "gan": "d"}) == ["d"]


@pytest.mark.parametrize(("promoted", "word"), [(True, "promoted"), (False, "not promoted")])
def test_the_outcome_is_one_line_and_the_log_tells_the_scores_best_first(promoted, word, caplog):
    caplog.set_level("INFO")
    scores = {
        "gan": {"score": 0.5, "interval": [0.4, 0.6], "aspects": {"chords": 0.25, "form": 0.75}},
        "lstm-3": {"score": 0.75, "interval": [0.7, 0.8], "aspects": {"chords": 1.002}},
    }
    evaluation = {"scores": scores, "report_uri": "file:///r"}
    promotion = {"promoted": promoted, "version": "lstm-3", "reason": "It is better."}
    line = f"lstm-3 {word}: It is better."
    assert report_outcome({}, evaluation, promotion) == line
    assert caplog.messages == [
        "lstm-3 scores 0.750 (95 %: 0.700 to 0.800)",
        "lstm-3, aspect by aspect: chords 1.00",
        "gan scores 0.500 (95 %: 0.400 to 0.600)",
        "gan, aspect by aspect: chords 0.25, form 0.75",
        "Report: file:///r",
        line,
    ]


class Closing:
    """The task ``close_run``, in a run whose tasks have these states."""

    dag_id, run_id = "musicgen_pipeline", "manual__1"

    def __init__(self, news=True, **states):
        self.known = {("data.look_for_news", "news"): news}
        self.states = {self.run_id: states}
        self.told = {}

    def xcom_pull(self, task_ids, key):
        return self.known[task_ids, key]

    def xcom_push(self, key, value):
        self.told[key] = value

    def get_task_states(self, dag_id, run_ids):
        assert (dag_id, run_ids) == (self.dag_id, [self.run_id])
        return self.states


@pytest.mark.parametrize("known", [None, False])
def test_where_nothing_could_be_trained_nothing_is_closed(known):
    with pytest.raises(AirflowSkipException):
        skip_without_news({"ti": Closing(news=known, report_outcome="skipped")})


@pytest.mark.parametrize("close", [fail_if_ended, skip_without_news])
def test_a_run_that_a_person_ended_has_failed(close):
    ended = Closing(news=None, train="failed", report_outcome="skipped")
    with pytest.raises(AirflowFailException, match="by hand"):
        close({"ti": ended})
    assert ended.told == {"failure": "The run was ended by hand."}


def test_a_run_that_failed_or_ended_well_needs_no_second_failure():
    fail_if_ended({"ti": Closing(train="failed", report_outcome="upstream_failed")})
    fail_if_ended({"ti": Closing(train="failed")})  # what follows has not been told yet
    fail_if_ended({"ti": Closing(train="success", report_outcome="success")})


def test_where_nothing_was_to_be_promoted_the_outcome_is_what_would_have_been():
    evaluation = {"scores": {}, "report_uri": "file:///r"}
    reason = "rejected by Ada: lstm would be promoted, since it is better."
    promotion = {"promoted": False, "version": "", "reason": reason}
    assert report_outcome({}, evaluation, promotion) == reason


def test_where_nothing_changed_the_outcome_says_so():
    news = {"news": False, "reason": "Nothing changed."}
    assert is_news(news) is False
    assert report_outcome(news, None, None) == "Nothing changed."
