"""Notes as they become final: a note's length is known when it stops."""

from musicgen.generation.growing_piece import Frame

NoteRow = tuple[int, int, int, int]
"""(onset_steps, duration_steps, pitch, family), as the columns of ``GRID_NOTE``."""


class FinishedNotes:
    """Follows the frames of a piece; all notes that it hands out are together the piece's."""

    def __init__(self) -> None:
        self._onsets: dict[tuple[int, int], int] = {}

    def add(self, frame: Frame) -> list[NoteRow]:
        """Return the notes that ended before this frame, by onset, pitch and family."""
        struck, held = frame.struck, set(frame.held)
        ended = [line for line in self._onsets if line not in held]
        notes = self._taken(ended, frame.step)
        for line in struck:
            self._onsets[line] = frame.step
        return notes

    def rest(self, length_steps: int) -> list[NoteRow]:
        """Return the notes that last until the end of the piece."""
        return self._taken(list(self._onsets), length_steps)

    def _taken(self, lines: list[tuple[int, int]], end_steps: int) -> list[NoteRow]:
        onsets = ((self._onsets.pop(line), line) for line in lines)
        return sorted((onset, end_steps - onset, *line) for onset, line in onsets)


def in_order_of_ends(notes: list[NoteRow]) -> list[NoteRow]:
    """Return the notes of a finished piece in the order in which they became final."""
    return sorted(notes, key=lambda note: (note[0] + note[1], note))
