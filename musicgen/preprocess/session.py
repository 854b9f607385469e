"""One way to a Spark session: on this machine, or on the cluster that runs this process."""

import contextlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pyspark import SparkConf, SparkContext
from pyspark.java_gateway import launch_gateway
from pyspark.sql import SparkSession

from musicgen.preprocess.java import java_home
from musicgen.settings import PROJECT_PATH, settings

MAX_TASK_FAILURES = 4
WORKER_DAEMON = "musicgen.preprocess.worker_daemon"
LOOPBACK = "127.0.0.1"
_STANDARD_ERROR = 2

# The named logger is the one whose level PySpark would otherwise set, and announce, by itself.
_LOGGING = """rootLogger.level = fatal
logger.shell.name = org.apache.spark.api.python.PythonGatewayServer
logger.shell.level = fatal
rootLogger.appenderRef.console.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = spark: %p %c{1}: %m%n
"""

# Spark's Java only plans and moves Arrow batches; the work is done in Python. One garbage
# collector thread and the quick compiler start a session in two thirds of the time. The heap is as
# large as what lives in it needs, whatever the corpus: left alone, Java begins with a 64th of the
# machine's memory and fills that before it ever looks for garbage. Class data gets its room at
# once, or each time that it grows all is searched for garbage.
_JAVA_OPTIONS = (
    "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xms192m -Xmn64m -XX:MetaspaceSize=192m "
    "-Dlog4j2.configurationFile={logging}"
)


@contextlib.contextmanager
def spark_session(name: str, cores: int | None = None) -> Iterator[SparkSession]:
    """Yield a Spark session and stop it at the end.

    A session that is active already is used and left running. A process that spark-submit started
    (as on Dataproc) gets the session of its cluster; any other one gets a local session.

    Args:
        name: what Spark calls the application.
        cores: number of local worker threads; None takes all cores.

    Raises:
        MusicgenError: there is no Java 17 or 21 on this machine.
    """
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    spark = _submitted(name) if "PYSPARK_GATEWAY_PORT" in os.environ else _local(name, cores)
    try:
        yield spark
    finally:
        spark.stop()


def _submitted(name: str) -> SparkSession:
    builder = SparkSession.builder.appName(name)
    return builder.config("spark.sql.session.timeZone", "UTC").getOrCreate()


def _local(name: str, cores: int | None) -> SparkSession:
    conf = _local_conf().setAppName(name)
    # Without a number of failures, a local task that dies once takes the whole job with it.
    conf.setMaster(f"local[{cores or '*'},{MAX_TASK_FAILURES}]")
    with _environment(PYSPARK_PYTHON=sys.executable):
        return SparkSession(SparkContext(conf=conf, gateway=_gateway()))


@cache
def _gateway():
    """Start Java, once a process; sessions may come and go in it."""
    with _environment(JAVA_HOME=str(java_home()), SPARK_LOCAL_IP=LOOPBACK):
        return launch_gateway(_local_conf(), {"stdout": _STANDARD_ERROR})


def _local_conf() -> SparkConf:
    python_path = [str(PROJECT_PATH), os.environ.get("PYTHONPATH", "")]
    return SparkConf().setAll(
        [
            ("spark.driver.host", LOOPBACK),
            ("spark.driver.bindAddress", LOOPBACK),
            ("spark.driver.memory", "1g"),
            ("spark.driver.extraJavaOptions", _JAVA_OPTIONS.format(logging=_logging_path())),
            ("spark.executorEnv.PYTHONPATH", os.pathsep.join(filter(None, python_path))),
            ("spark.python.daemon.module", WORKER_DAEMON),
            ("spark.ui.enabled", "false"),
            ("spark.ui.showConsoleProgress", "false"),
            ("spark.sql.session.timeZone", "UTC"),
            ("spark.sql.shuffle.partitions", "8"),
        ]
    )


def _logging_path() -> Path:
    path = settings().home_path / "java" / "log4j2.properties"
    if not path.exists() or path.read_text() != _LOGGING:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(_LOGGING)
        temporary.replace(path)
    return path


@contextlib.contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set environment variables for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
