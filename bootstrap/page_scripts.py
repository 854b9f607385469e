"""Fetch what the Studio's page takes from npm into the environment, by lock.

The page plays without it, on its light synthesiser: whatever goes wrong here is one line, and the
next set-up tries again.
"""

import os
import shutil
import subprocess
import time

INPUTS = ("package.json", "package-lock.json", ".npmrc")
SECONDS = 120


def install(project, venv, uv_install):
    """Bring ``node_modules`` in the environment to what the lock says, unless it is there.

    ``uv_install`` installs Python packages: Node is one, where the machine has none.
    """
    source = os.path.join(project, "bootstrap", "scripts")
    target = os.path.join(venv, "share", "musicgen-studio")
    if is_done(source, target):
        return
    start = time.time()
    side = target + ".side"
    shutil.rmtree(side, ignore_errors=True)
    os.makedirs(side)
    for name in INPUTS:
        shutil.copy(os.path.join(source, name), side)
    environment = dict(os.environ)
    if not shutil.which("npm"):
        environment["PATH"] = os.path.join(venv, "bin") + os.pathsep + environment["PATH"]
        if not os.path.exists(os.path.join(venv, "bin", "npm")):
            try:
                uv_install("--require-hashes", "-r", os.path.join(project, "bootstrap", "node.txt"))
            except SystemExit as error:
                return give_up(side, error)
    # No package's own scripts run: nothing here needs them.
    retries = ("--fetch-retries=1", "--fetch-retry-mintimeout=1000")
    command = ["npm", "ci", "--ignore-scripts", "--silent", *retries]
    try:
        subprocess.run(command, cwd=side, env=environment, timeout=SECONDS, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return give_up(side, error)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(side, target)
    print(f"The page's synthesiser is here, in {time.time() - start:.0f} s.")


def is_done(source, target):
    """Whether the target was made from just these inputs: it is moved in place when it is whole."""
    try:
        return all(
            read(os.path.join(source, name)) == read(os.path.join(target, name)) for name in INPUTS
        )
    except OSError:
        return False


def read(path):
    """Return a file's bytes."""
    with open(path, "rb") as stream:
        return stream.read()


def give_up(side, error):
    """Say what is amiss, and leave nothing half-made."""
    shutil.rmtree(side, ignore_errors=True)
    print(
        f"The page's synthesiser could not be fetched from npm ({error}): the page plays on its "
        "light one. `make setup` tries again."
    )
