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
    """Print tokens per second of processor time as one JSON line."""
    model = Peer(units, layers, tokens)
    optimizer = torch.optim.Adam(model.parameters())
    inputs, targets = torch.randint(0, tokens, (2, batch_size, steps))

    def step() -> float:
        started = time.process_time()
        optimizer.zero_grad()
        logits = model(inputs)
        nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten()).backward()
        optimizer.step()
        return time.process_time() - started

    for _ in range(3):
        step()
    seconds = statistics.median(step() for _ in range(2 * REPEATS))
    print(json.dumps({"torch": batch_size * steps / seconds}), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
