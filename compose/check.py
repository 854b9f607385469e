"""Build the image and start every service from it, for real: ``make compose-check``.

Needs podman or docker. For machines with needs of their own:

- ``CONTAINER_ENGINE``: the command, with its global options
- ``CONTAINER_BUILD_OPTIONS``, ``CONTAINER_RUN_OPTIONS``: more options of ``build`` and ``run``
- ``CHECK_IMAGE``: an image that was built before, to start the services from
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import compose_file
import containers
import first_run
import prepare
from containers import CheckFailed

IMAGE = os.environ.get("CHECK_IMAGE") or "localhost/musicgen:check"
DATAPROC_IMAGE = "localhost/musicgen:check-dataproc"
# What Dataproc Serverless asks of an image: this user, these programs, and neither Spark nor Java.
DATAPROC_DEMANDS = """
test "$(id -u):$(id -g)" = 1099:1099 && test -w "$HOME" && command -v tini && command -v ps &&
"$PYSPARK_PYTHON" -c "import gcsfs, great_expectations, pyarrow, symusic, musicgen.remote" &&
! command -v java && ! command -v spark-submit && ! "$PYSPARK_PYTHON" -c "import pyspark"
"""
HEALTHY_SECONDS = 600.0
DAG = "musicgen_housekeeping"
DAG_SECONDS = 300.0


def main() -> int:
    """Check everything; return the exit code."""
    try:
        check()
    except CheckFailed as error:
        print(f"compose-check: {error}", file=sys.stderr)
        return 1
    finally:
        containers.remove_all()
    return 0


def check() -> None:
    """Validate, build, start, look, and start what has to be repeatable again."""
    paths = [compose_file.COMPOSE_PATH, *compose_file.PROJECT_PATH.glob("docker-compose.*.yaml")]
    if wrong := compose_file.violations(*paths):
        raise CheckFailed(wrong)
    say("The files keep to the compose specification.")
    if "CHECK_IMAGE" not in os.environ:
        build(DATAPROC_IMAGE, "--target=dataproc")
        containers.once(DATAPROC_IMAGE, "sh", "-c", DATAPROC_DEMANDS)
        say("It has what Dataproc Serverless asks for.")
        build(IMAGE)
    with tempfile.TemporaryDirectory() as directory:
        start_all(Path(directory))


def start_all(directory: Path) -> None:
    """Start the services in their order, as a first run would, and see that they are well."""
    first_run.write(directory / ".env")
    environment = compose_file.read_env(directory / ".env") | {"MUSICGEN_IMAGE": IMAGE}
    services = compose_file.load(environment)["services"]
    hosts_path = directory / "hosts"
    hosts_path.write_text(f"127.0.0.1 localhost {' '.join(services)}\n")
    directory.chmod(0o755)
    containers.remove_all()
    containers.start_network(IMAGE)
    for name in compose_file.in_order(services):
        containers.start(name, services[name], hosts_path)
        seconds = containers.wait_until_healthy(name, services[name], HEALTHY_SECONDS)
        say(f"{name} is well after {seconds:.0f} s.")
    look()
    work()
    containers.start("init-again", services["init"], hosts_path)
    containers.wait_until_healthy("init-again", services["init"], HEALTHY_SECONDS)
    say("init may run again.")


def build(image: str, *options: str) -> None:
    """Build an image of the Dockerfile."""
    begin = time.monotonic()
    extra = shlex.split(os.environ.get("CONTAINER_BUILD_OPTIONS", ""))
    options = (*extra, *options, "--build-arg", f"GIT_SHA={git_sha()}", "--tag", image)
    done = containers.run("build", *options, str(compose_file.PROJECT_PATH), capture_output=False)
    if done.returncode:
        raise CheckFailed(f"{image} could not be built; the lines above say why.")
    size = containers.run("image", "inspect", "--format={{.Size}}", image).stdout
    say(f"Built {image} in {time.monotonic() - begin:.0f} s: {int(size) / 1e9:.2f} GB.")


def look() -> None:
    """See that nothing runs as root, that the stages can run, and that trainings have a pool."""
    who = containers.inside("airflow-worker", "id", "-u")
    if who == "0":
        raise CheckFailed("The services run as root.")
    for modules in ("tensorflow", "pyspark, great_expectations"):
        containers.inside("airflow-worker", "python", "-c", f"import {modules}")
    containers.inside("airflow-scheduler", "airflow", "pools", "get", prepare.GPU_POOL)
    say(f"User {who}; TensorFlow, Spark and GX import; trainings have a pool.")


def work() -> None:
    """Let Airflow run a DAG from end to end: its stages on the worker, with bucket and MLflow."""
    begin = time.monotonic()
    containers.inside("airflow-scheduler", "airflow", "dags", "trigger", DAG)
    while True:
        listed = containers.inside(
            "airflow-scheduler", "airflow", "dags", "list-runs", DAG, "--output=json"
        )
        states = {run["state"] for run in json.loads(listed[listed.index("[{") :])}
        if states == {"success"}:
            return say(f"{DAG} came to its end in {time.monotonic() - begin:.0f} s.")
        if "failed" in states or time.monotonic() - begin > DAG_SECONDS:
            raise CheckFailed(f"{DAG} is {states}: {containers.log('airflow-worker')}")
        time.sleep(containers.POLL_SECONDS)


def git_sha() -> str:
    """Return the commit that is built, or ``unknown``."""
    command = ["git", "-C", str(compose_file.PROJECT_PATH), "rev-parse", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip() or "unknown"


def say(line: str) -> None:
    """Print a line at once."""
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
