"""The process that Spark forks its local Python workers from.

It is PySpark's own, with two differences. It imports what workers need before it forks them, once
for all, and keeps that from the garbage collector, which workers run after every task. And a worker
that finds nobody listening ends without a word: when one task has failed, Java hangs up on the
others and tells the cause itself, above which their tracebacks would stand.
"""

import gc
import socket

from pyspark import daemon

_serve = daemon.worker


def worker(sock: socket.socket, authenticated: bool) -> int:
    """Run a task that comes through a socket; returns 0 if the worker is fit for another one."""
    try:
        return _serve(sock, authenticated)
    except (BrokenPipeError, ConnectionResetError):
        return 1


if __name__ == "__main__":
    import musicgen.preprocess.encode
    import musicgen.preprocess.survey  # noqa: F401

    gc.freeze()
    daemon.worker = worker
    daemon.manager()
