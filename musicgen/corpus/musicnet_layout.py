"""Where MusicNet's files lie: in a folder, in its archives, or on its publisher's server."""

import io
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from musicgen import storage
from musicgen.corpus import musicnet_metadata
from musicgen.corpus.archive import ArchiveLimits, members
from musicgen.corpus.download import Download, Patience, RemoteFile
from musicgen.corpus.progress import counter
from musicgen.errors import BadInput
from musicgen.settings import as_uri

OFFICIAL_URL = "https://zenodo.org/records/5120004/files"
LABELS_ARCHIVE = "musicnet.tar.gz"
MIDI_ARCHIVE = "musicnet_midis.tar.gz"

REMEDY = "If you have a copy of MusicNet, name its folder with --from."

_MIDI = re.compile(r"(?:.*/)?musicnet_midis/[^/]+/(\d+)_[^/]+\.mid")
_LABELS = re.compile(r"(?:.*/)?(?:train|test)_labels/(\d+)\.csv")

# The archive of 11 GB unpacks to some 22 GB of audio, which is read past.
_LIMITS = {
    LABELS_ARCHIVE: ArchiveLimits(total_bytes=64 * 2**30),
    MIDI_ARCHIVE: ArchiveLimits(total_bytes=2**30),
}
_WANTED = {LABELS_ARCHIVE: _LABELS, MIDI_ARCHIVE: _MIDI}

OFFICIAL_FILES = (
    RemoteFile(
        musicnet_metadata.NAME,
        f"{OFFICIAL_URL}/{musicnet_metadata.NAME}",
        43_775,
        "1caef62cee9c875235e62aac368b49d8",
    ),
    RemoteFile(
        MIDI_ARCHIVE,
        f"{OFFICIAL_URL}/{MIDI_ARCHIVE}",
        2_601_302,
        "b5fa98a113bfc51c8a445def9f24dc7e",
    ),
    RemoteFile(
        LABELS_ARCHIVE,
        f"{OFFICIAL_URL}/{LABELS_ARCHIVE}",
        11_097_394_998,
        "844764911fa0d5b97c97da944a057590",
    ),
)


@dataclass(frozen=True)
class Layout:
    """The files that were found.

    Attributes:
        metadata_uri: the table of recordings.
        midis: URI and name relative to the corpus, by recording id.
        labels: the same for label files.
    """

    metadata_uri: str
    midis: dict[str, tuple[str, str]]
    labels: dict[str, tuple[str, str]]


def find(uri: str, staging: Path) -> Layout:
    """Find MusicNet in a folder; archives in it are unpacked where their content is not there.

    Raises:
        BadInput: the folder is not there, has no table of recordings, or an archive is refused.
    """
    if not storage.exists(uri):
        raise BadInput(f"{uri} is not there: --from names the folder that holds MusicNet.")
    names = storage.names(uri)
    tables = [name for name in names if name.rpartition("/")[2] == musicnet_metadata.NAME]
    if not tables:
        raise BadInput(f"{uri} holds no {musicnet_metadata.NAME}: get it and put it there.")
    midis, labels = _matches(_MIDI, uri, names), _matches(_LABELS, uri, names)
    for archive, found in ((MIDI_ARCHIVE, midis), (LABELS_ARCHIVE, labels)):
        if found or archive not in names:
            continue
        with storage.open_read(storage.join(uri, archive)) as stream:
            unpack(archive, stream, staging)
    unpacked_uri = as_uri(str(staging))
    unpacked = storage.names(unpacked_uri)
    return Layout(
        storage.join(uri, tables[0]),
        midis or _matches(_MIDI, unpacked_uri, unpacked),
        labels or _matches(_LABELS, unpacked_uri, unpacked),
    )


def download(
    files: tuple[RemoteFile, ...], staging: Path, patience: Patience, base_url: str | None
) -> None:
    """Get MusicNet's table, MIDIs and labels into a folder. The audio is never stored.

    Args:
        files: what was published.
        staging: the folder.
        patience: how long to try.
        base_url: a mirror that has files of the same names; None for where they were published.

    Raises:
        BadInput: a file is out of reach or is not the one that was published.
    """
    for file in files:
        if base_url:
            file = replace(file, url=f"{base_url.rstrip('/')}/{file.name}")
        with (
            counter(file.bytes, f"Downloading {file.name}", "B") as on_bytes,
            Download(file, patience, on_bytes, REMEDY) as source,
        ):
            if file.name in _WANTED:
                buffered = io.BufferedReader(source, 2**20)
                unpack(file.name, buffered, staging)
                source.verify()
            else:
                data = source.readall()
                source.verify()
                (staging / file.name).write_bytes(data)


def unpack(archive: str, stream: BinaryIO, staging: Path) -> None:
    """Write the members that matter below a folder.

    Raises:
        BadInput: the archive is damaged or would do harm.
    """
    wanted = _WANTED[archive]
    found = members(stream, lambda name: bool(wanted.fullmatch(name)), _LIMITS[archive], archive)
    for name, data in found:
        path = staging / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _matches(pattern: re.Pattern, uri: str, names: list[str]) -> dict[str, tuple[str, str]]:
    found = filter(None, map(pattern.fullmatch, names))
    return {match[1]: (storage.join(uri, match[0]), match[0]) for match in found}
