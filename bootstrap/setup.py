"""Set up the project: ``python3 bootstrap/setup.py`` makes ``.venv`` from the lock.

It looks before it downloads anything, says in one line what is missing, and does nothing at all
when the environment is already what the lock asks for. It needs the standard library alone, and
runs on any Python 3, to be able to say so when that is not the Python it needs.
"""

import hashlib
import json
import os
import subprocess
import sys
import time

import page_scripts
import preflight

PROJECT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
UV = os.path.join(VENV, "bin", "uv")
STAMP = os.path.join(VENV, "musicgen-setup.json")
INPUTS = ("requirements.txt", "bootstrap/uv.txt")
CUDA = "bootstrap/gpu.txt"


def main():
    """Make or refresh the environment, then what the page takes from npm."""
    gpu = preflight.has_gpu()
    wanted = fingerprint((*INPUTS, CUDA) if gpu else INPUTS)
    if not is_done(wanted):
        install(wanted, gpu)
    page_scripts.install(PROJECT, VENV, uv_install)


def install(wanted, gpu):
    """Make the environment from the lock, with CUDA's libraries where there is a GPU."""
    start = time.time()
    python = preflight.check(PROJECT, gpu)
    # pip is what comes last into an environment: without it the making was interrupted.
    if preflight.version_of(PYTHON, "pip") != list(preflight.VERSION):
        run(python, "-m", "venv", "--clear", VENV)
    uv_lock = os.path.join(PROJECT, "bootstrap", "uv.txt")
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", uv_lock)
    lock = os.path.join(PROJECT, "requirements.txt")
    say("Installing the environment from requirements.txt (about 5 GB, minutes) ...")
    uv_install("--require-hashes", "--compile-bytecode", "-r", lock)
    if gpu:
        say("Installing CUDA's libraries, for there is a GPU (4 GB; ACCELERATOR=cpu: not) ...")
        uv_install("--require-hashes", "--no-deps", "-r", os.path.join(PROJECT, CUDA))
    uv_install("--no-deps", "--no-build-isolation", "--editable", PROJECT)
    seconds = time.time() - start
    with open(STAMP, "w") as stream:
        json.dump({"fingerprint": wanted, "seconds": round(seconds, 1)}, stream)
    say(f"Set up in {seconds:.0f} s: {os.path.join(VENV, 'bin', 'musicgen')}")


def fingerprint(inputs):
    """Return a hash of everything that the environment is made from."""
    digest = hashlib.sha256()
    for name in inputs:
        with open(os.path.join(PROJECT, name), "rb") as stream:
            digest.update(stream.read())
    return digest.hexdigest()


def is_done(wanted):
    """Whether the environment is whole and was made from just these inputs."""
    try:
        with open(STAMP) as stream:
            return json.load(stream)["fingerprint"] == wanted and os.access(PYTHON, os.X_OK)
    except (OSError, ValueError, KeyError):
        return False


def uv_install(*arguments):
    """Install with uv, from the package index that pip is configured for."""
    run(UV, "pip", "install", "--quiet", "--python", PYTHON, *(index_options() + list(arguments)))


def index_options():
    """Return pip's package index as an option of uv, which does not read pip's configuration."""
    listed = subprocess.check_output([PYTHON, "-m", "pip", "config", "list"]).decode()
    for line in listed.splitlines():
        key, _, value = line.partition("=")
        if key.endswith(".index-url"):
            return ["--default-index", value.strip("'\"")]
    return []


def run(*command):
    """Run a command; its failure is ours."""
    environment = dict(os.environ)
    # Bytecode is compiled once, here: without it TensorFlow takes three times as long to import.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = subprocess.call(command, env=environment)
    if code:
        sys.exit(f"Set-up failed in: {' '.join(command)} (exit code {code}).")


def say(line):
    """Print a line at once."""
    print(line)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
