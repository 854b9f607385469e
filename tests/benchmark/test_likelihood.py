import json

import numpy as np
import pytest

from musicgen.benchmark.likelihood import likelihood, mixture_nats

TINY = {"epochs": 1, "steps_per_epoch": 2, "batch_size": 2, "units": 8, "embedding_dim": 8}


def test_models_together_predict_by_their_mean_probability():
    nats = -np.log([[0.5, 0.1], [0.25, 0.1]])
    assert np.exp(-mixture_nats(nats)) == pytest.approx([0.375, 0.1])


def test_two_seeds_are_measured_on_every_test_frame(tmp_path):
    chorale = [[60, 64], [62], [], [60, 64, 67]] * 4
    splits = {"train": [chorale] * 4, "valid": [chorale], "test": [chorale, chorale[:3]]}
    file = tmp_path / "chorales.json"
    file.write_text(json.dumps(splits))
    found = likelihood(file, tmp_path.as_uri(), seeds=2, profile="benchmark", overrides=TINY)
    assert (found.frames, found.seeds, len(set(found.by_seed))) == (19, 2, 2)
    assert found.test_nll_per_frame == pytest.approx(np.mean(found.by_seed))
    # 16 frames hold 24 notes, 3 more hold 3.
    assert found.test_nll_per_note * 27 == pytest.approx(found.test_nll_per_frame * 19)
    assert found.ensemble_test_nll_per_frame < found.test_nll_per_frame
