"""What must hold of the notes of every piece."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.quality.note_facts import LONGEST_QUARTERS
from musicgen.quality.suites.holds import holds

SHARE_THAT_ENDS = 0.9999


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``notes``, a row of which is a piece."""
    return [*_sound(dataset), *_time(), _belonging()]


def _sound(dataset: Dataset) -> list[Expectation]:
    low, high = dataset.vocabulary.low_pitch, dataset.vocabulary.high_pitch
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column="pitches_without_token",
            value_set=[0],
            description=f"Every pitch has a token: {low}–{high}.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="notes_of_no_family",
            value_set=[0],
            description="Every note is played by one of the four families.",
        ),
    ]


def _time() -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="first_onset", min_value=0, description="No note begins before its piece."
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="shortest_steps",
            min_value=1,
            description="Every note sounds for a step at least.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="endless_share",
            max_value=1 - SHARE_THAT_ENDS,
            description=f"{SHARE_THAT_ENDS:.2%} of notes, one aside, last at most "
            f"{LONGEST_QUARTERS} quarters.",
        ),
        holds("ends_in_piece", "Every note ends within its piece."),
    ]


def _belonging() -> Expectation:
    return holds("in_split_of_piece", "Every note belongs to a piece and is in its split.")
