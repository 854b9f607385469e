from types import SimpleNamespace

import keras
import pytest

from musicgen.training.config import load_plan
from musicgen.training.metric_log import MetricLog

LSTM = {"loss": 2.5, "nats_per_token": 2.4, "nats_per_frame": 9.0}
GAN = {"loss": 1.4, "critic_loss": 0.6, "generator_loss": 0.8, "gradient_penalty": 0.1}


@pytest.fixture
def logged():
    """What reaches MLflow of an epoch of one step, by name."""

    def epoch(family, logs):
        config = load_plan(family, "quick", {"steps_per_epoch": 1}).training
        outbox = SimpleNamespace(hand_in=lambda job: job())
        sent = []
        run = SimpleNamespace(logged_metrics=set, log_metrics=sent.extend)
        log = MetricLog(run, outbox, config, [])
        log.set_model(SimpleNamespace(optimizer=SimpleNamespace(learning_rate=keras.Variable(0.5))))
        log.on_epoch_begin(0)
        log.on_train_batch_end(0, logs)
        log.on_epoch_end(0, {**logs, "learning_rate": 0.1})
        return {name: value for name, value, _, _ in sent}

    return epoch


def test_no_metric_of_a_training_means_another_thing_in_the_other_family(logged):
    lstm, gan = logged("lstm", LSTM), logged("gan", GAN)
    common = {name for name in lstm.keys() & gan.keys() if not name.startswith("system/")}
    assert common == {"learning_rate", "epoch"}


def test_what_is_minimised_is_logged_between_epochs_too(logged):
    lstm, gan = logged("lstm", LSTM), logged("gan", GAN)
    assert {name: value for name, value in lstm.items() if name.startswith("running_")} == {
        "running_nats_per_token": 2.4
    }
    assert {name: value for name, value in gan.items() if name.startswith("running_")} == {
        "running_critic_loss": 0.6,
        "running_generator_loss": 0.8,
    }
    assert (lstm["nats_per_token"], gan["critic_loss"]) == (2.4, 0.6)
    assert lstm["learning_rate"] == 0.5, "as it was in the step, not as the epoch's logs have it"
