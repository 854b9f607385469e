"""Which picture shows which table."""

from collections import Counter
from html import escape

import numpy as np
import pyarrow as pa
from pretty_midi.constants import INSTRUMENT_MAP

from musicgen.analysis import figures
from musicgen.analysis.keys import NAMES
from musicgen.analysis.tally import TEMPO_STEP_QPM, WIDEST_INTERVAL
from musicgen.analysis.words import SECONDS_PER_HOUR, counted, lasting

Tables = dict[str, pa.Table]
LONGEST_SHOWN_QUARTERS = 4
MOST_VOICES_SHOWN = 16


def charts(tables: Tables, steps_per_quarter: int) -> list[str]:
    """Return the pictures of the report as HTML, in order."""
    return [
        _image(title, picture(title))
        for title, picture in {
            "Hours by composer": lambda title: _hours(title, tables["composers"]),
            "Hours by ensemble": lambda title: _hours(title, tables["ensembles"]),
            "Who wrote for whom": lambda title: _who_for_whom(title, tables),
            "Instruments": lambda title: _instruments(title, tables["instruments"]),
            "Pitches": lambda title: _pitches(title, tables["pitches"]),
            "Durations": lambda t: _durations(t, tables["durations"], steps_per_quarter),
            "Moves of the top voice": lambda title: _intervals(title, tables["intervals"]),
            "Notes that sound together": lambda title: _polyphony(title, tables["polyphony"]),
            "Keys, as guessed from pitches": lambda title: _keys(title, tables["keys"]),
            "Metres": lambda title: _metres(title, tables["metres"]),
            "Tempo": lambda title: _tempi(title, tables["tempi"]),
        }.items()
    ]


def summed(table: pa.Table, key: str, unit: str) -> Counter:
    """Add up a column over all splits, by key."""
    found: Counter = Counter()
    for name, value in zip(table[key].to_pylist(), table[unit].to_pylist(), strict=True):
        found[name] += value
    return found


def _image(title: str, uri: str) -> str:
    return f'<figure><img alt="{escape(title)}" src="{uri}"></figure>'


def _hours(title: str, table: pa.Table) -> str:
    key = table.column_names[0]
    seconds = dict(summed(table, key, "seconds").most_common())
    pieces = summed(table, key, "pieces")
    told = [f"{lasting(s)}, {counted(pieces[name], 'piece')}" for name, s in seconds.items()]
    hours = [s / SECONDS_PER_HOUR for s in seconds.values()]
    return figures.bars(title, "hours", list(seconds), hours, told)


def _who_for_whom(title: str, tables: Tables) -> str:
    composers = [
        name for name, _ in summed(tables["composers"], "composer", "pieces").most_common()
    ]
    ensembles = [
        name for name, _ in summed(tables["ensembles"], "ensemble", "pieces").most_common()
    ]
    counts = np.zeros((len(composers), len(ensembles)), int)
    for row in tables["composers_ensembles"].to_pylist():
        place = composers.index(row["composer"]), ensembles.index(row["ensemble"])
        counts[place] += row["pieces"]
    return figures.heat_map(
        f"{title}: pieces by composer and ensemble", composers, ensembles, counts
    )


def _instruments(title: str, table: pa.Table) -> str:
    notes, pieces = summed(table, "program", "notes"), summed(table, "program", "pieces")
    programs = [program for program, _ in notes.most_common()]
    told = [f"{counted(notes[p], 'note')}, {counted(pieces[p], 'piece')}" for p in programs]
    thousands = [notes[program] / 1000 for program in programs]
    names = [INSTRUMENT_MAP[program] for program in programs]
    return figures.bars(title, "thousands of notes", names, thousands, told)


def _histogram(
    title: str, axis: str, unit: str, counts: Counter, ticks: dict[float, str] | None = None
) -> str:
    places, total = sorted(counts), sum(counts.values()) or 1
    shares = [counts[place] / total for place in places]
    return figures.columns(title, axis, unit, places, shares, ticks)


def _pitches(title: str, table: pa.Table) -> str:
    ticks = {float(12 * octave + 12): f"C{octave}" for octave in range(1, 9)}
    counts = summed(table, "pitch", "notes")
    return _histogram(title, "pitch (C4 is middle C)", "% of notes", counts, ticks)


def _durations(title: str, table: pa.Table, steps_per_quarter: int) -> str:
    longest = LONGEST_SHOWN_QUARTERS * steps_per_quarter
    counts = _clipped(summed(table, "duration_steps", "notes"), longest, longest + 2)
    ticks = {
        float(quarters * steps_per_quarter): f"{quarters}"
        for quarters in range(1, LONGEST_SHOWN_QUARTERS + 1)
    } | {float(longest + 2): f"  > {LONGEST_SHOWN_QUARTERS}"}
    return _histogram(title, "length in quarter notes", "% of notes", counts, ticks)


def _intervals(title: str, table: pa.Table) -> str:
    ticks = {
        float(n): f"{n:+d}" if n else "0" for n in range(-WIDEST_INTERVAL, WIDEST_INTERVAL + 1, 6)
    }
    ticks |= {-WIDEST_INTERVAL: f"≤ −{WIDEST_INTERVAL}", WIDEST_INTERVAL: f"≥ {WIDEST_INTERVAL}"}
    counts = summed(table, "semitones", "notes")
    return _histogram(title, "semitones, downwards and upwards", "% of moves", counts, ticks)


def _polyphony(title: str, table: pa.Table) -> str:
    most = MOST_VOICES_SHOWN
    counts = _clipped(summed(table, "notes_sounding", "frames"), most - 1, most)
    ticks = {float(n): f"{n}" for n in range(0, MOST_VOICES_SHOWN, 2)}
    ticks[float(MOST_VOICES_SHOWN)] = f"{MOST_VOICES_SHOWN}+"
    return _histogram(title, "notes", "% of time", counts, ticks)


def _keys(title: str, table: pa.Table) -> str:
    pieces = summed(table, "music_key", "pieces")
    major, minor = ([pieces[f"{n} {mode}"] for n in NAMES] for mode in ("major", "minor"))
    return figures.pairs(title, "pieces", NAMES, major, minor)


def _metres(title: str, table: pa.Table) -> str:
    pieces = summed(table, "metre", "pieces").most_common()
    told = [counted(count, "piece") for _, count in pieces]
    return figures.bars(title, "pieces", [m for m, _ in pieces], [c for _, c in pieces], told)


def _tempi(title: str, table: pa.Table) -> str:
    pieces = summed(table, "from_qpm", "pieces")
    total, half = sum(pieces.values()) or 1, TEMPO_STEP_QPM / 2
    shares = [pieces[tempo] / total for tempo in sorted(pieces)]
    places = [tempo + half for tempo in sorted(pieces)]
    axis = "mean tempo of a piece, quarter notes a minute"
    return figures.columns(title, axis, "% of pieces", places, shares, width=0.9 * TEMPO_STEP_QPM)


def _clipped(counts: Counter, most: int, place: int) -> Counter:
    """Put all that is above the most at one place."""
    found: Counter = Counter()
    for value, count in counts.items():
        found[value if value <= most else place] += count
    return found
