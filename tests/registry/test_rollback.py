import pytest
from registry.deaths import run_and_die_at_line
from registry.reigns import crown, leaders

from musicgen import storage
from musicgen.errors import BadInput, MusicgenError
from musicgen.registry import layout, rollback
from musicgen.registry.channel import Channel
from musicgen.registry.history import history
from musicgen.registry.smoke import SmokeFailed


@pytest.fixture(autouse=True)
def tested(monkeypatch):
    """Versions that were smoke-tested; the test itself has tests of its own."""
    found = []

    def smoke(bundle_uri, requests_uri):
        found.append(bundle_uri)
        return {"pieces": 10}

    monkeypatch.setattr(rollback, "smoke", smoke)
    monkeypatch.setattr(rollback, "announce", lambda *_: None)
    return found


@pytest.fixture
def bucket(tmp_path):
    """gan-1, then lstm-1, then lstm-2 led overall."""
    uri = tmp_path.as_uri()
    crown(uri, "gan", 1)
    crown(uri, "lstm", 2)
    crown(uri, "lstm", 3)
    return uri


def test_the_latest_before_leads_again_overall_and_in_its_family(bucket, tested):
    result = rollback.rollback(bucket, leaving="lstm-2", reason="it drones")
    assert (result.moved, result.version, result.left) == (True, "lstm-1", "lstm-2")
    assert result.generation == 4
    assert result.reason == "lstm-2 was rolled back to lstm-1: it drones"
    assert leaders(bucket) == {"overall": "lstm-1", "lstm": "lstm-1", "gan": "gan-1"}
    assert tested == [layout.version_uri(bucket, "lstm-1")]
    entry = Channel(bucket).ledger.entry(4)
    assert (entry.kind, entry.pointer.previous) == ("rollback", "lstm-2")
    assert entry.evidence == {"smoke": {"pieces": 10}}


def test_each_further_step_leads_further_back(bucket):
    steps = [rollback.rollback(bucket).version for _ in range(2)]
    assert steps == ["lstm-1", "gan-1"]
    assert leaders(bucket) == {"overall": "gan-1", "lstm": "lstm-1", "gan": "gan-1"}
    with pytest.raises(BadInput, match="Nothing led overall before gan-1 that could again"):
        rollback.rollback(bucket)


def test_any_version_of_the_ledger_can_be_chosen_and_brought_back(bucket):
    assert rollback.rollback(bucket, "gan-1").version == "gan-1"
    assert Channel(bucket).ledger.withdrawn() == {"lstm-2"}
    assert rollback.rollback(bucket, "lstm-2").version == "lstm-2"
    assert Channel(bucket).ledger.withdrawn() == {"gan-1"}


def test_a_family_alone(bucket):
    assert rollback.rollback(bucket, channel_name="lstm").version == "lstm-1"
    assert leaders(bucket) == {"overall": "lstm-2", "lstm": "lstm-1", "gan": "gan-1"}


def test_a_second_time_changes_nothing(bucket):
    rollback.rollback(bucket, "lstm-1")
    before = storage.names(bucket)
    again = rollback.rollback(bucket, "lstm-1", leaving="lstm-2")
    assert (again.moved, again.version, again.generation) == (False, "lstm-1", 4)
    assert storage.names(bucket) == before


def test_what_does_not_play_does_not_lead(bucket, monkeypatch):
    def silent(bundle_uri, requests_uri):
        raise SmokeFailed("all silent")

    monkeypatch.setattr(rollback, "smoke", silent)
    with pytest.raises(MusicgenError, match="all silent"):
        rollback.rollback(bucket)
    assert leaders(bucket)["overall"] == "lstm-2"


def test_bad_input_is_named(bucket):
    with pytest.raises(BadInput, match=r"lstm-9 never led overall; .* lstm-2, lstm-1, gan-1"):
        rollback.rollback(bucket, "lstm-9")
    with pytest.raises(BadInput, match="lstm-2 leads overall by now, not lstm-1: look again"):
        rollback.rollback(bucket, "gan-1", leaving="lstm-1")
    with pytest.raises(BadInput, match="no channel 'opera'"):
        rollback.rollback(bucket, channel_name="opera")
    storage.remove(storage.join(layout.version_uri(bucket, "lstm-1"), "manifest.json"))
    with pytest.raises(BadInput, match="bundle of lstm-1 is gone"):
        rollback.rollback(bucket, "lstm-1")
    assert rollback.rollback(bucket).version == "gan-1"


def test_history_tells_each_version_once(bucket):
    rollback.rollback(bucket)
    past = history(bucket)
    assert (past.champion, past.generation, past.fallback) == ("lstm-1", 4, "gan-1")
    assert [(one.version, one.generation, one.withdrawn) for one in past.versions] == [
        ("lstm-1", 4, False),
        ("lstm-2", 3, True),
        ("gan-1", 1, False),
    ]


def test_killed_anywhere_the_next_rollback_completes_it(tmp_path):
    number, ended, seen = -12, False, set()
    while not ended:
        number += 13
        bucket = (tmp_path / str(number)).as_uri()
        crown(bucket, "lstm", 2)
        crown(bucket, "lstm", 3)
        ended = run_and_die_at_line(number, lambda b=bucket: rollback.rollback(b, "lstm-1"))
        standing = leaders(bucket)
        seen.add((standing["overall"], standing["lstm"]))
        rollback.rollback(bucket, "lstm-1")
        assert set(leaders(bucket).values()) == {"lstm-1"}
        assert [e.pointer.generation for e in Channel(bucket).ledger.entries()] == [1, 2, 3]
    assert {("lstm-2", "lstm-2"), ("lstm-2", "lstm-1"), ("lstm-1", "lstm-1")} == seen
