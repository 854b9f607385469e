"""A script for an environment with PyTorch: how fast its LSTM trains. See ``training``."""

import json
import statistics
import sys
import time

import torch
from torch import nn

REPEATS = 7


class Peer(nn.Module):
    """The same model as ``training_speed`` builds of Keras's layers."""

    def __init__(self, units: int, layers: int, tokens: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(tokens, units)
        self.lstm = nn.LSTM(units, units, layers, batch_first=True)
        self.output = nn.Linear(units, tokens)

    def forward(self, inputs):
        """Return logits ``(B, T, V)`` of tokens ``(B, T)``."""
        return self.output(self.lstm(self.embedding(inputs))[0])


def main(units: int, layers: int, tokens: int, batch_size: int, steps: int) -> None:
    """Print as JSON: tokens a second of processor time, and by the clock.

    Each is the better of one thread and of all: threads that wait for one another take processor
    time too, the more so where other programs run.
    """
    sizes = (units, layers, tokens, batch_size, steps)
    found = [_speeds(threads, *sizes) for threads in {1, torch.get_num_threads()}]
    print(json.dumps({"torch": [max(each) for each in zip(*found, strict=True)]}), flush=True)


def _speeds(threads: int, units: int, layers: int, tokens: int, batch_size: int, steps: int):
    torch.set_num_threads(threads)
    model = Peer(units, layers, tokens)
    optimizer = torch.optim.Adam(model.parameters())
    inputs, targets = torch.randint(0, tokens, (2, batch_size, steps))

    def step() -> list[float]:
        started = time.process_time(), time.perf_counter()
        optimizer.zero_grad()
        logits = model(inputs)
        nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        optimizer.step()
        ended = time.process_time(), time.perf_counter()
        return [b - a for a, b in zip(started, ended, strict=True)]

    for _ in range(3):
        step()
    seconds = zip(*[step() for _ in range(2 * REPEATS)], strict=True)
    return [batch_size * steps / statistics.median(each) for each in seconds]


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
