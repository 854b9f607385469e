import os
import signal
import socket
import subprocess
import sys

import httpx
import pytest

from musicgen.errors import BadInput
from musicgen.serving.server import serve


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_a_taken_port_is_named_with_the_remedy(bucket):
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(BadInput, match=rf"Port {port} on 127.0.0.1 is taken.*--port"):
            serve(bucket.uri, port=port)


def test_an_address_of_another_machine_is_refused(bucket):
    with pytest.raises(BadInput, match="choose another --host"):
        serve(bucket.uri, host="192.0.2.1", port=8000)


@pytest.mark.slow
def test_a_server_answers_on_the_network_and_stops_when_told(
    bucket, free_port, tmp_path, wait_until
):
    code = f"from musicgen.serving.server import serve; serve({bucket.uri!r}, port={free_port})"
    environment = {**os.environ, "MUSICGEN_HOME": str(tmp_path / "home")}
    server = subprocess.Popen(
        [sys.executable, "-c", code],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{free_port}") as client:
            wait_until(lambda: _ready(client))
            piece = client.post("/v1/generate", json={"seed": 1}).json()
            assert piece["version"] == "lstm-1"
            assert client.get("/").status_code == 200
            _hang_up_on_a_long_stream(client)
            wait_until(lambda: "musicgen_growing 0.0" in client.get("/metrics").text)
            made = f'musicgen_notes_total{{family="lstm"}} {len(piece["notes"])}.0'
            assert made in client.get("/metrics").text  # and none of those that nobody waited for
    finally:
        server.send_signal(signal.SIGTERM)
        out, err = server.communicate(timeout=20)
    assert server.returncode in (0, -signal.SIGTERM)
    assert out == ""
    assert "lstm-1 is loaded" in err
    assert "Traceback" not in err
    loaded = subprocess.run(
        [sys.executable, "-c", "import musicgen.serving.app, sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert not {"tensorflow", "pyspark", "great_expectations", "mlflow", "airflow"} & set(loaded)


def _hang_up_on_a_long_stream(client: httpx.Client) -> None:
    """Leave a stream at its first line, when most of its music is still to be made."""
    body = {"seed": 1, "bars": 256, "tempo_qpm": 400, "variations": 4}
    headers = {"Accept": "text/event-stream"}
    with client.stream("POST", "/v1/generate", json=body, headers=headers) as stream:
        assert next(stream.iter_lines()) == "event: piece"


def _ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
