"""What all tests share: hypothesis without deadlines, order, settings away from the user's own."""

import pytest
from hypothesis import settings

settings.register_profile("musicgen", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("musicgen")

LONGEST = "tests/e2e/test_pipeline_in_the_cloud.py"


def pytest_collection_modifyitems(items):
    """Begin with the longest module: one that begins last leaves all but one worker idle.

    It is done before the order of names comes to the other demonstration: two at once are slow.
    """
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))


@pytest.fixture(scope="module")
def tracker(tmp_path_factory):
    """Give a module an MLflow database of its own, in a home of its own."""
    from musicgen.settings import settings
    from musicgen.training.tracking import Tracker

    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("MUSICGEN_HOME", str(home))
        patch.setenv("MUSICGEN_TRACKING_URI", f"sqlite:///{home}/mlflow/mlflow.db")
        settings.cache_clear()
        yield Tracker()
    settings.cache_clear()
