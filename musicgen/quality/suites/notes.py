"""What must hold of every note."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.row_conditions import Column

from musicgen.music.family import Family
from musicgen.preprocess.dataset import Dataset

LONGEST_QUARTERS = 128
"""Thirty-two bars of 4/4: longer than any organ point, shorter than a note that never ended."""

RANGES = {Family.STRINGS: (24, 105), Family.VOICES: (34, 89)}
"""Lowest and highest sounding pitch of families that lack a part of the keyboard.

Strings: C1 of a double bass with extension to A7 of a violin's highest harmonics. Voices: B flat 1
of an oktavist to F6 of the Queen of the Night.
"""

SHARE_IN_RANGE = 0.99
SHARE_THAT_ENDS = 0.9999


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``notes``."""
    return [*_pitch(dataset), *_time(dataset), *_belonging()]


def _pitch(dataset: Dataset) -> list[Expectation]:
    vocabulary = dataset.vocabulary
    whole_keyboard = gxe.ExpectColumnValuesToBeBetween(
        column="pitch",
        min_value=vocabulary.low_pitch,
        max_value=vocabulary.high_pitch,
        description=f"Every pitch has a token: {vocabulary.low_pitch}–{vocabulary.high_pitch}.",
    )
    playable = [
        gxe.ExpectColumnValuesToBeBetween(
            column="pitch",
            min_value=low,
            max_value=high,
            mostly=SHARE_IN_RANGE,
            row_condition=Column("family") == int(family),
            description=f"{SHARE_IN_RANGE:.0%} of {family.name.lower()} notes lie in {low}–{high}.",
        )
        for family, (low, high) in RANGES.items()
    ]
    families = gxe.ExpectColumnValuesToBeInSet(
        column="family",
        value_set=[int(family) for family in Family],
        description="Every note is played by one of the four families.",
    )
    return [whole_keyboard, *playable, families]


def _time(dataset: Dataset) -> list[Expectation]:
    longest_steps = LONGEST_QUARTERS * dataset.config.steps_per_quarter
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="onset_steps", min_value=0, description="No note begins before its piece."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="duration_steps",
            min_value=1,
            description="Every note sounds for a step at least.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="duration_steps",
            max_value=longest_steps,
            mostly=SHARE_THAT_ENDS,
            description=f"{SHARE_THAT_ENDS:.2%} of notes last {LONGEST_QUARTERS} quarters or less.",
        ),
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="piece_frames",
            column_B="end_steps",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            description="Every note ends within its piece.",
        ),
    ]


def _belonging() -> list[Expectation]:
    return [
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="split",
            column_B="piece_split",
            description="Every note belongs to a piece and is in its split.",
        ),
    ]
