"""Figures of the report, drawn by matplotlib, as ``data:`` URIs."""

import base64
import io

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from musicgen.evaluation.comparison import Comparison
from musicgen.evaluation.report.words import control_name
from musicgen.listening.palette import CONTROL, REAL, candidate_colour

DOTS_PER_INCH = 110
HISTOGRAMS = {
    "pitch_class_histogram": "pitch class",
    "harmonic_intervals": "harmonic interval, semitones",
    "note_length_histogram": "note length, sixteenths",
    "onset_position_histogram": "onset in the bar, sixteenths",
    "skyline_intervals": "move of the top voice, semitones",
    "self_similarity": "likeness of beats this far apart",
}
MOST_IN_A_ROW = 5
_FIRST = {"note_length_histogram": 1, "skyline_intervals": -12, "self_similarity": 1}


def score_figure(comparison: Comparison) -> str:
    """Draw all scores with their intervals, candidates and controls, best first."""
    rows = [
        (contender.candidate.name, contender.standing, candidate_colour(index))
        for index, contender in enumerate(comparison.contenders)
    ]
    rows += [
        (control_name(name), found, REAL if name == "held_out_music" else CONTROL)
        for name, found in comparison.controls.items()
    ]
    rows.sort(key=lambda row: row[1].score)
    figure = Figure(figsize=(8, 0.8 + 0.34 * len(rows)), layout="constrained")
    axes = figure.add_subplot()
    for height, (_, found, colour) in enumerate(rows):
        low, high = found.interval
        axes.plot([low, high], [height, height], color=colour, linewidth=3, alpha=0.5)
        axes.plot(found.score, height, "o", color=colour, markersize=8)
        axes.annotate(f"{found.score:.3f}", (1.03, height), color=colour, va="center", fontsize=9)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
    axes.set(xlim=(-0.02, 1.12), xlabel="score, with the interval that holds 95 % of resamples")
    _plain(axes)
    return _data_uri(figure)


def histogram_figure(comparison: Comparison) -> str:
    """Draw the mean of each histogram: held-out music as bars, candidates as lines."""
    figure = Figure(figsize=(9, 7), layout="constrained")
    reference = comparison.control_sets["held_out_music"]
    for panel, (name, label) in enumerate(HISTOGRAMS.items()):
        axes = figure.add_subplot(3, 2, panel + 1)
        real = reference.features[name].mean(0)
        places = np.arange(len(real)) + _FIRST.get(name, 0)
        axes.bar(places, real, color=REAL, alpha=0.35, label="held-out music")
        for index, contender in enumerate(comparison.contenders):
            axes.plot(
                places,
                contender.excerpts.features[name].mean(0),
                "o-",
                color=candidate_colour(index),
                markersize=3,
                linewidth=1.2,
                label=contender.candidate.name,
            )
        axes.set_xlabel(label, fontsize=9)
        _plain(axes)
        if name == "pitch_class_histogram":
            axes.set_xticks(places, ["C", "", "D", "", "E", "F", "", "G", "", "A", "", "B"])
    # Above all panels, since no corner of them is sure to be free of bars and lines.
    handles, names = axes.get_legend_handles_labels()
    figure.legend(
        handles, names, loc="outside upper center", ncols=MOST_IN_A_ROW, fontsize=9, frameon=False
    )
    return _data_uri(figure)


def _plain(axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9)


def _data_uri(figure: Figure) -> str:
    buffer = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(buffer, format="png", dpi=DOTS_PER_INCH)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
