"""Reading a dataset: what training and evaluation see of it. Needs no Spark."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.preprocess.config import PreprocessConfig
from musicgen.preprocess.schema import SCHEMA_VERSION, SPLITS, TABLES
from musicgen.representation.vocabulary import Vocabulary


@dataclass(frozen=True)
class Dataset:
    """A committed dataset. Only files that its manifest names are ever read.

    Attributes:
        uri: the directory, without trailing slash.
        document: the manifest.
    """

    uri: str
    document: dict[str, Any]

    @classmethod
    def open(cls, dataset_uri: str) -> "Dataset":
        """Read the manifest.

        Raises:
            BadInput: there is no dataset, or it is of another schema version.
        """
        uri = dataset_uri.rstrip("/")
        document = manifest.load(uri)
        if "dataset_id" not in document:
            raise BadInput(f"{uri} is no dataset: its manifest names no dataset_id.")
        if document["schema_version"] != SCHEMA_VERSION:
            raise BadInput(
                f"{uri} is of schema version {document['schema_version']}, not {SCHEMA_VERSION}. "
                "Preprocess its corpus again."
            )
        return cls(uri, document)

    @property
    def dataset_id(self) -> str:
        """Digest of all that went into the dataset."""
        return self.document["dataset_id"]

    @property
    def corpus(self) -> str:
        """Name of the corpus, such as ``musicnet``."""
        return self.document["corpus"]

    @property
    def corpus_digest(self) -> str:
        """Digest of the corpus snapshot."""
        return self.document["corpus_digest"]

    @property
    def config(self) -> PreprocessConfig:
        """The configuration that made it."""
        return PreprocessConfig.from_json(self.document["config"])

    @property
    def vocabulary(self) -> Vocabulary:
        """The alphabet of ``sequences.tokens``."""
        return Vocabulary(**self.document["vocabulary"])

    @property
    def composers(self) -> list[str]:
        """Composers by conditioning index; ``unknown`` has index 0."""
        return self.document["composers"]

    @property
    def ensembles(self) -> list[str]:
        """Ensembles by conditioning index; ``unknown`` has index 0."""
        return self.document["ensembles"]

    @property
    def counts(self) -> dict[str, int]:
        """Number of rows by table."""
        return self.document["counts"]

    def files(self, name: str) -> list[str]:
        """Return the URIs of a table's Parquet files, in order."""
        return [storage.join(self.uri, path) for path, _ in self.hashes(name)]

    def hashes(self, name: str) -> list[tuple[str, str]]:
        """Return the relative paths of a table's Parquet files, in order, with their SHA-256."""
        _schema_of(name)
        files = self.document["files"]
        return [(path, files[path]) for path in sorted(files) if path.startswith(f"{name}/")]

    def table(
        self, name: str, columns: Sequence[str] | None = None, split: str | None = None
    ) -> pa.Table:
        """Read a table whole; rows always come in the same order.

        Args:
            name: one of ``schema.TABLES``.
            columns: which to read; None reads all.
            split: keep the rows of ``train``, ``valid`` or ``test`` alone; None keeps all.
        """
        schema = _schema_of(name, columns)
        return pa.concat_tables([schema.empty_table(), *self.parts(name, columns, split)])

    def parts(
        self, name: str, columns: Sequence[str] | None = None, split: str | None = None
    ) -> Iterator[pa.Table]:
        """Read a table file by file, so that memory stays bounded; see ``table``."""
        if split not in (None, *SPLITS):
            raise BadInput(f"A dataset has no split {split!r}, only {', '.join(SPLITS)}.")
        schema = _schema_of(name, columns)
        for uri in self.files(name):
            yield read_part(uri, schema, split)


def read_part(uri: str, schema: pa.Schema, split: str | None = None) -> pa.Table:
    """Read the columns of a schema from one Parquet file; see ``Dataset.table``."""
    columns = [*schema.names, *(["split"] if split and "split" not in schema.names else [])]
    with storage.open_read(uri) as stream:
        table = pq.ParquetFile(stream).read(columns)
    if split:
        table = table.filter(pc.equal(table["split"], split))
    return table.select(schema.names).cast(schema)


def _schema_of(name: str, columns: Sequence[str] | None = None) -> pa.Schema:
    if name not in TABLES:
        raise BadInput(f"A dataset has no table {name!r}, only {', '.join(TABLES)}.")
    if columns is None:
        return TABLES[name]
    unknown = set(columns) - set(TABLES[name].names)
    if unknown:
        raise BadInput(f"The table {name} has no column {', '.join(sorted(unknown))}.")
    return pa.schema([TABLES[name].field(column) for column in columns])
