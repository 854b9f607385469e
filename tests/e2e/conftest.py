"""One real demonstration for all tests here, and a cloud for each module that needs one."""

import pytest
from cloud.standin import Cloud
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


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    """A cloud, and where its user works."""
    root = tmp_path_factory.mktemp("cloud")
    with Cloud(root / "cloud", environment_of(root)) as running:
        yield running
