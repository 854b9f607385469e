import hashlib
from dataclasses import replace

import pytest
from corpus import bad_server as plays
from corpus.bad_server import bad_server

from musicgen.corpus.download import Download, Patience, RemoteFile
from musicgen.errors import BadInput

DATA = bytes(range(256)) * 200
HURRY = Patience(
    attempts=3,
    first_attempts=2,
    first_wait_seconds=0.001,
    longest_wait_seconds=0.002,
    progress_bytes=1000,
)
# Only where the server keeps one waiting: a loaded machine may be as slow.
RESTLESS = replace(HURRY, timeout_seconds=1.0)


@pytest.fixture
def server():
    with bad_server() as running:
        running.files["f"] = DATA
        yield running


def remote(server, data: bytes = DATA) -> RemoteFile:
    return RemoteFile("f", f"{server.url}/f", len(data), hashlib.md5(data).hexdigest())


def fetch(server, patience: Patience = HURRY) -> bytes:
    with Download(remote(server), patience, remedy="Look elsewhere.") as source:
        data = source.readall()
        source.verify()
    return data


def test_a_good_line_needs_one_request(server):
    assert fetch(server) == DATA
    assert server.ranges["f"] == [None]


def test_progress_counts_every_byte_once(server):
    server.plays["f"] = [plays.breaks_after(30_000)]
    arrived = []
    with Download(remote(server), HURRY, arrived.append) as source:
        source.readall()
    assert sum(arrived) == len(DATA)


def test_a_broken_line_is_taken_up_where_it_broke(server):
    server.plays["f"] = [plays.breaks_after(20_000), plays.breaks_after(10_000)]
    assert fetch(server) == DATA
    assert server.ranges["f"] == [None, "bytes=20000-", "bytes=30000-"]


def test_progress_makes_patience_anew(server):
    server.plays["f"] = [plays.breaks_after(2_000)] * 20
    assert fetch(server) == DATA


def test_without_progress_patience_ends(server):
    server.plays["f"] = [plays.breaks_after(2_000)] + [plays.breaks_after(0)] * 50
    with pytest.raises(BadInput, match=r"f cannot be had \(.*closed early\)\. Look elsewhere\."):
        fetch(server)
    assert len(server.ranges["f"]) == 1 + HURRY.attempts - 1


def test_a_silent_server_is_asked_again(server):
    server.plays["f"] = [plays.silent_after(5_000)]
    assert fetch(server, RESTLESS) == DATA
    assert server.ranges["f"] == [None, "bytes=5000-"]


def test_a_dawdling_server_is_asked_again(server):
    server.plays["f"] = [plays.dawdles]
    assert fetch(server, RESTLESS) == DATA
    assert len(server.ranges["f"]) == 2


@pytest.mark.parametrize("code", [429, 500, 503])
def test_passing_troubles_are_waited_out(server, code):
    server.plays["f"] = [plays.status(code, Retry_After="3600")]
    assert fetch(server) == DATA


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_lasting_troubles_are_told_at_once(server, code):
    server.plays["f"] = [plays.status(code)] * 5
    with pytest.raises(BadInput, match=f"the server says {code}"):
        fetch(server)
    assert len(server.ranges["f"]) == 1


def test_a_server_without_ranges_is_read_over(server):
    server.plays["f"] = [plays.breaks_after(20_000), plays.knows_no_ranges]
    assert fetch(server) == DATA


def test_an_answer_from_elsewhere_is_not_believed(server):
    server.plays["f"] = [plays.breaks_after(20_000), plays.from_elsewhere]
    assert fetch(server) == DATA


def test_a_tampered_file_is_refused(server):
    server.files["f"] = DATA[:-1] + b"!"
    with pytest.raises(BadInput, match="checksum differs"):
        fetch(server)


def test_a_file_of_another_size_is_refused(server):
    server.files["f"] = DATA + b"!"
    with pytest.raises(BadInput, match=f"has {len(DATA) + 1} bytes there"):
        fetch(server)


def test_no_server_is_told_soon_and_without_the_address():
    file = RemoteFile("f", "http://127.0.0.1:1/f", 5, "")
    with pytest.raises(BadInput, match="refused") as failed, Download(file, HURRY) as source:
        source.readall()
    assert "127.0.0.1" not in str(failed.value)


@pytest.mark.parametrize("url", ["http://[::1/f", "http://a..b/f", "http://127.0.0.1:port/f"])
def test_no_address_is_told(url):
    with (
        pytest.raises(BadInput, match="f cannot be had"),
        Download(RemoteFile("f", url, 5, ""), HURRY) as source,
    ):
        source.readall()
