"""The page that people read, see and hear."""

from html import escape

from musicgen.evaluation.comparison import Comparison
from musicgen.evaluation.report import tables
from musicgen.evaluation.report.figures import histogram_figure, score_figure
from musicgen.evaluation.report.listening import rows
from musicgen.listening.room import room
from musicgen.listening.style import SCRIPT, STYLE


def page(title: str, comparison: Comparison) -> str:
    """Return the report as one self-contained HTML page."""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Evaluation · {escape(title)}</title><style>{STYLE}</style></head><body>
<h1>Evaluation · {escape(title)}</h1>
<p>{_verdict(comparison)}</p>
<h2 id="listening-room">Listening room</h2>
<p>Real music from the test split, and what each model made when asked for the same composer and
ensemble, all at the real music's tempo. Click into a picture to listen from there.</p>
{room(rows(comparison))}
<h2>Score</h2>
<p>The mean over the aspects, times the share of excerpts that sound: 1 is music whose every measure
is spread as in held-out music, 0 is nothing like it. The controls' rank is known beforehand: a
score that put them in another order would be worth nothing. Shuffled beats keep all that happens
inside a beat; order in time tells them: progression first, then form, rhythm and melody.</p>
<img alt="Scores with intervals" src="{score_figure(comparison)}">
{tables.score_table(comparison)}
<p>Told apart: how often a nearest-neighbour classifier knows real from generated (0.5 is best). It
is no part of the score, and stricter, since it looks at all measures of an excerpt at once.
Diversity: of a set, as a share of that of held-out music. Aspects are estimates without bias, so
those of music like the real one may come out a little above 1; bars and the score stop there.</p>
<h2>Gates and copying</h2>
{tables.gate_table(comparison)}
<p>Runs of 8 and 16 notes that stand in the training music too, in whatever key; and the longest
such run, in notes.</p>
{tables.copying_table(comparison)}
<h2>Measures</h2>
<img alt="Histograms of held-out music and of each model" src="{histogram_figure(comparison)}">
{tables.measure_table(comparison)}
<p>† does not tell shuffled frames from music, so it says nothing of order in time. Likeness is one
minus the energy coefficient of inhomogeneity; overlap and KL are Yang and Lerch's.</p>
<script>{SCRIPT}</script></body></html>
"""


def _verdict(comparison: Comparison) -> str:
    ranked = sorted(comparison.contenders, key=lambda found: -found.standing.score)
    parts = [
        f"<strong>{escape(found.candidate.name)}</strong> scores {found.standing.score:.3f}"
        for found in ranked
    ]
    count = len(comparison.held_out)
    pieces = len({excerpt.piece_id for excerpt in comparison.held_out})
    return f"{', '.join(parts)}, on {count} excerpts of four bars from {pieces} test pieces."
