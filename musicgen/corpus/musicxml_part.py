"""One part of a MusicXML score: its bars with their notes, each on the bar's own time.

Source: MusicXML 4.0, W3C Music Notation Community Group.
"""

from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from musicgen.corpus.bar_lines import EPSILON, Bar

_SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
_QUARTERS_OF_UNIT = {"whole": 4.0, "half": 2.0, "quarter": 1.0, "eighth": 0.5, "16th": 0.25}


@dataclass
class Head:
    """A note head.

    Attributes:
        onset: in its bar, in quarters.
        duration: in quarters.
        pitch: as it sounds, 0–127.
        goes_on: whether it is tied to the one before.
        is_held: whether it is tied to the one after.
    """

    onset: float
    duration: float
    pitch: int
    goes_on: bool
    is_held: bool


@dataclass
class Measure:
    """A bar of one part.

    Attributes:
        heads: its notes.
        tempos: onset in the bar, in quarters, and quarter notes a minute.
        bar: how long it is and its time signature.
    """

    heads: list[Head] = field(default_factory=list)
    tempos: list[tuple[float, float]] = field(default_factory=list)
    bar: Bar = field(default_factory=Bar)


@dataclass
class _Reading:
    """Where the reading of a part is.

    Attributes:
        divisions: units of duration in a quarter note.
        semitones: from written to sounding pitch.
        at: position in the bar, in quarters.
        last_onset: of the last note, which a chord may be added to.
        last_duration: of that note; chords last as long as their first note says.
    """

    divisions: int = 1
    semitones: int = 0
    at: float = 0.0
    last_onset: float = 0.0
    last_duration: float = 0.0


def read_part(part: Element) -> list[Measure]:
    """Read the bars of a ``part`` element.

    Grace and cue notes are left out, and so is what has no pitch.
    """
    reading = _Reading()
    return [_measure(element, reading) for element in part.findall("measure")]


def _measure(element: Element, reading: _Reading) -> Measure:
    measure = Measure()
    reading.at = 0.0
    for child in element:
        if child.tag == "note":
            _take_note(child, reading, measure)
        elif child.tag == "backup":
            reading.at -= _duration(child, reading)
        elif child.tag == "forward":
            reading.at += _duration(child, reading)
        elif child.tag == "attributes":
            _take_attributes(child, reading, measure)
        elif child.tag in ("direction", "sound"):
            qpm = _tempo_qpm(child)
            if qpm:
                measure.tempos.append((max(reading.at, 0.0), qpm))
        measure.bar.length = max(measure.bar.length, reading.at)
    return measure


def _take_note(element: Element, reading: _Reading, measure: Measure) -> None:
    if element.find("grace") is not None:
        return
    if element.find("chord") is None:
        reading.last_onset = reading.at
        reading.last_duration = _duration(element, reading)
        reading.at += reading.last_duration
    pitch = element.find("pitch")
    if pitch is None or element.find("cue") is not None or not reading.last_duration:
        return
    sounding = _midi_pitch(pitch) + reading.semitones
    if not 0 <= sounding <= 127:
        raise ValueError(f"pitch {sounding}")
    ties = {tie.get("type") for tie in element.findall("tie")}
    note = Head(
        onset=reading.last_onset,
        duration=reading.last_duration,
        pitch=sounding,
        goes_on="stop" in ties,
        is_held="start" in ties,
    )
    measure.heads.append(note)
    measure.bar.has_notes = True


def _take_attributes(element: Element, reading: _Reading, measure: Measure) -> None:
    reading.divisions = int(element.findtext("divisions") or reading.divisions)
    transpose = element.find("transpose")
    if transpose is not None:
        octaves = int(transpose.findtext("octave-change") or 0)
        reading.semitones = int(transpose.findtext("chromatic") or 0) + 12 * octaves
    time = element.find("time")
    # A change in the middle of a bar is no change of the bar that it stands in.
    if time is not None and time.find("beats") is not None and reading.at < EPSILON:
        beats = sum(int(beat) for beat in time.findtext("beats").split("+"))
        measure.bar.signature = (beats, int(time.findtext("beat-type")))


def _duration(element: Element, reading: _Reading) -> float:
    return float(element.findtext("duration") or 0) / reading.divisions


def _midi_pitch(element: Element) -> int:
    """Return the written pitch as a MIDI number: middle C, C4, is 60."""
    alter = round(float(element.findtext("alter") or 0))
    octave = int(element.findtext("octave"))
    return 12 * (octave + 1) + _SEMITONES[element.findtext("step")] + alter


def _tempo_qpm(element: Element) -> float | None:
    """Return quarter notes a minute from what is to be played, else from what is printed."""
    sound = element if element.tag == "sound" else element.find("sound")
    if sound is not None and sound.get("tempo"):
        return float(sound.get("tempo"))
    mark = element.find("direction-type/metronome")
    if mark is None or not (mark.findtext("per-minute") or "").replace(".", "", 1).isdecimal():
        return None
    dotted = 1.5 if mark.find("beat-unit-dot") is not None else 1.0
    unit = _QUARTERS_OF_UNIT.get(mark.findtext("beat-unit"), 1.0)
    return float(mark.findtext("per-minute")) * unit * dotted
