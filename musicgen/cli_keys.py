"""``musicgen keys …``: who may use the API."""

from typing import Annotated

import typer

from musicgen import console
from musicgen.options import Json

app = typer.Typer(
    no_args_is_help=True, help="Who may use the API; until the first key is made, anybody may."
)

Name = Annotated[str, typer.Argument(help="Whose key.")]


@app.command()
def add(name: Name, as_json: Json = False) -> None:
    """Make a key and show it, this once."""
    console.report(lambda: {"name": name, "key": _keys().add(name)}, as_json)


@app.command("list")
def show(as_json: Json = False) -> None:
    """List who has a key."""
    console.report(lambda: {"keys": _keys().listed()}, as_json)


@app.command()
def revoke(name: Name, as_json: Json = False) -> None:
    """Forget a key; it ends at once. After the last one nobody may use the API."""

    def revoked() -> dict[str, str | int]:
        keys = _keys()
        keys.revoke(name)
        return {"revoked": name, "left": len(keys.listed())}

    console.report(revoked, as_json)


def _keys():
    from musicgen.serving.keys import Keys, keys_path

    return Keys(keys_path())
