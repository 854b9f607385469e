"""The faults that expectations are there for. Each list names what must fail, and nothing else."""

from quality.faults import (
    Fault,
    adding,
    dropping,
    editing,
    everywhere,
    renoting,
    rewriting,
    setting,
    shifting,
)

DECODES = "sequences: Every sequence decodes back to the notes of its piece."
PLAYS = "pianorolls: Every excerpt plays what its piece has there."


def at(index, value):
    """An edit that sets one element of a list."""
    return lambda items: [*items[:index], value, *items[index + 1 :]]


def deep_violins(tables, piece):
    """Ten parts whose notes are all too low."""
    for _ in range(10):
        adding("instruments", program=40, notes=9, notes_out_of_range=9)(tables, piece)


def endless(notes):
    notes["duration_steps"][-2:] = 600
    return notes


def without_first_strike(cells):
    """The cells of a roll without the onset of a note that is held on after it."""
    held = {cell - 1 - 672 for cell in cells if cell % 2}
    return [cell for cell in cells if cell not in {min(held & set(cells))}]


FAULTS = [
    Fault(
        adding("pieces", fingerprint="0" * 32),
        (
            "pieces: Every piece is there once.",
            "pieces: The notes of every piece are those that its fingerprint names.",
        ),
    ),
    Fault(
        everywhere(composer="Salieri"),
        ("pieces: Every piece has a composer that models know, or is marked unknown.",),
    ),
    Fault(
        everywhere(ensemble="Kazoo Trio"),
        ("pieces: Every piece has an ensemble that models know, or is marked unknown.",),
    ),
    Fault(setting("pieces", work=" "), ("pieces: Every piece belongs to a work.",)),
    Fault(
        adding("rejected", source="twice", reason="not_midi", detail=""),
        ("pieces: No piece is both taken and rejected.",),
    ),
    Fault(
        everywhere(split="dev"),
        ("pieces: Every piece is for training, for validation or for the test.",),
    ),
    Fault(
        setting("pieces", official_test=True),
        ("pieces: The official test pieces are in the test split.",),
    ),
    Fault(
        dropping("notes"),
        ("pieces: Every piece has notes.",),
    ),
    Fault(
        setting("pieces", fingerprint="f" * 32),
        ("pieces: The notes of every piece are those that its fingerprint names.",),
    ),
    Fault(dropping("sequences"), ("pieces: Every piece has one token sequence.",)),
    Fault(
        setting("pieces", tempo_qpm=1000.0),
        ("pieces: Every tempo can be played: 20 to 400 quarters/min.",),
    ),
    Fault(
        setting("pieces", duration_seconds=4 * 3600.0),
        ("pieces: No piece lasts longer than three hours.",),
    ),
    Fault(renoting(pitch=120), ("notes: Every pitch has a token: 21–108.", DECODES, PLAYS)),
    Fault(
        deep_violins,
        (
            "instruments: 95% of parts can be played: at most 10% of their notes lie outside "
            "their instrument's range.",
        ),
    ),
    Fault(
        setting("instruments", split="test"),
        ("instruments: Every instrument belongs to a piece and is in its split.",),
    ),
    Fault(
        renoting(family=7), ("notes: Every note is played by one of the four families.", DECODES)
    ),
    Fault(shifting(-1), ("notes: No note begins before its piece.",)),
    Fault(renoting(duration_steps=0), ("notes: Every note sounds for a step at least.", DECODES)),
    Fault(rewriting(endless), ("notes: 99.99% of notes, one aside, last at most 128 quarters.",)),
    Fault(shifting(16), ("notes: Every note ends within its piece.", PLAYS)),
    Fault(
        setting("notes", split="test"),
        ("notes: Every note belongs to a piece and is in its split.",),
    ),
    Fault(
        editing("sequences", "tokens", at(0, 0)),
        ("sequences: No sequence holds padding or a token below the vocabulary.",),
    ),
    Fault(
        editing("sequences", "tokens", at(0, 706)),
        ("sequences: No sequence holds a token above the vocabulary.",),
    ),
    Fault(
        lambda tables, piece: (
            editing("sequences", "tokens", lambda tokens: [*tokens, 300])(tables, piece),
            editing("sequences", "positions", lambda positions: [*positions, 0])(tables, piece),
        ),
        ("sequences: Every sequence ends with the end of a frame.",),
    ),
    Fault(
        lambda tables, piece: (
            setting("sequences", frames=65)(tables, piece),
            setting("pieces", frames=65)(tables, piece),
        ),
        ("sequences: Every sequence has as many ends of frames as it has frames.",),
    ),
    Fault(
        editing("sequences", "tokens", lambda tokens: [t + 8 if t > 1 else t for t in tokens]),
        (DECODES,),
    ),
    Fault(
        editing("sequences", "tokens", lambda tokens: [tokens[1], tokens[0], *tokens[2:]]),
        ("sequences: Encoding the decoded notes gives every sequence again.",),
    ),
    Fault(
        editing("sequences", "positions", lambda positions: positions[1:]),
        ("sequences: Every token has a position in the bar.",),
    ),
    Fault(
        editing("sequences", "positions", at(0, 64)),
        (
            "sequences: Positions in the bar go from 0 to 63.",
            "sequences: Bars are counted frame by frame, and each begins with 0.",
        ),
    ),
    Fault(
        editing("sequences", "positions", lambda positions: [(p + 3) % 16 for p in positions]),
        ("sequences: Bars are counted frame by frame, and each begins with 0.",),
    ),
    Fault(setting("metres", numerator=3), ("sequences: Bars are as long as their metre says.",)),
    Fault(
        setting("sequences", split="test"),
        ("sequences: Every sequence belongs to a piece and is in its split.",),
    ),
    Fault(
        setting("pieces", frames=66), ("sequences: Every sequence has the length of its piece.",)
    ),
    Fault(
        setting("sequences", composer="unknown"),
        ("sequences: Every sequence has the composer of its piece.",),
    ),
    Fault(
        setting("sequences", ensemble="unknown"),
        ("sequences: Every sequence has the ensemble of its piece.",),
    ),
    Fault(
        editing("pianorolls", "cells", at(0, -1)), ("pianorolls: No cell lies before the roll.",)
    ),
    Fault(
        editing("pianorolls", "cells", at(-1, 64 * 84 * 8)),
        ("pianorolls: No cell lies after the roll.",),
    ),
    Fault(
        editing("pianorolls", "cells", lambda cells: [cells[1], cells[0], *cells[2:]]),
        ("pianorolls: Cells ascend, each once.",),
    ),
    Fault(setting("pianorolls", cells=[]), ("pianorolls: A note is struck in every excerpt.",)),
    Fault(
        editing("pianorolls", "cells", without_first_strike),
        ("pianorolls: Only what sounded in the step before is held.",),
    ),
    Fault(adding("pianorolls"), ("pianorolls: Every excerpt of a piece is there once.",)),
    Fault(
        setting("pianorolls", start_steps=999),
        ("pianorolls: Every excerpt begins within its piece.",),
    ),
    Fault(
        setting("pianorolls", split="test"),
        ("pianorolls: Every excerpt belongs to a piece and is in its split.",),
    ),
    Fault(
        editing("pianorolls", "cells", lambda cells: [cell + 8 for cell in cells]),
        (PLAYS,),
    ),
    Fault(
        setting("pianorolls", composer="unknown"),
        ("pianorolls: Every excerpt has the composer of its piece.",),
    ),
    Fault(
        setting("pianorolls", ensemble="unknown"),
        ("pianorolls: Every excerpt has the ensemble of its piece.",),
    ),
    Fault(
        adding("rejected", piece_id="x", source="left out", reason=" ", detail=""),
        ("rejected: Every rejected piece has a reason.",),
        "x",
    ),
    Fault(
        adding("rejected", piece_id="y", source=" ", reason="not_midi", detail=""),
        ("rejected: Every rejected piece names its source.",),
        "y",
    ),
]
"""Faults that show at one piece."""
