"""The machine-readable description is one that machines take."""

from openapi_spec_validator import validate


def test_the_description_is_valid_openapi(client):
    validate(client.get("/v1/openapi.json").json())


def test_operations_have_names_of_their_own(client):
    paths = client.get("/v1/openapi.json").json()["paths"]
    names = [operation["operationId"] for path in paths.values() for operation in path.values()]
    assert len(set(names)) == len(names)
