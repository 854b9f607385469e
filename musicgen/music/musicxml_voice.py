"""One voice of one bar as MusicXML: notes, rests, ties and beams."""

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement

from musicgen.music.notation import Chord, within
from musicgen.music.spelling import Spelling

_TYPES = {16: "whole", 8: "half", 4: "quarter", 2: "eighth", 1: "16th"}


def write_voice(
    measure: Element,
    voice: list[Chord],
    bar: tuple[int, int, int],
    place: tuple[int, int | None],
    spelling: Spelling,
    rests: bool,
) -> None:
    """Write one voice of a bar: its chords, and between them rests or, without these, space.

    Args:
        measure: what to append to.
        voice: chords in order, those of other bars among them.
        bar: first step of the bar, and of what follows it; length of a beat in steps.
        place: numbers of the voice and, in a part of several, of the staff.
        spelling: names the pitches.
        rests: whether silence is shown.
    """
    written: list[tuple[int, int, list[Element]]] = []
    start, end, beat = bar
    for chord in _filled(voice, start, end):
        if not chord.pitches and not rests:
            add_text(SubElement(measure, "forward"), "duration", chord.duration_steps)
            continue
        is_whole_bar = not chord.pitches and chord.duration_steps == end - start
        values = (
            [(chord.onset_steps, chord.duration_steps)] if is_whole_bar else within(chord, *bar)
        )
        for onset, value in values:
            ties = (onset > chord.onset_steps, onset + value < chord.end_steps)
            notes = [
                _note(measure, pitch, index, value, ties, place, spelling, is_whole_bar)
                for index, pitch in enumerate(chord.pitches or (None,))
            ]
            written.append((onset - start, value, notes if chord.pitches else []))
    _beam(written, beat)


def _filled(voice: list[Chord], start: int, end: int) -> Iterator[Chord]:
    """Yield a voice's chords in a bar, with rests between them."""
    at = start
    for chord in voice:
        if chord.end_steps <= start or chord.onset_steps >= end:
            continue
        if chord.onset_steps > at:
            yield Chord(at, chord.onset_steps - at, ())
        yield chord
        at = min(chord.end_steps, end)
    if at < end:
        yield Chord(at, end - at, ())


def _note(
    measure: Element,
    pitch: int | None,
    index: int,
    value: int,
    ties: tuple[bool, bool],
    place: tuple[int, int | None],
    spelling: Spelling,
    is_whole_bar: bool,
) -> Element:
    note = SubElement(measure, "note")
    if index:
        SubElement(note, "chord")
    if pitch is None:
        SubElement(note, "rest", {"measure": "yes"} if is_whole_bar else {})
    else:
        letter, alteration, octave = spelling.name(pitch)
        element = SubElement(note, "pitch")
        add_text(element, "step", letter)
        if alteration:
            add_text(element, "alter", alteration)
        add_text(element, "octave", octave)
    add_text(note, "duration", value)
    kinds = [kind for kind, tied in zip(("stop", "start"), ties, strict=True) if tied]
    for kind in kinds if pitch is not None else ():
        SubElement(note, "tie", type=kind)
    voice_number, staff_number = place
    add_text(note, "voice", voice_number)
    if not is_whole_bar:
        plain = value if value in _TYPES else value * 2 // 3
        add_text(note, "type", _TYPES[plain])
        if plain != value:
            SubElement(note, "dot")
    if staff_number:
        add_text(note, "staff", staff_number)
    if kinds and pitch is not None:
        notations = SubElement(note, "notations")
        for kind in kinds:
            SubElement(notations, "tied", type=kind)
    return note


def _beam(written: list[tuple[int, int, list[Element]]], beat: int) -> None:
    """Join the tails of neighbours that share a beat."""
    for _, group in groupby(
        written, key=lambda item: (item[0] // beat, item[1] < 4 and bool(item[2]))
    ):
        tailed = [(value, notes[0]) for _, value, notes in group if value < 4 and notes]
        if len(tailed) < 2:
            continue
        for index, (value, note) in enumerate(tailed):
            _insert_beam(note, 1, _place(index > 0, index < len(tailed) - 1))
            if value == 1:
                before = index > 0 and tailed[index - 1][0] == 1
                after = index < len(tailed) - 1 and tailed[index + 1][0] == 1
                kind = _place(before, after)
                hook = "backward hook" if index else "forward hook"
                _insert_beam(note, 2, kind if before or after else hook)


def _place(before: bool, after: bool) -> str:
    return "continue" if before and after else "end" if before else "begin"


def _insert_beam(note: Element, number: int, kind: str) -> None:
    """Put a beam where the schema wants it: before the notations."""
    beam = Element("beam", number=str(number))
    beam.text = kind
    at = next((i for i, child in enumerate(note) if child.tag == "notations"), len(note))
    note.insert(at, beam)


def add_text(parent: Element, tag: str, value: object) -> None:
    """Append an element that holds a text."""
    SubElement(parent, tag).text = str(value)
