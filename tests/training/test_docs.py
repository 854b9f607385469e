"""The documentation names every setting of a training, and none that is not there."""

import re
from dataclasses import fields

from musicgen.settings import PROJECT_PATH
from musicgen.training.config import TrainingConfig
from musicgen.training.gan_options import GanOptions
from musicgen.training.lstm_options import LstmOptions

TEXT = (PROJECT_PATH / "docs" / "TRAINING.md").read_text()


def test_every_setting_has_its_place():
    _, *tables = re.split(r"\| of (?:both|the LSTM|the GAN) \|", TEXT.partition("## Trials")[0])
    for table, settings in zip(tables, (TrainingConfig, LstmOptions, GanOptions), strict=True):
        rows = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
        named = re.findall(r"`(\w+)`", " ".join(rows))
        assert sorted(named) == sorted(each.name for each in fields(settings))
