"""A piece's notes on their way to whoever asked for them."""

from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager
from typing import Self

from musicgen.generation.finished_notes import NoteRow


class Telling:
    """Yields notes as they become final, some at a time.

    Who closes it lets go of the piece, even if no note was ever asked for: a generator alone that
    was never begun would not.
    """

    def __init__(
        self, piece: AbstractContextManager, notes: AsyncGenerator[list[NoteRow], None]
    ) -> None:
        self._piece = piece
        self._notes = notes

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[NoteRow]:
        return await anext(self._notes)

    async def aclose(self) -> None:
        """End it."""
        with self._piece:
            await self._notes.aclose()
