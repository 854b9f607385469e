"""Candidates: the trained models that an evaluation compares."""

from collections import Counter
from dataclasses import dataclass

from musicgen import manifest
from musicgen.errors import BadInput
from musicgen.evaluation.excerpt_set import ExcerptSet, made
from musicgen.evaluation.excerpts import Excerpt
from musicgen.evaluation.playing import play
from musicgen.evaluation.tracking import Run, read_run


@dataclass(frozen=True)
class Candidate:
    """A model to be judged.

    Attributes:
        name: what the report calls it.
        family: ``lstm`` or ``gan``.
        bundle_uri: where it is.
        run_id: MLflow run that trained it, if it is known.
        version: published version such as ``lstm-3``, if it has one.
    """

    name: str
    family: str
    bundle_uri: str
    run_id: str | None = None
    version: str | None = None

    @property
    def bundle_digest(self) -> str:
        """Name of the bundle's content: equal for a training's bundle and its published copy."""
        return bundle_digest(self.bundle_uri)

    def answers(self, held_out: list[Excerpt], seed: int) -> ExcerptSet:
        """Let it play what the held-out excerpts ask for; see ``playing.play``."""
        return made(self.name, play(self.bundle_uri, held_out, seed))


def bundle_digest(bundle_uri: str) -> str:
    """Return the digest of a bundle's model and weights.

    Raises:
        BadInput: there is no finished bundle.
    """
    files = manifest.load(bundle_uri)["files"]
    # A published copy holds a model card too, which is about the model, not part of it.
    return manifest.digest({name: files[name] for name in files if not name.endswith(".md")})


def candidates_of_runs(run_ids: list[str]) -> list[Candidate]:
    """Find the models that MLflow runs trained.

    Candidates are named by family; where runs share a family, the run's first digits follow.

    Raises:
        BadInput: a run is unknown, or trained no model.
    """
    runs = [read_run(run_id) for run_id in dict.fromkeys(run_ids)]
    families = Counter(_tag(run, "musicgen.family") for run in runs)
    return [_candidate(run, is_only=families[run.tags["musicgen.family"]] == 1) for run in runs]


def _candidate(run: Run, is_only: bool) -> Candidate:
    family = run.tags["musicgen.family"]
    name = family if is_only else f"{family}-{run.run_id[:8]}"
    return Candidate(name, family, _tag(run, "musicgen.bundle_uri"), run.run_id)


def _tag(run: Run, name: str) -> str:
    try:
        return run.tags[name]
    except KeyError:
        raise BadInput(
            f"Run {run.run_id} has no tag {name}: it trained no model, or did not finish. "
            "Give the run_id that `musicgen train` printed."
        ) from None
