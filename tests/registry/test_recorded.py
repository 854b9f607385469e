import pytest

from musicgen import storage
from musicgen.generation.request import Request
from musicgen.registry.recorded import KINDS, record, recorded


@pytest.fixture
def uri(tmp_path):
    return f"file://{tmp_path}/requests/recent.json"


def test_the_latest_of_each_kind_is_kept_newest_first(uri):
    record(uri, [Request(1, bars=4), Request(2, bars=8)])
    record(uri, [Request(3, bars=8, tempo_qpm=90.0), Request(4, "Bach")])
    assert [request.seed for request in recorded(uri)] == [3, 4, 1]


def test_no_more_than_so_many_kinds_are_kept(uri):
    for bars in range(1, KINDS + 6):
        record(uri, [Request(0, bars=bars)])
    assert [request.bars for request in recorded(uri)] == list(range(KINDS + 5, 5, -1))


@pytest.mark.parametrize("text", [b"{", b"[1]", b'[{"seed": -1}]', b'[{"sed": 1}]', b"7"])
def test_a_damaged_record_begins_anew(uri, text, caplog):
    storage.write_bytes(uri, text)
    assert recorded(uri) == []
    assert "is damaged" in caplog.text
    record(uri, [Request(1)])
    assert recorded(uri) == [Request(1)]


def test_nothing_recorded_is_nothing(uri):
    assert recorded(uri) == []
