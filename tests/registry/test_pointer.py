from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

import pytest

from musicgen import storage
from musicgen.errors import BadInput
from musicgen.registry import layout
from musicgen.registry.champion import champion
from musicgen.registry.pointer import Conflict, Pointer, read_pointer, swap_pointer

POINTER = Pointer("lstm-1", "lstm", "file:///old/place", "run", 0.5, "dataset", "file:///e")


def test_generations_count_from_one(tmp_path):
    uri = storage.join(tmp_path.as_uri(), "champion.json")
    assert read_pointer(uri) is None
    assert swap_pointer(uri, POINTER, 0).generation == 1
    moved = swap_pointer(uri, replace(POINTER, version="lstm-2", previous="lstm-1"), 1)
    assert moved.generation == 2
    assert read_pointer(uri) == moved


@pytest.mark.parametrize("expected", [0, 2])
def test_stale_generation_conflicts_and_changes_nothing(tmp_path, expected):
    uri = storage.join(tmp_path.as_uri(), "champion.json")
    first = swap_pointer(uri, POINTER, 0)
    with pytest.raises(Conflict, match="generation 1"):
        swap_pointer(uri, replace(POINTER, version="gan-1"), expected)
    assert read_pointer(uri) == first


def _move_five_times(uri, name):
    """Move the pointer five times, reading again after each conflict; returns its generations."""
    won = []
    while len(won) < 5:
        before = read_pointer(uri)
        generation = before.generation if before else 0
        after = replace(POINTER, version=name, previous=before and before.version)
        try:
            won.append((swap_pointer(uri, after, generation).generation, name, after.previous))
        except Conflict:
            continue
    return won


def test_ten_processes_lose_no_update(tmp_path):
    uri = storage.join(tmp_path.as_uri(), "champion.json")
    with ProcessPoolExecutor(10) as pool:
        results = pool.map(_move_five_times, [uri] * 10, [f"lstm-{n}" for n in range(10)])
        history = sorted(entry for moves in results for entry in moves)
    assert [generation for generation, _, _ in history] == list(range(1, 51))
    names = [name for _, name, _ in history]
    assert [previous for _, _, previous in history] == [None, *names[:-1]]


def test_damaged_pointer_names_the_remedy(tmp_path):
    uri = storage.join(tmp_path.as_uri(), "champion.json")
    storage.write_bytes(uri, b"{")
    with pytest.raises(BadInput, match="restore it from the ledger"):
        read_pointer(uri)


def test_champion_is_found_below_the_bucket_as_it_is_mounted_now(tmp_path):
    bucket = tmp_path.as_uri()
    with pytest.raises(BadInput, match=r"musicgen-lstm .* has no champion yet: run `make demo`"):
        champion(bucket, "lstm")
    swap_pointer(layout.channel_uri(bucket, "lstm"), POINTER, 0)
    swap_pointer(layout.channel_uri(bucket), replace(POINTER, version="gan-2", family="gan"), 0)
    assert champion(bucket, "lstm").bundle_uri == f"{bucket}/models/musicgen-lstm/versions/1"
    assert champion(bucket).bundle_uri == f"{bucket}/models/musicgen-gan/versions/2"
