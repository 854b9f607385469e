import pytest
from datasets import placed_piece, small_piece, small_score, write_dataset

from musicgen.preprocess.dataset import Dataset
from musicgen.settings import settings


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A place of this module's own for MLflow's database and all else; returns its environment."""
    path = tmp_path_factory.mktemp("home")
    environment = {"MUSICGEN_HOME": str(path), "MUSICGEN_TRACKING_URI": f"sqlite:///{path}/ml.db"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield environment
    settings.cache_clear()


@pytest.fixture
def half_met(tmp_path):
    """A dataset in which Bach trains; Haydn is met in the valid split alone."""
    splits = {0: "train", 2: "train", 1: "valid", 4: "valid", 3: "test"}
    placed = [
        placed_piece(small_piece(number), split, small_score(number))
        for number, split in splits.items()
    ]
    return Dataset.open(write_dataset(tmp_path, placed))
