"""Bundles: trained models as immutable directories that load without TensorFlow.

``model.json`` describes the model, ``weights.npz`` holds its arrays, other files (an ONNX graph)
may lie beside them, and ``manifest.json``, written last, carries hashes and provenance. Nothing in
a bundle is a pickle.
"""

import hashlib
import io
import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from musicgen import manifest, storage
from musicgen.errors import BadInput

FORMAT_VERSION = 1


@dataclass(frozen=True)
class Bundle:
    """A trained model with all that is needed to run it.

    Attributes:
        family: ``lstm`` or ``gan``.
        model: architecture, vocabulary, ``composers`` and ``ensembles`` by index; JSON values.
        weights: ``float32`` arrays by name.
        files: further files by name, such as ``generator.onnx``.
        provenance: git SHA, corpus digest, dataset id, verdict, run; JSON values.
        digest: of the files that it was loaded from, empty if from none.
    """

    family: str
    model: dict[str, Any]
    weights: dict[str, np.ndarray]
    files: dict[str, bytes] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def save(self, uri: str) -> None:
        """Write the bundle below a URI, manifest last; it holds nothing of one that was there."""
        buffer = io.BytesIO()
        np.savez(buffer, **self.weights)
        model = {"family": self.family, **self.model}
        contents = {
            "model.json": json.dumps(model, indent=1, sort_keys=True).encode(),
            "weights.npz": buffer.getvalue(),
            **self.files,
        }
        for name, data in contents.items():
            storage.write_bytes(storage.join(uri, name), data)
        manifest.commit(
            uri,
            {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
            format_version=FORMAT_VERSION,
            family=self.family,
            provenance=self.provenance,
        )

    @classmethod
    def load(cls, uri: str) -> "Bundle":
        """Read a bundle, checking every hash.

        Raises:
            BadInput: it is missing, unfinished, changed since, or of a later format.
        """
        document = manifest.verify(uri)
        if document.get("format_version") != FORMAT_VERSION:
            raise BadInput(f"{uri} is of bundle format {document.get('format_version')}, not 1.")
        model = storage.read_json(storage.join(uri, "model.json"))
        data = io.BytesIO(storage.read_bytes(storage.join(uri, "weights.npz")))
        with np.load(data, allow_pickle=False) as arrays:
            weights = {name: arrays[name] for name in arrays.files}
        files = {
            name: storage.read_bytes(storage.join(uri, name))
            for name in document["files"]
            if name not in ("model.json", "weights.npz")
        }
        digest = manifest.digest(document["files"])
        return cls(model["family"], model, weights, files, document["provenance"], digest)
