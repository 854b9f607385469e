"""``musicgen benchmark …``: what was measured, and how to measure it again."""

from pathlib import Path
from typing import Annotated

import typer

from musicgen import console
from musicgen.options import Bucket, Json, Overrides, Seed, Sources, assignments
from musicgen.settings import as_uri

app = typer.Typer(no_args_is_help=True, help="Measure against published figures and peers.")


@app.command()
def preprocess(
    source: Annotated[str, typer.Argument(help="Where the corpus is.")],
    corpus: Annotated[str, typer.Option(help="musicnet, music21 or midi.")] = "musicnet",
    copies: Annotated[
        list[int], typer.Option(min=1, help="Sizes: transposed copies of each piece. Repeat it.")
    ] = [1, 10],  # noqa: B006 - Typer copies it
    contender: Annotated[
        list[str], typer.Option(help="spark, loop or pool; repeat for several.")
    ] = ["spark", "loop", "pool"],  # noqa: B006
    cores: Annotated[int | None, typer.Option(min=1, help="Default: all of them.")] = None,
    as_json: Json = False,
) -> None:
    """Make the same dataset on Spark, in a loop and in a pool; report time and memory of each."""
    from musicgen.benchmark.preprocess import compare

    console.report(lambda: compare(source, corpus, copies, contender, cores), as_json)


@app.command()
def likelihood(
    file: Annotated[Path, typer.Argument(help='JSON: {"train": …, "valid": …, "test": …}.')],
    bucket: Bucket,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings, with seeds 0, 1, …")] = 3,
    profile: Annotated[
        str, typer.Option(help="benchmark, or benchmark_long for long pieces.")
    ] = "benchmark",
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Train the LSTM on a polyphonic benchmark; report nats per test frame and note."""
    from musicgen.benchmark.likelihood import likelihood

    changed = assignments(overrides or [])
    console.report(lambda: likelihood(file, bucket, seeds, profile, changed), as_json)


@app.command()
def corpus(
    dataset: Annotated[str, typer.Argument(help="A dataset, as `preprocess` printed it.")],
    bucket: Bucket,
    model: Annotated[
        str | None,
        typer.Option(help="An LSTM of it: an MLflow run, a training, a bundle. Default: train."),
    ] = None,
    profile: Annotated[str, typer.Option(help="Training profile of the LSTM.")] = "standard",
    seed: Seed = 0,
    shuffles: Annotated[int, typer.Option(min=1, help="How often to shuffle labels.")] = 5,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Predict a corpus's test pieces: the LSTM beside a 5-gram model, and with false labels."""
    from musicgen.benchmark.corpus import corpus_likelihood

    uri, changed = as_uri(dataset), assignments(overrides or [])
    console.report(
        lambda: corpus_likelihood(uri, bucket, model, profile, seed, changed, shuffles), as_json
    )


@app.command()
def transfer(
    dataset: Annotated[str, typer.Argument(help="A small dataset, as `preprocess` printed it.")],
    init_from: Annotated[
        str, typer.Option(help="An LSTM of another corpus: an MLflow run, a training, a bundle.")
    ],
    bucket: Bucket,
    profile: Annotated[str, typer.Option(help="Training profile of both.")] = "quick",
    seed: Seed = 0,
    overrides: Overrides = None,
    as_json: Json = False,
) -> None:
    """Train on a small corpus from scratch and from another model; report both on its test."""
    from musicgen.benchmark.transfer import transfer

    uri, changed = as_uri(dataset), assignments(overrides or [])
    console.report(lambda: transfer(uri, init_from, bucket, profile, seed, changed), as_json)


@app.command()
def gan(
    sources: Sources,
    dataset: Annotated[str, typer.Option(help="The dataset whose test pieces are the measure.")],
    samples: Annotated[int, typer.Option(min=4, help="Excerpts of each to compare.")] = 500,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Measure a GAN's gaps to held-out music, and its diversity, beside what is published."""
    from musicgen.benchmark.gan import gan, table

    if as_json:
        console.report(lambda: gan(sources, as_uri(dataset), samples, seed), as_json)
    else:
        print(table(gan(sources, as_uri(dataset), samples, seed)))


@app.command()
def serving(
    bucket: Bucket,
    seconds: Annotated[float, typer.Option(min=1, help="Length of each scene.")] = 10,
    swaps: Annotated[int, typer.Option(min=1, help="Swaps of the champion under load.")] = 100,
    fuzz_examples: Annotated[
        int, typer.Option(min=0, help="Cases of fuzzing for each operation; 0: none.")
    ] = 200,
    soak_seconds: Annotated[float, typer.Option(min=0, help="Length of the soak; 0: none.")] = 60,
    as_json: Json = False,
) -> None:
    """Put the service under load from another process, beside the naive service."""
    from musicgen.benchmark.serving.measure import measure

    console.report(lambda: measure(bucket, seconds, swaps, fuzz_examples, soak_seconds), as_json)


@app.command()
def fuzzing(
    cases: Annotated[int, typer.Option(min=1, help="How many requests at least.")] = 2000,
    seed: Seed = 0,
    as_json: Json = False,
) -> None:
    """Ask the API what its description allows and forbids, in this process, many times."""
    from musicgen.benchmark.serving.fuzzing import fuzzing

    console.report(lambda: fuzzing(cases, seed), as_json)


@app.command()
def generation(
    bundle: Annotated[
        str | None,
        typer.Option(help="URI of an LSTM's bundle; without it, 2 x 256 units of random weights."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Time the LSTM's engine beside plain Keras, each in a process of its own."""
    from musicgen.benchmark.generation import generation_speed

    uri = bundle and as_uri(bundle)
    console.report(lambda: generation_speed(uri), as_json)


@app.command()
def training(
    units: Annotated[int, typer.Option(min=1, help="Of each layer.")] = 256,
    layers: Annotated[int, typer.Option(min=1, help="LSTM layers.")] = 2,
    torch_python: Annotated[
        Path | None,
        typer.Option(help="Python of an environment with PyTorch, to measure nn.LSTM too."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Time the training of the LSTM layer beside Keras's own and PyTorch's."""
    from musicgen.benchmark.training import training_speed

    console.report(lambda: training_speed(units, layers, torch_python), as_json)
