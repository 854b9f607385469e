"""The whole house, for real: one demonstration, then what its users do next.

The tests share the demonstration and are in the order of its life.
"""

import json
import wave
from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import psutil
import pytest
import receivers
from demonstration import DAG_ID, OVERRIDES, is_of, python, wait_for
from e2e.airflow_page import click_answer
from under_fire import APPROVAL, TRAINING, clear, two_runs_under_fire

from musicgen import storage
from musicgen.bundle import Bundle
from musicgen.music.midi import read_midi
from musicgen.registry.channel import Channel
from musicgen.registry.ledger import Entry, now

ROLLBACK = "musicgen_rollback"
BUNDLE = "musicgen.bundle_uri"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def test_every_task_of_the_run_succeeds(demonstration):
    runs = demonstration.airflow.runs(DAG_ID)
    assert [run["state"] for run in runs] == ["success"]
    assert set(demonstration.states(runs[0]["dag_run_id"]).values()) == {"success"}


def test_the_champion_is_one_of_the_two_that_were_measured(demonstration):
    result = demonstration.result
    assert result["promotion"]["promoted"]
    assert result["promotion"]["champion"] == result["promotion"]["version"]
    assert result["piece"]["version"] == result["promotion"]["champion"]


def test_the_api_played_music(demonstration):
    midi_path, wav_path = map(Path, demonstration.result["piece"]["paths"])
    assert len(read_midi(midi_path.read_bytes()).notes) > 0
    with wave.open(str(wav_path)) as sound:
        assert sound.getnframes() / sound.getframerate() > 5


def test_progress_was_told_with_the_trainings_own(demonstration):
    assert "selection.promote_champion: success" in demonstration.said
    assert "of 1" in demonstration.said


def test_time_and_memory_were_measured(demonstration):
    assert demonstration.result["seconds"] > 10
    assert 5e8 < demonstration.result["peak_bytes"] < 8e9


def test_the_runs_note_says_what_came_of_it(demonstration):
    (run,) = demonstration.airflow.runs(DAG_ID)
    outcome = demonstration.airflow.result(DAG_ID, run["dag_run_id"], "report_outcome")
    said, _, link = run["note"].partition("\n\n")
    assert said == outcome
    assert link.startswith("[What is in the corpus](http")
    assert demonstration.result["promotion"]["reason"] in outcome


def test_mlflow_knows_both_trainings_and_the_run_that_they_were_for(demonstration):
    (run,) = demonstration.airflow.runs(DAG_ID)
    families = [
        tag["value"]
        for run in demonstration.tracked(run["dag_run_id"])
        for tag in run["data"]["tags"]
        if tag["key"] == "musicgen.family"
    ]
    assert sorted(families) == ["gan", "lstm"]


def test_the_command_without_airflow_finds_that_all_was_done(demonstration):
    options = [word for pair in OVERRIDES for word in ("--set", pair)]
    line = ["pipeline", "midi", "--from", str(demonstration.corpus_path), *options, "--json"]
    done = python(demonstration.environment, "-m", "musicgen", *line, check=True)
    found = json.loads(done.stdout)
    assert not found["news"]
    assert demonstration.result["promotion"]["reason"] in found["reason"]


@pytest.fixture(scope="module")
def under_fire(demonstration):
    return two_runs_under_fire(demonstration)


def test_only_what_was_chosen_is_trained_and_a_person_is_asked(demonstration, under_fire):
    states = demonstration.states(under_fire.first)
    assert demonstration.finished(under_fire.first)["state"] == "success"
    assert states["training.train_gan"] == "skipped"
    assert states[APPROVAL] == states[TRAINING] == "success"


def test_killed_and_tried_again_a_training_comes_to_the_same_model(demonstration, under_fire):
    tries = {
        each["task_id"]: each["try_number"]
        for each in demonstration.airflow.task_instances(DAG_ID, under_fire.first)
    }
    assert tries[TRAINING] >= 3, "it was not killed twice"
    assert tries["data.preprocess_corpus"] == 1
    (tracked,) = demonstration.tracked(under_fire.first)
    assert tracked["info"]["status"] == "FINISHED"
    steps = [metric["step"] for metric in demonstration.history(tracked, "learning_rate")]
    assert len(steps) == len(set(steps)) > 0, "logged twice"
    tags = {tag["key"]: tag["value"] for tag in tracked["data"]["tags"]}
    expected, found = Bundle.load(under_fire.champion.bundle_uri), Bundle.load(tags[BUNDLE])
    for name, array in expected.weights.items():
        np.testing.assert_array_equal(found.weights[name], array)


def test_what_breaks_moves_no_champion(demonstration, under_fire):
    assert Channel(demonstration.bucket_uri, "lstm").settled() == under_fire.champion
    promoted = demonstration.airflow.result(DAG_ID, under_fire.first, "selection.promote_champion")
    assert f"{under_fire.champion.version} is already champion" in promoted["reason"]


def test_the_same_asked_twice_at_once_is_done_once(demonstration, under_fire):
    second = demonstration.finished(under_fire.second)
    assert second["state"] == "success"
    assert second["start_date"] >= demonstration.finished(under_fire.first)["end_date"]
    states = demonstration.states(under_fire.second)
    assert states[TRAINING] == states["close_run"] == "skipped"
    assert second["note"].startswith("Nothing changed")
    assert demonstration.tracked(under_fire.second) == []


