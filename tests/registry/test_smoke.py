import pytest
from bundles import gan_bundle, lstm_bundle

from musicgen import storage
from musicgen.generation.request import Request
from musicgen.registry.recorded import record
from musicgen.registry.smoke import SmokeFailed, examine, smoke

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
