"""Two worker processes train one model; one of them writes."""

import json
import os
import socket
import subprocess
import sys

import pytest
from datasets import make_dataset

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.training.cluster import is_chief
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

SETTINGS = {
    "epochs": 2,
    "steps_per_epoch": 3,
    "batch_size": 4,
    "samples_every": 0,
    "units": 8,
    "layers": 1,
    "embedding_dim": 8,
    "window_tokens": 24,
    "valid_window_tokens": 64,
    "valid_windows": 4,
    "averaging": 0.9,
}
SCRIPT = """
import json, sys
from musicgen.training.job import train
dataset_uri, bucket_uri, settings = sys.argv[1:]
result = train("lstm", dataset_uri, bucket_uri, overrides=json.loads(settings))
print(json.dumps([result.run_id, result.metrics]))
"""


def config(kind, index, **cluster):
    return json.dumps({"cluster": cluster, "task": {"type": kind, "index": index}})


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def test_two_workers_train_and_the_first_writes(home, tmp_path):
    dataset_uri, bucket_uri = make_dataset(tmp_path, pieces=6, bars=2), (tmp_path / "b").as_uri()
    Tracker().client.search_experiments()  # makes the database, which two at once cannot
    workers = [f"127.0.0.1:{port}" for port in free_ports(2)]
    command = [sys.executable, "-c", SCRIPT, dataset_uri, bucket_uri, json.dumps(SETTINGS)]
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    processes = [
        subprocess.Popen(
            command,
            env={**os.environ, **home, **paths, "TF_CONFIG": config("worker", i, worker=workers)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for i in range(2)
    ]
    try:
        done = [process.communicate(timeout=200) for process in processes]
    finally:
        for process in processes:
            process.kill()
    assert [process.returncode for process in processes] == [0, 0], done[0][1][-2000:]
    (run_id, chief), (none, helper) = (json.loads(out.splitlines()[-1]) for out, _ in done)
    assert none == ""
    assert {name: chief[name] for name in helper} == pytest.approx(helper)
    (training_id,) = storage.children(storage.join(bucket_uri, "training"))
    training_uri = storage.join(bucket_uri, "training", training_id)
    assert manifest.load(training_uri)["run_id"] == run_id
    client = Tracker().client
    assert client.get_run(run_id).info.status == "FINISHED"
    experiment_id = client.get_run(run_id).info.experiment_id
    assert len(client.search_runs([experiment_id])) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        (config("worker", 0, worker=["a:1", "b:1"]), True),
        (config("worker", 1, worker=["a:1", "b:1"]), False),
        (config("worker", 0, chief=["a:1"], worker=["b:1"]), False),
        (config("chief", 0, chief=["a:1"], worker=["b:1"]), True),
    ],
)
def test_who_writes(monkeypatch, text, expected):
    monkeypatch.setenv("TF_CONFIG", text)
    assert is_chief() is expected


@pytest.mark.parametrize("text", ["{", "{}", "[]", '{"task": {"type": "worker"}, "cluster": {}}'])
def test_a_broken_configuration_is_named(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(BadInput, match="TF_CONFIG cannot be read"):
        is_chief()
