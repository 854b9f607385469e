"""LSTMs that people name, to be measured or to start from."""

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.training.tracking import Tracker


def bundle_uri_of(model: str) -> str:
    """Return the bundle of a run, a training or itself."""
    uri = Tracker().bundle_uri(model)
    kept = storage.join(uri, "bundle")
    return kept if manifest.exists(kept) else uri


def lstm_bundle(uri: str) -> Bundle:
    """Load a bundle; raises BadInput where it is no LSTM's."""
    bundle = Bundle.load(uri)
    if bundle.family != "lstm":
        raise BadInput(f"{uri} is a {bundle.family}; give an LSTM.")
    return bundle
