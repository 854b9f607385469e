import pytest
from bundles import gan_bundle, lstm_bundle

from musicgen import storage
from musicgen.errors import MusicgenError
from musicgen.generation.request import Request
from musicgen.registry import smoke as module
from musicgen.registry import smoke_child
from musicgen.registry.recorded import record
from musicgen.registry.smoke import SmokeFailed, smoke
from musicgen.registry.smoke_child import examine

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("make", [lstm_bundle, gan_bundle])
def test_a_sound_bundle_plays_in_a_fresh_process(tmp_path, make):
    make().save(tmp_path.as_uri())
    played = smoke(tmp_path.as_uri())
    assert played["pieces"] == 10
    assert played["notes"] > 0
    assert played["seconds_per_piece"] > 0
    assert (played["replayed"], played["recorded"]) == (10, 0)
    assert played["champion_latency_seconds"] is None
    size = sum(path.stat().st_size for path in tmp_path.iterdir()) / 1e6
    assert played["gates"] == {
        "latency_seconds": {"value": played["latency_seconds"], "limit": 2.0, "passed": True},
        "size_megabytes": {"value": pytest.approx(size), "limit": 200.0, "passed": True},
    }


def test_the_champion_is_timed_beside_it_unless_it_is_broken(tmp_path):
    mine, champion = ((tmp_path / name).as_uri() for name in ("mine", "champion"))
    lstm_bundle().save(mine)
    gan_bundle().save(champion)
    assert examine(mine, champion)["champion_latency_seconds"] > 0
    storage.remove(storage.join(champion, "generator.onnx"))
    assert examine(mine, champion)["champion_latency_seconds"] is None


def test_what_people_asked_for_lately_is_asked_again(tmp_path):
    bundle_uri, requests_uri = (tmp_path / "bundle").as_uri(), (tmp_path / "recent.json").as_uri()
    lstm_bundle().save(bundle_uri)
    record(requests_uri, [Request(5, "Satie", bars=3), Request(6, bars=1, temperature=0.7)])
    played = smoke(bundle_uri, bundle_uri, requests_uri)
    assert (played["replayed"], played["recorded"]) == (12, 2)
    assert played["champion_latency_seconds"] > 0


def test_what_is_wrong_is_said_in_one_line(tmp_path):
    lstm_bundle().save(tmp_path.as_uri())
    storage.write_bytes(storage.join(tmp_path.as_uri(), "weights.npz"), b"other")
    with pytest.raises(SmokeFailed, match=r"weights\.npz is not the file that was committed"):
        smoke(tmp_path.as_uri())


def test_a_model_that_keeps_silent_fails(tmp_path):
    bundle = gan_bundle()
    import onnx
    from onnx import numpy_helper

    graph = onnx.load_from_string(bundle.files["generator.onnx"])
    for tensor in graph.graph.initializer:
        if tensor.name == "ensemble_table":
            mute = numpy_helper.to_array(tensor) * 0 - 1000
            tensor.CopyFrom(numpy_helper.from_array(mute, tensor.name))
    bundle.files["generator.onnx"] = graph.SerializeToString()
    bundle.save(tmp_path.as_uri())
    with pytest.raises(SmokeFailed, match="all 10 pieces are silent"):
        smoke(tmp_path.as_uri())


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL, perhaps for want of memory. Its last"),
        ("raise OSError('503 from the bucket')", "ended with 1. Its last words: OSError: 503"),
        ("time.sleep(60)", "was not done in 1 s"),
    ],
)
def test_what_is_not_the_models_doing_is_no_verdict(tmp_path, monkeypatch, end, words):
    """In place of the test's process runs one that ends in another way."""
    storage.write_bytes((tmp_path / "musicgen/registry/__init__.py").as_uri(), b"")
    storage.write_bytes((tmp_path / "musicgen/__init__.py").as_uri(), b"")
    child_uri = (tmp_path / "musicgen/registry/smoke_child.py").as_uri()
    storage.write_bytes(child_uri, f"import os, time\n{end}\n".encode())
    monkeypatch.setattr(module, "PROJECT_PATH", tmp_path)
    monkeypatch.setattr(module, "LIMIT_SECONDS", 1 if "sleep" in end else 60)
    with pytest.raises(MusicgenError, match=words) as caught:
        smoke("file:///bundle")
    assert not isinstance(caught.value, SmokeFailed)


def test_a_model_that_breaks_down_at_play_fails(tmp_path, monkeypatch):
    lstm_bundle().save(tmp_path.as_uri())

    def engine(error):
        def load(_):
            raise error

        return load

    monkeypatch.setattr(smoke_child, "load_engine", engine(ValueError("one line\nand another")))
    with pytest.raises(SmokeFailed, match=r"ValueError: one line$"):
        examine(tmp_path.as_uri())
    monkeypatch.setattr(smoke_child, "load_engine", engine(MemoryError()))
    with pytest.raises(MemoryError):
        examine(tmp_path.as_uri())
