"""Checkpoints: what a model was after some epochs, as bundles that can be played and judged."""

from musicgen import manifest, storage
from musicgen.bundle import Bundle


def checkpoint_uri(training_uri: str, name: str) -> str:
    """Return where a training keeps a checkpoint; names sort by age: ``epoch-0010``."""
    return storage.join(training_uri, "checkpoints", name)


def checkpoint_names(training_uri: str) -> list[str]:
    """Return the names of a training's finished checkpoints, in order."""
    found = storage.children(storage.join(training_uri, "checkpoints"))
    return [name for name in found if manifest.exists(checkpoint_uri(training_uri, name))]


def read_checkpoints(training_uri: str, most: int) -> dict[str, Bundle]:
    """Read up to ``most`` checkpoints by name, in order: the first, the last, some between."""
    names = checkpoint_names(training_uri)
    count = min(most, len(names))
    places = [round(i * (len(names) - 1) / max(count - 1, 1)) for i in range(count)]
    chosen = [names[place] for place in places]
    return {name: Bundle.load(checkpoint_uri(training_uri, name)) for name in chosen}
