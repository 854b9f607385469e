"""The scenes that are measured, each a coroutine that returns its figures."""

import asyncio
import json
import time
from typing import Any

from musicgen.benchmark.serving.bombs import BOMBS
from musicgen.benchmark.serving.clients import (
    Answers,
    duet,
    milliseconds,
    piece,
    repeatedly,
    session,
    stream,
)
from musicgen.benchmark.serving.stage import Server, point
from musicgen.benchmark.serving.wire import Wire


async def first_note(server: Server, streams: int, probes: int) -> dict[str, Any]:
    """Time the first note of one stream after another, beside so many that go on."""
    async with Wire(server.url) as client:
        beside = [
            asyncio.ensure_future(repeatedly(lambda: stream(client, 32), 600, 1))
            for _ in range(streams)
        ]
        await asyncio.sleep(2 if streams else 0)
        firsts = []
        for _ in range(probes):
            firsts.append((await stream(client, 2))[0])
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
    return milliseconds(firsts)


async def live(server: Server, duets: int, seconds: float) -> dict[str, Any]:
    """Play duets at 120 quarters a minute and time each step's plan."""
    late: list[float] = []
    async with session(server.url) as client:
        await asyncio.gather(*(duet(client, seconds, late) for _ in range(duets)))
    return milliseconds(late)


async def speed(server: Server, streams: int, seconds: float) -> dict[str, Any]:
    """Stream long pieces; returns music per second, and per second of the server's processor."""
    made = []
    async with Wire(server.url) as client:
        started, cpu = time.perf_counter(), server.cpu_seconds()

        async def one() -> None:
            made.append((await stream(client, 32))[1])

        await repeatedly(one, seconds, streams)
        took, cpu = time.perf_counter() - started, server.cpu_seconds() - cpu
    return {
        "times_real_time": round(sum(made) / took, 1),
        "times_real_time_per_core": round(sum(made) / cpu, 1),
    }


async def overload(server: Server, seconds: float) -> dict[str, Any]:
    """Find the peak of pieces a second, then ask for ten times as many, whatever comes back."""
    peak = 0.0
    async with Wire(server.url) as client:
        for clients in (8, 32, 96):
            answers = Answers()
            started = time.perf_counter()
            await repeatedly(lambda answers=answers: piece(client, answers), seconds, clients)
            peak = max(peak, answers.count(200) / (time.perf_counter() - started))
        answers, tasks, started = Answers(), [], time.perf_counter()

        async def press(until: float) -> float:
            while (passed := time.perf_counter() - started) < until:
                while len(tasks) < 10 * peak * passed:
                    tasks.append(asyncio.ensure_future(piece(client, answers)))
                await asyncio.sleep(0.01)  # to wake up more often takes from the server's core
            return passed

        begun = await press(seconds / 2)  # the first pieces are still on their way
        made, before = answers.count(200), server.memory_mib()
        passed = await press(2.5 * seconds)
        good = (answers.count(200) - made) / (passed - begun)
        after = server.memory_mib()
        await asyncio.gather(*tasks, return_exceptions=True)
    return {
        "peak_pieces_per_second": round(peak, 1),
        "asked_per_second": round(len(tasks) / passed, 1),
        "goodput_of_peak": round(good / peak, 3),
        "refusals": milliseconds(answers.seconds.get(503, [])),
        "other_statuses": sorted(set(answers.seconds) - {200, 503}),
        "memory_mib": [round(before, 1), round(after, 1)],
    }


async def bombs(server: Server, times: int) -> dict[str, Any]:
    """Send each file that has to be refused some times; returns how long that takes by file."""
    found = {}
    async with Wire(server.url) as client:
        for name, data in BOMBS.items():
            replies = [await client.post("/v1/continue", data) for _ in range(times)]
            statuses = sorted({reply.status for reply in replies})
            seconds = [reply.seconds for reply in replies]
            found[name] = {"bytes": len(data), "statuses": statuses, **milliseconds(seconds)}
    return found


async def swaps(server: Server, bucket_uri: str, count: int) -> dict[str, Any]:
    """Swap the champion again and again under load; every piece has to be whole and its version's.

    A piece is known by version and seed, so one that two versions had a hand in is found out.
    """
    answers, mixed, music = Answers(), 0, {}
    over = asyncio.Event()
    async with Wire(server.url) as client:
        for version in ("lstm-1", "lstm-2"):
            for seed in range(8):
                made = await piece(client, Answers(), version=version, family=None, seed=seed)
                music[version, seed] = json.loads(made)["notes"]

        async def load(number: int) -> None:
            nonlocal mixed
            while not over.is_set():
                made = await piece(client, answers, family=None, seed=number)
                whole = json.loads(made) if made else None
                if whole and whole["notes"] != music[whole["version"], number]:
                    mixed += 1

        tasks = [asyncio.ensure_future(load(number)) for number in range(8)]
        for number in range(count):
            point(bucket_uri, f"lstm-{2 - number % 2}")
            answers.add((await client.post("/v1/models/reload", {})).status, 0.0)
        over.set()
        await asyncio.gather(*tasks)
        point(bucket_uri, "lstm-1")
        await client.post("/v1/models/reload", {})
    total = sum(map(len, answers.seconds.values()))
    return {
        "swaps": count,
        "answers": total,
        "failed": total - answers.count(200),
        "mixed": mixed,
    }


async def soak(server: Server, seconds: float) -> dict[str, Any]:
    """Load for a while; returns memory, handles and latency of the first and the last fifth."""
    async with Wire(server.url) as client:
        found = []
        for part in range(5):
            answers = Answers()
            await repeatedly(lambda answers=answers: piece(client, answers), seconds / 5, 8)
            if part in (0, 4):
                found.append(
                    {
                        "memory_mib": round(server.memory_mib(), 1),
                        "handles": server.process.num_fds(),
                        **milliseconds(answers.seconds.get(200, [])),
                    }
                )
    return {"seconds": seconds, "first_fifth": found[0], "last_fifth": found[1]}


async def naive(server: Server, tokens: int) -> dict[str, Any]:
    """Time the naive service: its first tokens, and music per second of one stream."""
    async with session(server.url) as client:
        firsts = []
        for _ in range(5):
            started = time.perf_counter()
            async with client.get("/tokens", params={"count": 1}) as answer:
                await answer.read()
            firsts.append(time.perf_counter() - started)
        started, frames = time.perf_counter(), 0
        async with client.get("/tokens", params={"count": tokens}) as answer:
            frames = (await answer.read()).decode().rstrip().rpartition('"frame": ')[2]
        took = time.perf_counter() - started
    music = int(frames.rstrip("}")) / 4 * 60 / 90
    return {
        "first_token": milliseconds(firsts),
        "ms_per_token": round(took / tokens * 1000, 1),
        "times_real_time": round(music / took, 2),
    }
