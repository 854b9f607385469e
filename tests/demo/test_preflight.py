import socket
from types import SimpleNamespace

import pytest

from musicgen.demo import preflight
from musicgen.errors import BadInput


def test_a_second_demonstration_is_told_to_wait(tmp_path):
    with (
        preflight.only_one(tmp_path),
        pytest.raises(BadInput, match="already running"),
        preflight.only_one(tmp_path),
    ):
        pass
    with preflight.only_one(tmp_path):
        pass


def test_a_port_that_is_taken_is_named_with_its_variable(web_service):
    with socket.socket() as other:
        other.bind(("127.0.0.1", web_service.port))
        other.listen()
        with pytest.raises(BadInput, match=rf"Port {web_service.port}.*WEB_PORT="):
            preflight.check_ports([web_service])
    preflight.check_ports([web_service])


def test_too_little_disk_names_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(preflight.shutil, "disk_usage", lambda path: SimpleNamespace(free=2**29))
    with pytest.raises(BadInput, match=r"0\.5 GiB free.*MUSICGEN_HOME"):
        preflight.check_room(tmp_path)


def test_too_little_memory_names_the_remedy(tmp_path, monkeypatch):
    memory = SimpleNamespace(available=2**30)
    monkeypatch.setattr(preflight.psutil, "virtual_memory", lambda: memory)
    with pytest.raises(BadInput, match=r"1\.0 GiB of memory"):
        preflight.check_room(tmp_path)


@pytest.mark.parametrize(
    ("gib", "driver", "trainings"), [(5, None, 1), (7, None, 2), (7, "/usr/bin/nvidia-smi", 1)]
)
def test_trainings_run_side_by_side_where_there_is_room_and_no_gpu(
    monkeypatch, gib, driver, trainings
):
    memory = SimpleNamespace(available=gib * 2**30)
    monkeypatch.setattr(preflight.psutil, "virtual_memory", lambda: memory)
    monkeypatch.setattr(preflight.shutil, "which", lambda program: driver)
    assert preflight.trainings_at_once() == trainings


def test_the_profiles_are_those_of_the_form():
    from musicgen_form import pipeline_form

    offered = pipeline_form()["profile"].schema["enum"]
    for profile in offered:
        preflight.check_profile(profile)
    with pytest.raises(BadInput, match=f"'fast'; choose {', '.join(offered)}"):
        preflight.check_profile("fast")


def test_a_relative_directory_means_the_same_everywhere(tmp_path, monkeypatch):
    (tmp_path / "midi").mkdir()
    monkeypatch.chdir(tmp_path)
    assert preflight.corpus_location("midi", "midi") == str(tmp_path / "midi")


def test_other_locations_are_left_as_they_are():
    assert preflight.corpus_location("music21", "bach,haydn") == "bach,haydn"
    assert preflight.corpus_location("musicnet", "memory://a/b") == "memory://a/b"
    assert preflight.corpus_location("musicnet", "") is None


@pytest.mark.parametrize(("corpus", "message"), [("midi", "CORPUS_URI"), ("jazz", "no corpus")])
def test_what_cannot_be_a_corpus_is_refused_before_anything_starts(corpus, message):
    with pytest.raises(BadInput, match=message):
        preflight.corpus_location(corpus, None)


def test_a_directory_that_is_not_there_is_named(tmp_path):
    with pytest.raises(BadInput, match=r"nowhere.*CORPUS_URI"):
        preflight.corpus_location("midi", str(tmp_path / "nowhere"))
