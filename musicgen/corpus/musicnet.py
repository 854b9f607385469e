"""MusicNet: 330 recordings of classical music with MIDI scores and labels aligned to the sound."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from musicgen import manifest, storage
from musicgen.corpus import musicnet_layout, musicnet_metadata
from musicgen.corpus.code import code_digests
from musicgen.corpus.download import Patience, RemoteFile
from musicgen.corpus.musicnet_layout import Layout
from musicgen.corpus.musicnet_metadata import Recording
from musicgen.corpus.prefetch import map_ahead
from musicgen.corpus.progress import track
from musicgen.corpus.protocol import Delivery, delivery
from musicgen.errors import BadInput
from musicgen.settings import as_uri

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class MusicNet:
    """MusicNet (Thickstun, Harchaoui, Kakade 2017) as its authors distribute it, faults included.

    The source is a folder in the official layout, whose archives need not be unpacked; or the
    address of a mirror (``https://…``); or None for the official downloads.

    Attributes:
        files: what the publishers give out, with sizes and checksums.
        patience: how long a download is tried.
    """

    files: tuple[RemoteFile, ...] = musicnet_layout.OFFICIAL_FILES
    patience: Patience = field(default_factory=Patience)

    name = "musicnet"
    licence = "CC BY 4.0"
    home = "https://zenodo.org/records/5120004"

    def fingerprint(self, source: str | None) -> str | None:
        """Name a download by the checksums of its files, so that 11 GB are fetched but once."""
        if not _is_remote(source):
            return None
        files = [file.md5 for file in self.files]
        return manifest.digest({"files": files, "code": code_digests()})

    def deliveries(self, source: str | None, staging: Path) -> Iterator[Delivery]:
        """Give each recording that has MIDI, labels or both; see ``Corpus``."""
        uri = as_uri(str(staging)) if _is_remote(source) else as_uri(source)
        if _is_remote(source):
            musicnet_layout.download(self.files, staging, self.patience, source)
        layout = musicnet_layout.find(uri, staging)
        table = musicnet_metadata.read_recordings(storage.read_bytes(layout.metadata_uri))
        ids = {recording.recording_id for recording in table}
        there = layout.midis.keys() | layout.labels.keys()
        if not there & ids:
            raise BadInput(
                f"{source or self.home} holds neither musicnet_midis/ nor train_labels/ and "
                "test_labels/ for the recordings in its table: put them there."
            )
        _tell("recordings have neither MIDI nor labels here and are left out", ids - there)
        _tell("files belong to no recording in the table and are left out", there - ids)
        taken = [recording for recording in table if recording.recording_id in there]
        read = map_ahead(lambda recording: _read(recording, layout), taken)
        yield from track(read, len(taken), "Reading MusicNet")


def _is_remote(source: str | None) -> bool:
    return source is None or source.startswith(("http://", "https://"))


def _read(recording: Recording, layout: Layout) -> Delivery:
    midi_uri, midi_name = layout.midis.get(recording.recording_id, (None, None))
    labels_uri, labels_name = layout.labels.get(recording.recording_id, (None, None))
    return delivery(
        recording.recording_id,
        midi=storage.read_bytes(midi_uri) if midi_uri else None,
        labels=storage.read_bytes(labels_uri) if labels_uri else None,
        composer=recording.composer,
        ensemble=recording.ensemble,
        work=recording.work,
        title=recording.title,
        official_split=recording.official_split,
        source=midi_name or labels_name,
    )


def _tell(what: str, ids: set[str]) -> None:
    if ids:
        some = ", ".join(sorted(ids)[:5]) + (", …" if len(ids) > 5 else "")
        _log.warning("%d %s: %s", len(ids), what, some)
