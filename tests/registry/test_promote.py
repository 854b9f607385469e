import json

import pytest
from bundles import gan_bundle, lstm_bundle
from registry.evaluations import TERMS, entry, write_evaluation

from musicgen import manifest, storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.evaluation.tracking import EVALUATION_TAG
from musicgen.registry import layout
from musicgen.registry.champion import champion
from musicgen.registry.channel import Channel
from musicgen.registry.promote import promote
from musicgen.registry.rollback import rollback
from musicgen.registry.smoke_child import examine
from musicgen.registry.tracking import DATASET_TAG, VERSION_TAG
from musicgen.training.pipeline_run import PipelineRun

pytestmark = pytest.mark.slow


class Studio:
    """A bucket in which models are trained and evaluated with scores of a test's choice."""

    def __init__(self, tracker, bucket):
        self.tracker = tracker
        self.bucket = bucket

    def train(self, family, seed=0):
        uri = storage.join(self.bucket, "training", f"{family}-{seed}", "bundle")
        bundle = lstm_bundle(seed) if family == "lstm" else gan_bundle(seed)
        bundle.save(uri)
        tags = {"musicgen.family": family, "musicgen.bundle_uri": uri, DATASET_TAG: "learned"}
        experiment = self.tracker.experiment_id("exercises")
        return self.tracker.client.create_run(experiment, tags=tags).info.run_id

    def bundle_uri(self, run_id):
        return self.tracker.client.get_run(run_id).data.tags["musicgen.bundle_uri"]

    def evaluate(self, terms=TERMS, versions=None, **scores):
        """Judge runs (``run_id=score`` or ``(score, failed gates)``) and published versions."""
        candidates = {}
        for name, found in {**scores, **(versions or {})}.items():
            score, gates = found if isinstance(found, tuple) else (found, {})
            if name in scores:
                uri, run_id, version = self.bundle_uri(name), name, None
            else:
                uri, run_id, version = layout.version_uri(self.bucket, name), None, name
            family = manifest.load(uri)["family"]
            candidates[name] = entry(run_id, family, uri, score, version=version, **gates)
        evaluation_uri = write_evaluation(self.bucket, candidates, terms)
        for run_id in scores:
            self.tracker.client.set_tag(run_id, EVALUATION_TAG, evaluation_uri)
        return evaluation_uri


@pytest.fixture
def studio(tracker, tmp_path):
    return Studio(tracker, tmp_path.as_uri())


def test_the_better_family_leads_and_each_has_its_champion(studio, caplog):
    lstm, gan = studio.train("lstm"), studio.train("gan")
    evaluation_uri = studio.evaluate(**{lstm: 0.8, gan: 0.6})
    with caplog.at_level("INFO", "musicgen"):
        result = promote([gan, lstm], studio.bucket)
    assert f"On stage is lstm-1: {result.reason}." in caplog.messages
    assert (result.promoted, result.version, result.champion) == (True, "lstm-1", "lstm-1")
    assert result.generation == 1
    better = "lstm-1 (0.800) is better than gan-1 (0.600)"
    assert result.reason == f"{better}, and there was no champion"
    overall = champion(studio.bucket)
    assert (overall.version, overall.family, overall.run_id) == ("lstm-1", "lstm", lstm)
    assert (overall.score, overall.previous) == (0.8, None)
    assert (overall.dataset_id, overall.evaluation_uri) == ("d1", evaluation_uri)
    assert champion(studio.bucket, "gan").version == "gan-1"
    moves = Channel(studio.bucket).ledger.entries()
    assert moves[0].evidence["smoke"]["pieces"] == 10
    assert moves[0].evidence["challenger"]["score"] == 0.8
    card = storage.read_bytes(storage.join(overall.bundle_uri, "MODEL_CARD.md")).decode()
    assert card.startswith("# lstm-1\n")
    assert "**0.800** (95 % of resamples: 0.780 to 0.820)" in card


def test_a_second_time_changes_nothing_and_says_so(studio):
    lstm = studio.train("lstm")
    studio.evaluate(**{lstm: 0.8})
    promote([lstm], studio.bucket)
    before = storage.names(studio.bucket)
    again = promote([lstm], studio.bucket)
    assert not again.promoted
    assert (again.version, again.champion, again.generation) == ("lstm-1", "lstm-1", 1)
    assert again.reason == "lstm-1 is already champion"
    assert storage.names(studio.bucket) == before


