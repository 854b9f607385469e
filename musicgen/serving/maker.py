"""From a piece's id to its notes, its MIDI and its sound."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool

from musicgen.errors import BadInput
from musicgen.generation.finished_notes import FinishedNotes, NoteRow, in_order_of_ends
from musicgen.generation.gan_engine import GanEngine
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.generation.sound import render_wav
from musicgen.music.grid import STEPS_PER_QUARTER, GridScore
from musicgen.music.midi import write_midi
from musicgen.music.musicxml import write_musicxml
from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import Champions, Player
from musicgen.serving.documents import PieceDocument
from musicgen.serving.errands import Errands
from musicgen.serving.metrics import Metrics
from musicgen.serving.negotiation import MIDI, MUSICXML, SVG, WAV
from musicgen.serving.phrases import Phrases
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem, late
from musicgen.serving.sandbox import Job, Sandbox
from musicgen.serving.stream import Stream
from musicgen.serving.telling import Telling
from musicgen.serving.wishes import MAX_SECONDS
from musicgen.serving.workers import Workers

MAX_CACHED_SCORES = 256
NOTES_AT_ONCE = 1000
MAX_CACHED_SOUND_BYTES = 64 * 2**20

ENGRAVE = Job(
    "musicgen.serving.engraving:engrave",
    cpu_seconds=15,  # sixty-four bars take one and a half
    memory_bytes=2**30,
    excess="The score takes too long to engrave; take its MusicXML instead.",
    busy="Too many scores are being engraved; try again in a second.",
    wall_seconds=60,  # beyond the deadline: a busy machine is no fault of the score
)

T = TypeVar("T")
_Key = tuple[str, PieceId]
"""A model's digest and a piece: the same version's name may stand for another model one day."""


class Maker:
    """Makes pieces; remembers the last ones, and could make all of them again.

    An LSTM's pieces grow in the batcher, everything else is done by the workers. All methods
    belong to the event loop.
    """

    def __init__(
        self,
        champions: Champions,
        batcher: Batcher,
        workers: Workers,
        errands: Errands,
        engraver: Sandbox,
        metrics: Metrics,
        soundfont_path: Path,
        deadline_seconds: float,
    ) -> None:
        self._champions = champions
        self._batcher = batcher
        self._workers = workers
        self._errands = errands
        self._engraver = engraver
        self._metrics = metrics
        self._soundfont_path = soundfont_path
        self._deadline_seconds = deadline_seconds
        self._scores: OrderedDict[_Key, GridScore] = OrderedDict()
        self._sounds: OrderedDict[_Key, bytes] = OrderedDict()

    async def player(self, version: str) -> Player:
        """Return a version's player, loading it if need be.

        Raises:
            Problem: as ``Champions.player`` and ``Errands.run``.
        """
        player = self._champions.at_hand(version)
        return player or await self._errands.run(self._champions.player, version)

    async def score(self, piece_id: PieceId) -> GridScore:
        """Return the notes of a piece.

        Raises:
            Problem: 404 no such version, 422 the model never met the composer or ensemble, or the
                piece would play for too long, 503 too much to do, 504 it took too long.
        """
        return await self._score(await self.player(piece_id.version), piece_id)

    async def notes(self, piece_id: PieceId) -> Telling:
        """Begin a piece and return its notes as they become final; close them in any case.

        Raises:
            Problem: as ``score``; 504 among the notes, all others before them.
        """
        player = await self.player(piece_id.version)
        begun = await self._begun(player, piece_id, wants_frames=True)
        if isinstance(begun, GridScore):
            return Telling(nullcontext(), _notes_of(begun))
        return Telling(begun, self._follow((player.digest, piece_id), begun))

    async def content(self, piece_id: PieceId, form: str) -> bytes:
        """Return a piece in one of the forms that are whole; raises as ``score``.

        Raises:
            Problem: 503 this server cannot make sound, 504 the form itself took too long.
        """
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self._content(piece_id, form)
        except TimeoutError:
            raise late(self._deadline_seconds) from None

    async def _score(self, player: Player, piece_id: PieceId) -> GridScore:
        begun = await self._begun(player, piece_id, wants_frames=False)
        if isinstance(begun, GridScore):
            return begun
        with begun as stream:
            return self._remembered((player.digest, piece_id), await stream.score())

    async def _content(self, piece_id: PieceId, form: str) -> bytes:
        if form == WAV:
            return await self._wav(piece_id)
        score = await self.score(piece_id)
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
        player = await self.player(piece_id.version)
        key = (player.digest, piece_id)
        if sound := _looked_up(self._sounds, key):
            return sound
        score = await self._score(player, piece_id)
        try:
            sound = await self._workers.run(render_wav, score, self._soundfont_path)
        except BadInput as error:
            raise Problem(503, str(error)) from None
        self._sounds[key] = sound
        while sum(map(len, self._sounds.values())) > MAX_CACHED_SOUND_BYTES:
            self._sounds.popitem(last=False)
        return sound

    async def _begun(
        self, player: Player, piece_id: PieceId, wants_frames: bool
    ) -> GridScore | Stream | Phrases:
        """Return the piece if it can be had at once, else the stream that it comes from."""
        key = (player.digest, piece_id)
        if score := _looked_up(self._scores, key):
            return score
        _check_length(piece_id, player)
        try:
            if isinstance(player.engine, LstmEngine):
                return self._batcher.join(player.engine, piece_id.request, wants_frames)
            if isinstance(player.engine, GanEngine) and wants_frames:
                request, seconds = piece_id.request, self._deadline_seconds
                return Phrases(player.engine, request, self._workers, seconds)
            async with asyncio.timeout(self._deadline_seconds):
                scores = await self._workers.run(player.engine.generate, [piece_id.request])
        except BadInput as error:
            raise Problem(422, str(error)) from None
        except TimeoutError:
            raise late(self._deadline_seconds) from None
        return self._remembered(key, scores[0])

    async def _follow(
        self, key: _Key, stream: Stream | Phrases
    ) -> AsyncGenerator[list[NoteRow], None]:
        finished = FinishedNotes()
        async for frames in stream.frames():
            if notes := [note for frame in frames for note in finished.add(frame)]:
                yield notes
        score = self._remembered(key, await stream.score())
        yield finished.rest(score.length_steps)

    def _remembered(self, key: _Key, score: GridScore) -> GridScore:
        self._metrics.notes.labels(key[1].version.partition("-")[0]).inc(len(score.notes))
        self._scores[key] = score
        if len(self._scores) > MAX_CACHED_SCORES:
            self._scores.popitem(last=False)
        return score


async def _notes_of(score: GridScore) -> AsyncGenerator[list[NoteRow], None]:
    yield in_order_of_ends(score.notes.tolist())


async def _written(score: GridScore, write: Callable[..., bytes], *arguments: Any) -> bytes:
    """Write a piece down: a usual one at once, in less time than a thread takes to begin.

    Where many pieces end together, a thread for each would keep the event loop from its turns.
    """
    if len(score.notes) <= NOTES_AT_ONCE:
        return write(*arguments)
    return await run_in_threadpool(write, *arguments)


def _json(piece_id: PieceId, score: GridScore) -> bytes:
    return PieceDocument.of(piece_id, score).model_dump_json().encode()


def _check_length(piece_id: PieceId, player: Player) -> None:
    """Refuse what would play too long."""
    request = piece_id.request
    quarters = request.length_steps / STEPS_PER_QUARTER
    seconds = quarters * 60 / (request.tempo_qpm or player.engine.tempo_qpm)
    if seconds > MAX_SECONDS + 1e-6:  # whole bars may last so long to the point
        raise Problem(
            422, f"The piece would play {seconds:.0f} s, at most {MAX_SECONDS} s are made."
        )


def _looked_up(memory: OrderedDict[_Key, T], key: _Key) -> T | None:
    if key in memory:
        memory.move_to_end(key)
    return memory.get(key)
