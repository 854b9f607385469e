"""``python -m musicgen.benchmark.serving.naive BUCKET PORT``: what most projects ship.

The same weights behind FastAPI, with ``model.predict`` on a window for every token, one request
at a time. It streams its tokens as NDJSON, so that a first one can be timed.
"""

import json
import sys
import threading
from collections.abc import Iterator

import numpy as np
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from musicgen.benchmark.bundled_lstm import bundled_lstm
from musicgen.bundle import Bundle
from musicgen.models.lstm_shape import NO_TRANSPOSITION
from musicgen.registry import layout
from musicgen.representation.vocabulary import END_OF_FRAME

WINDOW = 64


def naive_app(bundle: Bundle) -> FastAPI:
    """Return the app; ``GET /tokens?count=…`` streams so many tokens."""
    network = bundled_lstm(bundle)
    turn = threading.Lock()
    app = FastAPI()

    def tokens(count: int) -> Iterator[str]:
        random, window, frame = np.random.default_rng(0), [END_OF_FRAME], 0
        zero = np.zeros(1, np.int32)
        with turn:
            for _ in range(count):
                inputs = {
                    "tokens_before": np.array([window[-WINDOW:]], np.int32),
                    "positions": np.full((1, len(window[-WINDOW:])), frame % 16, np.int32),
                    "composer": zero,
                    "ensemble": zero,
                    "transposition": zero + NO_TRANSPOSITION,
                }
                logits = network.predict(inputs, verbose=0)[0, -1].astype(np.float64)
                odds = np.exp((logits - logits.max()) / 0.8)
                odds[0] = 0
                token = int(random.choice(len(odds), p=odds / odds.sum()))
                frame += token == END_OF_FRAME
                window.append(token)
                yield json.dumps({"token": token, "frame": frame}) + "\n"

    @app.get("/tokens")
    def stream(count: int) -> StreamingResponse:
        return StreamingResponse(tokens(count), media_type="application/x-ndjson")

    @app.get("/readyz")
    def readyz() -> dict[str, bool]:
        return {"ready": True}

    list(tokens(2))  # its first call builds the graph
    return app


if __name__ == "__main__":
    loaded = Bundle.load(layout.version_uri(sys.argv[1], "lstm-1"))
    uvicorn.run(naive_app(loaded), port=int(sys.argv[2]), log_level="warning")
