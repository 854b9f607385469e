"""MusicXML to sheet music: the sounding notes of a score, and nothing of its looks.

music21 reads much more of a score than its notes, and takes twelve times as long. Of its corpus,
which this module is here for, both read the same notes but for a few faulty ties and chords. They
differ where a file has bars of unequal length in its parts: here the parts stay together.

Source: MusicXML 4.0, W3C Music Notation Community Group.
"""

import gc
import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from musicgen.corpus.bar_lines import bar_lines
from musicgen.corpus.musicxml_part import Measure, read_part
from musicgen.corpus.sheet import Part, Sheet
from musicgen.errors import UnreadableMusic


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Keep the collector from walking a large tree over and over: reading takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


@_no_garbage_collection()
def read_musicxml(data: bytes) -> Sheet:
    """Read a partwise score, plain or compressed (``.mxl``).

    Raises:
        UnreadableMusic: the bytes are no such score.
    """
    try:
        root = ElementTree.fromstring(_uncompressed(data))
    except (ElementTree.ParseError, zipfile.BadZipFile, KeyError, LookupError) as error:
        raise UnreadableMusic("damaged_musicxml", str(error)) from None
    if root.tag != "score-partwise":
        raise UnreadableMusic("not_partwise", f"its root is {root.tag}")
    try:
        parts = {part.get("id"): read_part(part) for part in root.findall("part")}
        starts, metres = bar_lines([[m.bar for m in measures] for measures in parts.values()])
        found = [_part(head, parts[head.get("id")], starts) for head in root.iter("score-part")]
    except (KeyError, ValueError, TypeError, AttributeError, ZeroDivisionError) as error:
        raise UnreadableMusic("damaged_musicxml", repr(error)) from None
    return Sheet(found, metres, _tempos(list(parts.values()), starts))


def _uncompressed(data: bytes) -> bytes:
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = ElementTree.fromstring(archive.read("META-INF/container.xml"))
        return archive.read(container.find(".//{*}rootfile").get("full-path"))


def _part(head: Element, measures: list[Measure], starts: list[float]) -> Part:
    program = head.findtext("midi-instrument/midi-program")
    return Part(
        " ".join((head.findtext("part-name") or "").split()),
        int(program) - 1 if program else None,
        _joined(measures, starts),
    )


def _joined(measures: list[Measure], starts: list[float]) -> list[tuple[float, float, int]]:
    """Put notes on the score's time, and join tied ones into one as long as all of them.

    Some files mark only where ties start. So a held note goes on in whatever is next at its
    pitch; where there are two, in the one that says so.
    """
    placed = sorted(
        (start + head.onset, head.pitch, not head.goes_on, head.duration, head.is_held)
        for measure, start in zip(measures, starts, strict=False)
        for head in measure.heads
    )
    joined: list[list] = []
    held: dict[tuple[int, float], list] = defaultdict(list)  # by pitch and end
    for onset, pitch, _, duration, is_held in placed:
        awaiting = held[pitch, round(onset, 6)]
        if awaiting:
            note = awaiting.pop()
        else:
            joined.append(note := [onset, 0.0, pitch])
        note[1] += duration
        if is_held:
            held[pitch, round(onset + duration, 6)].append(note)
    return [(onset, duration, pitch) for onset, duration, pitch in joined]


def _tempos(parts: list[list[Measure]], starts: list[float]) -> list[tuple[float, float]]:
    """List the tempos; where several parts tell one, the topmost is believed."""
    found: dict[float, float] = {}
    for measures in parts:
        for measure, start in zip(measures, starts, strict=False):
            for onset, qpm in measure.tempos:
                # What holds at the upbeat holds from the beginning.
                at = start + onset
                found.setdefault(at if at > starts[0] else 0.0, qpm)
    return sorted(found.items())
