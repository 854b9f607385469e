"""What may be chosen about a dataset."""

from dataclasses import asdict, dataclass, field, replace
from typing import Any

from musicgen.corpus.reader import VIEWS
from musicgen.errors import BadInput
from musicgen.music.grid import STEPS_PER_QUARTER
from musicgen.music.midi import Limits
from musicgen.options import Value, parsed
from musicgen.ranges import Ranged, ranged

_LIMITS = "limits."


@dataclass(frozen=True)
class PreprocessConfig(Ranged):
    """Everything that decides what a corpus becomes; part of the dataset's id.

    Attributes:
        steps_per_quarter: grid resolution; 4, a step is a sixteenth, and nothing else yet.
        view: which view of a piece to read: ``labels``, ``midi``, or ``auto`` for what there is.
        split_seed: another seed, another split of the works.
        valid_share: expected share of the works that are held out for validation.
        test_share: the same for the test; unused where the corpus has official test pieces.
            Together they are at most 0.5.
        train_hop_bars: distance of piano-roll excerpts in training pieces, in bars of 16 steps.
        held_out_hop_bars: the same in validation and test pieces; 4 bars leave no overlap.
        min_excerpt_notes: excerpts with fewer notes are left out.
        max_rejected_share: more rejected pieces than this fail the stage, 0–1.
        max_tokens: pieces with longer sequences are rejected; a few long notes in a small file
            can sound in millions of frames.
        pieces_per_shard: mean number of pieces in a Parquet file; bounds a worker's memory.
        limits: what a music file may hold at the most.
    """

    steps_per_quarter: int = STEPS_PER_QUARTER
    view: str = "auto"
    split_seed: int = 0
    valid_share: float = 0.1
    test_share: float = 0.1
    train_hop_bars: int = ranged(2, 1)
    held_out_hop_bars: int = ranged(4, 1)
    min_excerpt_notes: int = ranged(8, 1)
    max_rejected_share: float = ranged(0.2, 0, 1)
    max_tokens: int = ranged(1_000_000, 1)
    pieces_per_shard: int = ranged(64, 1)
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.steps_per_quarter != STEPS_PER_QUARTER:
            raise BadInput(
                f"steps_per_quarter is {self.steps_per_quarter}; excerpts and models know "
                f"{STEPS_PER_QUARTER} alone."
            )
        if self.view not in VIEWS:
            raise BadInput(f"view is {self.view!r}; choose one of {', '.join(VIEWS)}.")
        shares = (self.valid_share, self.test_share)
        if not (all(share > 0 for share in shares) and sum(shares) <= 0.5):  # nor what is no number
            raise BadInput(
                f"valid_share is {self.valid_share} and test_share {self.test_share}; both must be "
                "above 0, and together at most 0.5."
            )
        for name, limit in vars(self.limits).items():
            if limit < 1:
                raise BadInput(f"{_LIMITS}{name} is {limit}; it must be at least 1.")
        if self.limits.bytes > Limits.bytes:
            raise BadInput(
                f"limits.bytes is {self.limits.bytes}; ingest takes no larger files than "
                f"{Limits.bytes}."
            )

    def as_json(self) -> dict[str, Any]:
        """Return the JSON value that the manifest holds."""
        return asdict(self)

    def settings(self) -> dict[str, Value]:
        """Return all values by name; those of limits are called ``limits.notes`` and so on."""
        values = {name: value for name, value in vars(self).items() if name != "limits"}
        return values | {f"{_LIMITS}{name}": value for name, value in vars(self.limits).items()}

    def changed(self, values: dict[str, Value]) -> "PreprocessConfig":
        """Return this configuration with other values, by the names of ``settings``.

        Raises:
            BadInput: there is no such setting, or it cannot have that value.
        """
        current = self.settings()
        for name in values:
            if name not in current:
                raise BadInput(f"Preprocessing has no setting {name!r}: {', '.join(current)}.")
        new = current | {name: parsed(name, v, current[name]) for name, v in values.items()}
        limits = {name: new.pop(f"{_LIMITS}{name}") for name in vars(self.limits)}
        return replace(self, limits=Limits(**limits), **new)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "PreprocessConfig":
        """Return the configuration that a manifest holds."""
        return cls(**{**document, "limits": Limits(**document["limits"])})
