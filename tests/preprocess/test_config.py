import json

import pytest

from musicgen.errors import BadInput
from musicgen.music.midi import Limits
from musicgen.preprocess.config import PreprocessConfig


def test_round_trip_through_json():
    config = PreprocessConfig(split_seed=3, limits=Limits(notes=5))
    assert PreprocessConfig.from_json(json.loads(json.dumps(config.as_json()))) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "audio"},
        {"valid_share": 0},
        {"valid_share": 0.3, "test_share": 0.3},
        {"max_rejected_share": 1.1},
        {"steps_per_quarter": 0},
        {"pieces_per_shard": 0},
        {"train_hop_bars": 0},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        PreprocessConfig(**wrong)
