"""The command ``musicgen``: one sub-command for each stage, and those that run them all."""

import sys
from enum import StrEnum
from typing import Annotated, Any

import typer

from musicgen import __version__, cli_benchmark, cli_keys, cli_registry, console
from musicgen.options import Bucket, Json, Overrides, Sources, assignments
from musicgen.settings import as_uri

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An MLOps pipeline for symbolic music: corpus, dataset, models, champion, sound.",
)


app.add_typer(cli_benchmark.app, name="benchmark")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_registry.app)
app.add_typer(cli_registry.housekeeping, name="housekeeping")


class Family(StrEnum):
    """Model families."""

    LSTM = "lstm"
    GAN = "gan"


class Policy(StrEnum):
    """Who decides on promotion."""

    AUTOMATIC = "automatic"
    EVALUATE_ONLY = "evaluate-only"


Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same result.")]
Runs = Annotated[list[str], typer.Argument(help="MLflow run ids of trained models.")]
DatasetUri = Annotated[str, typer.Argument(help="A dataset, as `preprocess` printed it.")]
Profile = Annotated[str, typer.Option(help="How long to train: quick, standard or full.")]
AirflowRun = Annotated[str | None, typer.Option(help="The DAG run that this is for.")]
Source = Annotated[
    str | None,
    typer.Option(
        "--from", help="Where the corpus is: a directory or URI; a list of composers for music21."
    ),
]


@app.callback(invoke_without_command=True)
def _version(
    show: Annotated[bool, typer.Option("--version", is_eager=True, help="Print it.")] = False,
) -> None:
    if show:
        print(__version__)
        raise typer.Exit


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
    as_json: Json = False,
) -> None:
    """Turn a corpus snapshot into a dataset, on Spark."""
    from musicgen.preprocess.job import preprocess

    console.report(lambda: preprocess(as_uri(corpus_uri), bucket), as_json)


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
    trial: Annotated[int, typer.Option(min=0, help="Number of this trial; 0 is no trial.")] = 0,
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
def generate(
    bucket: Bucket,
    output: Annotated[str, typer.Option("-o", "--output", help="FILE.mid or FILE.wav.")],
    family: Annotated[Family | None, typer.Option(help="Default: the champion's.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Default: any.")] = None,
    end_seed: Annotated[
        int | None,
        typer.Option(min=0, max=2**32 - 1, help="Lead from --seed to this seed's music; GAN only."),
    ] = None,
    composer: Annotated[str, typer.Option(help="In the manner of.")] = "unknown",
    ensemble: Annotated[str, typer.Option(help="For these instruments.")] = "unknown",
    bars: Annotated[int, typer.Option(min=1, max=256, help="Length in 4/4 bars.")] = 8,
    tempo_qpm: Annotated[float | None, typer.Option(help="Quarter notes a minute.")] = None,
    temperature: Annotated[
        float | None, typer.Option(help="Below 1 tamer, above 1 wilder; default: the model's own.")
    ] = None,
    top_p: Annotated[float, typer.Option(help="Share of probability to sample from.")] = 0.95,
    top_k: Annotated[int, typer.Option(min=0, help="Number of likeliest tokens; 0: all.")] = 0,
    as_json: Json = False,
) -> None:
    """Let the champion write a piece of music."""
    from musicgen.generation.request import Request, random_seed
    from musicgen.serving.generate import generate

    def piece() -> Any:
        request = Request(
            random_seed() if seed is None else seed,
            composer,
            ensemble,
            bars,
            tempo_qpm,
            temperature,
            top_k,
            top_p,
        )
        return generate(bucket, request, family.value if family else None, output, end_seed)

    console.report(piece, as_json)


@app.command()
def serve(
    bucket: Bucket,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    allow_origin: Annotated[
        list[str] | None,
        typer.Option(help="Another site whose pages may use the API; repeat for several."),
    ] = None,
) -> None:
    """Serve the champion: API and listening page."""
    from musicgen.serving.server import serve

    serve(bucket, host, port, origins=tuple(allow_origin or ()))


@app.command()
def pipeline(
    bucket: Bucket,
    corpus: Annotated[str, typer.Argument(help="music21, musicnet or midi.")] = "music21",
    source: Source = None,
    profile: Profile = "quick",
    families: Annotated[
        list[Family], typer.Option("--family", help="Repeat for several; default: both.")
    ] = [Family.LSTM, Family.GAN],  # noqa: B006 - Typer copies it
    seed: Seed = 0,
    policy: Policy = Policy.AUTOMATIC,
    as_json: Json = False,
) -> None:
    """Run all stages in order, without Airflow."""
    from functools import partial

    from musicgen.pipeline import run_pipeline
    from musicgen.stages import run_stage

    stage = partial(run_stage, env={"MUSICGEN_BUCKET": bucket})
    chosen = [family.value for family in families]
    console.report(
        lambda: run_pipeline(stage, corpus, source, chosen, profile, seed, policy.value), as_json
    )


@app.command()
def demo(
    corpus: Annotated[str, typer.Option(help="music21, musicnet or midi.")] = "music21",
    source: Source = None,
    profile: Profile = "quick",
) -> None:
    """Start Airflow, MLflow and the API, run the pipeline, and hear its champion."""
    from musicgen.demo.run import demo
    from musicgen.demo.summary import summary

    print(summary(demo(corpus, source or None, profile)))


@app.command()
def stop() -> None:
    """End exactly the services that `demo` started."""
    from musicgen.demo.run import stop

    print(f"Stopped: {', '.join(stop()) or 'nothing was running'}.")


def main() -> None:
    """Run the command line."""
    sys.exit(console.run(app))
