"""Options that several commands share."""

import json
import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any

import typer

from musicgen.errors import BadInput
from musicgen.settings import as_uri, settings

Value = bool | int | float | str


class Family(StrEnum):
    """Model families."""

    LSTM = "lstm"
    GAN = "gan"


class Policy(StrEnum):
    """Who decides on promotion."""

    AUTOMATIC = "automatic"
    EVALUATE_ONLY = "evaluate-only"


def _bucket(location: str) -> str:
    """Return the URI of a bucket, which need not be there yet."""
    from musicgen import storage  # here, so that the command line starts fast

    uri = as_uri(location)
    path = storage.local_path(uri)
    if path and path.is_file():
        raise BadInput(f"{path} is a file: a bucket is a directory; name one with --bucket.")
    return uri


def _existing_bucket(location: str) -> str:
    """Return the URI of a bucket; a local one has to be there."""
    from musicgen import storage

    uri = _bucket(location)
    path = storage.local_path(uri)
    if path and not path.exists():
        raise BadInput(
            f"There is no bucket at {path}: run `make demo`, or name another with --bucket."
        )
    return uri


def _bucket_option(callback: Callable[[str], str]) -> Any:
    return typer.Option(
        envvar="MUSICGEN_BUCKET",
        help="Where everything lives: a directory, file:// or gs:// URI.",
        default_factory=lambda: settings().bucket_uri,
        show_default="var/bucket",
        callback=callback,
    )


Bucket = Annotated[str, _bucket_option(_bucket)]
ExistingBucket = Annotated[str, _bucket_option(_existing_bucket)]
"""For commands that read what others put there."""
Sources = Annotated[
    list[str],
    typer.Argument(
        help="MLflow run ids; or places of models, trainings, MIDI files or folders, corpora, "
        "datasets."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="End standard output with one JSON object.")]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override a setting of the profile: --set learning_rate=0.001."),
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Same seed, same result.")]
Profile = Annotated[str, typer.Option(help="How long to train: quick, standard or full.")]
AirflowRun = Annotated[str | None, typer.Option(help="The pipeline run that this is for.")]
Source = Annotated[
    str | None,
    typer.Option(
        "--from", help="Where the corpus is: a directory or URI; a list of composers for music21."
    ),
]


def assignments(pairs: list[str]) -> dict[str, Any]:
    """Read ``name=value`` pairs; values are JSON, or text where they are not."""
    values: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise BadInput(f"{pair}: write a setting as NAME=VALUE.")
        if re.search(r",\s*[a-z_.]+=", text):
            raise BadInput(f"{pair}: these are several settings; give each by itself, one a line.")
        try:
            values[name] = json.loads(text)
        except json.JSONDecodeError:
            values[name] = text
    return values


def parsed(name: str, value: Value, current: Value) -> Value:
    """Return a setting's new value, which is of the type of the current one.

    Raises:
        BadInput: it cannot be that.
    """
    kind = type(current)
    try:
        if kind is bool and isinstance(value, str):
            return {"true": True, "false": False}[value.lower()]
        if kind is int and float(value) != int(float(value)):
            raise ValueError
        return kind(float(value)) if kind is int else kind(value)
    except (ValueError, KeyError, TypeError, OverflowError):
        raise BadInput(f"{name}={value} is not a valid {kind.__name__}.") from None


def json_object(option: str, text: str) -> dict[str, Any]:
    """Read an option's JSON object."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise BadInput(f"{option} is no JSON ({error}): give an object.") from None
    if not isinstance(document, dict):
        raise BadInput(f"{option} is no JSON object: write it as {{…}}.")
    return document
