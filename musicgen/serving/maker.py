"""From a piece's id to its notes."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import nullcontext

from musicgen.errors import BadInput
from musicgen.generation.finished_notes import FinishedNotes, NoteRow, in_order_of_ends
from musicgen.generation.gan_engine import GanEngine
from musicgen.generation.lstm_engine import LstmEngine
from musicgen.music.grid import STEPS_PER_QUARTER, GridScore
from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import Champions
from musicgen.serving.errands import Errands
from musicgen.serving.memory import Memory
from musicgen.serving.metrics import Metrics
from musicgen.serving.phrases import Phrases
from musicgen.serving.piece_id import PieceId
from musicgen.serving.player import Player
from musicgen.serving.problems import Problem, late
from musicgen.serving.stream import Stream
from musicgen.serving.telling import Telling
from musicgen.serving.wishes import MAX_SECONDS
from musicgen.serving.workers import Workers

SCORES = 256

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
        metrics: Metrics,
        deadline_seconds: float,
    ) -> None:
        self._champions = champions
        self._batcher = batcher
        self._workers = workers
        self._errands = errands
        self._metrics = metrics
        self._deadline_seconds = deadline_seconds
        self._scores: Memory[GridScore] = Memory(SCORES)

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
        return await self.score_by(await self.player(piece_id.version), piece_id)

    async def score_by(self, player: Player, piece_id: PieceId) -> GridScore:
        """Return the notes of a piece by its version's player; raises as ``score``."""
        begun = await self._begun(player, piece_id, wants_frames=False)
        if isinstance(begun, GridScore):
            return begun
        with begun as stream:
            return self._remembered((player.digest, piece_id), await stream.score())

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

    async def _begun(
        self, player: Player, piece_id: PieceId, wants_frames: bool
    ) -> GridScore | Stream | Phrases:
        """Return the piece if it can be had at once, else the stream that it comes from."""
        key = (player.digest, piece_id)
        if score := self._scores.get(key):
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
        self._scores.put(key, score)
        return score


async def _notes_of(score: GridScore) -> AsyncGenerator[list[NoteRow], None]:
    yield in_order_of_ends(score.notes.tolist())


def _check_length(piece_id: PieceId, player: Player) -> None:
    """Refuse what would play too long."""
    request = piece_id.request
    quarters = request.length_steps / STEPS_PER_QUARTER
    seconds = quarters * 60 / (request.tempo_qpm or player.engine.tempo_qpm)
    if seconds > MAX_SECONDS + 1e-6:  # whole bars may last so long to the point
        raise Problem(
            422, f"The piece would play {seconds:.0f} s, at most {MAX_SECONDS} s are made."
        )
