"""The form of the pipeline: what a person is asked before a run starts."""

import os

from airflow.sdk import Param
from musicgen_launcher import cost_help


def pipeline_form() -> dict[str, Param]:
    """Return the fields; made when the DAG is read, since one says what the cloud's prices are."""
    return {
        "corpus": Param(
            _first("corpus", "music21"),
            type="string",
            enum=["music21", "musicnet", "midi"],
            title="Corpus",
            description="The music to learn from.",
        ),
        "corpus_uri": Param(
            _first("corpus_uri"),
            type=["null", "string"],
            title="Where the corpus is",
            description="A directory or gs:// address; midi needs it. For music21, composers.",
        ),
        "profile": Param(
            _first("profile", "quick"),
            type="string",
            enum=["quick", "standard", "full"],
            title="How long to train",
            description="quick takes minutes, standard an hour or two, full a night on a GPU."
            + cost_help(),
        ),
        "families": Param(
            ["lstm", "gan"],
            type="array",
            examples=["lstm", "gan"],
            items={"type": "string", "enum": ["lstm", "gan"]},
            minItems=1,
            uniqueItems=True,
            title="Models",
            description="The kinds of model to train.",
            values_display={"lstm": "LSTM, note after note", "gan": "GAN, four bars at once"},
        ),
        "trials": Param(
            1,
            type="integer",
            minimum=1,
            maximum=100,
            title="Trials per model",
            description="The first keeps to the profile, others draw settings; the best counts.",
        ),
        "seed": Param(
            0,
            type="integer",
            minimum=0,
            maximum=2**32 - 1,
            title="Seed",
            description="The same seed, corpus and profile give the same result.",
            section="More",
        ),
        "promotion": Param(
            "automatic",
            type="string",
            enum=["automatic", "approval", "evaluate-only"],
            title="Promotion",
            description="Whether the better model leads by itself, by your word, or not at all.",
        ),
        "force": Param(
            False,
            type="boolean",
            title="Force",
            description="Run even if the same music and settings came to an end before.",
            section="More",
        ),
        "overrides": _settings(
            "Training settings to override",
            "epochs=5 or learning_rate=0.001",
            pattern="^[a-z_]+=.+$",
        ),
        "dataset_overrides": _settings(
            "Dataset settings to override",
            "view=labels or limits.notes=50000",
            pattern="^[a-z_.]+=.+$",
        ),
    }


def _first(name: str, otherwise: str | None = None) -> str | None:
    """Return what the form offers first, which scheduled runs take: what this installation plays.

    ``make demo`` leaves in the environment what it was asked for.
    """
    return os.environ.get(f"MUSICGEN_{name.upper()}") or otherwise


def _settings(title: str, examples: str, pattern: str) -> Param:
    return Param(
        [],
        type=["array", "null"],
        items={"type": "string", "pattern": pattern},
        title=title,
        description=f"NAME=VALUE, one a line, without commas: such as {examples}.",
        section="More",
    )
