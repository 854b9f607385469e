"""A bucket with champions, and a real app that serves it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from bundles import gan_bundle, lstm_bundle
from fastapi.testclient import TestClient

from musicgen.bundle import Bundle
from musicgen.registry import layout
from musicgen.registry.pointer import Pointer, read_pointer, swap_pointer
from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.keys import Keys

QUIET = Limits(requests_per_minute=60_000, burst=10_000, poll_seconds=3600, warm=False)
"""No rate to speak of, and a bucket that is looked at only when a test says so."""


@dataclass(frozen=True)
class Bucket:
    uri: str

    def publish(self, version: str, bundle: Bundle) -> None:
        bundle.save(layout.version_uri(self.uri, version))

    def point(self, channel: str | None, version: str) -> Pointer:
        uri = layout.channel_uri(self.uri, channel)
        before = read_pointer(uri)
        family = version.partition("-")[0]
        bundle_uri = layout.version_uri(self.uri, version)
        pointer = Pointer(version, family, bundle_uri, f"run-{version}", 0.5, "dataset", "file:///")
        return swap_pointer(uri, pointer, before.generation if before else 0)

    def crown(self, version: str, bundle: Bundle) -> None:
        """Publish a version and make it champion, of its family and overall."""
        self.publish(version, bundle)
        self.point(version.partition("-")[0], version)
        self.point(None, version)


@pytest.fixture
def empty_bucket(tmp_path) -> Bucket:
    return Bucket(f"file://{tmp_path}/bucket")


@pytest.fixture
def bucket(empty_bucket) -> Bucket:
    """Hold gan-1, then lstm-1, which is the overall champion."""
    empty_bucket.crown("gan-1", gan_bundle())
    empty_bucket.crown("lstm-1", lstm_bundle())
    return empty_bucket


@pytest.fixture
def client_of(tmp_path) -> Iterator[Callable[..., TestClient]]:
    clients = []

    def make(bucket: Bucket, limits: Limits = QUIET) -> TestClient:
        keys = Keys(tmp_path / "keys.json")
        app = create_app(bucket.uri, limits, tmp_path / "cache", keys)
        client = TestClient(app, raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client

    yield make
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(bucket, client_of) -> TestClient:
    return client_of(bucket)


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.01)

    return wait
