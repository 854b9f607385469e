"""The compose file as data: checked against the specification, its variables filled in."""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

PROJECT_PATH = Path(__file__).resolve().parents[1]
COMPOSE_PATH = PROJECT_PATH / "docker-compose.yaml"
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])((?:\$\{[^}]*\}|[^}])*))?\}")


def violations(*paths: Path) -> str:
    """Return what offends the compose specification's schema in the files; empty if nothing."""
    schema = ("--builtin-schema", "vendor.compose-spec")
    command = [sys.executable, "-m", "check_jsonschema", *schema, *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr if done.returncode else ""


def load(environment: Mapping[str, str], path: Path = COMPOSE_PATH) -> dict[str, Any]:
    """Return the file with its variables filled in.

    Raises:
        KeyError: a variable that has to be given is not; the key is what the file says of it.
    """
    return interpolated(yaml.safe_load(path.read_text()), environment)


def interpolated(node: Any, environment: Mapping[str, str]) -> Any:
    """Fill in ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?what to do}`` in all strings.

    A default may name other variables, whose own defaults are plain.
    As compose does, after parsing: what is filled in by nothing is an empty string, not null.
    """
    if isinstance(node, dict):
        return {key: interpolated(value, environment) for key, value in node.items()}
    if isinstance(node, list):
        return [interpolated(value, environment) for value in node]
    if not isinstance(node, str):
        return node

    def value(found: re.Match) -> str:
        name, rule, rest = found.groups()
        given = environment.get(name, "")
        if not given and rule == "?":
            raise KeyError(f"{name}: {rest}")
        return given or (interpolated(rest, environment) if rule == "-" else "")

    return _VARIABLE.sub(value, node)


def read_env(path: Path) -> dict[str, str]:
    """Return the ``NAME=value`` lines of a file such as ``.env``."""
    pairs = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in pairs if not name.startswith("#")}


def in_order(services: Mapping[str, Any]) -> list[str]:
    """Return the services' names, each after those that it depends on."""
    ordered: list[str] = []

    def visit(name: str) -> None:
        for needed in services[name].get("depends_on", {}):
            visit(needed)
        if name not in ordered:
            ordered.append(name)

    for name in services:
        visit(name)
    return ordered
