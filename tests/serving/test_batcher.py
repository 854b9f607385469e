"""Pieces that join, share steps, leave and fail."""

import asyncio
import time

import pytest
from bundles import lstm_bundle

from musicgen.errors import BadInput
from musicgen.generation.duet_piece import DuetPiece
from musicgen.generation.engine import load_engine
from musicgen.generation.lstm_batch import LstmBatch
from musicgen.generation.request import Request
from musicgen.serving.batcher import Batcher
from musicgen.serving.problems import Problem
from musicgen.serving.stream import Need, Stream

LONG = Request(1, bars=256)


@pytest.fixture(scope="module")
def engine():
    return load_engine(lstm_bundle())


async def _emptied(batcher: Batcher) -> None:
    async with asyncio.timeout(20):
        while batcher.pending:
            await asyncio.sleep(0.001)


def _run(scene, growing=8, waiting=8, deadline_seconds=60.0) -> None:
    async def with_batcher() -> None:
        batcher = Batcher(growing, waiting, deadline_seconds)
        try:
            await scene(batcher)
        finally:
            batcher.close()

    asyncio.run(with_batcher())


def test_music_does_not_depend_on_who_comes_and_goes(engine):
    other = load_engine(lstm_bundle(seed=5))
    requests = [Request(seed, bars=1 + seed % 7, temperature=1.2) for seed in range(24)]

    async def scene(batcher: Batcher) -> None:
        async def made(number: int, request: Request):
            await asyncio.sleep(0.003 * (number % 5))
            with batcher.join((engine, other)[number % 2], request) as stream:
                return await stream.score()

        with batcher.join(engine, LONG):
            scores = await asyncio.gather(*(made(*pair) for pair in enumerate(requests)))
        for number, (request, score) in enumerate(zip(requests, scores, strict=True)):
            alone = (engine, other)[number % 2].generate([request])[0]
            assert score.notes.tobytes() == alone.notes.tobytes()

    _run(scene, growing=6, waiting=30)


def test_frames_come_one_by_one_and_are_the_piece(engine):
    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, Request(3, bars=2), wants_frames=True) as stream:
            frames = [frame async for some in stream.frames() for frame in some]
        assert frames == list(engine.stream(Request(3, bars=2)))

    _run(scene)


def test_who_has_music_in_hand_lets_others_go_first_and_is_not_forgotten(engine, monkeypatch):
    steps = []
    step = LstmBatch.step

    def seen(batch, rows=None):
        pieces = batch.pieces if rows is None else [batch.pieces[row] for row in rows]
        steps.append([piece.request.seed for piece in pieces])
        return step(batch, rows)

    monkeypatch.setattr(LstmBatch, "step", seen)

    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG, wants_frames=True) as long:
            while long.need(time.monotonic()) != Need.LATER:
                await asyncio.sleep(0.001)
            began = len(steps)
            with batcher.join(engine, Request(7, bars=1), wants_frames=True) as stream:
                frames = [frame async for some in stream.frames() for frame in some]
        assert frames == list(engine.stream(Request(7, bars=1)))
        assert [7] in steps[began:]
        assert any(set(step) == {1, 7} for step in steps[began:])

    _run(scene)


def test_what_would_wait_too_long_is_refused_at_once(engine):
    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG), batcher.join(engine, LONG):
            with pytest.raises(Problem) as refusal:
                batcher.join(engine, LONG)
            assert (refusal.value.status, refusal.value.headers) == (503, {"Retry-After": "1"})
        await _emptied(batcher)
        with batcher.join(engine, Request(1)) as stream:
            assert len((await stream.score()).notes)

    _run(scene, growing=1, waiting=1)


def test_who_leaves_frees_the_place(engine):
    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG, wants_frames=True) as stream:
            async for _ in stream.frames():
                break
        await _emptied(batcher)
        assert not stream.piece.done

    _run(scene)


def test_a_piece_that_is_late_ends_with_its_reason(engine):
    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG) as stream, pytest.raises(Problem) as refusal:
            await stream.score()
        assert refusal.value.status == 504

    _run(scene, deadline_seconds=0.0)


def test_a_name_the_model_never_met_takes_no_place(engine):
    async def scene(batcher: Batcher) -> None:
        with pytest.raises(BadInput, match="no composer 'Back'"):
            batcher.join(engine, Request(1, "Back"))
        assert batcher.pending == 0

    _run(scene)


def test_a_model_that_fails_takes_none_of_the_others_along(engine, monkeypatch):
    broken = load_engine(lstm_bundle(seed=7))
    monkeypatch.setattr(broken, "_session", None)

    async def scene(batcher: Batcher) -> None:
        with batcher.join(broken, LONG) as ill, batcher.join(engine, Request(1)) as well:
            with pytest.raises(AttributeError):
                await ill.score()
            assert len((await well.score()).notes)

    _run(scene)


def test_a_turn_that_fails_is_the_last_for_nobody_who_comes_later(engine, monkeypatch):
    regroup = LstmBatch.regroup
    failures = iter([MemoryError()])

    def fails_once(batch, pieces):
        if error := next(failures, None):
            raise error
        regroup(batch, pieces)

    monkeypatch.setattr(LstmBatch, "regroup", fails_once)

    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG) as unlucky, pytest.raises(MemoryError):
            await unlucky.score()
        with batcher.join(engine, Request(1)) as well:
            assert len((await well.score()).notes)

    _run(scene)


def test_those_who_wait_when_it_closes_are_told(engine):
    async def scene(batcher: Batcher) -> None:
        with batcher.join(engine, LONG) as first, batcher.join(engine, LONG) as second:
            batcher.close()
            for stream in (first, second):
                with pytest.raises(Problem) as refusal:
                    await stream.score()
                assert refusal.value.status == 503

    _run(scene, growing=1)


def test_who_plays_along_goes_on_in_a_full_house(engine):
    async def scene(batcher: Batcher) -> None:
        piece = engine.begin(Request(2, bars=4), DuetPiece)
        with (
            batcher.join(engine, LONG),
            batcher.join(engine, LONG) as waiting,
            Stream(engine, piece, float("inf"), wants_frames=True) as duet,
        ):
            frames = duet.frames()
            for step in range(8):
                piece.hear({})
                batcher.wake(duet)
                async with asyncio.timeout(20):
                    assert [frame.step for frame in await anext(frames)] == [step]
            assert waiting.piece.frames == 0

    _run(scene, growing=1)
