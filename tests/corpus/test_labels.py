import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicgen.corpus.labels import COLUMNS, read_labels
from musicgen.errors import UnreadableMusic
from musicgen.music.midi import Limits

HEADER = ",".join(COLUMNS)


def table(*rows: tuple) -> bytes:
    return "\n".join([HEADER, *(",".join(map(str, row)) for row in rows)]).encode()


def line(starts, length, value, sample=44_100):
    """Notes of one length, one after the other."""
    return [(int(s * sample), int((s + length) * sample), 1, 60, s, length, value) for s in starts]


def test_a_row_becomes_a_note():
    score = read_labels(table((44_100, 66_150, 41, 76, 2.0, 1.0, "Quarter")))
    note = score.notes[0]
    assert (note["onset_beats"], note["duration_beats"], note["pitch"]) == (2.0, 1.0, 76)
    assert note["program"] == 40  # a violin: 41 when counted from 1


def test_end_beat_is_a_length():
    score = read_labels(table(*line([0.0, 1.0, 2.0], 1.0, "Quarter")))
    assert list(score.notes["duration_beats"]) == [1.0, 1.0, 1.0]
    assert score.end_beats == 3.0


def test_tempo_comes_from_the_sound():
    score = read_labels(table(*line([0.0, 1.0, 2.0, 3.0], 1.0, "Quarter", sample=22_050)))
    assert score.tempo_qpm == pytest.approx(120.0)


@pytest.mark.parametrize(
    ("value", "length", "quarters"), [("Eighth", 1.0, 0.5), ("Half", 1.0, 2.0), ("Whole", 4.0, 4.0)]
)
def test_the_unit_of_beats_follows_the_note_values(value, length, quarters):
    score = read_labels(table(*line([length * i for i in range(8)], length, value)))
    assert list(score.notes["onset_beats"]) == [quarters * i for i in range(8)]
    assert set(score.notes["duration_beats"]) == {quarters}


def test_the_unit_may_change_with_the_metre():
    """Two bars of 6/8, counted in eighths, then one of 3/4, counted in quarters."""
    rows = line(np.arange(0.0, 12.0), 1.0, "Eighth") + line(np.arange(12.0, 18.0), 1.0, "Quarter")
    score = read_labels(table(*rows))
    expected = [*np.arange(0.0, 6.0, 0.5), *np.arange(6.0, 12.0)]
    assert list(score.notes["onset_beats"]) == expected


def test_single_notes_with_odd_names_change_no_unit():
    rows = line(np.arange(0.0, 12.0), 1.0, "Quarter")
    rows[5] = (*rows[5][:-1], "Eighth")
    assert list(read_labels(table(*rows)).notes["onset_beats"]) == list(np.arange(0.0, 12.0))


def test_columns_may_stand_in_any_order_after_a_byte_order_mark():
    text = table(*line([0.0, 1.0], 1.0, "Quarter")).decode().splitlines()
    turned = "\r\n".join(",".join(reversed(row.split(","))) for row in text)
    assert len(read_labels(("\ufeff" + turned).encode()).notes) == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "bad_labels"),
        (b"\xff\xfe", "bad_labels"),
        (b"a,b\n1,2\n", "bad_labels"),
        (HEADER.encode(), "no_notes"),
        (table((0, 1, 1, 60, 0.0)), "bad_labels"),
        (table((0, 1, 1, 200, 0.0, 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 0, 60, 0.0, 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60.5, 0.0, 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60, "nan", 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60, "1e999", 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60, -1.0, 1.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60, 0.0, 0.0, "Quarter")), "bad_labels"),
        (table((0, 1, 1, 60, 1e9, 1.0, "Quarter")), "too_long"),
    ],
)
def test_what_is_no_label_file_is_refused_with_a_reason(data, reason):
    with pytest.raises(UnreadableMusic) as refused:
        read_labels(data)
    assert refused.value.reason == reason


def test_limits_hold():
    data = table(*line(np.arange(0.0, 20.0), 1.0, "Quarter"))
    with pytest.raises(UnreadableMusic, match="too_many_notes"):
        read_labels(data, Limits(notes=19))
    with pytest.raises(UnreadableMusic, match="too_large"):
        read_labels(data, Limits(bytes=100))


@given(st.binary(max_size=300), st.integers(0, 200))
def test_damage_never_crashes_the_reader(noise, at):
    data = table(*line(np.arange(0.0, 5.0), 1.0, "Quarter"))
    for damaged in (noise, data[:at] + noise + data[at:], data[:at]):
        try:
            score = read_labels(damaged)
        except UnreadableMusic:
            continue
        assert np.isfinite(score.notes["onset_beats"]).all()
        assert (score.notes["duration_beats"] > 0).all()