def test_a_better_challenger_succeeds_and_a_worse_one_is_published_only(studio):
    first, better, worse = (studio.train("lstm", seed) for seed in range(3))
    studio.evaluate(**{first: 0.7})
    promote([first], studio.bucket)
    studio.evaluate(**{better: 0.8}, versions={"lstm-1": 0.7})
    result = promote([better], studio.bucket)
    assert (result.promoted, result.champion, result.generation) == (True, "lstm-2", 2)
    assert "0.800 against 0.700 of lstm-1, better in 100% of resamples" in result.reason
    assert champion(studio.bucket).previous == "lstm-1"
    studio.evaluate(**{worse: 0.75}, versions={"lstm-2": 0.8})
    result = promote([worse], studio.bucket)
    assert (result.promoted, result.version, result.champion) == (False, "lstm-3", "lstm-2")
    assert result.reason.endswith("not the 95% that a new champion needs")


def test_only_the_best_run_of_a_family_is_published_and_gates_go_first(studio):
    runs = [studio.train("lstm", seed) for seed in range(3)]
    studio.evaluate(**{runs[0]: 0.7, runs[1]: (0.9, {"copied": 0.9}), runs[2]: 0.8})
    result = promote(runs, studio.bucket)
    assert result.champion == "lstm-1"
    assert champion(studio.bucket).run_id == runs[2]
    assert storage.children(layout.versions_uri(studio.bucket, "lstm")) == ["1"]


def test_a_model_that_fails_its_gates_never_leads(studio):
    lstm = studio.train("lstm")
    studio.evaluate(**{lstm: (0.9, {"silent": 0.9})})
    result = promote([lstm], studio.bucket)
    assert (result.promoted, result.version, result.champion) == (False, "lstm-1", "")
    assert "barred by a gate: silent is 0.900, at most 0.500 passes" in result.reason
    with pytest.raises(BadInput, match="no champion yet"):
        champion(studio.bucket)


def test_the_version_is_the_one_that_was_promoted_even_if_another_scored_higher(studio):
    studio.evaluate(**{(lstm := studio.train("lstm")): 0.9, (gan := studio.train("gan")): 0.8})
    promote([lstm, gan], studio.bucket)
    lstm, gan = studio.train("lstm", 1), studio.train("gan", 1)
    unsure = (0.876, {"noise": 0.1})
    known = {"lstm-1": 0.841, "gan-1": 0.867}
    studio.evaluate(**{lstm: 0.873, gan: unsure}, versions=known)
    result = promote([lstm, gan], studio.bucket)
    assert (result.promoted, result.version, result.champion) == (True, "lstm-2", "lstm-2")


def test_what_learned_from_the_test_stands_in_nobodys_way(studio):
    studio.evaluate(**{(lstm := studio.train("lstm")): 0.9})
    promote([lstm], studio.bucket)
    lstm, gan = studio.train("lstm", 1), studio.train("gan")
    barred = (0.8, {"silent": 0.9})
    known = {"lstm-1": (0.95, {"test_leak": 0.8})}
    studio.evaluate(**{lstm: barred, gan: 0.6}, versions=known)
    result = promote([lstm, gan], studio.bucket)
    assert (result.promoted, result.champion) == (True, "gan-1")
    why = "gan-1 scores 0.600 and lstm-1 counts as none, since it learned from 80% of the test"
    assert result.reason.startswith(why)
    assert champion(studio.bucket, "lstm").version == "lstm-1"


def test_a_family_may_lead_without_being_the_overall_champion(studio):
    lstm, gan = studio.train("lstm"), studio.train("gan")
    studio.evaluate(**{lstm: 0.8})
    promote([lstm], studio.bucket)
    studio.evaluate(**{gan: 0.6}, versions={"lstm-1": 0.8})
    result = promote([gan], studio.bucket)
    assert (result.promoted, result.version, result.champion) == (False, "gan-1", "lstm-1")
    assert champion(studio.bucket, "gan").version == "gan-1"
    assert champion(studio.bucket).version == "lstm-1"


def test_evaluate_only_records_what_would_be_and_moves_nothing(studio, monkeypatch):
    first, lstm = studio.train("lstm"), studio.train("lstm", 1)
    studio.evaluate(**{first: 0.7})
    promote([first], studio.bucket)
    studio.evaluate(**{lstm: 0.8}, versions={"lstm-1": 0.7})
    before = set(storage.names(studio.bucket))
    monkeypatch.setenv("MUSICGEN_ANSWER", "rejected by Ada")
    result = promote([lstm], studio.bucket, "evaluate-only")
    assert (result.promoted, result.version, result.champion) == (False, "", "lstm-1")
    assert result.reason.startswith(f"rejected by Ada: {lstm} would be promoted, since ")
    overall, family = map(storage.read_json, result.decisions)
    assert (overall["channel"], family["channel"]) == ("overall", "lstm")
    assert (overall["version"], overall["run_id"], overall["wins"]) == (None, lstm, True)
    assert overall["evidence"]["better_share"] == 1.0
    assert overall["evidence"]["challenger"]["gates"]["silent"]["passed"]
    assert overall["actor"].endswith(", rejected by Ada")
    new = {f"{studio.bucket}/{name}" for name in set(storage.names(studio.bucket)) - before}
    assert new == set(result.decisions)


