"""MLflow goes away in the middle of a training, and comes back when the training is done."""

import threading
import time

import pytest
from datasets import make_dataset
from demonstration import free_ports

from musicgen import manifest, storage
from musicgen.demo.processes import Processes
from musicgen.demo.services import Ports, services
from musicgen.demo.start import start_all
from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings
from musicgen.training.config import load_plan
from musicgen.training.job import train
from musicgen.training.task import Task
from musicgen.training.tracking import Tracker

pytestmark = pytest.mark.slow

EPOCHS = 8
SMALL = {
    "epochs": EPOCHS,
    "steps_per_epoch": 6,
    "batch_size": 4,
    "samples_every": 0,
    "units": 10,
    "embedding_dim": 8,
    "window_tokens": 24,
    "valid_window_tokens": 64,
    "valid_windows": 4,
}


class Server:
    """A real MLflow server that can be killed and started again."""

    def __init__(self, home_path, port):
        self._processes = Processes(home_path)
        ports = Ports.from_environment(free_ports() | {"MLFLOW_PORT": str(port)})
        self._service = services(settings(), ports)[0]

    def start(self):
        start_all([self._service], self._processes, print)

    def kill(self):
        main = self._processes.find(self._service.name)
        for process in [*main.children(recursive=True), main]:
            process.kill()

    def stop(self):
        self._processes.stop(self._service.name)


@pytest.fixture
def server(tmp_path, monkeypatch):
    port = free_ports()["MLFLOW_PORT"]
    monkeypatch.setenv("MUSICGEN_HOME", str(tmp_path))
    monkeypatch.setenv("MUSICGEN_TRACKING_URI", f"http://127.0.0.1:{port}")
    settings.cache_clear()
    (tmp_path / "mlflow").mkdir()
    running = Server(tmp_path, port)
    running.start()
    yield running
    running.stop()
    settings.cache_clear()


def test_nothing_is_lost_and_nothing_is_there_twice(server, tmp_path, caplog):
    dataset_uri = make_dataset(tmp_path / "dataset", pieces=6, bars=2)
    training_uri = _training_uri(dataset_uri, tmp_path.as_uri())
    outage = threading.Thread(target=_outage, args=(server, training_uri, caplog))
    outage.start()
    trained = train("lstm", dataset_uri, tmp_path.as_uri(), overrides=SMALL)
    outage.join()

    client = Tracker().client
    for name in ("val_nats_per_frame", "learning_rate", "system/cpu_utilization_percentage"):
        steps = [metric.step for metric in client.get_metric_history(trained.run_id, name)]
        every = 1 if name == "learning_rate" else 6
        assert steps == list(range(every, 6 * EPOCHS + 1, every)), name
    run = client.get_run(trained.run_id)
    assert run.info.status == "FINISHED"
    assert len(run.outputs.model_outputs) == 1
    found = {file.path for file in client.list_artifacts(trained.run_id)}
    assert {"bundle", "curves.png", "tensorboard"} <= found


def _training_uri(dataset_uri, bucket_uri):
    plan = load_plan("lstm", "quick", SMALL)
    dataset = Dataset.open(dataset_uri)
    return Task("lstm", "quick", plan, 0, None, dataset, bucket_uri).uri


def _outage(server, training_uri, caplog):
    """Kill the server after the first epoch; start it when it was missed and the model is there."""
    _wait(lambda: storage.exists(storage.join(training_uri, "backup", "state.npz")))
    server.kill()
    _wait(lambda: storage.exists(storage.join(training_uri, "bundle", manifest.NAME)))
    _wait(lambda: "can't be reached, will try again" in caplog.text)
    server.start()


def _wait(until):
    deadline = time.monotonic() + 120
    while not until():
        assert time.monotonic() < deadline, "it waited in vain"
        time.sleep(0.002)
