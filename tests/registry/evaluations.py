"""Evaluations as the stage ``evaluate`` leaves them, with scores of a test's choice."""

import numpy as np

from musicgen import manifest, storage
from musicgen.evaluation.candidate import bundle_digest

TERMS = {"protocol": 1, "dataset_id": "d1", "samples": 8, "seed": 0}


def entry(run_id, family, bundle_uri, score, noise=0.01, version=None, **failed):
    """One candidate; a keyword names a gate that it fails, with the value that it failed by.

    The resamples share their draws, as those of real evaluations on the same terms do.
    """
    draws = np.random.default_rng(0).normal(size=200) * noise
    gates = {"silent": {"value": 0.0, "limit": 0.5, "passed": True}}
    gates |= {name: {"value": v, "limit": 0.5, "passed": False} for name, v in failed.items()}
    return {
        "family": family,
        "bundle": bundle_digest(bundle_uri),
        "run_id": run_id,
        "version": version,
        "score": score,
        "interval": [score - 2 * noise, score + 2 * noise],
        "aspects": {"rhythm": score},
        "measures": {"polyphony": {"likeness": score, "mean": 3.0}, "groove": {"likeness": 0.5}},
        "intervals": {"aspect.rhythm": [score - 0.1, score + 0.1], "polyphony": [2.5, 3.5]},
        "gates": gates,
        "copying": {"known_8_grams": 0.1, "known_16_grams": 0.02, "longest_known_run": 11.0},
        "resampled": (score + draws).tolist(),
    }


def write_evaluation(bucket_uri, candidates, terms=TERMS):
    """Commit an evaluation of entries by name and return its URI."""
    uri = storage.join(bucket_uri, "evaluations", manifest.digest([candidates, terms]))
    document = {"terms": terms, "dataset_uri": "file:///none", "candidates": candidates}
    storage.write_json(storage.join(uri, "scores.json"), document)
    manifest.commit(uri, manifest.hashes(uri))
    return uri
