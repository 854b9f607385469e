from pathlib import Path

import pytest

from musicgen import storage
from musicgen.settings import as_uri


@pytest.mark.parametrize("name", ["plain", "with a blank", "Gymnopédies", "100%", "a#b?c"])
def test_a_path_becomes_a_uri_that_leads_back_to_it(tmp_path, name):
    (tmp_path / name).mkdir()
    uri = as_uri(str(tmp_path / name))
    assert storage.exists(uri)
    assert storage.local_path(uri) == tmp_path / name


def test_uris_stay_and_paths_become_absolute():
    assert as_uri("gs://bucket/a/") == "gs://bucket/a"
    assert as_uri("x/y") == f"file://{Path.cwd()}/x/y"
