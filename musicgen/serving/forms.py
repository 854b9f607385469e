"""The forms in which a piece is handed out whole: JSON, MIDI, MusicXML, engraved, sound."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool

from musicgen.errors import BadInput
from musicgen.generation.sound import render_wav
from musicgen.music.grid import GridScore
from musicgen.music.midi import write_midi
from musicgen.music.musicxml import write_musicxml
from musicgen.serving.documents import PieceDocument
from musicgen.serving.maker import Maker
from musicgen.serving.memory import Memory
from musicgen.serving.negotiation import MIDI, MUSICXML, SVG, WAV
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem, late
from musicgen.serving.sandbox import Job, Sandbox
from musicgen.serving.workers import Workers

NOTES_AT_ONCE = 1000
SOUND_BYTES = 64 * 2**20

ENGRAVE = Job(
    "musicgen.serving.engraving:engrave",
    cpu_seconds=15,  # sixty-four bars take one and a half
    memory_bytes=2**30,
    excess="The score takes too long to engrave; take its MusicXML instead.",
    busy="Too many scores are being engraved; try again in a second.",
    wall_seconds=60,  # beyond the deadline: a busy machine is no fault of the score
)


class Forms:
    """Writes pieces down and remembers the last that were rendered as sound.

    All methods belong to the event loop.
    """

    def __init__(
        self,
        maker: Maker,
        workers: Workers,
        engraver: Sandbox,
        soundfont_path: Path,
        deadline_seconds: float,
    ) -> None:
        self._maker = maker
        self._workers = workers
        self._engraver = engraver
        self._soundfont_path = soundfont_path
        self._deadline_seconds = deadline_seconds
        self._sounds: Memory[bytes] = Memory(SOUND_BYTES, len)

    async def content(self, piece_id: PieceId, form: str) -> bytes:
        """Return a piece in one of the forms that are whole.

        Raises:
            Problem: as ``Maker.score``; 503 this server cannot make sound, 504 the form itself
                took too long.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._content(piece_id, form)
        except TimeoutError:
            raise late(self._deadline_seconds) from None

    async def _content(self, piece_id: PieceId, form: str) -> bytes:
        if form == WAV:
            return await self._wav(piece_id)
        score = await self._maker.score(piece_id)
        if form == MIDI:
            return await _written(score, write_midi, score)
        if form in (MUSICXML, SVG):
            return await self._score_sheet(piece_id, score, form)
        return await _written(score, _json, piece_id, score)

    async def _score_sheet(self, piece_id: PieceId, score: GridScore, form: str) -> bytes:
        title = f"{piece_id.version}, seed {piece_id.request.seed}"
        musicxml = await self._workers.run(write_musicxml, score, title)
        if form == MUSICXML:
            return musicxml
        try:
            return await self._engraver.run(musicxml)
        except BadInput as error:
            raise Problem(422, str(error)) from None

    async def _wav(self, piece_id: PieceId) -> bytes:
        player = await self._maker.player(piece_id.version)
        key = (player.digest, piece_id)
        if sound := self._sounds.get(key):
            return sound
        score = await self._maker.score_by(player, piece_id)
        try:
            sound = await self._workers.run(render_wav, score, self._soundfont_path)
        except BadInput as error:
            raise Problem(503, str(error)) from None
        self._sounds.put(key, sound)
        return sound


async def _written(score: GridScore, write: Callable[..., bytes], *arguments: Any) -> bytes:
    """Write a piece down: a usual one at once, in less time than a thread takes to begin.

    Where many pieces end together, a thread for each would keep the event loop from its turns.
    """
    if len(score.notes) <= NOTES_AT_ONCE:
        return write(*arguments)
    return await run_in_threadpool(write, *arguments)


def _json(piece_id: PieceId, score: GridScore) -> bytes:
    return PieceDocument.of(piece_id, score).model_dump_json().encode()
