import pytest
from bundles import lstm_bundle


def test_options_say_what_each_family_can_be_asked(client):
    lstm, gan = sorted(
        client.get("/v1/options").json()["families"], key=lambda family: family["family"] != "lstm"
    )
    assert lstm == {
        "family": "lstm",
        "version": "lstm-1",
        "is_champion": True,
        "composers": ["unknown", "Bach", "Beethoven"],
        "ensembles": ["unknown", "Solo Piano", "String Quartet"],
        "shares": {},
        "tempo_qpm": 96.0,
        "temperature": 1.0,
    }
    assert (gan["family"], gan["is_champion"]) == ("gan", False)


def test_options_say_what_a_model_learned_most_of(empty_bucket, client_of):
    bundle = lstm_bundle()
    bundle.model["shares"] = {"composers": {"Bach": 0.7, "Beethoven": 0.3}, "ensembles": {}}
    empty_bucket.crown("lstm-1", bundle)
    (family,) = client_of(empty_bucket).get("/v1/options").json()["families"]
    assert family["shares"] == bundle.model["shares"]


def test_options_leave_out_who_was_held_out(empty_bucket, client_of):
    bundle = lstm_bundle()
    bundle.model["shares"] = {"composers": {"Bach": 1.0}, "ensembles": {}}
    empty_bucket.crown("lstm-1", bundle)
    client = client_of(empty_bucket)
    (family,) = client.get("/v1/options").json()["families"]
    assert family["composers"] == ["unknown", "Bach"]
    assert family["ensembles"] == ["unknown", "Solo Piano", "String Quartet"]
    refusal = client.post("/v1/generate", json={"composer": "Back"}).json()
    assert refusal["detail"].endswith("choose one of: unknown, Bach.")


def test_models_say_where_they_come_from(client):
    document = client.get("/v1/models").json()
    overall = next(model for model in document["models"] if model["channel"] == "overall")
    assert overall["version"] == "lstm-1"
    assert overall["generation"] == 2
    assert overall["run_id"] == "run-lstm-1"


def test_metrics_count_answers_by_route(client):
    client.post("/v1/generate", json={"seed": 1})
    client.post("/v1/generate", json={"bars": 0})
    client.get("/v1/pieces/nonsense.mid")
    text = client.get("/metrics").text
    assert 'responses_total{method="POST",route="/v1/generate",status="200"} 1.0' in text
    assert 'responses_total{method="POST",route="/v1/generate",status="422"} 1.0' in text
    assert 'route="/v1/pieces/{piece_id}.mid",status="404"} 1.0' in text
    assert 'musicgen_champion_generation{channel="overall"} 2.0' in text
    assert 'musicgen_making_seconds_count{family="lstm",form="application/json"} 1.0' in text


def test_the_description_covers_the_api_and_its_errors(client):
    document = client.get("/v1/openapi.json").json()
    assert set(document["paths"]) == {
        "/v1/generate",
        "/v1/continue",
        "/v1/pieces/{piece_id}",
        "/v1/pieces/{piece_id}.mid",
        "/v1/pieces/{piece_id}.wav",
        "/v1/pieces/{piece_id}.musicxml",
        "/v1/pieces/{piece_id}.svg",
        "/v1/options",
        "/v1/models",
        "/v1/models/reload",
        "/v1/soundfont",
        "/v1/votes",
        "/healthz",
        "/readyz",
        "/metrics",
    }
    generate = document["paths"]["/v1/generate"]["post"]
    assert {"200", "400", "406", "413", "415", "422", "429", "503"} <= set(generate["responses"])
    assert set(generate["responses"]["200"]["content"]) == {
        "application/json",
        "audio/midi",
        "audio/wav",
        "application/vnd.recordare.musicxml+xml",
        "image/svg+xml",
        "application/x-ndjson",
        "text/event-stream",
    }
    assert document["components"]["schemas"]["GenerateBody"]["examples"]


@pytest.mark.parametrize("path", ["/v1/options", "/healthz", "/v1/nothing", "/static/nothing"])
def test_every_answer_keeps_browsers_to_this_origin(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_fastapis_own_pages_which_load_scripts_from_afar_are_off(client):
    assert client.get("/docs").status_code == 404
    assert client.get("/redoc").status_code == 404
