"""Who takes part in a step."""

from collections.abc import Sequence

from musicgen.serving.stream import Need, Stream

TURNS = 16
"""Of so many steps, all pieces take part in one, in another those that need to go on soon, and in
the rest those that need it most."""


def rows_of_turn(turn: int, streams: Sequence[Stream], now: float) -> list[int] | None:
    """Return which streams take part in a step, None for all: a step costs by who is in it.

    Args:
        turn: number of the step; among ``TURNS`` in a row is one for everybody.
        streams: those that share steps, at least one.
        now: by the clock of ``time.monotonic``.
    """
    if turn % TURNS == 0:
        return None
    needs = [stream.need(now) for stream in streams]
    most = max(min(needs), Need.SOON) if turn % TURNS == TURNS // 2 else min(needs)
    rows = [row for row, need in enumerate(needs) if need <= most]
    return rows if len(rows) < len(streams) else None
