"""The machine-readable description is one that machines take."""

import httpx2
import pytest
from aiopenapi3 import OpenAPI
from aiopenapi3.errors import HTTPClientError
from openapi_spec_validator import validate


def test_the_description_is_valid_openapi(client):
    validate(client.get("/v1/openapi.json").json())


def test_operations_have_names_of_their_own(client):
    paths = client.get("/v1/openapi.json").json()["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(set(names)) == len(names)


def test_a_client_that_is_made_from_the_description_works(client):
    def session(**options) -> httpx2.Client:
        return httpx2.Client(transport=client._transport, **options)

    made = OpenAPI.load_sync("http://testserver/v1/openapi.json", session_factory=session)
    composer = made._.options().families[0].composers[-1]
    piece = made._.generate(data={"composer": composer, "seed": 3, "bars": 2})
    assert (piece.composer, piece.seed, piece.length_steps) == (composer, 3, 32)
    assert piece.notes[0].pitch in range(128)
    assert made._.piece(parameters={"piece_id": piece.id}) == piece
    assert made._.piece_mid(parameters={"piece_id": piece.id}).startswith(b"MThd")
    other = made._.generate(data={"seed": 4, "bars": 2})
    vote = made._.vote(data={"pieces": [piece.id, other.id], "best": piece.id})
    assert vote.versions == [piece.version, other.version]
    with pytest.raises(HTTPClientError, match="#/bars"):
        made._.generate(data={"bars": 0})
