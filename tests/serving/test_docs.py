"""docs/API.md says what the API does: its paths, fields, defaults and statuses."""

import json
import re
from pathlib import Path

import pytest

from musicgen.serving.wishes import ContinueBody, GenerateBody

TEXT = (Path(__file__).parents[2] / "docs" / "API.md").read_text()


@pytest.fixture
def description(client) -> dict:
    return client.get("/v1/openapi.json").json()


def test_every_path_is_documented_and_every_documented_path_exists(description):
    documented = set(re.findall(r"`(GET|POST) (/[^`]*)`", TEXT))
    served = {
        (method.upper(), path)
        for path, methods in description["paths"].items()
        for method in methods
    }
    assert documented == served


def test_every_field_is_documented_with_its_default():
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| ([^|]+) \|", TEXT, re.MULTILINE)
    defaults = {
        name: text.strip("` ") for names, text in rows for name in re.findall(r"\w+", names)
    }
    for name, field in (GenerateBody.model_fields | ContinueBody.model_fields).items():
        assert name in defaults, name
        if field.default is not None:
            assert defaults[name] == str(field.default), name


def test_every_declared_status_is_documented(description):
    documented = set(re.findall(r"^\| (\d{3}) \|", TEXT, re.MULTILINE))
    declared = {
        status
        for methods in description["paths"].values()
        for operation in methods.values()
        for status in operation["responses"]
    }
    assert declared - {"200"} <= documented


def test_the_example_of_a_problem_is_what_is_answered(client):
    example = re.search(r"```json\n(.*?)```", TEXT, re.DOTALL).group(1)
    answer = client.post("/v1/generate", json={"composer": "Back"})
    assert json.loads(example) == answer.json()


def test_the_first_example_works(client):
    body = re.search(r"-d '(.*)'", TEXT).group(1)
    answer = client.post("/v1/generate", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 200
