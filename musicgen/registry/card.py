"""Model cards: what a version is, where it comes from and how well it plays."""

from typing import Any

from musicgen import manifest
from musicgen.errors import BadInput
from musicgen.registry.evidence import Evidence

KINDS = {"lstm": "An LSTM", "gan": "A GAN"}

TEMPLATE = """\
# {version}

{kind} model that writes symbolic music on a grid of sixteenths, for {composers} composers and
{ensembles} ensembles, `unknown` among them.

## Where it comes from

| | |
|---|---|
| corpus | {corpus}, snapshot `{corpus_digest}` |
| licence of the corpus | {licence} |
| source of the corpus | {source} |
| size of the dataset | {pieces} pieces, {notes} notes |
| dataset | `{dataset_id}`, validation {validation} |
| code | `{git_sha}` |
| MLflow run | `{run_id}` |

## How well it plays

Score **{score:.3f}** (95 % of resamples: {low:.3f} to {high:.3f}), on at most {samples} excerpts of
four bars from the test split; 1 cannot be told from held-out music, 0 is nothing like it.
docs/EVALUATION.md says what the words mean. The evaluation: {evaluation_uri}

| aspect | likeness to held-out music | 95 % of resamples |
|---|---|---|
{aspects}

| gate | value | at most |
|---|---|---|
{gates}

| measure | mean | 95 % of resamples |
|---|---|---|
{measures}

## Limits

It knows the styles of its corpus and nothing else: {names}.

Pieces of its own are in 4/4; triplets, dynamics and tempo changes are beyond its grid. It may
repeat passages of its training music: a share of {known:.3f} of its runs of sixteen notes stands
there, in some key.

## How to make it again

`musicgen reproduce {version}`, at the code above: it trains again with these settings, and compares
weights, metrics and music.

| setting | value |
|---|---|
{settings}
"""


def card(version: str, evidence: Evidence, bundle: dict[str, Any], model: dict[str, Any]) -> str:
    """Return the model card of a version in Markdown.

    Args:
        version: such as ``lstm-3``.
        evidence: of the evaluation that led to its publication.
        bundle: the bundle's manifest.
        model: the bundle's ``model.json``.
    """
    origin = bundle["provenance"]
    dataset = _document(origin.get("dataset_uri"))
    corpus = _document(dataset.get("corpus_uri"))
    measures = evidence.entry["measures"].items()
    means = {name: values["mean"] for name, values in measures if "mean" in values}
    return TEMPLATE.format(
        version=version,
        kind=KINDS[evidence.family],
        composers=len(model["composers"]),
        ensembles=len(model["ensembles"]),
        names=", ".join(model["composers"][1:]) or "composers unknown",
        licence=corpus.get("licence", "unknown"),
        source=corpus.get("source", "unknown"),
        **{name: dataset.get("counts", {}).get(name, "unknown") for name in ("pieces", "notes")},
        settings=_rows({name: str(v) for name, v in origin.get("parameters", {}).items()}),
        **{
            name: origin.get(name, "unknown")
            for name in ("corpus", "corpus_digest", "dataset_id", "validation", "git_sha")
        },
        run_id=evidence.run_id,
        score=evidence.score,
        low=evidence.interval[0],
        high=evidence.interval[1],
        samples=evidence.terms["samples"],
        evaluation_uri=evidence.evaluation_uri,
        aspects=_measured(evidence, evidence.entry["aspects"], "aspect."),
        gates=_rows(
            {name: f"{g['value']:.3f} | {g['limit']:.3f}" for name, g in evidence.gates.items()}
        ),
        measures=_measured(evidence, means),
        known=evidence.entry["copying"]["known_16_grams"],
    )


def _measured(evidence: Evidence, values: dict[str, float], prefix: str = "") -> str:
    """Return a row for each value, with the interval that the evaluation gives it."""
    intervals = evidence.entry["intervals"]
    return _rows(
        {
            name: "{:.3f} | {:.3f} to {:.3f}".format(value, *intervals[f"{prefix}{name}"])
            for name, value in values.items()
        }
    )


def _rows(cells: dict[str, str]) -> str:
    return "\n".join(f"| {name.replace('_', ' ')} | {cell} |" for name, cell in cells.items())


def _document(uri: str | None) -> dict[str, Any]:
    """Follow the chain: return what a link's manifest says, nothing if it is gone."""
    try:
        return manifest.load(uri) if uri else {}
    except BadInput:
        return {}
