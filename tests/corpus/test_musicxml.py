import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen.corpus.musicxml import read_musicxml
from musicgen.corpus.sheet import to_midi
from musicgen.errors import UnreadableMusic
from musicgen.music.midi import read_midi


def note(step: str, duration: int, more: str = "", octave: int = 4, before: str = "") -> str:
    pitch = f"<pitch><step>{step}</step><octave>{octave}</octave></pitch>"
    return f"<note>{before}{pitch}<duration>{duration}</duration>{more}</note>"


def rest(duration: int) -> str:
    return f"<note><rest/><duration>{duration}</duration></note>"


def score(*bars: str, attributes: str = "", program: str = "<midi-program>42</midi-program>"):
    """A score of one part; two divisions make a quarter."""
    begin = (
        "<attributes><divisions>2</divisions>"
        f"<time><beats>4</beats><beat-type>4</beat-type></time>{attributes}</attributes>"
    )
    measures = "".join(
        f"<measure number='{index}'>{'' if index else begin}{bar}</measure>"
        for index, bar in enumerate(bars)
    )
    return (
        "<score-partwise><part-list><score-part id='P1'><part-name>Viola\n I</part-name>"
        f"<midi-instrument id='I'>{program}</midi-instrument></score-part></part-list>"
        f"<part id='P1'>{measures}</part></score-partwise>"
    ).encode()


def notes(*bars: str, **options) -> list[tuple[float, float, int]]:
    return read_musicxml(score(*bars, **options)).parts[0].notes


STOP, START, BOTH = (
    "<tie type='stop'/>",
    "<tie type='start'/>",
    "<tie type='stop'/><tie type='start'/>",
)


def test_notes_follow_one_another_in_quarters():
    bar = note("C", 2) + note("D", 1) + rest(1) + note("B", 4, octave=3)
    assert notes(bar) == [(0.0, 1.0, 60), (1.0, 0.5, 62), (2.0, 2.0, 59)]


def test_a_part_has_a_name_and_a_program():
    part = read_musicxml(score(note("C", 8))).parts[0]
    assert (part.name, part.program) == ("Viola I", 41)
    assert read_musicxml(score(note("C", 8), program="")).parts[0].program is None


def test_chords_sound_together_as_long_as_their_first_note():
    bar = note("C", 4) + note("E", 3, before="<chord/>") + note("G", 4)
    assert notes(bar) == [(0.0, 2.0, 60), (0.0, 2.0, 64), (2.0, 2.0, 67)]


def test_voices_go_back_and_forward():
    bar = note("C", 8) + "<backup><duration>8</duration></backup>"
    bar += "<forward><duration>4</duration></forward>" + note("E", 4)
    assert notes(bar) == [(0.0, 4.0, 60), (2.0, 2.0, 64)]


def test_tied_notes_are_one():
    bars = (rest(6) + note("C", 2, START), note("C", 8, BOTH), note("C", 2, STOP) + note("C", 6))
    assert notes(*bars) == [(3.0, 6.0, 60), (9.0, 3.0, 60)]


def test_a_tie_joins_only_its_own_voice():
    back = "<backup><duration>8</duration></backup>"
    first = note("C", 8, START) + back + note("C", 4) + note("C", 4)
    second = note("C", 8, STOP) + back + note("C", 8)
    assert sorted(notes(first, second)) == [
        (0.0, 2.0, 60),
        (0.0, 8.0, 60),
        (2.0, 2.0, 60),
        (4.0, 4.0, 60),
    ]


def test_a_tie_that_does_not_say_where_it_ends_ends_at_the_next_note():
    bars = (note("C", 8, START), note("C", 4) + note("C", 4))
    assert notes(*bars) == [(0.0, 6.0, 60), (6.0, 2.0, 60)]


@pytest.mark.parametrize(
    "bar",
    [
        note("C", 4) + note("C", 4, STOP),  # it never began
        note("C", 4, START) + note("D", 4),
        note("C", 2, START) + rest(2) + note("C", 4),
        note("C", 4) + note("C", 4, START),
    ],
)
def test_a_tie_to_nothing_joins_nothing(bar):
    assert len(notes(bar)) == 2


