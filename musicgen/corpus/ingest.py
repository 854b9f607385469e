"""The ingest stage: a corpus becomes an immutable, content-addressed snapshot in the bucket."""

import errno
import hashlib
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from musicgen import manifest, storage
from musicgen.corpus import catalogue
from musicgen.corpus.piece import Piece
from musicgen.corpus.prefetch import map_ahead
from musicgen.corpus.progress import track
from musicgen.corpus.protocol import Corpus, Delivery
from musicgen.errors import BadInput

PIECES = "pieces.jsonl"

# Beside the snapshots: which of them holds the music of a fingerprint. Readers never see it,
# since `storage.children` leaves out names that begin with a dot.
KNOWN = ".known"

DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class IngestResult:
    """Where the snapshot is.

    Attributes:
        corpus_uri: the snapshot.
        digest: names its content.
        pieces: how many it holds.
        reused: whether it was there before.
    """

    corpus_uri: str
    digest: str
    pieces: int
    reused: bool


def ingest(corpus: str, source: str | None, bucket_uri: str) -> IngestResult:
    """Take a corpus into the bucket, unless the bucket holds it.

    The digest depends on the music and on what is known of it, not on where it came from.

    Args:
        corpus: ``music21``, ``musicnet`` or ``midi``.
        source: where it is, in the corpus's own terms; None for where it comes from.
        bucket_uri: the bucket.

    Raises:
        BadInput: the corpus or its source cannot be used, or the disk is full.
    """
    try:
        return ingest_corpus(catalogue.find(corpus), source, bucket_uri)
    except OSError as error:
        if error.errno not in DISK_IS_FULL:
            raise
        raise BadInput(
            f"No space is left in {tempfile.gettempdir()} or in {bucket_uri}: free some, or set "
            "TMPDIR and --bucket to places that have it."
        ) from None


def ingest_corpus(corpus: Corpus, source: str | None, bucket_uri: str) -> IngestResult:
    """Do what ``ingest`` does, for a corpus that need not be in the catalogue."""
    root_uri = storage.join(bucket_uri, "corpora", corpus.name)
    fingerprint = corpus.fingerprint(source)
    known = _known(root_uri, fingerprint)
    if known:
        return known
    with tempfile.TemporaryDirectory(prefix="musicgen-ingest-") as directory:
        unpacked, snapshot = Path(directory, "unpacked"), Path(directory, "snapshot")
        unpacked.mkdir()
        pieces, files = _stage(corpus.deliveries(source, unpacked), snapshot)
        if not pieces:
            raise BadInput(f"{source or corpus.home} holds no music.")
        digest = _digest(corpus, pieces, files)
        corpus_uri = storage.join(root_uri, digest)
        reused = manifest.exists(corpus_uri)
        if not reused:
            _publish(snapshot, corpus_uri, list(files))
            _commit(corpus_uri, corpus, source, pieces, files)
    if fingerprint:
        facts = {"digest": digest, "pieces": len(pieces)}
        storage.write_json(_known_uri(root_uri, fingerprint), facts)
    return IngestResult(corpus_uri, digest, len(pieces), reused)


def _known(root_uri: str, fingerprint: str | None) -> IngestResult | None:
    if fingerprint is None:
        return None
    try:
        facts = storage.read_json(_known_uri(root_uri, fingerprint))
    except FileNotFoundError:
        return None
    corpus_uri = storage.join(root_uri, facts["digest"])
    if not manifest.exists(corpus_uri):
        return None
    return IngestResult(corpus_uri, facts["digest"], facts["pieces"], reused=True)


def _known_uri(root_uri: str, fingerprint: str) -> str:
    return storage.join(root_uri, KNOWN, f"{fingerprint}.json")


def _stage(
    deliveries: Iterable[Delivery], snapshot: Path
) -> tuple[dict[str, Piece], dict[str, str]]:
    """Write the pieces' files below a local directory; return pieces by id, hashes by path."""
    pieces: dict[str, Piece] = {}
    files: dict[str, str] = {}
    for delivery in deliveries:
        piece = delivery.piece
        if piece.piece_id in pieces:
            first = pieces[piece.piece_id]
            raise BadInput(f"{first.source} and {piece.source} are both piece {piece.piece_id}.")
        pieces[piece.piece_id] = piece
        for path, data in delivery.files.items():
            target = snapshot / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            files[path] = hashlib.sha256(data).hexdigest()
    return dict(sorted(pieces.items())), dict(sorted(files.items()))


def _digest(corpus: Corpus, pieces: dict[str, Piece], files: dict[str, str]) -> str:
    facts = [asdict(piece) for piece in pieces.values()]
    for fact in facts:
        del fact["source"]
    return manifest.digest({"corpus": corpus.name, "pieces": facts, "files": files})


def _publish(snapshot: Path, corpus_uri: str, paths: list[str]) -> None:
    """Copy the files into the bucket. Until the manifest is there, nobody looks at them.

    What a killed ingest leaves, the next one overwrites; a full disk is given its room back.
    """

    def copy(path: str) -> None:
        storage.write_bytes(storage.join(corpus_uri, path), (snapshot / path).read_bytes())

    try:
        for _ in track(map_ahead(copy, paths), len(paths), "Writing the snapshot"):
            pass
    except OSError as error:
        if error.errno in DISK_IS_FULL:
            manifest.discard(corpus_uri)
        raise


def _commit(
    corpus_uri: str,
    corpus: Corpus,
    source: str | None,
    pieces: dict[str, Piece],
    files: dict[str, str],
) -> None:
    lines = "".join(f"{piece.to_json()}\n" for piece in pieces.values()).encode()
    storage.write_bytes(storage.join(corpus_uri, PIECES), lines)
    manifest.commit(
        corpus_uri,
        {**files, PIECES: hashlib.sha256(lines).hexdigest()},
        corpus=corpus.name,
        licence=corpus.licence,
        source=source or corpus.home,
        pieces=len(pieces),
    )
    _log.info("%s: %d pieces in %s", corpus.name, len(pieces), corpus_uri)
