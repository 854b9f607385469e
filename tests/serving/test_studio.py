import json
import re

import pytest

from musicgen.serving import studio
from musicgen.serving.studio import PAGE_PATH, STATIC_PATH
from musicgen.settings import settings

MAX_SCRIPT_BYTES = 1_500_000


def test_the_page_and_all_it_names_are_served_from_here(client):
    page = client.get("/").text
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert any(name.endswith(".js") for name in named)
    for name in named:
        assert name.startswith("/"), name
        assert client.get(name).status_code == 200, name


def test_no_file_of_the_page_names_another_host():
    for path in STATIC_PATH.iterdir():
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"(https?:)?//[a-z0-9-]+\.[a-z]", text, re.IGNORECASE), path


def test_the_page_runs_its_own_scripts_only(client):
    policy = client.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-inline'" not in policy
    assert "'unsafe-eval'" not in policy
    assert "http" not in policy
    assert re.search(r"script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}='", policy)


def test_what_the_page_takes_from_npm_is_here_and_small_enough(client):
    """The scripts come with `make setup`; without them the page plays on its light instrument."""
    text = re.search(r'<script type="importmap">(.*?)</script>', PAGE_PATH.read_text(), re.S)
    vendored = list(json.loads(text.group(1))["imports"].values())
    vendored.append(
        re.search(r'"(/static/vendor/.*?)"', (STATIC_PATH / "sampler.js").read_text())[1]
    )
    answers = [client.get(path) for path in vendored]
    assert [answer.status_code for answer in answers] == [200] * 4, "run make setup"
    own = sum(path.stat().st_size for path in STATIC_PATH.glob("*.js"))
    assert own + sum(len(answer.content) for answer in answers) <= MAX_SCRIPT_BYTES


def test_no_script_of_an_older_release_is_run_beside_newer_ones(client):
    for path in ("/static/main.js", "/static/style.css"):
        answer = client.get(path)
        assert answer.headers["cache-control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert (again.status_code, again.headers["cache-control"]) == (304, "no-cache")


def test_the_soundfont_is_the_one_that_renders_waves(client):
    answer = client.get("/v1/soundfont")
    assert answer.status_code == 200
    assert answer.content == settings().soundfont_path.read_bytes()
    again = client.get("/v1/soundfont", headers={"Range": "bytes=0-3"})
    assert (again.status_code, again.content) == (206, b"RIFF")


def test_without_a_soundfont_the_answer_says_how_to_get_one(client, monkeypatch, tmp_path):
    monkeypatch.setenv("MUSICGEN_SOUNDFONT_PATH", str(tmp_path / "none.sf2"))
    monkeypatch.setattr(studio, "settings", settings.__wrapped__)
    answer = client.get("/v1/soundfont")
    assert answer.status_code == 404
    assert "MUSICGEN_SOUNDFONT_PATH" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/static/vendor/axe-core/axe.js", "/static/vendor/../app.py"])
def test_nothing_but_the_pages_packages_is_sent(client, path):
    assert client.get(path).status_code == 404
