"""How much of what a model learns from is whose."""

import pyarrow.compute as pc

from musicgen.preprocess.dataset import Dataset


def shares(dataset: Dataset) -> dict[str, dict[str, float]]:
    """Return the share of the training frames by composer and by ensemble.

    Names without music to learn from are left out.
    """
    table = dataset.table("pieces", ("composer", "ensemble", "frames"), "train")
    total = max(pc.sum(table["frames"]).as_py() or 0, 1)
    found = {}
    for kind in ("composer", "ensemble"):
        sums = table.group_by(kind).aggregate([("frames", "sum")]).to_pylist()
        found[f"{kind}s"] = {row[kind]: round(row["frames_sum"] / total, 4) for row in sums}
    return found
