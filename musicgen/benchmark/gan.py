"""The goals of a GAN of piano rolls, measured: gaps to held-out music, and diversity."""

import logging
from dataclasses import asdict, dataclass
from typing import Any

from musicgen.benchmark.gaps import FLOOR, GOALS, LEAST_DIVERSITY, diversities, gaps
from musicgen.benchmark.own_music import own_music
from musicgen.errors import BadInput
from musicgen.evaluation.excerpt_set import FEWEST_PIECES, real
from musicgen.evaluation.excerpts import read_excerpts
from musicgen.evaluation.sources import contestants
from musicgen.preprocess.dataset import Dataset

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class GanResult:
    """What was measured.

    Attributes:
        dataset_uri: whose test split is held out.
        excerpts: so many of each were compared.
        goals: by measure: ``goal``, ``summit``, ``relative``, ``published``.
        gaps: by source and measure; see ``gaps.Gap``. The training split is always among them.
        diversity: by source; see ``gaps.diversities``.
    """

    dataset_uri: str
    excerpts: int
    goals: dict[str, dict[str, Any]]
    gaps: dict[str, dict[str, Any]]
    diversity: dict[str, dict[str, float]]


def gan(sources: list[str], dataset_uri: str, samples: int = 500, seed: int = 0) -> GanResult:
    """Measure models, or music of any kind; see ``sources.contestants``.

    Raises:
        BadInput: a source is unknown, or the test split holds too little.
    """
    dataset = Dataset.open(dataset_uri)
    held_out = read_excerpts(dataset, "test", samples, seed)
    if len(held_out) < FEWEST_PIECES:
        raise BadInput(
            f"{dataset_uri} holds {len(held_out)} test excerpts; to compare takes {FEWEST_PIECES}. "
            "Give a larger corpus."
        )
    reference = real(held_out)
    sets = {FLOOR: own_music(dataset, held_out, seed)}
    for each in contestants(sources):
        logger.info("%s: %d excerpts", each.name, len(held_out))
        sets[each.name] = each.answers(held_out, seed)
    found = {
        name: {measure: asdict(gap) for measure, gap in gaps(reference, made, seed).items()}
        for name, made in sets.items()
    }
    diverse = {name: diversities(reference, made) for name, made in sets.items()}
    goals = {name: asdict(goal) for name, goal in GOALS.items()}
    return GanResult(dataset_uri, len(held_out), goals, found, diverse)


HEAD = ("measure", "held-out", "made", "gap", "95 %", "goal", "summit", "reached")


def table(result: GanResult) -> str:
    """Return the result for people."""
    lines = [f"Against {result.excerpts} held-out excerpts of four bars."]
    for name, found in result.gaps.items():
        lines += ["", name, _line(*HEAD)]
        lines += [_gap_line(measure, gap) for measure, gap in found.items()]
        lines += [_diversity_line(kind, share) for kind, share in result.diversity[name].items()]
    return "\n".join(lines)


def _gap_line(measure: str, gap: dict[str, Any]) -> str:
    goal = GOALS[measure]
    low, high = gap["interval"]
    numbers = [f"{gap[key]:.3f}" for key in ("held_out", "made", "gap")]
    limits = [f"{low:.3f} - {high:.3f}", f"{goal.goal:.2f}", f"{goal.summit:.2f}"]
    return _line(measure, *numbers, *limits, gap["reached"])


def _diversity_line(kind: str, share: float) -> str:
    reached = "goal" if share >= LEAST_DIVERSITY else "neither"
    least = f"{LEAST_DIVERSITY:.2f}"
    return _line(f"diversity: {kind}", "1", f"{share:.3f}", "", "", least, "", reached)


def _line(name: str, *cells: str) -> str:
    return f"  {name:32}" + "".join(f"{cell:>15}" for cell in cells)
