"""What stands in a report's listening room: real music and candidates side by side."""

from dataclasses import replace

from musicgen.evaluation.comparison import Comparison, Contender
from musicgen.listening.palette import REAL, candidate_colour
from musicgen.listening.room import Player, Row, asked_for
from musicgen.music.grid import GridScore

ROWS = 4


def rows(comparison: Comparison) -> list[Row]:
    """Return some of the excerpts, those first that ask for what no row before them asked for."""
    asked: dict[tuple[str, str], int] = {}
    places = []
    for place, excerpt in enumerate(comparison.held_out):
        key = (excerpt.composer, excerpt.ensemble)
        asked[key] = asked.get(key, 0) + 1
        places.append((asked[key], place))
    return [_row(comparison, place) for _, place in sorted(places)[:ROWS]]


def _of(contender: Contender, place: int) -> GridScore:
    scores = contender.excerpts.scores
    return scores[place % len(scores)]


def _row(comparison: Comparison, place: int) -> Row:
    excerpt = comparison.held_out[place]
    # At one tempo, so that the ear compares music, not the speed that each model likes best.
    tempo_qpm = excerpt.score.tempo_qpm
    players = [Player("real music", REAL, excerpt.score)]
    players += [
        Player(
            contender.candidate.name,
            candidate_colour(index),
            replace(_of(contender, place), tempo_qpm=tempo_qpm),
        )
        for index, contender in enumerate(comparison.contenders)
    ]
    return Row(asked_for(excerpt.composer, excerpt.ensemble), players)
