"""Any folder of MIDI files, with a table about them if there is one."""

import csv
import hashlib
import io
import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from musicgen import storage
from musicgen.corpus.piece import UNKNOWN
from musicgen.corpus.prefetch import map_ahead
from musicgen.corpus.progress import track
from musicgen.corpus.protocol import Delivery, delivery
from musicgen.errors import BadInput
from musicgen.music.midi import Limits
from musicgen.settings import as_uri

LOG = logging.getLogger(__name__)
METADATA = "metadata.csv"
SPLITS = ("", "train", "valid", "test")


class MidiFolder:
    """All ``.mid`` and ``.midi`` files below a folder.

    Without a table the first folder of a file's path is its composer. A file right in it is a
    work; a folder below it, ``Composer/Work/movement.mid``, is one work whatever it holds. A
    ``metadata.csv`` with a column ``path`` and any of ``composer work title ensemble split``
    knows better; cells left empty fall back to the path. ``split`` may be ``test`` to keep a piece
    for testing; what else is in it leaves the choice to preprocessing.
    """

    name = "midi"
    licence = "as its owner says"
    home = "a folder"

    def fingerprint(self, source: str | None) -> str | None:
        """Return None: only reading the files tells what is in them."""
        return None

    def deliveries(self, source: str | None, staging: Path) -> Iterator[Delivery]:
        """Give each file, readable or not; see ``Corpus``."""
        if source is None:
            raise BadInput(
                "The corpus midi needs a folder: name it with --from or, in Airflow's form, under "
                "*Where the corpus is*."
            )
        uri = as_uri(source)
        names = _midi_names(uri)
        rows = _metadata(uri, names)
        ids = piece_ids(names)
        read = map_ahead(lambda name: (name, _read(storage.join(uri, name))), names)
        is_music = False
        for name, data in track(read, len(names), "Reading MIDI files"):
            is_music = is_music or data.startswith(b"MThd")
            yield _delivery(ids[name], name, data, rows.get(name, {}))
        if not is_music:
            raise BadInput(
                f"No file in {source} is MIDI, whatever its name: {names[0]} does not begin with "
                "MThd. Name a folder of Standard MIDI Files."
            )


def _midi_names(uri: str) -> list[str]:
    if not storage.exists(uri):
        raise BadInput(f"{uri} is not there: --from names a folder of MIDI files.")
    path = storage.local_path(uri)
    if path and path.is_file():
        raise BadInput(f"{path} is a file: name the folder that it is in.")
    named = [name for name in storage.names(uri) if name.lower().endswith((".mid", ".midi"))]
    names = [name for name in named if path is None or _is_there(uri, name)]
    if not names:
        raise BadInput(f"{uri} holds no .mid or .midi file: name a folder that does.")
    return names


def _is_there(uri: str, name: str) -> bool:
    """Whether a file is more than a link to what is gone."""
    if storage.exists(storage.join(uri, name)):
        return True
    LOG.warning("%s in %s leads nowhere and is left out.", name, uri)
    return False


def _metadata(uri: str, names: list[str]) -> dict[str, dict[str, str]]:
    """Return the table's rows by path; without a table there are none."""
    known, found = set(names), {}
    for row in _rows(uri):
        path = str(PurePosixPath(row["path"]))  # without a "./" in front
        if path not in known:
            raise BadInput(f"{METADATA} names {row['path']!r}, which is no MIDI file in {uri}.")
        if path in found:
            raise BadInput(f"{METADATA} names {row['path']!r} twice: leave one row of each file.")
        if row.get("split", "") not in SPLITS:
            raise BadInput(f"{METADATA} has the split {row['split']!r}: use train, valid or test.")
        found[path] = row
    return found


def _rows(uri: str) -> list[dict[str, str]]:
    """Read the table; spreadsheets put empty rows at its end, and capitals into its head."""
    try:
        data = storage.read_bytes(storage.join(uri, METADATA))
    except FileNotFoundError:
        return []
    except IsADirectoryError:
        raise BadInput(f"{METADATA} in {uri} is a folder: a table has to be a file.") from None
    try:
        table = csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""))
        table.fieldnames = [name.strip().lower() for name in table.fieldnames or ()]
        if "path" not in table.fieldnames:
            raise BadInput(f"{METADATA} lacks the column path: it names each file in {uri}.")
        rows = [{key: (row[key] or "").strip() for key in table.fieldnames} for row in table]
    except (UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{METADATA} in {uri} is no CSV table ({error}).") from None
    return [row for row in rows if any(row.values())]


def _read(uri: str) -> bytes:
    """Read a file, or so much of it that its reader will refuse it as too large."""
    with storage.open_read(uri) as stream:
        return stream.read(Limits().bytes + 1)


def _delivery(piece_id: str, name: str, data: bytes, row: dict[str, str]) -> Delivery:
    path = PurePosixPath(_legible(name))
    composer = row.get("composer") or (path.parts[0] if len(path.parts) > 1 else UNKNOWN)
    part_of = path.parts[1] if len(path.parts) > 2 else path.stem
    title = row.get("title") or " ".join(path.with_suffix("").parts[1:]) or path.stem
    return delivery(
        piece_id,
        midi=data,
        composer=composer,
        ensemble=row.get("ensemble") or UNKNOWN,
        work=f"{composer} {row.get('work') or part_of}",
        title=title,
        official_split="test" if row.get("split") == "test" else None,
        source=str(path),
    )


def _legible(name: str) -> str:
    """Return a name that is text: old archives leave names that are no UTF-8."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return os.fsencode(name).decode("latin-1")
    return name


def piece_ids(names: list[str]) -> dict[str, str]:
    """Return a legible id for each file, unique even where upper and lower case are one."""
    plain = {name: _plain_id(name) for name in names}
    uses = Counter(piece_id.lower() for piece_id in plain.values())
    return {
        name: piece_id if uses[piece_id.lower()] == 1 else f"{piece_id}-{_short_hash(name)}"
        for name, piece_id in plain.items()
    }


def _plain_id(name: str) -> str:
    stem = re.sub(r"\.midi?$", "", name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9_.]+", "-", stem)[:80].strip(".-") or "piece"


def _short_hash(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
