"""What clients do, and how long they wait."""

import asyncio
import itertools
import json
import time
from dataclasses import dataclass, field

import aiohttp
import numpy as np

from musicgen.benchmark.serving.wire import Wire

STREAM = "application/x-ndjson"
BARS = 8

_seeds = itertools.count(1)


@dataclass
class Answers:
    """What came back, by status, with the seconds that it took."""

    seconds: dict[int, list[float]] = field(default_factory=dict)

    def add(self, status: int, seconds: float) -> None:
        """Count an answer."""
        self.seconds.setdefault(status, []).append(seconds)

    def count(self, status: int) -> int:
        """Return how many answers had a status."""
        return len(self.seconds.get(status, []))


def milliseconds(seconds: list[float]) -> dict[str, float]:
    """Return the median and the 99th percentile, in ms."""
    if not seconds:
        return {}
    p50, p99 = np.percentile(seconds, [50, 99]) * 1000
    return {"p50_ms": round(float(p50), 1), "p99_ms": round(float(p99), 1), "count": len(seconds)}


def session(url: str) -> aiohttp.ClientSession:
    """Return a client of a server with as many connections as it likes."""
    timeout = aiohttp.ClientTimeout(total=120)
    return aiohttp.ClientSession(
        url, connector=aiohttp.TCPConnector(limit=0), timeout=timeout, raise_for_status=False
    )


async def piece(client: Wire, answers: Answers, **wishes) -> bytes | None:
    """Ask for a piece as JSON; returns the document where it was made."""
    body = {"family": "lstm", "bars": BARS, "seed": next(_seeds), **wishes}
    reply = await client.post("/v1/generate", body)
    answers.add(reply.status, reply.seconds)
    return reply.body if reply.status == 200 else None


async def stream(client: Wire, bars: int) -> tuple[float, float]:
    """Stream a piece; returns seconds to the first note, and of music."""
    body = {"family": "lstm", "bars": bars, "seed": next(_seeds)}
    reply = await client.post("/v1/generate", body, STREAM, mark=b'"event":"note"')
    begins = reply.body.index(b'{"event":"piece"')
    event = json.loads(reply.body[begins : reply.body.index(b"\n", begins)])
    quarters = event["length_steps"] / event["steps_per_quarter"]
    return reply.first_seconds, quarters * 60 / event["tempo_qpm"]


async def duet(client: aiohttp.ClientSession, seconds: float, late: list[float]) -> None:
    """Play a duet; notes how long after each step was due its plan came.

    Both processes read one machine's monotonic clock, so the times compare.
    """
    async with client.ws_connect("/v1/jam") as socket:
        await socket.send_json({"type": "start", "tempo_qpm": 120, "seed": next(_seeds)})
        ready = await socket.receive_json()
        end = time.monotonic() + seconds
        ahead_ms = ready["ahead_steps"] * ready["step_ms"]
        pitch = 60
        while time.monotonic() < end:
            message = await socket.receive_json()
            if message["type"] != "plan":
                raise RuntimeError(message)
            late.append(time.monotonic() - (message["play_at_ms"] - ahead_ms) / 1000)
            if message["step"] % 4 == 0:
                await socket.send_json({"type": "note", "pitch": pitch, "on": False})
                pitch = 55 + message["step"] % 24
                await socket.send_json({"type": "note", "pitch": pitch, "on": True})
        await socket.send_json({"type": "stop"})


async def repeatedly(work, seconds: float, clients: int) -> None:
    """Let clients do something again and again for a while, each when it is done."""
    end = time.perf_counter() + seconds

    async def one() -> None:
        while time.perf_counter() < end:
            await work()

    await asyncio.gather(*(one() for _ in range(clients)))
