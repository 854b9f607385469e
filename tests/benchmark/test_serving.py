"""The service's benchmark, in small: every scene against a real server."""

import asyncio

import pytest
from bundles import lstm_bundle

from musicgen.benchmark.serving import scenes
from musicgen.benchmark.serving.clients import milliseconds
from musicgen.benchmark.serving.fuzz import fuzz
from musicgen.benchmark.serving.measure import OURS
from musicgen.benchmark.serving.stage import make_bucket, point, serving
from musicgen.registry import layout


def test_percentiles_are_in_milliseconds():
    assert milliseconds([0.001] * 99 + [0.5]) == {"p50_ms": 1.0, "p99_ms": 6.0, "count": 100}


@pytest.mark.slow
def test_every_scene_has_its_figures(tmp_path):
    source_uri = f"file://{tmp_path}/source"
    lstm_bundle().save(layout.version_uri(source_uri, "lstm-1"))
    point(source_uri, "lstm-1")
    bucket_uri = make_bucket(source_uri, tmp_path / "bucket")
    with serving(OURS, bucket_uri, tmp_path / "home") as server:
        assert asyncio.run(scenes.first_note(server, 2, 3))["count"] == 3
        assert asyncio.run(scenes.live(server, 2, 1.0))["count"] >= 2
        assert asyncio.run(scenes.speed(server, 2, 0.2))["times_real_time"] > 0
        over = asyncio.run(scenes.overload(server, 0.3))
        assert over["peak_pieces_per_second"] > 0
        assert over["other_statuses"] == []
        bombs = asyncio.run(scenes.bombs(server, 1))
        assert all(each["statuses"] == [422] for each in bombs.values())
        swapped = asyncio.run(scenes.swaps(server, bucket_uri, 3))
        assert (swapped["swaps"], swapped["failed"], swapped["mixed"]) == (3, 0, 0)
        assert asyncio.run(scenes.soak(server, 0.5))["last_fifth"]["count"] > 0
        fuzzed = fuzz(server, 1, tmp_path)
        assert fuzzed["cases"] > 0
        assert fuzzed["answers_of_500"] == 0
