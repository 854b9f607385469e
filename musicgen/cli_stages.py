"""Commands of the stages, from a corpus to a champion, and the one that runs them in order."""

from functools import partial
from typing import Annotated

import typer

from musicgen import console
from musicgen.options import (
    AirflowRun,
    Bucket,
    Family,
    Json,
    Overrides,
    Policy,
    Profile,
    Seed,
    Source,
    Sources,
    assignments,
)
from musicgen.settings import as_uri

app = typer.Typer()

Runs = Annotated[list[str], typer.Argument(help="MLflow run ids of trained models.")]
DatasetUri = Annotated[str, typer.Argument(help="A dataset, as `preprocess` printed it.")]


@app.command()
def ingest(
    corpus: Annotated[str, typer.Argument(help="music21, musicnet or midi.")],
    bucket: Bucket,
    source: Source = None,
    as_json: Json = False,
) -> None:
    """Take a corpus into the bucket as an immutable snapshot."""
    from musicgen.corpus.ingest import ingest

    console.report(lambda: ingest(corpus, source, bucket), as_json)


@app.command()
def preprocess(
    corpus_uri: Annotated[str, typer.Argument(help="A snapshot, as `ingest` printed it.")],
    bucket: Bucket,
    overrides: Annotated[
        list[str] | None,
        typer.Option("--set", help="Change a setting of docs/DATA.md: --set view=labels. Repeat."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Turn a corpus snapshot into a dataset, on Spark."""
    from musicgen.preprocess.config import PreprocessConfig
    from musicgen.preprocess.job import preprocess

    config = PreprocessConfig().changed(assignments(overrides or []))
    console.report(lambda: preprocess(as_uri(corpus_uri), bucket, config), as_json)


@app.command()
def validate(
    dataset_uri: DatasetUri,
    accept_drift: Annotated[
        bool, typer.Option("--accept-drift", help="Take what differs from the last dataset.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Prove a dataset sound with Great Expectations; exit code 1 if it is not."""
    from musicgen.quality.validate import validate

    result = console.report(
        lambda: validate(as_uri(dataset_uri), accept_drift=accept_drift), as_json
    )
    if not result.success:
        raise typer.Exit(console.FAILURE)


@app.command()
def analyse(dataset_uri: DatasetUri, as_json: Json = False) -> None:
    """Show what is in a dataset: a page of tables and pictures, made on Spark."""
    from musicgen.analysis.analyse import analyse

    console.report(lambda: analyse(as_uri(dataset_uri)), as_json)


@app.command()
def train(
    family: Family,
    dataset_uri: DatasetUri,
    bucket: Bucket,
    profile: Profile = "quick",
    seed: Seed = 0,
    overrides: Overrides = None,
    trial: Annotated[
        int | None, typer.Option(min=0, help="Number of this trial; 0 changes no setting.")
    ] = None,
    airflow_run: AirflowRun = None,
    init_from: Annotated[
        str | None,
        typer.Option(help="Start from the weights of another: an MLflow run or a bundle's URI."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Train a model; a killed training goes on where it was, a finished one is found again."""
    from musicgen.training.job import train

    settings_changed = assignments(overrides or [])
    console.report(
        lambda: train(
            family.value,
            as_uri(dataset_uri),
            bucket,
            profile=profile,
            seed=seed,
            overrides=settings_changed,
            trial=trial,
            airflow_run=airflow_run,
            init_from=init_from,
        ),
        as_json,
    )


@app.command()
def evaluate(
    sources: Sources,
    dataset: Annotated[str, typer.Option(help="The dataset whose test pieces are the measure.")],
    bucket: Bucket,
    samples: Annotated[int, typer.Option(min=4, help="Excerpts of each to compare.")] = 64,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure models, the champion beside them, and any music, on the same held-out music."""
    from musicgen.registry.contest import contest

    console.report(lambda: contest(sources, as_uri(dataset), bucket, samples, seed), as_json)


@app.command()
def promote(
    runs: Runs,
    bucket: Bucket,
    policy: Policy = Policy.AUTOMATIC,
    airflow_run: AirflowRun = None,
    pipeline_id: Annotated[
        str | None, typer.Option(help="As `news` printed it: remember the outcome.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Publish the best of the evaluated runs, and make it champion if it earned that."""
    from musicgen.registry.promote import promote

    console.report(lambda: promote(runs, bucket, policy.value, airflow_run, pipeline_id), as_json)


@app.command()
def pipeline(
    bucket: Bucket,
    corpus: Annotated[str, typer.Argument(help="music21, musicnet or midi.")] = "music21",
    source: Source = None,
    profile: Profile = "quick",
    families: Annotated[
        list[Family], typer.Option("--family", help="Repeat for several; default: both.")
    ] = [Family.LSTM, Family.GAN],  # noqa: B006 - Typer copies it
    trials: Annotated[int, typer.Option(min=1, max=100, help="Trainings of each family.")] = 1,
    seed: Seed = 0,
    policy: Policy = Policy.AUTOMATIC,
    overrides: Overrides = None,
    dataset_overrides: Annotated[
        list[str] | None,
        typer.Option(
            "--set-dataset", help="Change a setting of docs/DATA.md: view=labels. Repeat."
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Run even if nothing changed.")] = False,
    as_json: Json = False,
) -> None:
    """Run all stages in order, without Airflow; ends at once where nothing changed."""
    from musicgen.pipeline import PipelineRequest, run_pipeline
    from musicgen.preprocess.config import PreprocessConfig
    from musicgen.stages import run_stage
    from musicgen.training.config import check_settings

    check_settings(families, profile, overrides or [])
    PreprocessConfig().changed(assignments(dataset_overrides or []))
    request = PipelineRequest(
        corpus=corpus,
        corpus_uri=source,
        profile=profile,
        families=[family.value for family in families],
        trials=trials,
        seed=seed,
        promotion=policy.value,
        overrides=overrides or [],
        dataset_overrides=dataset_overrides or [],
    )
    stage = partial(run_stage, env={"MUSICGEN_BUCKET": bucket})
    console.report(lambda: run_pipeline(stage, request, force), as_json)
