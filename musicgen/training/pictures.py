"""Pictures of scores and training curves, as PNG."""

import io

from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from musicgen.music.family import Family
from musicgen.music.grid import GridScore

COLOURS = {
    Family.KEYBOARD: "#3b6fb6",
    Family.STRINGS: "#b5533c",
    Family.WINDS: "#4f9d69",
    Family.VOICES: "#8a5fa8",
}
STEPS_PER_BAR = 16


def piano_roll_png(score: GridScore) -> bytes:
    """Draw a score: time in bars of 4/4 to the right, MIDI pitch upwards, families by colour."""
    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.add_subplot()
    notes = score.notes
    for family, colour in COLOURS.items():
        boxes = [
            Rectangle((onset, pitch - 0.4), duration - 0.15, 0.8)
            for onset, duration, pitch, _ in notes[notes["family"] == family].tolist()
        ]
        axes.add_collection(PatchCollection(boxes, facecolor=colour))
        axes.plot([], [], color=colour, linewidth=5, label=family.name.lower())
    low, high = (notes["pitch"].min(), notes["pitch"].max()) if len(notes) else (60, 72)
    axes.set(xlim=(0, max(score.length_steps, 1)), ylim=(int(low) - 2, int(high) + 2))
    bars = range(0, score.length_steps + 1, STEPS_PER_BAR)
    axes.set_xticks(list(bars), [str(step // STEPS_PER_BAR + 1) for step in bars])
    axes.set(xlabel="bar", ylabel="MIDI pitch")
    axes.grid(axis="x", alpha=0.4)
    axes.legend(loc="upper right", ncols=len(COLOURS), fontsize="small")
    return _png(figure)


def curves_png(history: dict[str, list[float]]) -> bytes:
    """Draw each metric over the epochs, training and validation in one panel."""
    names = sorted({name.removeprefix("val_") for name in history})
    columns = 3
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4 * columns, 2.6 * rows), layout="constrained")
    for number, name in enumerate(names, 1):
        axes = figure.add_subplot(rows, columns, number, title=name.replace("_", " "))
        for key, label in ((name, "train"), (f"val_{name}", "valid")):
            if key in history:
                axes.plot(range(1, len(history[key]) + 1), history[key], label=label)
        axes.set_xlabel("epoch")
        axes.grid(alpha=0.4)
        axes.legend(fontsize="small")
    return _png(figure)


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    return buffer.getvalue()
