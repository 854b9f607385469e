from concurrent.futures import ProcessPoolExecutor

import pytest
from registry.deaths import run_and_die_at_line

from musicgen import storage
from musicgen.registry import layout
from musicgen.registry.atomic import Conflict
from musicgen.registry.channel import Channel
from musicgen.registry.ledger import Entry
from musicgen.registry.pointer import Pointer, read_pointer


def entry(version, previous=None):
    pointer = Pointer(version, "lstm", "file:///b", "run", 0.5, "dataset", "file:///e", previous)
    return Entry(pointer, f"{version} is better", "somebody", "2026-11-22T12:00:00+00:00")


def generations(channel):
    return [found.pointer.generation for found in channel.ledger.entries()]


def test_each_move_is_in_the_ledger(tmp_path):
    channel = Channel(tmp_path.as_uri(), "lstm")
    assert channel.settled() is None
    first = channel.move(entry("lstm-1"), 0)
    second = channel.move(entry("lstm-2", "lstm-1"), first.generation)
    assert channel.settled() == second
    assert [found.pointer for found in channel.ledger.entries()] == [first, second]
    assert channel.ledger.entry(2).reason == "lstm-2 is better"


def test_a_stale_move_conflicts_and_changes_nothing(tmp_path):
    channel = Channel(tmp_path.as_uri(), "lstm")
    first = channel.move(entry("lstm-1"), 0)
    with pytest.raises(Conflict):
        channel.move(entry("lstm-2"), 0)
    assert channel.settled() == first
    assert generations(channel) == [1]


def test_what_a_killed_writer_decided_is_finished_by_the_next(tmp_path):
    channel = Channel(tmp_path.as_uri(), "lstm")
    first = channel.move(entry("lstm-1"), 0)
    channel.ledger.claim(Entry(**{**vars(entry("lstm-2")), "pointer": next_after(first, "lstm-2")}))
    assert read_pointer(channel.uri) == first
    assert channel.settled().version == "lstm-2"
    assert channel.settled().generation == 2


def next_after(pointer, version):
    return Pointer(
        **{**pointer.document(), "version": version, "generation": pointer.generation + 1}
    )


def test_a_claim_whose_answer_was_lost_is_known_again(tmp_path, monkeypatch):
    from musicgen.registry import atomic

    real = atomic.create

    def create_and_lose_the_answer(uri, data):
        real(uri, data)
        raise Conflict("exists already")

    monkeypatch.setattr(atomic, "create", create_and_lose_the_answer)
    channel = Channel(tmp_path.as_uri(), "lstm")
    assert channel.move(entry("lstm-1"), 0).generation == 1


def promote_five_times(bucket_uri, name):
    channel, moved = Channel(bucket_uri, "lstm"), 0
    while moved < 5:
        now = channel.settled()
        try:
            channel.move(entry(name, now and now.version), now.generation if now else 0)
            moved += 1
        except Conflict:
            continue
    return name


def test_ten_promoters_leave_no_gap_and_lose_nothing(tmp_path):
    names = [f"lstm-{number}" for number in range(10)]
    with ProcessPoolExecutor(10) as pool:
        list(pool.map(promote_five_times, [tmp_path.as_uri()] * 10, names))
    channel = Channel(tmp_path.as_uri(), "lstm")
    entries = channel.ledger.entries()
    assert generations(channel) == list(range(1, 51))
    versions = [found.pointer.version for found in entries]
    assert sorted(versions) == sorted(names * 5)
    assert [found.pointer.previous for found in entries] == [None, *versions[:-1]]
    assert channel.settled() == entries[-1].pointer


def test_killed_at_every_line_the_old_champion_stands_or_the_new(tmp_path):
    number, seen = 0, set()
    ended = False
    while not ended:
        number += 1
        bucket = (tmp_path / str(number)).as_uri()
        channel = Channel(bucket, "lstm")
        old = channel.move(entry("lstm-1"), 0)
        ended = run_and_die_at_line(number, lambda c=channel: c.move(entry("lstm-2", "lstm-1"), 1))
        standing = read_pointer(channel.uri)
        assert standing == old or (standing.version, standing.generation) == ("lstm-2", 2)
        settled = channel.settled()
        seen.add((standing.version, settled.version))
        after = channel.move(entry("lstm-3", settled.version), settled.generation)
        assert channel.settled() == after
        assert generations(channel) == list(range(1, after.generation + 1))
        visible = storage.children(layout.ledger_uri(bucket, "lstm"))
        assert visible == [f"{n}.json" for n in range(1, after.generation + 1)]
    assert number > 50
    assert seen == {("lstm-1", "lstm-1"), ("lstm-1", "lstm-2"), ("lstm-2", "lstm-2")}
