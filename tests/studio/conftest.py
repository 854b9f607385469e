"""A real browser on a real server: what somebody who opens the page would see and hear."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from browsers import chromium
from bundles import gan_bundle, lstm_bundle
from playwright.sync_api import Browser, BrowserContext, Page

from musicgen.registry import layout
from musicgen.registry.pointer import Pointer, swap_pointer
from musicgen.serving.app import create_app
from musicgen.serving.dependencies import Limits
from musicgen.serving.keys import Keys

LIMITS = Limits(requests_per_minute=60_000, burst=10_000, poll_seconds=3600)
SOUNDFONT = "**/v1/soundfont"
PATIENCE_MS = 30_000
"""How long to wait for what must come: a loaded machine is slow, and no test is about speed."""

# Of each new piece half comes; then a test lets it go on, or break off.
HALF = r"""
(() => {
  const fetched = window.fetch;
  const streams = [];
  const each = (act) => streams.splice(0).forEach(act);
  window.goOn = () => each(({ stream, rest }) => { stream.enqueue(rest); stream.close(); });
  window.breakOff = () => each(({ stream }) => stream.error(new TypeError("network error")));
  window.fetch = async (path, options) => {
    const response = await fetched(path, options);
    if (!options?.headers?.Accept?.includes("ndjson")) return response;
    const lines = (await response.text()).split(/(?<=\n)/);
    const bytes = (part) => new TextEncoder().encode(part.join(""));
    const half = Math.floor(lines.length / 2);
    return new Response(new ReadableStream({
      start(stream) {
        stream.enqueue(bytes(lines.slice(0, half)));
        streams.push({ stream, rest: bytes(lines.slice(half)) });
      },
    }));
  };
})();
"""


@pytest.fixture(scope="session")
def bucket_uri(tmp_path_factory) -> str:
    """Hold gan-1, and lstm-1, which is the overall champion."""
    uri = f"file://{tmp_path_factory.mktemp('studio')}/bucket"
    lstm = lstm_bundle()
    shares = {"composers": {"Beethoven": 0.6, "Bach": 0.4}, "ensembles": {"String Quartet": 1.0}}
    lstm.model["shares"] = shares
    for family, bundle in (("gan", gan_bundle()), ("lstm", lstm)):
        version_uri = layout.version_uri(uri, f"{family}-1")
        bundle.save(version_uri)
        pointer = Pointer(f"{family}-1", family, version_uri, "run", 0.5, "dataset", "file:///")
        for channel in (family, None) if family == "lstm" else (family,):
            swap_pointer(layout.channel_uri(uri, channel), pointer, 0)
    return uri


@pytest.fixture(scope="session")
def address(bucket_uri, tmp_path_factory) -> Iterator[str]:
    """Serve the bucket on a free port; returns the page's address."""
    path = tmp_path_factory.mktemp("server")
    with served(bucket_uri, path / "cache", Keys(path / "keys.json")) as url:
        yield url


@pytest.fixture
def guarded(bucket_uri, tmp_path) -> Iterator[tuple[str, str]]:
    """Serve it to those alone who have a key; returns the page's address and a key."""
    keys = Keys(tmp_path / "keys.json")
    key = keys.add("Ada")
    with served(bucket_uri, tmp_path / "cache", keys) as url:
        yield url, key


@contextmanager
def served(bucket_uri: str, cache_path: Path, keys: Keys) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        app = create_app(bucket_uri, LIMITS, cache_path, keys)
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        yield "http://{}:{}".format(*listener.getsockname())
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Keep one browser for a file's tests."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser) -> Iterator[BrowserContext]:
    """Make a fresh profile; what a page should not do fails the test that made it do so."""
    context = browser.new_context(
        viewport={"width": 1280, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    context.set_default_timeout(PATIENCE_MS)
    # Six megabytes to unpack for each test; those about sound let them through.
    context.route(SOUNDFONT, lambda route: route.fulfill(status=404))
    yield context
    context.close()


@pytest.fixture
def page(context, address) -> Iterator[Page]:
    """Open the page with its first piece on stage; fail where it breaks or looks elsewhere."""
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(f"threw {error}"))
    page.on(
        "request",
        lambda request: (
            request.url.startswith((address, "data:", "blob:"))
            or wrong.append(f"asked {request.url}")
        ),
    )
    page.goto(f"{address}/?seed=7&bars=4")
    page.get_by_role("button", name="Copy link").wait_for()
    yield page
    assert not wrong


@pytest.fixture
def halved(page) -> Page:
    """Open the page; of what it asks for from now on half comes until ``goOn`` or ``breakOff``."""
    page.add_init_script(HALF)
    page.evaluate(HALF)
    return page


@pytest.fixture
def unlike(page, address) -> Page:
    """Open the page of families of other tempos and temperatures; one knows a composer more."""
    ways = {"lstm": (84, 0.9, []), "gan": (120, 1.2, ["Clementi"])}

    def fulfill(route) -> None:
        answer = route.fetch()
        families = answer.json()["families"]
        for family in families:
            family["tempo_qpm"], family["temperature"], composers = ways[family["family"]]
            family["composers"] += composers
        route.fulfill(response=answer, json={"families": families})

    page.route("**/v1/options", fulfill)
    page.goto(address)
    page.get_by_role("button", name="Copy link").wait_for()
    return page
