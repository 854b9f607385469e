"""``python -m cloud.spark_submit MAIN.py …``: the local Spark's own spark-submit.

Its Python has what Dataproc's image has, ``bootstrap/spark.txt`` and Spark, and nothing else.
"""

import os
import re
import sys
from importlib.metadata import distribution
from pathlib import Path

import pyspark

from musicgen.preprocess.java import java_home

HOME_PATH = Path(pyspark.__file__).parent
LOCK_PATH = Path(__file__).resolve().parents[2] / "bootstrap" / "spark.txt"
CONF = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "8",
    "spark.driver.extraJavaOptions": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}


def main() -> None:
    """Become spark-submit."""
    os.environ.update(
        JAVA_HOME=str(java_home()),
        SPARK_HOME=str(HOME_PATH),
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
        MUSICGEN_TEST_LACKING=",".join(lacking()),
    )
    options = [part for key, value in CONF.items() for part in ("--conf", f"{key}={value}")]
    program = str(HOME_PATH / "bin" / "spark-submit")
    os.execv(program, [program, "--master", "local[2]", *options, *sys.argv[1:]])


def lacking() -> set[str]:
    """Return the names of what can be imported here and not in Dataproc's image."""
    locked = re.findall(r"^([\w.-]+)==", LOCK_PATH.read_text(), re.MULTILINE)
    files = [each for name in [*locked, "pyspark", "py4j"] for each in distribution(name).files]
    here = {each.name.partition(".")[0] for each in HOME_PATH.parent.iterdir()}
    return here - {each.parts[0].partition(".")[0] for each in files}


if __name__ == "__main__":
    main()
