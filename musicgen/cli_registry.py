"""Commands of the registry: what led, the way back, and order in the bucket."""

from enum import StrEnum
from typing import Annotated

import typer

from musicgen import console
from musicgen.errors import MusicgenError
from musicgen.options import Bucket, ExistingBucket, Json, json_object
from musicgen.settings import as_uri, settings

app = typer.Typer()
housekeeping = typer.Typer(
    no_args_is_help=True, help="Keep the bucket in order: what is not needed, what disagrees."
)


class ChannelName(StrEnum):
    """Champion channels."""

    OVERALL = "overall"
    LSTM = "lstm"
    GAN = "gan"


Channel = Annotated[ChannelName, typer.Option(help="Whose champion: overall, lstm or gan.")]


@app.command()
def news(
    corpus_uri: Annotated[str, typer.Argument(help="A snapshot, as `ingest` printed it.")],
    bucket: Bucket,
    request: Annotated[str, typer.Option(help="The run's form, a JSON object.")] = "{}",
    force: Annotated[bool, typer.Option("--force", help="There always is something.")] = False,
    as_json: Json = False,
) -> None:
    """Say whether a pipeline run has anything to do, or was done before."""
    from musicgen.registry.news import look_for_news

    asked = json_object("--request", request)
    console.report(lambda: look_for_news(bucket, as_uri(corpus_uri), asked, force), as_json)


@app.command()
def ledger(
    bucket: ExistingBucket, channel: Channel = ChannelName.OVERALL, as_json: Json = False
) -> None:
    """Show which versions led, since when and why, and where a rollback would lead."""
    from musicgen.registry.history import history

    console.report(lambda: history(bucket, channel.value), as_json)


@app.command()
def rollback(
    bucket: ExistingBucket,
    version: Annotated[
        str | None, typer.Argument(help="Default: the latest before that was not rolled back.")
    ] = None,
    channel: Channel = ChannelName.OVERALL,
    leaving: Annotated[
        str | None, typer.Option(help="Refuse if another version than this leads.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the ledger.")] = None,
    as_json: Json = False,
) -> None:
    """Return to a version that led before; what is left does not come back by itself."""
    from musicgen.registry.rollback import rollback

    console.report(lambda: rollback(bucket, version, channel.value, leaving, reason), as_json)


@app.command()
def reproduce(
    version: Annotated[str, typer.Argument(help="A published version, such as lstm-3.")],
    bucket: ExistingBucket,
    as_json: Json = False,
) -> None:
    """Train a version again from its chain, and compare weights, metrics and music."""
    from musicgen.registry.reproduce import reproduce

    console.report(lambda: reproduce(bucket, version), as_json)


@app.command()
def close_run(
    name: Annotated[str, typer.Argument(help="The pipeline run, as its trainings were given it.")],
    as_json: Json = False,
) -> None:
    """End in MLflow what a pipeline run that failed or was killed left running there."""
    from musicgen.registry.closing import close_run

    console.report(lambda: close_run(name), as_json)


@app.command()
def verify_serving(
    bucket: ExistingBucket,
    channel: Channel = ChannelName.OVERALL,
    api: Annotated[
        str | None, typer.Option(envvar="MUSICGEN_API_URL", help="Address of the API.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Have the live API play, and see that the champion did; waits for it for up to 60 seconds."""
    from musicgen.registry.live import verify_serving

    address = api or settings().api_url
    console.report(lambda: verify_serving(bucket, address, channel.value), as_json)


@housekeeping.command()
def sweep(
    bucket: Bucket,
    days: Annotated[int, typer.Option(min=1, help="Younger things stay.")] = 30,
    newest: Annotated[int, typer.Option(min=0, help="Versions of a family that stay.")] = 5,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what is old and needed by no champion, nor by the way back from one."""
    from musicgen.registry.sweep import sweep

    console.report(lambda: sweep(bucket, days, newest, dry_run), as_json)


@housekeeping.command()
def audit(
    bucket: Bucket,
    mend: Annotated[bool, typer.Option("--mend", help="Set MLflow's aliases right.")] = False,
    as_json: Json = False,
) -> None:
    """Compare MLflow's aliases with the bucket's pointers; exit code 1 if they disagree."""
    from musicgen.registry.audit import audit

    found = console.report(lambda: audit(bucket, mend), as_json)
    if found.disagreements:
        remedy = "`musicgen housekeeping audit --mend` sets MLflow right"
        click = "*Mend MLflow* in the form of Airflow's musicgen_housekeeping"
        raise MusicgenError(f"{'; '.join(found.disagreements)}: {remedy}, and so does {click}.")
