"""What a model has heard of the music that it is to be judged by."""

import logging
from dataclasses import dataclass

from musicgen.errors import BadInput
from musicgen.evaluation.gates import Gate
from musicgen.evaluation.lineage import lineage, moved
from musicgen.preprocess.dataset import Dataset

logger = logging.getLogger(__name__)

LEAK = "test_leak"
UNKNOWN_ORIGIN = "unknown_origin"


@dataclass(frozen=True)
class Heard:
    """What a model, and those that it started from, learned of a dataset's test split.

    Attributes:
        pieces: test pieces whose notes or whose work they trained on, or were chosen by.
        share: the same among all test pieces, 0 to 1.
        unknown: bundles of the line of which nobody can read any more what they learned from.
    """

    pieces: int
    share: float
    unknown: list[str]

    def gates(self) -> dict[str, Gate]:
        """Return the gates that hold a model to music that is new to it."""
        return {
            LEAK: Gate(self.share, 0.0),
            UNKNOWN_ORIGIN: Gate(float(len(self.unknown)), 0.0),
        }


def heard(bundle_uri: str, dataset: Dataset) -> Heard:
    """Find what a model has heard of the test split of a dataset, whichever it learned from.

    What it learned from that dataset itself is not looked at, for splits share no work.
    """
    bucket_uri = dataset.uri.rpartition("/datasets/")[0]
    learned: set = set()
    unknown = []
    for uri, origin in lineage(bundle_uri, bucket_uri):
        if origin.get("dataset_id") == dataset.dataset_id:
            continue
        try:
            other = Dataset.open(moved(origin["dataset_uri"], bucket_uri))
            learned |= set().union(*_names(other, "train"), *_names(other, "valid"))
        except (KeyError, BadInput, FileNotFoundError):
            logger.warning("Nobody can say any more what %s learned from.", uri)
            unknown.append(uri)
    if not learned:
        return Heard(0, 0.0, unknown)
    test = _names(dataset, "test")
    pieces = sum(not names.isdisjoint(learned) for names in test)
    return Heard(pieces, pieces / len(test) if test else 0.0, unknown)


def check_unheard(bundle_uri: str, dataset: Dataset) -> None:
    """Refuse a model that learned from what is to be the test.

    Raises:
        BadInput: it did, or cannot say that it did not.
    """
    found = heard(bundle_uri, dataset)
    if found.pieces:
        raise BadInput(
            f"The model learned {found.pieces} of the test pieces of {dataset.uri}, or one did "
            "that it started from; give one of another corpus."
        )
    if found.unknown:
        raise BadInput(
            f"Nobody can say what {found.unknown[0]} learned from; give a model that was trained "
            "here, and whose dataset is there still."
        )


def _names(dataset: Dataset, split: str) -> list[set]:
    """Return what each piece of a split may be known by: its notes, and its work.

    Keys of works mean the same in one corpus alone, and folders of MIDI are all called ``midi``.
    """
    corpus = (dataset.corpus, dataset.document.get("corpus_source"))
    pieces = dataset.table("pieces", ["fingerprint", "work"], split)
    columns = (pieces[name].to_pylist() for name in ("fingerprint", "work"))
    return [{notes, (*corpus, work)} for notes, work in zip(*columns, strict=True)]
