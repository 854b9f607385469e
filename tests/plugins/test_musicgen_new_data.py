from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk.execution_time.context import OutletEventAccessors
from musicgen_new_data import HANDED_ON, NEW_DATA, hand_on_other_data, served_place

from musicgen.errors import BadInput

OLD, NEW = ({"corpus": "midi", "corpus_uri": f"gs://b/{age}"} for age in ("old", "new"))


def event(second, extra, runs=("this",)):
    timestamp = datetime(2026, 1, 1, second=second, tzinfo=UTC)
    return SimpleNamespace(timestamp=timestamp, extra=extra, created_dagruns=list(runs))


class Inlet:
    """All events of the Asset, as a task may look at them."""

    def __init__(self, *events):
        self.events = events

    def after(self, moment):
        return [each for each in self.events if each.timestamp >= datetime.fromisoformat(moment)]


def handed_on(*events, lying=()):
    """Return what the event that a run with these events emits holds, None if it emits none."""
    outlets = OutletEventAccessors()
    hand_on_other_data({"a": events}, {NEW_DATA: Inlet(*events, *lying)}, outlets)
    emitted = outlets[HANDED_ON].asset_alias_events
    assert all(each.dest_asset_key.name == NEW_DATA.name for each in emitted)
    return emitted[0].extra if emitted else None


def test_a_run_serves_the_oldest_place_and_hands_the_others_on():
    events = {"a": [event(2, NEW), event(1, OLD)], "b": [event(3, {"corpus": "musicnet"})]}
    assert served_place(events) == OLD
    assert handed_on(*events["a"], *events["b"]) == {"waiting": [NEW, {"corpus": "musicnet"}]}


def test_what_was_handed_on_is_served_in_its_turn_until_nothing_waits():
    first = event(1, {"waiting": [OLD, NEW]})
    assert served_place({"a": [first]}) == OLD
    rest = event(2, handed_on(first))
    assert served_place({"a": [rest]}) == NEW
    assert handed_on(rest) is None


def test_what_is_asked_twice_is_served_once():
    assert handed_on(event(1, OLD), event(2, OLD)) is None


def test_what_came_later_and_belongs_to_no_run_is_waked_for_and_not_asked_for():
    mine, lying = event(1, OLD), event(2, NEW, runs=())
    assert handed_on(mine, lying=[lying]) == {"waiting": []}
    assert handed_on(mine, lying=[event(2, NEW, runs=["next"])]) is None
    waking = event(3, {"waiting": []}, runs=())
    assert handed_on(mine, lying=[waking]) is None, "it asks for nothing"
    assert served_place({"a": [lying, waking]}) == NEW


def test_a_run_that_no_event_started_hands_nothing_on():
    assert served_place({}) == {}
    assert handed_on(lying=[event(1, OLD, runs=())]) is None


def test_an_event_with_another_corpus_does_not_keep_the_forms_place():
    assert served_place({"a": [event(1, {"corpus": "musicnet"})]}) == {
        "corpus": "musicnet",
        "corpus_uri": None,
    }


@pytest.mark.parametrize("extra", [None, {}, {"by": "cron"}])
def test_an_event_without_a_word_on_data_asks_for_the_forms(extra):
    assert served_place({"a": [event(1, extra), event(2, NEW)]}) == {}
    assert handed_on(event(1, extra), event(2, NEW)) == {"waiting": [NEW]}


def test_a_place_without_a_corpus_is_refused_and_the_others_wait():
    bad = event(1, {"corpus_uri": "gs://b/new"})
    with pytest.raises(BadInput, match="say both"):
        served_place({"a": [bad, event(2, NEW)]})
    assert handed_on(bad, event(2, NEW)) == {"waiting": [NEW]}
