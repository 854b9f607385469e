import pytest

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
