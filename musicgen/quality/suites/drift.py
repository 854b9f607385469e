"""What must hold of a dataset beside the last one of the same source that was accepted."""

from great_expectations import expectations as gxe
from great_expectations.expectations.expectation import Expectation

from musicgen.preprocess.dataset import Dataset

FARTHEST_PITCH_CLASSES = 0.15
FARTHEST_DURATIONS = 0.3
"""Share of the notes that would have to change for the two distributions to be the same.

Two halves of MusicNet are 0.03 and 0.02 apart, its Bach and all of it 0.05 and 0.13, MusicNet and
music21's corpus 0.09 and 0.24; MusicNet a semitone higher is 0.18 from itself, and with all notes
twice as long 0.42.
"""
REMEDY = "--accept-drift takes a change that is meant"


def expectations(dataset: Dataset) -> list[Expectation]:
    """Declare the expectations on the view ``drift``."""
    return [
        gxe.ExpectColumnValuesToBeBetween(
            column="pitch_classes_distance",
            max_value=FARTHEST_PITCH_CLASSES,
            description=f"Pitch classes are spread as in the last accepted dataset ({REMEDY}).",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="durations_distance",
            max_value=FARTHEST_DURATIONS,
            description=f"Durations are spread as in the last accepted dataset ({REMEDY}).",
        ),
    ]
