import os
from pathlib import Path

import pytest

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.settings import Settings, as_uri


@pytest.mark.parametrize("name", ["plain", "with a blank", "Gymnopédies", "100%", "a#b?c"])
def test_a_path_becomes_a_uri_that_leads_back_to_it(tmp_path, name):
    (tmp_path / name).mkdir()
    uri = as_uri(str(tmp_path / name))
    assert storage.exists(uri)
    assert storage.local_path(uri) == tmp_path / name


def test_uris_stay_and_paths_become_absolute():
    assert as_uri("gs://bucket/a/") == "gs://bucket/a"
    assert as_uri("x/y") == f"file://{Path.cwd()}/x/y"


@pytest.mark.parametrize("location", ["", " ", "gs://", "file:///", "memory://"])
def test_what_names_no_place_is_refused(location):
    with pytest.raises(BadInput, match=r"no place|a scheme alone"):
        as_uri(location)


def test_a_home_that_nobody_has_and_a_name_that_is_no_text_are_refused():
    with pytest.raises(BadInput, match="There is no home ~nobody_knows"):
        as_uri("~nobody_knows/midi")
    with pytest.raises(BadInput, match="is no UTF-8"):
        as_uri(os.fsdecode(b"caf\xe9/midi"))


def test_a_key_that_can_be_none_is_refused():
    with pytest.raises(BadInput, match="MUSICGEN_API_KEY"):
        _ = Settings.from_environment({"MUSICGEN_API_KEY": "mg_…"}).api_headers


def test_a_bucket_left_empty_in_the_environment_is_the_usual_one(tmp_path):
    found = Settings.from_environment({"MUSICGEN_BUCKET": "", "MUSICGEN_HOME": str(tmp_path)})
    assert found.bucket_uri == f"file://{tmp_path}/bucket"
