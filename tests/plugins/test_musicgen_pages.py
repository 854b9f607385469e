import pytest
from airflow.api_fastapi.core_api.security import get_user
from fastapi import FastAPI
from fastapi.testclient import TestClient
from musicgen_pages import router
from musicgen_tokens import seal, unseal


@pytest.fixture
def bucket_path(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSICGEN_BUCKET", str(tmp_path / "bucket"))
    docs_path = tmp_path / "bucket" / "docs"
    docs_path.mkdir(parents=True)
    (docs_path / "index page.html").write_text("<img src=a.png>")
    (docs_path / "a.png").write_bytes(b"png")
    (tmp_path / "bucket" / "secret.json").write_text("{}")
    return tmp_path / "bucket"


@pytest.fixture
def client(bucket_path):
    """Somebody who is logged in; who is not is for Airflow to say, and for the end-to-end test."""
    app = FastAPI()
    app.include_router(router, prefix="/musicgen")
    app.dependency_overrides[get_user] = lambda: "somebody"
    return TestClient(app, follow_redirects=False)


def opened(client, path):
    return client.get("/musicgen/open", params={"uri": f"file://{path}"})


def test_a_page_opens_with_what_lies_beside_it(client, bucket_path):
    address = opened(client, bucket_path / "docs" / "index page.html").headers["location"]
    shown = client.get(address)
    assert shown.text == "<img src=a.png>"
    assert shown.headers["content-type"] == "text/html; charset=utf-8"
    assert shown.headers["content-security-policy"].startswith("sandbox allow-scripts")
    assert "allow-same-origin" not in shown.headers["content-security-policy"]
    beside = client.get(address.replace("index%20page.html", "a.png"))
    assert (beside.content, beside.headers["content-type"]) == (b"png", "image/png")
    assert client.get(address.replace("index%20page.html", "none.html")).status_code == 404


@pytest.mark.parametrize("path", ["/etc/passwd", "bucket/../../x", "bucket/./docs/a.png", "bucket"])
def test_nothing_but_the_bucket_opens(client, bucket_path, path):
    answer = client.get("/musicgen/open", params={"uri": f"file://{bucket_path.parent}/{path}"})
    assert answer.status_code == 404


@pytest.mark.parametrize("path", ["%2e%2e/secret.json", "..%2Fsecret.json", "%2Fetc%2Fpasswd", ""])
def test_an_address_leads_nowhere_but_down(client, bucket_path, path):
    address = opened(client, bucket_path / "docs" / "a.png").headers["location"]
    assert client.get(f"{address.removesuffix('a.png')}{path}").status_code == 404


def test_an_address_of_ones_own_making_leads_nowhere(client, bucket_path):
    for token in ("abc", seal("listening", {"directory": f"file://{bucket_path}"})):
        assert client.get(f"/musicgen/pages/{token}/secret.json").status_code == 403


def test_tokens_age(monkeypatch):
    token = seal("pages", {"a": 1})
    assert unseal("pages", token, 60) == {"a": 1}
    with pytest.raises(ValueError, match="too old"):
        unseal("pages", token, -1)
