"""The API's description as a source of cases, sent without a network."""

import pytest
from starlette.responses import JSONResponse

from musicgen.benchmark.serving import fuzzing as fuzzing_module
from musicgen.benchmark.serving.fuzzing import fuzzing

pytestmark = pytest.mark.slow


def test_cases_are_answered_with_music_or_with_problems():
    found = fuzzing(60, seed=3)
    assert found.cases == sum(found.statuses.values()) >= 60
    assert found.statuses[200] > 0
    assert (found.answers_of_500, found.other_than_problems, found.failures) == (0, 0, [])


def test_a_server_that_breaks_is_found_out(monkeypatch):
    made = fuzzing_module.create_app

    def breaking(*arguments, **named):
        app = made(*arguments, **named)

        @app.middleware("http")
        async def broken(request, call_next):
            return JSONResponse({}, status_code=500)

        return app

    monkeypatch.setattr(fuzzing_module, "create_app", breaking)
    found = fuzzing(20, seed=3)
    assert found.answers_of_500 == found.other_than_problems == found.cases
    assert 0 < len(found.failures) <= 10
