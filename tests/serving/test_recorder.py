import numpy as np

from musicgen.generation.prompt import to_text
from musicgen.generation.request import Request
from musicgen.music.grid import GRID_NOTE
from musicgen.registry import layout
from musicgen.registry.recorded import recorded
from musicgen.serving.recorder import Recorder


def test_what_was_answered_is_kept_when_the_server_ends(bucket, client_of):
    client = client_of(bucket)
    wish = {"composer": "Bach", "bars": 2, "temperature": 0.5}
    assert client.post("/v1/generate", json=wish).is_success
    assert client.post("/v1/generate", json={"seed": 3, "bars": 1, "variations": 2}).is_success
    assert client.post("/v1/generate", json={"composer": "Nobody"}).status_code == 422
    client.__exit__(None, None, None)
    plain, bach = recorded(layout.requests_uri(bucket.uri))
    assert (plain.seed, plain.bars) == (4, 1)
    assert (bach.composer, bach.bars, bach.temperature) == ("Bach", 2, 0.5)


def test_it_is_written_now_and_then_and_holds_nobodys_music(tmp_path, wait_until):
    uri = f"file://{tmp_path}/recent.json"
    recorder = Recorder(uri, period_seconds=0.01)
    recorder.start()
    prompted = Request(1, prompt=to_text(np.array([(0, 4, 60, 0)], GRID_NOTE), 1, 16))
    recorder.note([prompted, Request(2, bars=2)])
    wait_until(lambda: recorded(uri))
    recorder.note([Request(3, bars=3)])
    recorder.stop()
    assert recorded(uri) == [Request(3, bars=3), Request(2, bars=2)]


def test_a_bucket_that_takes_nothing_holds_nobody_up(tmp_path, caplog):
    (tmp_path / "file").write_text("in the way")
    recorder = Recorder(f"file://{tmp_path}/file/recent.json", period_seconds=3600)
    recorder.start()
    recorder.note([Request(1)])
    recorder.stop()
    assert "was not recorded" in caplog.text
