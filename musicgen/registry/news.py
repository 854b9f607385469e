"""Is there anything to do? What a pipeline run was asked, and whether one was asked it before."""

from dataclasses import dataclass
from importlib import resources
from typing import Any

from musicgen import bundle, manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.evaluate import PROTOCOL
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.schema import SCHEMA_VERSION
from musicgen.registry.ledger import now
from musicgen.training.config import OPTIONS, load_plan

ASKED = (
    *("profile", "families", "trials", "seed", "promotion"),
    *("overrides", "dataset_overrides"),
)
"""What of a run's form decides its outcome, together with the corpus."""


@dataclass(frozen=True)
class NewsResult:
    """Whether a run has anything to do.

    Attributes:
        news: it has.
        pipeline_id: names what was asked; a finished run leaves its outcome under it.
        reason: in a sentence.
    """

    news: bool
    pipeline_id: str
    reason: str


def look_for_news(
    bucket_uri: str, corpus_uri: str, request: dict[str, Any], force: bool = False
) -> NewsResult:
    """Say whether a run with the same music and settings has come to its end before.

    A change of a profile, of the measures or of a format is news; any other change of the code is
    none, as it is for the ids of datasets and trainings.

    Args:
        bucket_uri: where outcomes are kept.
        corpus_uri: the snapshot, whose digest says which music it is.
        request: the fields of the form.
        force: there is always something to do.

    Raises:
        BadInput: there is no such snapshot, family or profile.
    """
    families = request.get("families") or list(OPTIONS)
    if not isinstance(families, list):
        raise BadInput(f'families is {families!r}: write a list, such as ["lstm"].')
    for family in families:
        load_plan(str(family), str(request.get("profile") or "quick"))
    asked = {name: request.get(name) or None for name in ASKED}
    profiles = resources.files("musicgen.training").joinpath("profiles").iterdir()
    document = {
        "corpus": manifest.digest(manifest.load(corpus_uri)),
        "asked": asked,
        "dataset": [PreprocessConfig().as_json(), SCHEMA_VERSION],
        "profiles": {one.name: one.read_text() for one in profiles if one.name.endswith(".toml")},
        "formats": [bundle.FORMAT_VERSION, PROTOCOL],
    }
    pipeline_id = manifest.digest(document)
    if force:
        return NewsResult(True, pipeline_id, "Asked to run whatever is known.")
    try:
        found = storage.read_json(_uri(bucket_uri, pipeline_id))
    except FileNotFoundError:
        return NewsResult(True, pipeline_id, "Nobody has asked this of this music before.")
    reason = (
        f"Nothing changed: the same music and settings came to this on {found['time']}: "
        f"{found['outcome']}. Choose Force to run all the same."
    )
    return NewsResult(False, pipeline_id, reason)


def remember(bucket_uri: str, pipeline_id: str, outcome: str) -> None:
    """Keep the outcome of a run that has come to its end."""
    storage.write_json(_uri(bucket_uri, pipeline_id), {"outcome": outcome, "time": now()})


def _uri(bucket_uri: str, pipeline_id: str) -> str:
    return storage.join(bucket_uri, "pipelines", f"{pipeline_id}.json")
