"""From a piece's id to its notes, its MIDI and its sound."""

import threading
from collections import OrderedDict
from pathlib import Path

from musicgen.errors import BadInput
from musicgen.generation.sound import render_wav
from musicgen.music.grid import GridScore
from musicgen.music.midi import write_midi
from musicgen.serving.champions import Champions
from musicgen.serving.piece_id import PieceId
from musicgen.serving.problems import Problem

MAX_SECONDS = 300
MAX_CACHED_SCORES = 256
MAX_CACHED_SOUND_BYTES = 64 * 2**20


class Maker:
    """Makes pieces in the calling thread; remembers the last ones, and could make all again."""

    def __init__(self, champions: Champions, soundfont_path: Path) -> None:
        self._champions = champions
        self._soundfont_path = soundfont_path
        self._scores: OrderedDict[PieceId, GridScore] = OrderedDict()
        self._sounds: OrderedDict[PieceId, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def score(self, piece_id: PieceId) -> GridScore:
        """Return the notes of a piece.

        Raises:
            Problem: 404 no such version, 422 the model never met the composer or ensemble, or the
                piece would play for too long.
        """
        if score := self._remembered(self._scores, piece_id):
            return score
        player = self._champions.player(piece_id.version)
        request = piece_id.request
        # Four quarters a bar; a wave of an hour would be half a gigabyte.
        seconds = request.bars * 4 * 60 / (request.tempo_qpm or player.engine.tempo_qpm)
        if seconds > MAX_SECONDS:
            raise Problem(
                422, f"The piece would play {seconds:.0f} s, at most {MAX_SECONDS} s are made."
            )
        try:
            score = player.engine.generate([request])[0]
        except BadInput as error:
            raise Problem(422, str(error)) from None
        with self._lock:
            self._scores[piece_id] = score
            if len(self._scores) > MAX_CACHED_SCORES:
                self._scores.popitem(last=False)
        return score

    def midi(self, piece_id: PieceId) -> bytes:
        """Return a piece as a MIDI file; raises as ``score``."""
        return write_midi(self.score(piece_id))

    def wav(self, piece_id: PieceId) -> bytes:
        """Return a piece as a WAV file.

        Raises:
            Problem: as ``score``; 503 this server cannot make sound.
        """
        if sound := self._remembered(self._sounds, piece_id):
            return sound
        score = self.score(piece_id)
        try:
            sound = render_wav(score, self._soundfont_path)
        except BadInput as error:
            raise Problem(503, str(error)) from None
        with self._lock:
            self._sounds[piece_id] = sound
            while sum(map(len, self._sounds.values())) > MAX_CACHED_SOUND_BYTES:
                self._sounds.popitem(last=False)
        return sound

    def _remembered(self, memory: OrderedDict, piece_id: PieceId):
        with self._lock:
            if piece_id in memory:
                memory.move_to_end(piece_id)
            return memory.get(piece_id)
