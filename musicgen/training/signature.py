"""What a model takes and gives, for MLflow: a request, and the notes of a piece."""

import json
from pathlib import Path
from typing import Any

from mlflow.models import ModelSignature
from mlflow.types import ColSpec, DataType, Schema

EXAMPLE = {"seed": 7, "composer": "unknown", "ensemble": "unknown", "bars": 8}
EXAMPLE_NAME = "input_example.json"


def signature() -> ModelSignature:
    """Return the signature that both families share: the API's request, the API's notes."""
    inputs = [
        ColSpec(DataType.long, "seed"),
        ColSpec(DataType.string, "composer", required=False),
        ColSpec(DataType.string, "ensemble", required=False),
        ColSpec(DataType.long, "bars", required=False),
        ColSpec(DataType.double, "tempo_qpm", required=False),
        ColSpec(DataType.double, "temperature", required=False),
        ColSpec(DataType.double, "top_p", required=False),
        ColSpec(DataType.long, "top_k", required=False),
    ]
    notes = ("onset_steps", "duration_steps", "pitch", "family")
    return ModelSignature(Schema(inputs), Schema([ColSpec(DataType.long, n) for n in notes]))


def write_example(directory: Path) -> dict[str, Any]:
    """Write an example request, in the form that MLflow reads; return what MLmodel says of it."""
    document = {"columns": list(EXAMPLE), "data": [list(EXAMPLE.values())]}
    (directory / EXAMPLE_NAME).write_text(json.dumps(document))
    return {"artifact_path": EXAMPLE_NAME, "type": "dataframe", "pandas_orient": "split"}
