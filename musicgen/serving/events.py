"""Pieces as a stream of events: where each begins, its notes as they are final, where it ends."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from musicgen.music.grid import STEPS_PER_QUARTER
from musicgen.serving.documents import note_document
from musicgen.serving.negotiation import EVENTS
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem, unexpected
from musicgen.serving.telling import Telling

_compact = json.JSONEncoder(separators=(",", ":")).encode


async def events(
    pieces: list[tuple[PieceId, float, Telling]],
    generation: int | None,
    form: str,
    made: Callable[[], None],
) -> AsyncIterator[bytes]:
    """Yield the events of pieces that are made side by side, as NDJSON or server-sent events.

    Args:
        pieces: each piece's id, tempo and notes.
        generation: of the champion's pointer, if that led to the version.
        form: media type of the stream.
        made: called once all pieces are done, but not where one could not be finished.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    tasks = [
        asyncio.ensure_future(_write(queue, number, *piece, generation, form))
        for number, piece in enumerate(pieces)
    ]
    try:
        left = len(tasks)
        while left:
            chunks = [await queue.get()]
            while not queue.empty():
                chunks.append(queue.get_nowait())
            left -= chunks.count(None)
            if not left and all(task.result() for task in tasks):
                made()
            yield b"".join(filter(None, chunks))
    finally:
        # A client that leaves ends up here, and each task takes its piece out of the batch.
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _write(
    queue: asyncio.Queue,
    number: int,
    piece_id: PieceId,
    tempo_qpm: float,
    notes: Telling,
    generation: int | None,
    form: str,
) -> bool:
    """Put the events of one piece into a queue, and None at the end; returns whether it is done."""
    request, count = piece_id.request, 0
    start = {
        "variation": number,
        "id": str(piece_id),
        "version": piece_id.version,
        "generation": generation,
        "seed": request.seed,
        "tempo_qpm": tempo_qpm,
        "steps_per_quarter": STEPS_PER_QUARTER,
        "bar_steps": request.bar_steps,
        "length_steps": request.length_steps,
        "prompt_steps": request.prompt_steps,
    }
    queue.put_nowait(_event("piece", start, form))
    try:
        async for rows in notes:
            count += len(rows)
            notes_of = ({"variation": number, **note_document(row)} for row in rows)
            queue.put_nowait(b"".join(_event("note", note, form) for note in notes_of))
        end = {key: start[key] for key in ("variation", "id", "version", "seed")}
        queue.put_nowait(_event("end", {**end, "notes": count}, form))
        return True
    except Exception as error:
        problem = error if isinstance(error, Problem) else unexpected("A stream", error)
        queue.put_nowait(_event("problem", {"variation": number, **problem.document()}, form))
        return False
    finally:
        await notes.aclose()
        queue.put_nowait(None)


def _event(name: str, members: dict[str, Any], form: str) -> bytes:
    if form == EVENTS:
        return f"event: {name}\ndata: {_compact(members)}\n\n".encode()
    return f"{_compact({'event': name, **members})}\n".encode()
