"""Budgets: how slow and how large a version may be; gates that only the smoke test can measure."""

from typing import Any

from musicgen.evaluation.gates import Gate

SECONDS_PER_PIECE = 2.0
"""What a listener waits for without impatience; a champion that is slower may be matched twice."""
TIMES_CHAMPION = 2.0
MEGABYTES = 200.0


def budget_gates(
    seconds_per_piece: float, champion_seconds: float | None, bundle_bytes: int
) -> dict[str, dict[str, Any]]:
    """Return the gates of latency and size, as an evaluation gives its gates.

    Args:
        seconds_per_piece: mean over the replayed requests.
        champion_seconds: the same of the champion, measured beside it; None if there is none.
        bundle_bytes: of all files of the bundle.
    """
    latency = max(SECONDS_PER_PIECE, TIMES_CHAMPION * (champion_seconds or 0.0))
    gates = {
        "latency_seconds": Gate(seconds_per_piece, latency),
        "size_megabytes": Gate(bundle_bytes / 1e6, MEGABYTES),
    }
    return {name: gate.document() for name, gate in gates.items()}
