"""What becomes of each piece, in plain Python: the peer of ``preprocess.plan``.

It holds the whole survey in memory, as a script written by hand would.
"""

import hashlib
from collections import Counter, defaultdict
from typing import Any

from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.plan import DUPLICATE, LARGE, MIN_WORKS

Rows = list[dict[str, Any]]


def plan_by_hand(survey: Rows, config: PreprocessConfig, shards: int) -> Rows:
    """Return the rows of the survey with ``split``, ``shard`` and what is a duplicate."""
    rows = _mark_duplicates(survey)
    splits = _split_works(rows, config)
    return [
        row | {"split": splits.get(row["work"]), "shard": int(_unit_hash(row["piece_id"]) * shards)}
        for row in rows
    ]


def facts_by_hand(plan: Rows) -> dict[str, Any]:
    """Return what the manifest says of the plan besides the files."""
    kept = [row for row in plan if row["reason"] is None]
    splits: dict[str, Any] = {}
    for split in sorted({row["split"] for row in kept}):
        own = [row for row in kept if row["split"] == split]
        splits[split] = {
            "pieces": len(own),
            "works": len({row["work"] for row in own}),
            "notes": sum(row["notes"] for row in own),
            "frames": sum(row["frames"] for row in own),
        }
    return {
        "composers": {row["composer"] for row in kept},
        "ensembles": {row["ensemble"] for row in kept},
        "splits": splits,
        "rejected_reasons": dict(Counter(row["reason"] for row in plan if row["reason"])),
    }


def _mark_duplicates(survey: Rows) -> Rows:
    same_score: dict[str, Rows] = defaultdict(list)
    for row in survey:
        same_score[row["fingerprint"] or row["piece_id"]].append(row)
    marked = []
    for group in same_score.values():
        group.sort(key=lambda row: (row["official_split"] != "test", row["piece_id"]))
        official = group[0]["official_split"] == "test"
        first, copies = group[0], group[1:]
        marked.append(first | {"official_score": official})
        detail = f"the same notes as piece {first['piece_id']}"
        marked += [
            row | {"official_score": official, "reason": DUPLICATE, "detail": detail}
            for row in copies
        ]
    return marked


def _split_works(rows: Rows, config: PreprocessConfig) -> dict[str, str]:
    pieces: dict[str, Rows] = defaultdict(list)
    for row in rows:
        pieces[row["work"]].append(row)
    frames = {
        work: sum(row["frames"] for row in own if row["reason"] is None)
        for work, own in pieces.items()
    }
    official = {w for w, own in pieces.items() if frames[w] and any(map(_is_official, own))}
    test_share = 0.0 if official else config.test_share
    valid_until, total = test_share + config.valid_share, sum(frames.values())
    draws = {
        work: _unit_hash(f"{config.split_seed}:{work}")
        for work in pieces
        if frames[work] and work not in official
    }

    def split(work: str) -> str:
        found = "test" if draws[work] < test_share else "valid"
        share = test_share if found == "test" else config.valid_share
        if draws[work] >= valid_until or frames[work] / total > LARGE * share:
            return "train"
        return found

    splits = {work: split(work) for work in draws}
    if len(set(splits.values())) < MIN_WORKS - bool(official):
        raise BadInput(
            f"The corpus has {len(pieces)} works, too few to be split by shares: take a larger one."
        )
    return splits | dict.fromkeys(official, "test")


def _is_official(row: dict[str, Any]) -> bool:
    return row["official_score"]


def _unit_hash(text: str) -> float:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) / 2**32
