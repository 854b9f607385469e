"""Processes that may die of what they are given."""

import asyncio
import os

import pytest

from musicgen.errors import BadInput
from musicgen.serving.sandbox import Job, Sandbox

GREEDY = """
from musicgen.errors import BadInput

def spin(data):
    while data:
        pass
    return b"idle"

def eat(data):
    return bytes(len(bytearray(int(data))) > 0)

def leave(data):
    raise SystemExit if data else BadInput("Nothing was sent.")
"""


@pytest.fixture
def sandbox_of(tmp_path, monkeypatch):
    (tmp_path / "greedy.py").write_text(GREEDY)
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)

    def make(name: str, processes: int = 1, waiting: int = 4) -> Sandbox:
        return Sandbox(Job(f"greedy:{name}", 0.05, 2**26, "Too much."), processes, waiting)

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
    sandbox_of, monkeypatch, name, deadly, harmless, answer, refusal
):
    # Else the limit by the clock would stand in for the one of processor time.
    monkeypatch.setattr("musicgen.serving.sandbox.WALL_SECONDS", 3600)
    sandbox = sandbox_of(name)

    async def scene() -> None:
        assert await sandbox.run(harmless) == answer
        with pytest.raises(BadInput, match=refusal):
            async with asyncio.timeout(60):
                await sandbox.run(deadly)
        assert await sandbox.run(harmless) == answer

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

    _scene(sandbox, scene)
