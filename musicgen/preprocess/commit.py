"""The manifest that makes a dataset exist."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from musicgen import manifest, storage
from musicgen.corpus.piece import UNKNOWN
from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.encoding import VOCABULARY
from musicgen.preprocess.schema import SCHEMA_VERSION, TABLES
from musicgen.preprocess.shards import Part


@dataclass(frozen=True)
class Origin:
    """What a dataset is made from, and thereby its id.

    Attributes:
        corpus: name of the corpus.
        corpus_uri: its snapshot.
        corpus_digest: digest of the snapshot, as ingest named it.
        contents: digest of the hashes of all files of the snapshot.
        source: where the snapshot says that it came from; no part of the id.
        config: how it is prepared.
    """

    corpus: str
    corpus_uri: str
    corpus_digest: str
    contents: str
    config: PreprocessConfig = field(default_factory=PreprocessConfig)
    source: str = ""

    @classmethod
    def of_snapshot(cls, corpus_uri: str, config: PreprocessConfig) -> "Origin":
        """Read the manifest of a corpus snapshot.

        Raises:
            BadInput: there is no snapshot.
        """
        uri = corpus_uri.rstrip("/")
        document = manifest.load(uri)
        if "corpus" not in document or "pieces" not in document or "dataset_id" in document:
            raise BadInput(f"{uri} is no corpus snapshot; `musicgen ingest` makes one.")
        digest = uri.rpartition("/")[2]
        contents, source = manifest.digest(document["files"]), document.get("source", "")
        return cls(document["corpus"], uri, digest, contents, config, source)

    @property
    def dataset_id(self) -> str:
        """Digest of all that decides the dataset's bytes."""
        return manifest.digest(
            {
                "corpus": self.corpus,
                "contents": self.contents,
                "config": self.config.as_json(),
                "schema_version": SCHEMA_VERSION,
            }
        )

    def dataset_uri(self, bucket_uri: str) -> str:
        """Return where in a bucket the dataset lies."""
        return storage.join(bucket_uri, "datasets", self.dataset_id)


def commit_dataset(
    dataset_uri: str,
    origin: Origin,
    parts: Iterable[Part],
    composers: Iterable[str],
    ensembles: Iterable[str],
    **facts: Any,
) -> dict[str, Any]:
    """Write the manifest of a dataset whose tables have been written; returns it."""
    parts = sorted(parts, key=lambda part: part.path)
    counts = {name: sum(p.rows for p in parts if p.table == name) for name in TABLES}
    return manifest.commit(
        dataset_uri,
        {part.path: part.sha256 for part in parts},
        dataset_id=origin.dataset_id,
        corpus=origin.corpus,
        corpus_uri=origin.corpus_uri,
        corpus_digest=origin.corpus_digest,
        corpus_source=origin.source,
        schema_version=SCHEMA_VERSION,
        config=origin.config.as_json(),
        vocabulary=vars(VOCABULARY),
        composers=_conditioning_values(composers),
        ensembles=_conditioning_values(ensembles),
        counts=counts,
        **facts,
    )


def _conditioning_values(names: Iterable[str]) -> list[str]:
    return [UNKNOWN, *sorted(set(names) - {UNKNOWN})]