def test_a_cleared_run_finds_what_was_done_and_whoever_clicks_reject_is_heard(
    demonstration, under_fire
):
    before = demonstration.tracked(under_fire.first)
    clear(demonstration, under_fire.first, TRAINING)
    click_answer(demonstration, under_fire.first, APPROVAL, "Reject")
    run = demonstration.finished(under_fire.first)
    assert run["state"] == "success"
    assert demonstration.tracked(under_fire.first) == before, "trained or measured again"
    assert Channel(demonstration.bucket_uri, "lstm").settled() == under_fire.champion
    assert run["note"].startswith("rejected by admin: lstm would not be promoted")
    promoted = demonstration.airflow.result(DAG_ID, under_fire.first, "selection.promote_champion")
    for uri in promoted["decisions"]:
        assert storage.read_json(uri)["actor"] == f"{under_fire.first}, rejected by admin"


def test_mlflow_is_told_of_a_run_that_a_person_ends(demonstration, under_fire):
    def status():
        (parent,) = demonstration.tracked(under_fire.first, "musicgen.pipeline_run")
        return parent["info"]["status"]

    before = [status()]
    clear(demonstration, under_fire.first, TRAINING)
    wait_for(lambda: demonstration.states(under_fire.first)[APPROVAL] == "awaiting_input")
    before.append(status())
    path = f"/api/v2/dags/{DAG_ID}/dagRuns/{under_fire.first}"
    demonstration.airflow.request("PATCH", path, json={"state": "failed"})
    run = demonstration.finished(under_fire.first)
    assert (run["state"], [*before, status()]) == ("failed", ["FINISHED", "RUNNING", "FAILED"])
    assert APPROVAL in run["note"], "it has another end by now"


def test_new_data_that_is_bad_fails_at_once_and_all_who_are_to_know_are_told_why(demonstration):
    with receivers.mailbox() as mailbox, receivers.slack() as slack:
        for connection in receivers.connections(mailbox, slack):
            demonstration.airflow.request("POST", "/api/v2/connections", json=connection)
        run_id = demonstration.new_data(corpus="midi", corpus_uri="/nowhere")
        run = demonstration.finished(run_id)
    title = "musicgen: musicgen_pipeline: data.ingest_corpus failed"
    assert [mail["Subject"] for mail in mailbox.messages] == [title]
    ((path, posted),) = slack.posted
    assert path == receivers.SLACK_PATH
    assert posted["text"].startswith(f"*{title}*")
    assert run_id in posted["text"]
    assert "/nowhere is not there" in posted["text"]
    assert run["state"] == "failed"
    assert "data.ingest_corpus" in run["note"]
    assert "/nowhere is not there" in run["note"]
    attempts = [
        each["try_number"]
        for each in demonstration.airflow.task_instances(DAG_ID, run_id)
        if each["task_id"] == "data.ingest_corpus"
    ]
    assert attempts == [1]


def test_a_rollback_leads_back_and_the_api_is_heard(demonstration):
    bucket = demonstration.bucket_uri
    channel = Channel(bucket)
    leader = channel.settled()
    other = Channel(bucket, "gan" if leader.family == "lstm" else "lstm").settled()
    step = replace(other, previous=leader.version)
    channel.move(Entry(step, "so that there is a way back", "a test", now()), leader.generation)
    run_id = demonstration.airflow.trigger(ROLLBACK, {"reason": "heard enough"})
    demonstration.answer(run_id, "choose_version", leader.version, ROLLBACK)
    run = demonstration.finished(run_id, dag_id=ROLLBACK)
    assert run["state"] == "success"
    assert f"{other.version} was rolled back to {leader.version}: heard enough" in run["note"]
    assert channel.settled().version == leader.version


def test_pages_and_votes_are_for_those_who_are_logged_in(demonstration):
    address = demonstration.result["addresses"]["airflow"]
    uri = demonstration.result["report_uri"]
    for path in ("open", "listening"):
        assert httpx.get(f"{address}/musicgen/{path}", params={"uri": uri}).status_code == 401
    headers = {"Authorization": demonstration.airflow.authorization}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as user:
        opened = user.get("/musicgen/open", params={"uri": uri})
        assert user.get("/musicgen/listening").status_code == 200
        pair = user.post("/musicgen/listening/pairs").json()["pair"]
        heard = user.get(f"/musicgen/listening/pairs/{pair}/b.wav")
        vote = {"pair": pair, "better": "b"}
        players = user.post("/musicgen/listening/votes", json=vote).json()["players"]
    page = httpx.get(f"{address}{opened.headers['location']}")
    assert page.text.startswith("<!doctype html>")
    assert heard.content[:4] == b"RIFF"
    (name,) = storage.names(f"{demonstration.bucket_uri}/votes")
    kept = storage.read_json(f"{demonstration.bucket_uri}/votes/{name}")
    assert kept["versions"] == [players["a"], players["b"]]
    assert kept["best"] == kept["pieces"][1]


def test_stop_ends_everything_that_was_started(demonstration):
    home = str(demonstration.home_path)
    ours = [process for process in psutil.process_iter(["environ"]) if is_of(process, home)]
    assert len(ours) >= 6
    python(demonstration.environment, "-m", "musicgen", "stop", check=True)
    _, alive = psutil.wait_procs(ours, 10)
    assert alive == []
