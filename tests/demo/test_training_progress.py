from musicgen.demo.training_progress import TrainingProgress, describe


def test_progress_is_epoch_and_what_matters_most():
    metrics = {
        "epoch": 3.0,
        "nats_per_token": 2.0,
        "running_nats_per_token": 1.5,
        "learning_rate": 0.001,
        "val_nats_per_frame": 6.25,
    }
    assert describe(metrics, {"epochs": "8"}) == (
        "epoch 3 of 8, running nats per token 1.500, val nats per frame 6.250"
    )


def test_a_training_that_has_logged_nothing_yet_says_little():
    assert describe({}, {"epochs": "8"}) == "epoch 0 of 8"
    assert describe({}, {}) == ""


def test_without_mlflow_there_is_nothing_to_tell():
    assert TrainingProgress("http://127.0.0.1:1", "music21", "run-1").lines() == {}
