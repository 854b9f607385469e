"""The other side of ``sandbox``: ``python -m musicgen.serving.sandbox_child JOB SECONDS BYTES``."""

import importlib
import resource
import signal
import struct
import sys
from collections.abc import Callable

from musicgen.errors import MusicgenError

HEAD = struct.Struct(">BI")
"""Before each message: 0, or 1 for a refusal, and the number of bytes that follow."""

DONE, REFUSED = 0, 1


def main(job: str, cpu_seconds: float, memory_bytes: int) -> None:
    """Answer each message on standard input with one on standard output, within the limits."""
    module, _, name = job.partition(":")
    work = getattr(importlib.import_module(module), name)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a library that prints must not speak between
    _bound_memory(memory_bytes)
    stdout.write(HEAD.pack(DONE, 0))  # ready
    stdout.flush()
    while head := stdin.read(HEAD.size):
        data = stdin.read(HEAD.unpack(head)[1])
        # The signal's default is to end the process, whatever it is lost in.
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        status, answer = _answer(work, data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        stdout.write(HEAD.pack(status, len(answer)) + answer)
        stdout.flush()


def _answer(work: Callable[[bytes], bytes], data: bytes) -> tuple[int, bytes]:
    try:
        return DONE, work(data)
    except MusicgenError as error:
        return REFUSED, str(error).encode()
    except MemoryError:
        return REFUSED, b"It would take more memory than is given to it."


def _bound_memory(more_bytes: int) -> None:
    """Let the process grow by no more than this from now on."""
    with open("/proc/self/statm") as stream:
        now_bytes = int(stream.read().split()[0]) * resource.getpagesize()
    limit = now_bytes + more_bytes
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
