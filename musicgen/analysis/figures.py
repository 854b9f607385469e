"""Pictures of the report, as SVG in ``data:`` URIs."""

import base64
import io
import warnings
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from musicgen.listening.palette import CANDIDATES, REAL

BLUE, ORANGE = CANDIDATES[:2]
WIDTH_INCHES = 5.6
"""Of all pictures but the heat map: two stand side by side, and one is legible on a phone."""
MOST = 24
"""Bars, rows or columns in a picture; its title says if there are more."""
HEAT = "cividis"
"""A colour map that eyes of all kinds read alike."""


def bars(
    title: str, unit: str, names: Sequence[str], values: Sequence[float], notes: Sequence[str]
) -> str:
    """Draw horizontal bars from the top down, each with a note at its end.

    Args:
        title: of the picture.
        unit: label of the axis.
        names: of the bars, the first on top; ``MOST`` at the most.
        values: their lengths.
        notes: what is written beside them.
    """
    title += _left_out(names)
    names, values, notes = names[:MOST], values[:MOST], notes[:MOST]
    figure, axes = _figure(WIDTH_INCHES, 1.1 + 0.25 * len(names))
    places = np.arange(len(names))
    axes.barh(places, values, color=BLUE, height=0.7)
    for place, value, note in zip(places, values, notes, strict=True):
        axes.annotate(
            note, (value, place), (5, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.set_yticks(places, names, parse_math=False)
    axes.set(title=title, xlabel=unit, xlim=(0, 1.6 * max(values, default=1)))
    axes.invert_yaxis()
    return _data_uri(figure)


def columns(
    title: str,
    axis: str,
    unit: str,
    places: Sequence[float],
    shares: Sequence[float],
    ticks: dict[float, str] | None = None,
    width: float = 0.9,
) -> str:
    """Draw a histogram: shares of a whole in percent over places, ``ticks`` named if given."""
    figure, axes = _figure(WIDTH_INCHES, 3.0)
    axes.bar(places, 100 * np.asarray(shares), color=BLUE, width=width)
    if ticks:
        axes.set_xticks(list(ticks), list(ticks.values()))
    axes.set(title=title, xlabel=axis, ylabel=unit)
    return _data_uri(figure)


def pairs(title: str, unit: str, names: Sequence[str], major: list[int], minor: list[int]) -> str:
    """Draw two columns for each name: major and minor keys."""
    figure, axes = _figure(WIDTH_INCHES, 3.0)
    places = np.arange(len(names))
    axes.bar(places - 0.21, major, 0.4, color=BLUE, label="major")
    axes.bar(places + 0.21, minor, 0.4, color=ORANGE, label="minor", hatch="///", edgecolor="white")
    axes.set_xticks(places, names)
    axes.set(title=title, xlabel="tonic", ylabel=unit)
    axes.legend(frameon=False, fontsize=9, ncols=2)
    return _data_uri(figure)


def heat_map(title: str, rows: Sequence[str], columns: Sequence[str], counts: np.ndarray) -> str:
    """Draw counts of rows × columns as colours with numbers, ``MOST`` of each."""
    title += _left_out(rows) + _left_out(columns)
    rows, columns = rows[:MOST], columns[:MOST]
    counts = counts[: len(rows), : len(columns)]
    figure, axes = _figure(2.6 + 0.38 * len(columns), 2.1 + 0.32 * len(rows))
    shown = np.ma.masked_equal(counts, 0)
    mesh = axes.pcolormesh(
        shown, cmap=HEAT, norm=matplotlib.colors.LogNorm(1, max(counts.max(), 2)), edgecolors="#eee"
    )
    for (row, column), count in np.ndenumerate(counts):
        if count:
            ink = "white" if np.log(count) < 0.55 * np.log(max(counts.max(), 2)) else "black"
            axes.text(column + 0.5, row + 0.5, f"{count}", color=ink, **_CENTRED)
    axes.set_yticks(np.arange(len(rows)) + 0.5, rows, parse_math=False)
    slanted = {"rotation": 45, "ha": "right", "parse_math": False}
    axes.set_xticks(np.arange(len(columns)) + 0.5, columns, **slanted)
    axes.tick_params(length=0)
    axes.set(title=title)
    axes.invert_yaxis()
    figure.colorbar(mesh, ax=axes, label="pieces (logarithmic)", format="%d", pad=0.01)
    return _data_uri(figure)


def _left_out(names: Sequence[str]) -> str:
    return f", {MOST} of {len(names)}" if len(names) > MOST else ""


_CENTRED = {"ha": "center", "va": "center", "fontsize": 8}


def _figure(width_inches: float, height_inches: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width_inches, height_inches), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=9, colors=REAL, labelcolor="black")
    return figure, axes


def _data_uri(figure: Figure) -> str:
    """Return the picture; equal pictures are equal bytes.

    Text stays text: a browser has the letters of more languages than Matplotlib's own font.
    """
    FigureCanvasSVG(figure)
    buffer = io.BytesIO()
    style = {"svg.hashsalt": "musicgen", "svg.fonttype": "none"}
    with matplotlib.rc_context(style), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return "data:image/svg+xml;base64," + base64.b64encode(buffer.getvalue()).decode()