def test_a_bundle_that_does_not_play_is_not_promoted(studio):
    run_id = studio.train("gan")
    uri = studio.bundle_uri(run_id)
    storage.write_bytes(storage.join(uri, "generator.onnx"), b"no graph")
    manifest.commit(uri, manifest.hashes(uri), format_version=1, family="gan", provenance={})
    studio.evaluate(**{run_id: 0.8})
    result = promote([run_id], studio.bucket)
    assert not result.promoted
    assert "gan-1 failed its smoke test" in result.reason
    assert Channel(studio.bucket, "gan").settled() is None


def test_a_smoke_test_that_came_to_no_verdict_is_no_outcome(studio, monkeypatch):
    run_id = studio.train("gan")
    studio.evaluate(**{run_id: 0.8})

    def killed(*_, **__):
        raise MusicgenError("ended by SIGKILL")

    with monkeypatch.context() as crowded:
        crowded.setattr("musicgen.registry.promote.smoke", killed)
        with pytest.raises(MusicgenError, match="SIGKILL"):
            promote([run_id], studio.bucket, pipeline_id="p1")
    assert not storage.exists(storage.join(studio.bucket, "pipelines", "p1.json"))
    monkeypatch.setattr("musicgen.registry.promote.smoke", examine)
    assert promote([run_id], studio.bucket, pipeline_id="p1").champion == "gan-1"


def test_a_tampered_bundle_is_refused(studio):
    run_id = studio.train("lstm")
    studio.evaluate(**{run_id: 0.8})
    storage.write_bytes(storage.join(studio.bundle_uri(run_id), "weights.npz"), b"other")
    with pytest.raises(BadInput, match=r"weights\.npz is not the file that was committed"):
        promote([run_id], studio.bucket)


def test_a_bundle_other_than_the_one_judged_is_refused(studio):
    run_id = studio.train("lstm")
    studio.evaluate(**{run_id: 0.8})
    lstm_bundle(9).save(studio.bundle_uri(run_id))
    with pytest.raises(BadInput, match="not the bundle that was evaluated"):
        promote([run_id], studio.bucket)


def test_bad_input_names_the_remedy(studio):
    fresh, other = studio.train("lstm"), studio.train("gan")
    with pytest.raises(BadInput, match=rf"run `musicgen evaluate {fresh} --dataset"):
        promote([fresh], studio.bucket)
    studio.evaluate(**{fresh: 0.8})
    studio.evaluate(**{other: 0.8}, terms={**TERMS, "seed": 1})
    with pytest.raises(BadInput, match="not evaluated on the same terms"):
        promote([fresh, other], studio.bucket)
    with pytest.raises(BadInput, match="knows no run 'nobody'"):
        promote(["nobody"], studio.bucket)
    with pytest.raises(BadInput, match="no policy 'hope'"):
        promote([fresh], studio.bucket, "hope")
    with pytest.raises(BadInput, match="name at least one run"):
        promote([], studio.bucket)


def test_mlflow_knows_versions_and_champions_once(studio, tracker):
    first, second = studio.train("lstm", 3), studio.train("lstm", 4)
    studio.evaluate(**{first: 0.7})
    promote([first], studio.bucket)
    assert tracker.client.get_registered_model("musicgen-lstm").description.startswith("An LSTM")
    tracker.client.update_registered_model("musicgen-lstm", "Ours.")
    promote([first], studio.bucket)
    assert tracker.client.get_registered_model("musicgen-lstm").description == "Ours."
    studio.evaluate(**{second: 0.6}, versions={"lstm-1": 0.7})
    promote([second], studio.bucket)
    found = tracker.client.get_model_version_by_alias("musicgen-lstm", "champion")
    assert found.run_id == first
    assert found.tags[VERSION_TAG] == "lstm-1"
    assert found.tags[DATASET_TAG] == "learned", "what it was judged on says nothing of that"
    assert found.tags["musicgen.evaluated_on"] == TERMS["dataset_id"]
    assert found.description.startswith("# lstm-1\n"), "no model card to read in MLflow"
    mine = [
        version
        for version in tracker.client.search_model_versions("name = 'musicgen-lstm'")
        if version.run_id in (first, second)
    ]
    assert sorted(version.tags[VERSION_TAG] for version in mine) == ["lstm-1", "lstm-2"]
    assert tracker.client.get_run(second).data.tags[VERSION_TAG] == "lstm-2"


