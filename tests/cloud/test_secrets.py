"""Secrets by Airflow's Secret Manager backend: asked of the service by its own client, no key."""

import re
from concurrent.futures import ThreadPoolExecutor

import google.auth
import grpc
import pytest
from airflow.sdk.module_loading import import_string
from airflow_environment import PROJECT_PATH
from cloud.service import Refused, handler
from google.auth.credentials import AnonymousCredentials
from google.cloud import secretmanager_v1 as secrets
from google.cloud.secretmanager_v1.services.secret_manager_service import transports

INFRA = (PROJECT_PATH / "infra" / "identities.tf").read_text()
KNOWN = set(re.findall(r'"(airflow-connections-\w+)"', INFRA))
"""Secrets that Airflow's identity may read."""


@pytest.fixture
def asked(monkeypatch):
    """Names that are asked of a stand-in of the service, which has one secret."""
    from airflow.providers.google.cloud._internal_client import secret_manager_client as internal

    names = []

    def access(request):
        _, project, _, name, _, version = request.name.split("/")
        names.append(name)
        assert (project, version) == ("music", "latest")
        if name != "airflow-connections-musicgen_slack":
            raise Refused(grpc.StatusCode.NOT_FOUND, f"{name} is not there.")
        payload = secrets.SecretPayload(data=b"http://:words@hooks.example.com")
        return secrets.AccessSecretVersionResponse(name=request.name, payload=payload)

    service = "google.cloud.secretmanager.v1.SecretManagerService"
    server = grpc.server(ThreadPoolExecutor(1))
    methods = {"AccessSecretVersion": (secrets.AccessSecretVersionRequest, access)}
    server.add_generic_rpc_handlers([handler(service, methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    client = secrets.SecretManagerServiceClient(
        transport=transports.SecretManagerServiceGrpcTransport(channel=channel)
    )
    monkeypatch.setattr(internal._SecretManagerClient, "client", client)
    monkeypatch.setattr(google.auth, "default", lambda **_: (AnonymousCredentials(), "music"))
    yield names
    server.stop(None)


def test_the_documented_backend_asks_for_secrets_that_its_identity_may_read(asked):
    told = (PROJECT_PATH / "docs" / "GOOGLE_CLOUD.md").read_text()
    backend = import_string(re.search(r"AIRFLOW_SECRETS_BACKEND=([\w.]+)", told)[1])()
    assert backend.get_connection("musicgen_slack").password == "words"
    for connection in ("musicgen_smtp", "google_cloud_default"):
        assert backend.get_connection(connection) is None
    assert set(asked) == KNOWN
