"""``python -m cloud.spark_submit MAIN.py …``: the local Spark's own spark-submit."""

import os
import sys
from pathlib import Path

import pyspark

from musicgen.preprocess.java import java_home

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
    home = Path(pyspark.__file__).parent
    os.environ.update(
        JAVA_HOME=str(java_home()),
        SPARK_HOME=str(home),
        SPARK_LOCAL_IP="127.0.0.1",
        PYSPARK_PYTHON=sys.executable,
        PYSPARK_DRIVER_PYTHON=sys.executable,
    )
    options = [part for key, value in CONF.items() for part in ("--conf", f"{key}={value}")]
    program = str(home / "bin" / "spark-submit")
    os.execv(program, [program, "--master", "local[2]", *options, *sys.argv[1:]])


if __name__ == "__main__":
    main()
