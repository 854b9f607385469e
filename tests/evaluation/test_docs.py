"""The documentation says what the code does."""

from musicgen.evaluation.catalogue import ASPECTS, MEASURES
from musicgen.settings import PROJECT_PATH

TEXT = (PROJECT_PATH / "docs" / "EVALUATION.md").read_text()


def test_every_measure_is_named_once():
    tables, rest = TEXT.split("## Does it rank?")
    for name in MEASURES:
        scored = any(name in names for names in ASPECTS.values())
        assert f"`{name}`" in (tables if scored else rest), name


def test_aspects_are_made_of_what_the_table_says():
    for aspect, names in ASPECTS.items():
        assert f"| {aspect} | {' '.join(f'`{name}`' for name in names)} |" in TEXT
