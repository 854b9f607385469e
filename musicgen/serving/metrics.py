"""What the server counts, for Prometheus."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest

from musicgen.serving.batcher import Batcher
from musicgen.serving.champions import CHANNELS, Champions, channel_name
from musicgen.serving.workers import Workers


class Metrics:
    """Counters of one app, in a registry of its own.

    Attributes:
        responses: answers by method, route and status.
        making_seconds: time from a request to its finished piece, by family and form.
        jam_seconds: time from a duet's step to its plan.
        notes: notes made, by family.
    """

    def __init__(self, champions: Champions, workers: Workers, batcher: Batcher) -> None:
        self._registry = CollectorRegistry()
        self.responses = Counter(
            "musicgen_responses",
            "Answers by route and status.",
            ["method", "route", "status"],
            registry=self._registry,
        )
        self.making_seconds = Histogram(
            "musicgen_making_seconds",
            "Time from a request to its finished piece.",
            ["family", "form"],
            buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
            registry=self._registry,
        )
        self.jam_seconds = Histogram(
            "musicgen_jam_step_seconds",
            "Time from a duet's step to its plan.",
            buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1),
            registry=self._registry,
        )
        self.notes = Counter("musicgen_notes", "Notes made.", ["family"], registry=self._registry)
        self._watch("musicgen_pending", "Jobs that run or wait.", lambda: workers.pending)
        self._watch("musicgen_growing", "Pieces that grow or wait.", lambda: batcher.pending)
        self._watch("musicgen_problems", "Channels in trouble.", lambda: len(champions.problems))
        generation = Gauge(
            "musicgen_champion_generation",
            "Generation of the champion that plays, 0 for none.",
            ["channel"],
            registry=self._registry,
        )
        for channel in CHANNELS:
            generation.labels(channel_name(channel)).set_function(
                lambda channel=channel: _generation(champions, channel)
            )

    def exposition(self) -> bytes:
        """Return all of it in the text format that Prometheus reads."""
        return generate_latest(self._registry)

    def _watch(self, name: str, text: str, function) -> None:
        Gauge(name, text, registry=self._registry).set_function(function)


def _generation(champions: Champions, channel: str | None) -> int:
    champion = champions.current.get(channel)
    return champion.pointer.generation if champion else 0
