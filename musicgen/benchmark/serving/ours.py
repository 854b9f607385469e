"""``python -m musicgen.benchmark.serving.ours BUCKET PORT``: our server, with no rate to obey."""

import sys

from musicgen.serving.dependencies import Limits
from musicgen.serving.server import serve

if __name__ == "__main__":
    limits = Limits(requests_per_minute=10_000_000, burst=1_000_000, poll_seconds=3600)
    serve(sys.argv[1], port=int(sys.argv[2]), limits=limits)
