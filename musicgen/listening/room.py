"""Rows of players: the same request, answered by one after the other."""

import logging
from dataclasses import dataclass
from html import escape

from musicgen.errors import BadInput
from musicgen.generation.request import UNKNOWN
from musicgen.listening.audio import data_uri
from musicgen.listening.palette import FAMILIES
from musicgen.listening.roll_picture import roll_svg
from musicgen.listening.style import SCRIPT, STYLE
from musicgen.music.grid import GridScore

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Player:
    """A piece to be heard.

    Attributes:
        name: who plays it.
        colour: of the name, as in the figures around.
        score: what is played, in 4/4.
    """

    name: str
    colour: str
    score: GridScore


@dataclass(frozen=True)
class Row:
    """Players side by side, and what all of them were asked for."""

    title: str
    players: list[Player]


def asked_for(composer: str, ensemble: str) -> str:
    """Return a row's title."""
    names = [name for name in (composer, ensemble) if name != UNKNOWN]
    return " · ".join(names) or "Nothing asked for"


def room(rows: list[Row]) -> str:
    """Return the HTML of a room, which needs ``STYLE`` and ``SCRIPT`` in its page.

    Where no SoundFont can be read the room stays silent, and says why.
    """
    note, sounds = "", True
    try:
        data_uri(rows[0].players[0].score)
    except BadInput as error:
        logger.warning("The listening room stays silent: %s", error)
        note, sounds = f"<p>Without sound: {escape(str(error))}</p>", False
    return _legend() + note + "\n".join(_row(row, sounds) for row in rows)


def room_page(title: str, introduction: str, rows: list[Row]) -> str:
    """Return a room as one self-contained HTML page; ``introduction`` is plain text."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{escape(title)}</h1>
<p>{escape(introduction)}</p>
{room(rows)}
<script>{SCRIPT}</script></body></html>
"""


def _legend() -> str:
    names = "".join(
        f'<span style="--colour:{colour}">{family.name.lower()}</span>'
        for family, colour in FAMILIES.items()
    )
    return f'<p class="legend">{names}</p>'


def _row(row: Row, sounds: bool) -> str:
    players = "".join(_player(player, sounds) for player in row.players)
    in_turn = '<button class="in-turn">Play in turn</button>' if sounds else ""
    return (
        f'<section class="row"><h3>{escape(row.title)} {in_turn}</h3>'
        f'<div class="players">{players}</div></section>'
    )


def _player(player: Player, sounds: bool) -> str:
    name, score = escape(player.name), player.score
    button = sound = ""
    if not len(score.notes):
        sound = "<p>Silence.</p>"
    elif sounds:
        button = f'<button class="play" aria-label="Play {name}"></button>'
        sound = f'<audio preload="auto" src="{data_uri(score)}"></audio>'
    return (
        f'<figure class="player" data-seconds="{score.duration_seconds:.3f}">'
        f'<figcaption style="--colour:{player.colour}">{button}<b>{name}</b>'
        f"<time>{_clock(score.duration_seconds)}</time></figcaption>"
        f"{roll_svg(score)}{sound}</figure>"
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
