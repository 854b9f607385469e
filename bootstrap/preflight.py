"""What a machine must have before anything is downloaded. Standard library, any Python 3."""

import os
import shutil
import subprocess
import sys

VERSION = (3, 11)
DISK_BYTES = 8 * 2**30
CUDA_BYTES = 5 * 2**30
MEMORY_BYTES = 6 * 10**9
CANDIDATES = ("python3.11", "python3", "python")


def check(project, gpu=False):
    """Return a fitting Python's path, or exit with one line that names the remedy."""
    python = find_python()
    check_venv(python)
    check_disk(project, DISK_BYTES + CUDA_BYTES * gpu)
    check_memory()
    return python


def find_python():
    """Return the path of a Python of the right version: this one, or one on PATH."""
    if sys.version_info[:2] == VERSION and sys.prefix == sys.base_prefix:
        return sys.executable
    for name in CANDIDATES:
        path = shutil.which(name)
        if path and version_of(path) == list(VERSION):
            return path
    sys.exit(
        f"musicgen needs Python 3.11, and this is {sys.version_info[0]}.{sys.version_info[1]}: "
        "sudo apt-get install python3.11 python3.11-venv where the system has that, else "
        "uv python install 3.11, or pyenv install 3.11 && pyenv local 3.11; then try again."
    )


def version_of(path, *modules):
    """Return major and minor version of a Python, None if it does not run or lacks a module."""
    code = f"import {', '.join(('sys', *modules))}; print(*sys.version_info[:2])"
    try:
        answer = subprocess.check_output([path, "-c", code], stderr=subprocess.DEVNULL)
        return [int(part) for part in answer.split()]
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def has_gpu():
    """Whether NVIDIA's driver lists a GPU, unless ``ACCELERATOR`` in the environment decides."""
    wanted = os.environ.get("ACCELERATOR")
    if wanted:
        return wanted == "gpu"
    try:
        return b"GPU" in subprocess.check_output(["nvidia-smi", "-L"], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return False


def check_venv(python):
    """Exit unless this Python can make environments that have pip."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.call([python, "-c", "import ensurepip, venv"], **quiet):
        sys.exit(
            "This Python cannot make virtual environments: "
            "run sudo apt-get install python3.11-venv and try again."
        )


def check_disk(project, needed):
    """Exit unless there is room for the environment."""
    free = shutil.disk_usage(project).free
    if free < needed:
        sys.exit(
            f"{project} has {free / 2**30:.1f} GiB free and musicgen needs {needed // 2**30}: "
            "free some space, or clone it elsewhere."
        )


def check_memory():
    """Exit unless the machine has the memory that training takes; unknown is good enough."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return
    if total < MEMORY_BYTES:
        sys.exit(
            f"This machine has {total / 1e9:.1f} GB of memory and musicgen needs "
            f"{MEMORY_BYTES // 10**9}: use a larger one."
        )
