"""The small parts of the server, each by itself."""

import asyncio
import base64
import json
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen.errors import BadInput
from musicgen.generation.request import Request
from musicgen.serving.negotiation import JSON, MIDI, WAV, chosen_form
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem
from musicgen.serving.rate import MAX_CLIENTS, RateLimit
from musicgen.serving.workers import Workers


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("audio/midi", MIDI),
        ("audio/x-midi", MIDI),
        ("Audio/WAV", WAV),
        ("audio/*", WAV),
        ("text/html, audio/midi;q=0.5, */*;q=0.1", MIDI),
        ("application/json;q=0.2, audio/wav;q=0.9", WAV),
        ("audio/midi, audio/wav", MIDI),
        ("audio/midi;q=0, audio/wav", WAV),
        ("audio/midi;q=nonsense, application/json", JSON),
        ("audio/midi;q=nan, application/json", JSON),
        ("application/json;q=0, */*", MIDI),
        ("*/*, application/json;q=0", MIDI),
        ("application/*;q=0, */*;q=0.1, audio/wav;q=0", MIDI),
        ("application/*;q=0, */*, application/json;q=0.5", MIDI),
        ("audio/wav;q=0, audio/*", MIDI),
        ("*/*;q=0.1, audio/wav, audio/midi", WAV),
        ("audio/mid;q=0.2, audio/midi;q=0.9, application/json;q=0.5", MIDI),
    ],
)
def test_accept(accept, form):
    assert chosen_form(accept) == form


requests = st.builds(
    Request,
    seed=st.integers(0, 2**32 - 1),
    composer=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    bars=st.integers(1, 256),
    tempo_qpm=st.none() | st.floats(20, 400),
    temperature=st.floats(0, 4),
    top_k=st.integers(0, 1000),
    top_p=st.floats(0.01, 1),
)


@given(requests)
def test_piece_ids_round_trip_and_suit_urls(request):
    piece_id = PieceId("lstm-3", request)
    assert PieceId.parse(str(piece_id)) == piece_id
    assert str(piece_id).isascii()
    assert not set(str(piece_id)) & set("/+=.?&")


@given(st.text(max_size=80) | st.text("ABCabc012-_", max_size=80))
def test_other_text_names_no_piece(text):
    with pytest.raises(BadInput, match="names no piece"):
        PieceId.parse(text)


def test_a_number_without_end_names_no_piece():
    head = ["lstm-1", 1, "Bach", "unknown", 8, 10**400, None, 0, 0.95]
    text = base64.urlsafe_b64encode(json.dumps(head, separators=(",", ":")).encode())
    with pytest.raises(BadInput, match="names no piece"):
        PieceId.parse(text.rstrip(b"=").decode())


def test_a_bucket_of_requests_empties_and_fills():
    now = [0.0]
    limit = RateLimit(per_minute=60, burst=2, clock=lambda: now[0])
    limit.take("a")
    limit.take("a")
    with pytest.raises(Problem) as refusal:
        limit.take("a")
    assert refusal.value.headers == {"Retry-After": "1"}
    limit.take("b")  # clients do not pay for one another
    now[0] = 1.0
    limit.take("a")
    with pytest.raises(Problem):
        limit.take("a")


def test_the_memory_of_clients_is_bounded():
    limit = RateLimit(per_minute=60, burst=1, clock=lambda: 0.0)
    for number in range(MAX_CLIENTS + 10):
        limit.take(str(number))
    assert len(limit._buckets) == MAX_CLIENTS


def test_workers_run_wait_and_refuse():
    async def scene() -> None:
        workers, gate = Workers(threads=1, waiting=1), threading.Event()
        running = [asyncio.ensure_future(workers.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Problem) as refusal:
            await workers.run(int)
        assert refusal.value.status == 503
        gate.set()
        assert await asyncio.gather(*running) == [True, True]
        assert workers.pending == 0
        assert await workers.run(divmod, 7, 2) == (3, 1)
        workers.close()

    asyncio.run(scene())


def test_a_client_that_leaves_does_not_free_a_thread_that_still_works():
    async def scene() -> None:
        workers, gate = Workers(threads=1, waiting=0), threading.Event()
        leaving = asyncio.ensure_future(workers.run(gate.wait))
        await asyncio.sleep(0)
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        with pytest.raises(Problem):
            await workers.run(int)
        gate.set()
        while workers.pending:
            await asyncio.sleep(0.001)
        assert await workers.run(int) == 0
        workers.close()

    asyncio.run(scene())
