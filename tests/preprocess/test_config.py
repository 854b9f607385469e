import json
import re

import pytest

from musicgen.errors import BadInput
from musicgen.music.midi import Limits
from musicgen.preprocess.config import PreprocessConfig
from musicgen.settings import PROJECT_PATH


def test_round_trip_through_json():
    config = PreprocessConfig(split_seed=3, limits=Limits(notes=5))
    assert PreprocessConfig.from_json(json.loads(json.dumps(config.as_json()))) == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"view": "audio"},
        {"valid_share": 0},
        {"valid_share": float("nan")},
        {"test_share": float("nan")},
        {"valid_share": 0.3, "test_share": 0.3},
        {"max_rejected_share": 1.1},
        {"steps_per_quarter": 8},
        {"pieces_per_shard": 0},
        {"train_hop_bars": 0},
        {"limits": Limits(notes=0)},
    ],
)
def test_what_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadInput, match=next(iter(wrong))):
        PreprocessConfig(**wrong)


def test_settings_are_changed_by_name():
    changed = PreprocessConfig().changed(
        {"view": "labels", "max_rejected_share": 1, "limits.notes": 5.0, "split_seed": "7"}
    )
    assert changed == PreprocessConfig(
        view="labels", max_rejected_share=1.0, split_seed=7, limits=Limits(notes=5)
    )
    assert isinstance(changed.limits.notes, int)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("limits", 5, "no setting 'limits': steps_per_quarter, .*limits.quarters"),
        ("limits.hours", 5, "no setting 'limits.hours'"),
        ("limits.notes", 5.5, "limits.notes=5.5 is not a valid int"),
        ("limits.notes", "1e999", "limits.notes=1e999 is not a valid int"),
        ("limits.bytes", 2**24, "ingest takes no larger files than 8388608"),
        ("limits.tracks", -1, "limits.tracks is -1; it must be at least 1"),
        ("view", "audio", "view is 'audio'; choose one of auto, labels, midi"),
    ],
)
def test_what_cannot_be_changed_so_is_told(name, value, message):
    with pytest.raises(BadInput, match=message):
        PreprocessConfig().changed({name: value})


def test_the_documentation_names_all_settings_with_their_defaults():
    text = (PROJECT_PATH / "docs" / "DATA.md").read_text()
    told = dict(re.findall(r"^\| `([\w.]+)` \| `([^`]+)` \|", text, re.MULTILINE))
    assert told == {name: f"{value}" for name, value in PreprocessConfig().settings().items()}
