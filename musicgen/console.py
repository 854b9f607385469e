"""The command line's manners: one line for an error, one JSON object for a result."""

import contextlib
import dataclasses
import errno
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import typer

from musicgen.complaints import Wanted, complaint
from musicgen.errors import BadInput, MusicgenError

# Typer carries a private copy of Click; this is its base of all usage errors.
_UsageError: type[Any] = typer.BadParameter.__mro__[1]

BAD_INPUT = 2
FAILURE = 1
INTERRUPTED = 130
PLACE_ERRORS = (
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EROFS,
    errno.ENOTDIR,
    errno.EEXIST,
    errno.ENAMETOOLONG,
)
"""Where something is to be written is no good place for it."""
CLOUD_MODULES = ("google.auth", "google.api_core", "gcsfs")
MOST_SAID = 300


def run(app: typer.Typer) -> int:
    """Run the command line and return its exit code: 2 for bad input, 1 for other failures."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING, stream=sys.stderr)
    logging.getLogger("musicgen").setLevel(logging.INFO)
    try:
        exit_code = app(standalone_mode=False) or 0
    except _UsageError as error:
        message = _usage(error).replace("\n", " ")
        # There is none where a sub-command is missing: the help that was printed says it all.
        return _complain(message, BAD_INPUT) if message else BAD_INPUT
    except BadInput as error:
        return _complain(str(error), BAD_INPUT)
    except MusicgenError as error:
        return _complain(str(error), FAILURE)
    except Exception as error:
        if _is_of_the_cloud(error):
            return _complain(_refused(error), FAILURE)
        if not isinstance(error, OSError) or error.errno not in PLACE_ERRORS:
            raise
        remedy = "Make room there or choose another place with --bucket, then run it again."
        return _complain(f"{error.strerror}: {error.filename or 'the disk'}. {remedy}", BAD_INPUT)
    if exit_code == INTERRUPTED:
        return _complain("Interrupted; run it again to go on.", INTERRUPTED)
    return exit_code


def report(result: Callable[[], Any], as_json: bool) -> Any:
    """Compute a result and print it: as one JSON line, or as a list for people.

    While it is computed, whatever libraries print goes to standard error: standard output holds
    the result and nothing else.
    """
    with _stdout_to_stderr():
        value = result()
    document = dataclasses.asdict(value) if dataclasses.is_dataclass(value) else value
    if as_json:
        print(json.dumps(document, ensure_ascii=False, allow_nan=False), flush=True)
    else:
        _print_for_people(document)
    return value


def _usage(error: Any) -> str:
    """Return what is wrong with the arguments; Typer lets Pydantic check their values."""
    from pydantic import ValidationError

    if not isinstance(error.__cause__, ValidationError):
        return error.format_message()
    name = max(error.param.opts, key=len)
    found = error.__cause__.errors(include_url=False)[0]
    declared = error.param.get_runtime_param().parameter_info
    sentence = complaint(name, found, Wanted(declared.min, most=declared.max))
    return f"{name}: {sentence}" if found["type"] == "value_error" else sentence


def _is_of_the_cloud(error: Exception) -> bool:
    """Whether it comes from Google's libraries; gcsfs says by text alone what it may not have."""
    is_forbidden = isinstance(error, OSError) and str(error).startswith("Forbidden:")
    return is_forbidden or type(error).__module__.startswith(CLOUD_MODULES)


def _refused(error: Exception) -> str:
    said = " ".join(str(error).split())[:MOST_SAID]
    remedy = "log in with `gcloud auth application-default login`, or ask for access to the bucket"
    return f"Google Cloud did not take it ({said}): {remedy}; else try again."


def _complain(message: str, exit_code: int) -> int:
    print(f"musicgen: {message}", file=sys.stderr, flush=True)
    return exit_code


@contextlib.contextmanager
def _stdout_to_stderr() -> Iterator[None]:
    sys.stdout.flush()
    saved = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(saved, 1)
        os.close(saved)


def _print_for_people(document: dict[str, Any]) -> None:
    named = {key.replace("_", " "): value for key, value in document.items()}
    print("\n".join(_lines(named)), flush=True)


def _lines(value: Any) -> list[str]:
    """Return a value as people read it: names in a column, and beside each what it is made of."""
    match value:
        case None:
            return []
        case dict():
            width = max(map(len, value), default=0)
            return [
                f"{'' if row else name:{width}}  {line}".rstrip()
                for name, inner in value.items()
                for row, line in enumerate(_lines(inner) or ["none"])
            ]
        case list() | tuple():
            return _items(value)
        case bool():
            return ["yes" if value else "no"]
        case float():
            return [f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"]
        case _:
            return str(value).splitlines()


def _items(values: Sequence[Any]) -> list[str]:
    """Return the lines of one after the other, those of several lines apart."""
    items = [_lines(value) or ["none"] for value in values]
    gap = [""] if any(len(item) > 1 for item in items) else []
    return [line for index, item in enumerate(items) for line in (gap if index else []) + item]
