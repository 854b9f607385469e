"""Whatever is sent, the server answers with music or with a problem that says why."""

import json
from urllib.parse import quote

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from musicgen.serving.wishes import GenerateBody

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=5,
)
fields = st.sampled_from([*GenerateBody.model_fields, "other"])
likely = st.sampled_from(["lstm", "gan", "lstm-1", "gan-1", "Bach", 0, 1, 2, 0.5, 120, -1])
bodies = st.dictionaries(fields, likely | json_values, max_size=5) | json_values
media_types = st.sampled_from(["application/json", "audio/midi", "*/*", "text/html"])

on_one_server = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def _is_an_answer(answer) -> bool:
    if answer.status_code == 200:
        return bool(answer.content)
    kind = answer.headers["content-type"]
    return 400 <= answer.status_code < 500 and kind == "application/problem+json"


@given(body=bodies, accept=media_types)
@on_one_server
def test_any_body(client, body, accept):
    # Python's JSON holds NaN and half surrogate pairs, which clients' libraries would refuse.
    content = json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Accept": accept}
    assert _is_an_answer(client.post("/v1/generate", content=content, headers=headers))


@given(content=st.binary(max_size=200), kind=media_types)
@on_one_server
def test_any_bytes(client, content, kind):
    answer = client.post("/v1/generate", content=content, headers={"Content-Type": kind})
    assert _is_an_answer(answer)


@given(name=st.text(st.characters(codec="utf-8"), min_size=1, max_size=60))
@on_one_server
def test_any_path(client, name):
    assert _is_an_answer(client.get(f"/v1/pieces/{quote(name, safe='')}.mid"))


@given(accept=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60))
@on_one_server
def test_any_accept(client, accept):
    assert _is_an_answer(client.post("/v1/generate", json={"bars": 1}, headers={"Accept": accept}))
