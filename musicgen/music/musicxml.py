"""Grid scores as MusicXML, which notation programs read.

Source: MusicXML 4.0, W3C Music Notation Community Group.
"""

from xml.etree.ElementTree import Element, SubElement, tostring

from musicgen.music.family import Family
from musicgen.music.grid import GridScore
from musicgen.music.musicxml_voice import add_text, write_voice
from musicgen.music.notation import Staff, bar_signature, bars, beat_steps, staves
from musicgen.music.spelling import Spelling

MEDIA_TYPE = "application/vnd.recordare.musicxml+xml"
_DOCTYPE = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE score-partwise PUBLIC '
    b'"-//Recordare//DTD MusicXML 4.0 Partwise//EN" '
    b'"http://www.musicxml.org/dtds/partwise.dtd">\n'
)
_NAMES = {
    Family.KEYBOARD: "Piano",
    Family.STRINGS: "Strings",
    Family.WINDS: "Clarinet",
    Family.VOICES: "Choir",
}


def write_musicxml(score: GridScore, title: str) -> bytes:
    """Return a score as MusicXML with one part for each family that plays, in its likely key."""
    root = Element("score-partwise", version="4.0")
    add_text(SubElement(root, "work"), "work-title", title)
    heads = SubElement(root, "part-list")
    spelling = Spelling(score.notes)
    found = [(family, staves(score, family)) for family in Family]
    played = [pair for pair in found if pair[1]] or [(Family.KEYBOARD, [Staff(False, [[]])])]
    for number, (family, lines) in enumerate(played, 1):
        name = f"P{number}"
        head = SubElement(heads, "score-part", id=name)
        add_text(head, "part-name", _NAMES[family])
        add_text(
            SubElement(head, "score-instrument", id=f"{name}-I1"), "instrument-name", family.name
        )
        midi = SubElement(head, "midi-instrument", id=f"{name}-I1")
        add_text(midi, "midi-channel", number)
        add_text(midi, "midi-program", family.program + 1)
        _part(SubElement(root, "part", id=name), score, lines, spelling, is_first=number == 1)
    return _DOCTYPE + tostring(root)


def _part(
    part: Element, score: GridScore, lines: list[Staff], spelling: Spelling, is_first: bool
) -> None:
    before = None
    for number, (start, end) in enumerate(bars(score), 1):
        measure = SubElement(part, "measure", number=str(number))
        figures = bar_signature(score, start, end)
        if figures != before:
            _attributes(measure, figures, score, lines, spelling if number == 1 else None)
        before = figures
        if number == 1 and is_first:
            _tempo(measure, score.tempo_qpm)
        voice_number = 0
        for staff_number, staff in enumerate(lines, 1):
            for index, voice in enumerate(staff.voices):
                if voice_number:
                    add_text(SubElement(measure, "backup"), "duration", end - start)
                voice_number += 1
                place = (voice_number, staff_number if len(lines) > 1 else None)
                bar = (start, end, beat_steps(figures))
                write_voice(measure, voice, bar, place, spelling, rests=index == 0)


def _attributes(
    measure: Element,
    figures: tuple[int, int],
    score: GridScore,
    lines: list[Staff],
    key: Spelling | None,
) -> None:
    attributes = SubElement(measure, "attributes")
    if key:
        add_text(attributes, "divisions", score.steps_per_quarter)
        signature = SubElement(attributes, "key")
        add_text(signature, "fifths", key.fifths)
        add_text(signature, "mode", key.mode)
    beats, beat_type = figures
    time = SubElement(attributes, "time")
    add_text(time, "beats", beats)
    add_text(time, "beat-type", beat_type)
    if key:
        if len(lines) > 1:
            add_text(attributes, "staves", len(lines))
        for number, staff in enumerate(lines, 1):
            clef = SubElement(attributes, "clef", number=str(number))
            add_text(clef, "sign", "F" if staff.is_bass else "G")
            add_text(clef, "line", 4 if staff.is_bass else 2)


def _tempo(measure: Element, tempo_qpm: float) -> None:
    direction = SubElement(measure, "direction", placement="above")
    metronome = SubElement(SubElement(direction, "direction-type"), "metronome")
    add_text(metronome, "beat-unit", "quarter")
    add_text(metronome, "per-minute", round(tempo_qpm))
    SubElement(direction, "sound", tempo=f"{tempo_qpm:g}")
