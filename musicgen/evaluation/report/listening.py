"""The listening room: real music and candidates side by side, to see and to hear."""

from collections.abc import Callable
from html import escape

from musicgen.evaluation.comparison import Comparison
from musicgen.evaluation.report.audio import data_uri
from musicgen.evaluation.report.palette import REAL, candidate_colour
from musicgen.evaluation.report.roll_picture import roll_svg
from musicgen.generation.request import UNKNOWN
from musicgen.music.grid import GridScore

ROWS = 3


def listening_room(comparison: Comparison, render: Callable[[GridScore], bytes] | None) -> str:
    """Return the HTML of the room.

    Args:
        comparison: what was played.
        render: makes a WAV file of a score; None leaves the room silent.
    """
    rows = []
    for index, excerpt in enumerate(comparison.held_out[:ROWS]):
        players = [_player("real music", REAL, excerpt.score, render)]
        players += [
            _player(
                contender.candidate.name,
                candidate_colour(place),
                contender.excerpts.scores[index],
                render,
            )
            for place, contender in enumerate(comparison.contenders)
        ]
        rows.append(f"<h3>{_asked(excerpt.composer, excerpt.ensemble)}</h3>")
        rows.append(f'<div class="players">{"".join(players)}</div>')
    return "\n".join(rows)


def _asked(composer: str, ensemble: str) -> str:
    names = [escape(name) for name in (composer, ensemble) if name != UNKNOWN]
    return " · ".join(names) or "Nothing asked for"


def _player(
    name: str, colour: str, score: GridScore, render: Callable[[GridScore], bytes] | None
) -> str:
    sound = ""
    if render and len(score.notes):
        sound = f'<audio controls preload="none" src="{data_uri(render(score))}"></audio>'
    elif not len(score.notes):
        sound = "<p>Silence.</p>"
    return (
        f'<figure class="player" data-seconds="{score.duration_seconds:.3f}">'
        f'<figcaption style="color:{colour}">{escape(name)}</figcaption>'
        f"{roll_svg(score)}{sound}</figure>"
    )