def test_accidentals_and_transposing_instruments():
    altered = "<note><pitch><step>F</step><alter>1</alter><octave>4</octave></pitch>"
    altered += "<duration>8</duration></note>"
    assert notes(altered) == [(0.0, 4.0, 66)]
    clarinet = "<transpose><chromatic>-2</chromatic></transpose>"
    assert notes(altered, attributes=clarinet) == [(0.0, 4.0, 64)]
    bass = "<transpose><chromatic>0</chromatic><octave-change>-1</octave-change></transpose>"
    assert notes(altered, attributes=bass) == [(0.0, 4.0, 54)]


def test_ornaments_and_cues_are_left_out():
    grace = "<note><grace/><pitch><step>D</step><octave>4</octave></pitch></note>"
    drum = "<note><unpitched/><duration>2</duration></note>"
    bar = grace + note("C", 4) + note("E", 2, before="<cue/>") + drum
    assert notes(bar) == [(0.0, 2.0, 60)]


def test_an_upbeat_and_its_tempo():
    sound = "<direction><sound tempo='72'/></direction>"
    sheet = read_musicxml(score(sound + note("C", 2), note("D", 8)))
    assert sheet.parts[0].notes == [(3.0, 1.0, 60), (4.0, 4.0, 62)]
    assert sheet.tempos == [(0.0, 72.0)]


@pytest.mark.parametrize(
    ("unit", "qpm"),
    [
        ("<beat-unit>quarter</beat-unit><per-minute>60</per-minute>", 60.0),
        ("<beat-unit>half</beat-unit><per-minute>60.5</per-minute>", 121.0),
        ("<beat-unit>quarter</beat-unit><beat-unit-dot/><per-minute>60</per-minute>", 90.0),
        ("<beat-unit>quarter</beat-unit><per-minute>c. 60</per-minute>", None),
    ],
)
def test_printed_tempos_count_in_quarters(unit, qpm):
    mark = f"<direction><direction-type><metronome>{unit}</metronome></direction-type></direction>"
    tempos = read_musicxml(score(mark + note("C", 8))).tempos
    assert tempos == ([] if qpm is None else [(0.0, qpm)])


def test_the_midi_sounds_like_the_sheet():
    sheet = read_musicxml(score(rest(6) + note("C", 2), note("D", 8), note("E", 8)))
    data = to_midi(sheet, tempo_qpm=84.0)
    assert data == to_midi(sheet, tempo_qpm=84.0)
    read = read_midi(data)
    assert list(zip(read.notes["onset_beats"], read.notes["pitch"], strict=True)) == [
        (3.0, 60),
        (4.0, 62),
        (8.0, 64),
    ]
    assert set(read.notes["program"]) == {41}
    assert read.tempo_qpm == pytest.approx(84.0)
    assert [(m.onset_beats, m.numerator) for m in read.metres] == [(0.0, 4)]


def test_compressed_scores():
    plain = score(note("C", 8))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        container = "<container><rootfiles><rootfile full-path='s.xml'/></rootfiles></container>"
        archive.writestr("META-INF/container.xml", container)
        archive.writestr("s.xml", plain)
    assert read_musicxml(buffer.getvalue()) == read_musicxml(plain)
    with pytest.raises(UnreadableMusic, match="damaged_musicxml"):
        read_musicxml(buffer.getvalue()[:-30])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<score-timewise/>",
        b"PK",
        score(note("H", 8)),
        score(note("C", 8, octave=12)),
        score("<note><pitch/><duration>8</duration></note>"),
        score(note("C", 8), attributes="<divisions>0</divisions>").replace(b"<divisions>2", b"<x>"),
    ],
)
def test_what_is_no_score_is_refused(data):
    with pytest.raises(UnreadableMusic):
        read_musicxml(data)


@given(st.binary(max_size=30), st.integers(0, 700))
def test_damage_never_crashes_the_reader(noise, at):
    data = score(note("C", 2) + note("D", 1, START), note("D", 8, STOP))
    for damaged in (data[:at] + noise + data[at + len(noise) :], data[:at]):
        try:
            sheet = read_musicxml(damaged)
        except UnreadableMusic:
            continue
        assert all(0 <= pitch <= 127 for part in sheet.parts for _, _, pitch in part.notes)
