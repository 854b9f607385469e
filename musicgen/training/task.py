"""One training, described in full."""

from dataclasses import dataclass

from musicgen import manifest, storage
from musicgen.bundle import FORMAT_VERSION
from musicgen.preprocess.dataset import Dataset
from musicgen.training.config import Plan, Value
from musicgen.training.sweep import drawn_from

BUNDLE = "bundle"
UNDERWAY = "backup/underway.json"
"""Says below a training that has not ended what it stands on; it goes with the backup."""


@dataclass(frozen=True)
class Task:
    """What is to be trained, on what, and where it goes.

    Attributes:
        family: ``lstm`` or ``gan``.
        profile: name of the profile, for people.
        plan: the profile with overrides.
        seed: of weights, batches and dropout.
        init_from: bundle to start from, or None.
        dataset: what to train on.
        bucket_uri: where the result goes.
        trial: its number among several, for people; None if it is no trial.
    """

    family: str
    profile: str
    plan: Plan
    seed: int
    init_from: str | None
    dataset: Dataset
    bucket_uri: str
    trial: int | None = None

    @property
    def name(self) -> str:
        """What people call it; of trials, the words that Airflow's tasks have."""
        numbered = "" if self.trial is None else f", trial {self.trial}"
        return f"{self.family} {self.profile}{numbered}"

    @property
    def training_id(self) -> str:
        """Digest of all inputs: the same training has the same id."""
        document = {
            "dataset_id": self.dataset.dataset_id,
            "family": self.family,
            "config": self.plan.document(),
            "seed": self.seed,
            "format_version": FORMAT_VERSION,
        }
        if self.init_from:
            document["init_from"] = manifest.load(self.init_from)["files"]
        return manifest.digest(document)

    @property
    def uri(self) -> str:
        """The training's directory in the bucket."""
        return storage.join(self.bucket_uri, "training", self.training_id)

    @property
    def bundle_uri(self) -> str:
        """Where the model goes."""
        return storage.join(self.uri, BUNDLE)

    @property
    def backup_uri(self) -> str:
        """Where it lies between two epochs."""
        return storage.join(self.uri, "backup")

    def begin(self) -> None:
        """Say that the dataset is needed from now on."""
        storage.write_json(storage.join(self.uri, UNDERWAY), {"dataset_uri": self.dataset.uri})

    def parameters(self) -> dict[str, Value]:
        """Return everything that was chosen, by name."""
        document = self.plan.document()
        return {
            "family": self.family,
            "profile": self.profile,
            "seed": self.seed,
            "init_from": self.init_from or "",
            **document["training"],
            **document["options"],
        }

    def drawn(self) -> dict[str, Value]:
        """Return the settings that trials draw, as they are in this one."""
        parameters = self.parameters()
        return {name: parameters[name] for name in drawn_from(self.family)}
