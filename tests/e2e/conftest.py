"""One real demonstration for all tests here."""

import pytest
from demonstration import environment_of, python, run_demonstration


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory):
    """A demonstration that has succeeded; its services are up until the last test is done."""
    root = tmp_path_factory.mktemp("demonstration")
    environment = environment_of(root)
    try:
        yield run_demonstration(root, environment)
    finally:
        python(environment, "-m", "musicgen", "stop", check=True)
