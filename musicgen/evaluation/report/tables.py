"""Tables of the report."""

from html import escape

from musicgen.evaluation.catalogue import ASPECTS, MEASURES
from musicgen.evaluation.comparison import Comparison
from musicgen.evaluation.report.words import control_name
from musicgen.evaluation.standing import Standing

INSENSITIVE = 0.98
"""A measure by which shuffled frames are this like music says nothing of order in time."""


def score_table(comparison: Comparison) -> str:
    """Return candidates and controls with score, aspects, told apart and diversity."""
    head = ["", "score", "95 %", *ASPECTS, "told apart", "diversity"]
    rows = [
        _score_row(contender.candidate.name, contender.standing, "candidate")
        for contender in comparison.contenders
    ]
    rows += [
        _score_row(control_name(name), found, "control")
        for name, found in comparison.controls.items()
    ]
    return _table(head, rows)


def gate_table(comparison: Comparison) -> str:
    """Return the gates of each candidate, and how much it copies."""
    rows = []
    for contender in comparison.contenders:
        name = escape(contender.candidate.name)
        for gate, found in contender.gates.items():
            verdict = "passed" if found.passed else '<strong class="failed">failed</strong>'
            rows.append(
                f"<tr><th>{name}</th><td>{gate.replace('_', ' ')}</td><td>{found.value:.3f}</td>"
                f"<td>{found.limit:.3f}</td><td>{verdict}</td></tr>"
            )
    return _table(["", "gate", "value", "limit", ""], rows)


def copying_table(comparison: Comparison) -> str:
    """Return how much of each set stands in the training music."""
    found = {"held-out music": comparison.held_out_copying}
    found |= {c.candidate.name: c.copying for c in comparison.contenders}
    rows = [
        f"<tr><th>{escape(name)}</th>"
        + "".join(f"<td>{value:.3g}</td>" for value in copying.values())
        + "</tr>"
        for name, copying in found.items()
    ]
    head = [name.replace("_", " ") for name in comparison.held_out_copying]
    return _table(["", *head], rows)


def measure_table(comparison: Comparison) -> str:
    """Return every measure: the mean of held-out music, then mean and likeness of each candidate.

    A dagger marks the measures that do not tell shuffled frames from music.
    """
    names = [escape(contender.candidate.name) for contender in comparison.contenders]
    head = ["", "unit", "held-out"]
    head += [part for name in names for part in (name, "likeness", "overlap", "KL")]
    return _table(head, [_measure_row(name, comparison) for name in MEASURES])


def _measure_row(name: str, comparison: Comparison) -> str:
    shuffled = comparison.controls["shuffled_frames"].measures[name]["likeness"]
    mark = " †" if shuffled >= INSENSITIVE else ""
    cells = [MEASURES[name].unit or "", _mean(comparison.controls["held_out_music"], name)]
    for contender in comparison.contenders:
        values = contender.standing.measures[name]
        cells += [_mean(contender.standing, name), *_shares(values)]
    body = "".join(f"<td>{cell}</td>" for cell in cells)
    return f"<tr><th>{name.replace('_', ' ')}{mark}</th>{body}</tr>"


def _mean(standing: Standing, name: str) -> str:
    mean = standing.measures[name].get("mean")
    return "" if mean is None else f"{mean:.3f}{_ends(standing, name)}"


def _ends(standing: Standing, name: str) -> str:
    low, high = standing.intervals[name]
    return f"<small>{low:.2f} – {high:.2f}</small>"


def _shares(values: dict[str, float]) -> list[str]:
    bar = _bar(values["likeness"])
    return [bar, f"{values['overlap']:.2f}", f"{values['divergence']:.2f}"]


def _bar(share: float) -> str:
    drawn = min(max(share, 0.0), 1.0)
    return f'<span class="share" style="--share:{drawn:.3f}">{drawn:.2f}</span>'


def _score_row(name: str, found: Standing, kind: str) -> str:
    low, high = found.interval
    shares = "".join(
        f"<td>{_bar(value)}{_ends(found, f'aspect.{aspect}')}</td>"
        for aspect, value in found.aspects.items()
    )
    return (
        f'<tr class="{kind}"><th>{escape(name)}</th><td><strong>{found.score:.3f}</strong></td>'
        f"<td>{low:.3f} – {high:.3f}</td>{shares}"
        f"<td>{found.told_apart:.2f}{_ends(found, 'told_apart')}</td>"
        f"<td>{found.diversity:.2f}{_ends(found, 'diversity')}</td></tr>"
    )


def _table(head: list[str], rows: list[str]) -> str:
    titles = "".join(f"<th>{title}</th>" for title in head)
    body = "\n".join(rows)
    return (
        f'<div class="wide"><table><thead><tr>{titles}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
