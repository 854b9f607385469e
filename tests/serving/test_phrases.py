"""A GAN's piece that is heard while it is made."""

import asyncio
import threading

import pytest
from bundles import gan_bundle

from musicgen.errors import BadInput
from musicgen.generation.gan_engine import GanEngine
from musicgen.generation.request import Request
from musicgen.serving.phrases import Phrases
from musicgen.serving.problems import Problem
from musicgen.serving.workers import Workers

REQUEST = Request(5, bars=10)


class Held(GanEngine):
    """Makes no phrase but the first before it may."""

    def __init__(self) -> None:
        super().__init__(gan_bundle())
        self.may_go_on = threading.Event()
        self.made = 0

    def phrases(self, request):
        for roll in super().phrases(request):
            self.made += 1
            yield roll
            self.may_go_on.wait(20)


def _run(scene, deadline_seconds=60.0) -> None:
    async def with_workers() -> None:
        workers, engine = Workers(1, 0), Held()
        try:
            await scene(engine, workers, Phrases(engine, REQUEST, workers, deadline_seconds))
        finally:
            engine.may_go_on.set()
            workers.close()

    asyncio.run(with_workers())


def test_a_phrase_is_heard_before_the_next_is_made():
    async def scene(engine, workers, phrases):
        with phrases:
            frames = phrases.frames()
            assert len(await anext(frames)) == 64
            assert engine.made == 1
            engine.may_go_on.set()
            assert [len(some) async for some in frames] == [64, 32]
            notes = (await phrases.score()).notes
        assert notes.tobytes() == engine.generate([REQUEST])[0].notes.tobytes()

    _run(scene)


def test_who_leaves_ends_the_making():
    async def scene(engine, workers, phrases):
        with phrases:
            await anext(phrases.frames())
        engine.may_go_on.set()
        async with asyncio.timeout(20):
            while workers.pending:
                await asyncio.sleep(0.001)
        assert engine.made < 3

    _run(scene)


def test_a_piece_that_takes_too_long_ends_with_a_problem():
    async def scene(engine, workers, phrases):
        with phrases, pytest.raises(Problem) as caught:
            _ = [some async for some in phrases.frames()]
        assert caught.value.status == 504

    _run(scene, deadline_seconds=0.2)


def test_what_cannot_be_made_is_refused_before_it_begins():
    async def scene(engine, workers, phrases):
        with pytest.raises(Problem, match="Too many"):
            Phrases(engine, REQUEST, workers, 60)
        with pytest.raises(BadInput, match="no composer"):
            Phrases(GanEngine(gan_bundle()), Request(1, composer="Back"), workers, 60)

    _run(scene)
