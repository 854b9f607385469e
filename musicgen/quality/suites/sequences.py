"""What must hold of every token sequence."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset
from musicgen.preprocess.schema import MAX_POSITION
from musicgen.quality.suites.holds import holds
from musicgen.representation.vocabulary import END_OF_FRAME


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``sequences``."""
    return [*_tokens(dataset), *_music(), *_positions(), *_belonging()]


def _tokens(dataset: Dataset) -> list[Expectation]:
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="lowest_token",
            min_value=END_OF_FRAME,
            description="No sequence holds padding or a token below the vocabulary.",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="highest_token",
            max_value=dataset.vocabulary.size - 1,
            description="No sequence holds a token above the vocabulary.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="last_token",
            value_set=[END_OF_FRAME],
            description="Every sequence ends with the end of a frame.",
        ),
        holds("ends_every_frame", "Every sequence has as many ends of frames as it has frames."),
    ]


def _music() -> list[Expectation]:
    return [
        holds("decodes_to_notes", "Every sequence decodes back to the notes of its piece."),
        holds("is_canonical", "Encoding the decoded notes gives every sequence again."),
    ]


def _positions() -> list[Expectation]:
    return [
        holds("has_all_positions", "Every token has a position in the bar."),
        gxe.ExpectColumnValuesToBeBetween(
            column="highest_position",
            min_value=0,
            max_value=MAX_POSITION,
            description=f"Positions in the bar go from 0 to {MAX_POSITION}.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="uncounted_frames",
            value_set=[0],
            description="Bars are counted frame by frame, and each begins with 0.",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="frames_off_metre",
            value_set=[0],
            description="Bars are as long as their metre says.",
        ),
    ]


def _belonging() -> list[Expectation]:
    words = {"split": "split", "frames": "length", "composer": "composer", "ensemble": "ensemble"}
    return [
        gxe.ExpectColumnValuesToBeInSet(
            column=f"in_{column}_of_piece",
            value_set=[True],
            description="Every sequence belongs to a piece and is in its split."
            if column == "split"
            else f"Every sequence has the {word} of its piece.",
        )
        for column, word in words.items()
    ]
