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
MODEL, WEIGHTS = "model.json", "weights.npz"


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
        """Write the bundle below a URI, manifest last; it holds nothing of one that was there.

        Until the manifest is written, one that was there is refused, for its files are gone.
        """
        buffer = io.BytesIO()
        np.savez(buffer, **self.weights)
        model = {"family": self.family, **self.model}
        contents = {
            MODEL: json.dumps(model, indent=1, sort_keys=True).encode(),
            WEIGHTS: buffer.getvalue(),
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
        document = manifest.load(uri)
        # Each file is read once: another bundle may be saved over this one at any moment.
        files = {
            name: manifest.read(uri, name, sha256) for name, sha256 in document["files"].items()
        }
        if document.get("format_version") != FORMAT_VERSION:
            raise BadInput(f"{uri} is of bundle format {document.get('format_version')}, not 1.")
        if not {MODEL, WEIGHTS} <= files.keys():
            raise BadInput(f"{uri} names no {MODEL} or no {WEIGHTS}: train again.")
        model = json.loads(files.pop(MODEL))
        with np.load(io.BytesIO(files.pop(WEIGHTS)), allow_pickle=False) as arrays:
            weights = {name: arrays[name] for name in arrays.files}
        digest = manifest.digest(document["files"])
        return cls(model["family"], model, weights, files, document["provenance"], digest)