def test_without_mlflow_a_promotion_stands_and_is_announced_later(
    studio, tracker, monkeypatch, caplog
):
    from musicgen.registry import tracking

    lstm = studio.train("lstm", 7)
    studio.evaluate(**{lstm: 0.8})
    with monkeypatch.context() as away:
        away.setattr(tracking, "client", lambda: json.loads("no server"))
        assert promote([lstm], studio.bucket).promoted
    assert "MLflow did not take the promotion" in caplog.text
    assert champion(studio.bucket).run_id == lstm
    assert VERSION_TAG not in tracker.client.get_run(lstm).data.tags
    promote([lstm], studio.bucket)
    assert tracker.client.get_run(lstm).data.tags[VERSION_TAG] == "lstm-1"


def test_what_was_rolled_back_is_passed_over_until_it_is_chosen_again(studio):
    first, second = (studio.train("lstm", seed) for seed in (8, 9))
    studio.evaluate(**{first: 0.7})
    promote([first], studio.bucket)
    studio.evaluate(**{second: 0.8}, versions={"lstm-1": 0.7})
    promote([second], studio.bucket)
    assert rollback(studio.bucket).version == "lstm-1"
    again = promote([second], studio.bucket)
    assert (again.promoted, again.champion, again.generation) == (False, "lstm-1", 3)
    assert "lstm-2 was rolled back and does not return by itself" in again.reason
    assert storage.read_json(again.decision_uri)["evidence"]["better_share"] == 1.0
    assert rollback(studio.bucket, "lstm-2").moved
    assert promote([second], studio.bucket).champion == "lstm-2"


def test_every_decision_leaves_its_gates_and_numbers(studio):
    runs = [studio.train("lstm", seed) for seed in (10, 11, 12)]
    studio.evaluate(**{runs[0]: 0.7})
    won = promote([runs[0]], studio.bucket)
    studio.evaluate(**{runs[1]: 0.7}, versions={"lstm-1": 0.7})
    tied = promote([runs[1]], studio.bucket)
    studio.evaluate(**{runs[2]: (0.9, {"copied": 0.8})}, versions={"lstm-1": 0.7})
    barred = promote([runs[2]], studio.bucket)
    overall, family = map(storage.read_json, won.decisions)
    assert (overall["channel"], overall["wins"], family["channel"]) == ("overall", True, "lstm")
    assert family["evidence"]["smoke"]["gates"]["latency_seconds"]["limit"] == 2.0
    (found,) = map(storage.read_json, tied.decisions)
    assert (found["wins"], found["version"], found["champion"]) == (False, "lstm-2", "lstm-1")
    assert found["evidence"]["better_share"] == 0.0
    assert found["evidence"]["champion"]["score"] == 0.7
    (found,) = map(storage.read_json, barred.decisions)
    gate = {"value": 0.8, "limit": 0.5, "passed": False}
    assert found["evidence"]["challenger"]["gates"]["copied"] == gate
    assert "copied is 0.800, at most 0.500 passes" in found["reason"]
    before = storage.names(studio.bucket)
    assert promote([runs[2]], studio.bucket).decisions == barred.decisions
    assert storage.names(studio.bucket) == before


def test_too_slow_a_version_does_not_lead(studio, monkeypatch):
    monkeypatch.setattr("musicgen.registry.budgets.SECONDS_PER_PIECE", 0.0)
    monkeypatch.setattr("musicgen.registry.promote.smoke", examine)
    run_id = studio.train("lstm", 13)
    studio.evaluate(**{run_id: 0.7})
    result = promote([run_id], studio.bucket)
    assert not result.promoted
    assert "lstm-1 is barred by a gate: latency_seconds is 0." in result.reason
    assert Channel(studio.bucket, "lstm").settled() is None


def test_the_pipeline_runs_own_run_ends_with_what_came_of_it(studio, tracker):
    run_id = studio.train("lstm", 14)
    studio.evaluate(**{run_id: 0.8})
    experiment = tracker.experiment_id("exercises")
    begun = PipelineRun.begin(tracker.client, experiment, "manual__7", {})
    result = promote([run_id], studio.bucket, airflow_run="manual__7")
    ended = tracker.client.get_run(begun.run_id)
    assert ended.info.status == "FINISHED"
    assert ended.data.tags["musicgen.outcome"] == result.reason
    assert ended.data.tags["musicgen.champion"] == "lstm-1"
    note = ended.data.tags["mlflow.note.content"]
    page = f"#/experiments/{experiment}/runs/{run_id}/artifacts/evaluation/report.html"
    link = f"[The evaluation's report, with music to hear]({page})"
    assert note.startswith(f"{link}: {result.reason}\n"), "MLflow folds all but the first line"
    assert f"| {run_id} | 0.800 | 0.780 | 0.820 |" in note
    assert "Champion: lstm-1." in note
    chosen = tracker.client.get_run(run_id).data.tags["musicgen.chosen"]
    assert chosen == "manual__7", "nobody could tell it from the other trials"
