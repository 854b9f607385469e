"""A bucket with two versions of a champion, and server processes to measure."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import numpy as np
import psutil

from musicgen.bundle import Bundle
from musicgen.errors import MusicgenError
from musicgen.registry import layout
from musicgen.registry.champion import champion
from musicgen.registry.pointer import Pointer, read_pointer, swap_pointer
from musicgen.settings import as_uri

START_SECONDS = 180


@dataclass(frozen=True)
class Server:
    """A server process.

    Attributes:
        url: where it answers.
        process: itself.
    """

    url: str
    process: psutil.Process

    def cpu_seconds(self) -> float:
        """Return the processor time that it has used."""
        times = self.process.cpu_times()
        return times.user + times.system

    def memory_mib(self) -> float:
        """Return its resident memory."""
        return self.process.memory_info().rss / 2**20


def make_bucket(source_uri: str, path: Path) -> str:
    """Return a bucket with a copy of the LSTM's champion, ``lstm-1``, and one out of tune."""
    bucket_uri = as_uri(str(path))
    bundle = Bundle.load(champion(source_uri, "lstm").bundle_uri)
    bundle.save(layout.version_uri(bucket_uri, "lstm-1"))
    weights = {name: array.copy() for name, array in bundle.weights.items()}
    noise = np.random.default_rng(0).normal(0, 0.5, weights["output_bias"].shape)
    weights["output_bias"] += noise.astype(np.float32)
    replace(bundle, weights=weights).save(layout.version_uri(bucket_uri, "lstm-2"))
    point(bucket_uri, "lstm-1")
    return bucket_uri


def point(bucket_uri: str, version: str) -> None:
    """Make a version champion, of its family and overall."""
    for channel in ("lstm", None):
        uri = layout.channel_uri(bucket_uri, channel)
        before = read_pointer(uri)
        run = f"{version}-{before.generation if before else 0}"
        bundle_uri = layout.version_uri(bucket_uri, version)
        pointer = Pointer(version, "lstm", bundle_uri, run, 0.5, "benchmark", bucket_uri)
        swap_pointer(uri, pointer, before.generation if before else 0)


@contextmanager
def serving(module: str, bucket_uri: str, home: Path) -> Iterator[Server]:
    """Run ``python -m MODULE BUCKET PORT`` for a while; its log goes to ``home``."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "MUSICGEN_HOME": str(home)}
    log_path = home / f"{module.rpartition('.')[2]}.log"
    with log_path.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", module, bucket_uri, str(port)],
            env=environment,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_ready(process, url, log_path)
        yield Server(url, psutil.Process(process.pid))
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(process: subprocess.Popen, url: str, log_path: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise MusicgenError(f"The server did not start; its log is {log_path}.")
