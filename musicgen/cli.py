"""The command ``musicgen``: what plays and what runs everything; stages are in ``cli_stages``."""

import sys
from typing import Annotated, Any

import typer

from musicgen import __version__, cli_benchmark, cli_keys, cli_registry, cli_stages, console
from musicgen.options import Bucket, ExistingBucket, Family, Json, Profile, Source

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="An MLOps pipeline for symbolic music: corpus, dataset, models, champion, sound.",
)

app.add_typer(cli_stages.app)
app.add_typer(cli_benchmark.app, name="benchmark")
app.add_typer(cli_keys.app, name="keys")
app.add_typer(cli_registry.app)
app.add_typer(cli_registry.housekeeping, name="housekeeping")


@app.callback(invoke_without_command=True)
def _version(
    show: Annotated[bool, typer.Option("--version", is_eager=True, help="Print it.")] = False,
) -> None:
    if show:
        print(__version__)
        raise typer.Exit


@app.command()
def generate(
    bucket: ExistingBucket,
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
    tempo_qpm: Annotated[
        float | None,
        typer.Option(
            min=20, max=400, help="Quarter notes a minute; default: the model's own tempo."
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(min=0, max=4, help="Below 1 tamer, above 1 wilder; default: the model's own."),
    ] = None,
    top_p: Annotated[
        float,
        typer.Option(
            min=1e-6, max=1, help="Share of probability to sample from, 1: all; LSTM only."
        ),
    ] = 0.95,
    top_k: Annotated[
        int,
        typer.Option(min=0, max=2**16, help="Number of likeliest tokens, 0: all; LSTM only."),
    ] = 0,
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
