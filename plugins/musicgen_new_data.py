"""Events of new data: a run serves one place, and hands the others on to runs after it.

Airflow makes one run of the events that came while another was under way; of those that came
after the first of them it even makes none until the next event (apache/airflow#56050).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from airflow.sdk import Asset, AssetAlias

from musicgen.errors import BadInput

NEW_DATA = Asset("musicgen_new_data")
HANDED_ON = AssetAlias("musicgen_handed_on")
"""Lets a task emit an event of ``NEW_DATA`` if there is need; as an outlet that always would be."""

WAITING = "waiting"
CORPUS_KEYS = ("corpus", "corpus_uri")


def asked_by(events: Iterable[Any]) -> list[dict[str, str]]:
    """Return what events ask for, the oldest first and nothing twice.

    Each is a dict of ``corpus`` and ``corpus_uri``; an empty one asks for the form's own data. An
    event that a run has handed on asks for all that waits in it, be it nothing.
    """
    asked: list[dict[str, str]] = []
    for event in sorted(events, key=lambda event: event.timestamp):
        extra = event.extra or {}
        for place in extra.get(WAITING, [extra]):
            wanted = {key: place[key] for key in CORPUS_KEYS if place.get(key)}
            if wanted not in asked:
                asked.append(wanted)
    return asked


def served_place(triggering_asset_events: Mapping[Any, Iterable[Any]]) -> dict[str, Any]:
    """Return what of the form a run's events replace: by the place that was named first.

    Raises:
        BadInput: the event says where a corpus is, and not which.
    """
    for place in asked_by(_all(triggering_asset_events))[:1]:
        if "corpus" in place:
            return {"corpus_uri": None, **place}
        if place:
            raise BadInput(
                f"The event names corpus_uri {place['corpus_uri']} without corpus; say both, as in "
                '{"corpus": "midi", "corpus_uri": "gs://…"}.'
            )
    return {}


def hand_on_other_data(
    triggering_asset_events: Mapping[Any, Iterable[Any]], inlet_events: Any, outlet_events: Any
) -> list[dict[str, str]]:
    """Let the next run serve what this one does not; return the places.

    An event without a place is emitted too if others came that no run has taken: it wakes Airflow,
    which then takes them along.
    """
    events = _all(triggering_asset_events)
    rest = asked_by(events)[1:]
    if rest or _left_lying(events, inlet_events):
        outlet_events[HANDED_ON].add(NEW_DATA, extra={WAITING: rest})
    return rest


def _left_lying(events: list[Any], inlet_events: Any) -> bool:
    """Whether events that ask for something have come after a run's own and belong to no run."""
    if not events:
        return False
    newest = max(event.timestamp for event in events)
    later = inlet_events[NEW_DATA].after(newest.isoformat())
    return bool(asked_by(event for event in later if not event.created_dagruns))


def _all(triggering_asset_events: Mapping[Any, Iterable[Any]]) -> list[Any]:
    return [event for series in triggering_asset_events.values() for event in series]
