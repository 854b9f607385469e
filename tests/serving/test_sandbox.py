"""Processes that may die of what they are given."""

import asyncio
import os

import pytest

from musicgen.errors import BadInput
from musicgen.serving.sandbox import Job, Sandbox

GREEDY = """
import time

from musicgen.errors import BadInput

def spin(data):
    while data:
        pass
    return b"idle"

def eat(data):
    return bytes(len(bytearray(int(data))) > 0)

def hang(data):
    time.sleep(float(data))
    return b"awake"

def leave(data):
    raise SystemExit if data else BadInput("Nothing was sent.")
"""


@pytest.fixture
def sandbox_of(tmp_path, monkeypatch):
    (tmp_path / "greedy.py").write_text(GREEDY)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)

    def make(name: str, waiting: int = 4, wall_seconds: float = 3600) -> Sandbox:
        # By default the limit by the clock must not stand in for the one of processor time.
        job = Job(f"greedy:{name}", 0.05, 2**26, "Too much.", "Too many.", wall_seconds)
        return Sandbox(job, waiting=waiting)

    return make


def _scene(sandbox: Sandbox, scene) -> None:
    async def run() -> None:
        try:
            await scene()
        finally:
            sandbox.close()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "deadly", "harmless", "answer", "refusal"),
    [
        ("spin", b"x", b"", b"idle", "Too much"),
        ("eat", b"10000000000", b"1", b"\0", "more memory than is given"),
    ],
)
def test_what_exceeds_the_limits_is_refused_and_the_next_call_works(
    sandbox_of, name, deadly, harmless, answer, refusal
):
    sandbox = sandbox_of(name)

    async def scene() -> None:
        assert await sandbox.run(harmless) == answer
        with pytest.raises(BadInput, match=refusal):
            async with asyncio.timeout(60):
                await sandbox.run(deadly)
        assert await sandbox.run(harmless) == answer

    _scene(sandbox, scene)


def test_a_job_says_how_long_it_may_hang(sandbox_of):
    sandbox = sandbox_of("hang", wall_seconds=1)

    async def scene() -> None:
        with pytest.raises(BadInput, match="Too much"):
            async with asyncio.timeout(60):
                await sandbox.run(b"3600")
        assert await sandbox.run(b"0") == b"awake"

    _scene(sandbox, scene)


def test_a_refusal_arrives_as_its_sentence_and_a_death_as_the_jobs(sandbox_of):
    sandbox = sandbox_of("leave")

    async def scene() -> None:
        with pytest.raises(BadInput, match="Nothing was sent"):
            await sandbox.run(b"")
        with pytest.raises(BadInput, match="Too much"):
            await sandbox.run(b"x")

    _scene(sandbox, scene)


def test_calls_beyond_those_that_may_wait_are_refused(sandbox_of):
    sandbox = sandbox_of("spin", waiting=1)

    async def scene() -> None:
        answers = await asyncio.gather(
            *(sandbox.run(b"") for _ in range(4)), return_exceptions=True
        )
        assert answers[:2] == [b"idle", b"idle"]
        assert [answer.status for answer in answers[2:]] == [503, 503]
        assert answers[2].detail == "Too many."

    _scene(sandbox, scene)
