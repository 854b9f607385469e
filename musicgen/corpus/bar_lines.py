"""Where the bars of a written score begin."""

from collections import Counter
from dataclasses import dataclass
from itertools import zip_longest

from musicgen.music.score import Metre

EPSILON = 1e-6  # quarters; what is closer together is at the same place


@dataclass
class Bar:
    """A bar of one part, as written.

    Attributes:
        length: how much stands in it, in quarters; 0 if nothing does.
        has_notes: whether there is more in it than rests.
        signature: the time signature at its beginning, if there is a new one.
    """

    length: float = 0.0
    has_notes: bool = False
    signature: tuple[int, int] | None = None


def bar_lines(parts: list[list[Bar]]) -> tuple[list[float], list[Metre]]:
    """Return the onset of every bar in quarters, alike for all parts, and the metres.

    A bar lasts as long in all parts, whatever single ones hold. An upbeat stands at the end of a
    bar of its own, so that bars can be counted from 0. Where a whole bar begins off the count
    (after the short one before a repeat sign, say), a metre is given anew.

    Args:
        parts: the bars of each part.
    """
    starts: list[float] = []
    metres: list[Metre] = []
    at, counted_from, signature = 0.0, 0.0, (4, 4)
    for index, bars in enumerate(zip_longest(*parts, fillvalue=Bar())):
        new = next((bar.signature for bar in bars if bar.signature), None)
        signature = new or signature
        whole = 4.0 * signature[0] / signature[1]
        length = _length(bars, whole)
        if index == 0:
            at = max(whole - length, 0.0)
        off_count = (at - counted_from + EPSILON) % whole > 2 * EPSILON
        begins_anew = off_count and length > whole - EPSILON
        if index == 0 or new or begins_anew:
            counted_from = at if index else 0.0
            metres.append(Metre(counted_from, *signature))
        starts.append(at)
        at += length
    return starts, metres


def _length(bars: tuple[Bar, ...], whole: float) -> float:
    """Return the length that most parts agree on.

    Only parts with notes are asked: a rest for a whole bar may be written shorter than a bar of
    double length, as in Monteverdi's madrigals. Single bars that are overfull, or lack a rest,
    are faults of a file and are outvoted.
    """
    asked = [bar for bar in bars if bar.has_notes] or [bar for bar in bars if bar.length]
    votes = Counter(round(bar.length, 6) for bar in asked)
    if not votes:
        return whole
    length = max(votes, key=lambda length: (votes[length], length == whole, min(length, whole)))
    # Tuplets in rounded divisions may fall short of the bar by a little, bar after bar.
    return whole if abs(length - whole) < whole / 16 else length
