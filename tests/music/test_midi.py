import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import grid_scores

from musicgen.errors import UnreadableMusic
from musicgen.music.grid import GRID_NOTE, GridScore, quantize
from musicgen.music.midi import Limits, read_midi, write_midi
from musicgen.music.score import Metre

SCORE = GridScore(np.array([(0, 4, 60, 0), (0, 4, 67, 1), (4, 2, 72, 3)], GRID_NOTE), 6)


def test_round_trip():
    assert quantize(read_midi(write_midi(SCORE))).notes.tolist() == SCORE.notes.tolist()


@given(grid_scores(max_notes=20))
def test_round_trip_of_any_score(score):
    if len(score.notes):
        lead = score.notes["onset_steps"][0] // 16 * 16
        score.notes["onset_steps"] -= lead
        assert quantize(read_midi(write_midi(score))).notes.tolist() == score.notes.tolist()


@given(st.lists(st.sampled_from([2, 3, 4, 7, 12, 14, 16, 24]), min_size=1, max_size=12))
def test_bars_of_any_metres_are_read_as_they_were_written(lengths):
    """Upbeats, too, and back to 4/4."""
    starts = np.cumsum([0, *lengths], dtype=np.int32)
    end = int(starts[-1]) + lengths[-1]
    score = GridScore(np.array([(0, end, 60, 0)], GRID_NOTE), end, starts)
    read = quantize(read_midi(write_midi(score)))
    assert read.bar_starts_steps.tolist() == starts.tolist()
    assert read.last_bar_steps == lengths[-1]


def test_metres_of_one_length_are_told_apart_as_they_were_written():
    metres = (Metre(0.0, 6, 8), Metre(3.0, 3, 4), Metre(6.0, 2, 2), Metre(14.0, 5, 8))
    starts = np.array([0, 12, 24, 40, 56], np.int32)
    score = GridScore(np.array([(0, 66, 60, 0)], GRID_NOTE), 66, starts, metres=metres)
    assert read_midi(write_midi(score)).metres == metres


def test_a_metre_that_does_not_fill_its_bar_is_not_written():
    score = replace(SCORE, bar_starts_steps=np.array([0, 4], np.int32), metres=(Metre(0.0, 6, 8),))
    (upbeat, rest) = read_midi(write_midi(score)).metres
    assert (upbeat.numerator, upbeat.denominator) == (1, 4)
    assert (rest.numerator, rest.denominator) == (6, 8)


@pytest.mark.parametrize("starts", [(), (0, 16, 32)])
def test_music_in_four_four_goes_without_a_time_signature(starts):
    score = replace(SCORE, length_steps=40, bar_starts_steps=np.array(starts, np.int32))
    assert b"\xff\x58\x04" not in write_midi(score)


def test_a_bar_longer_than_midi_can_tell_is_written_as_long_as_it_can():
    (metre,) = read_midi(write_midi(replace(SCORE, bar_starts_steps=np.array([0, 2001])))).metres
    assert (metre.onset_beats, metre.numerator, metre.denominator) == (0, 255, 16)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for candidate in (data, write_midi(SCORE)[:30] + data):
        try:
            read_midi(candidate)
        except UnreadableMusic as error:
            assert error.reason


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (Limits(bytes=20), "too_large"),
        (Limits(notes=2), "too_many_notes"),
        (Limits(tracks=1), "too_many_tracks"),
        (Limits(quarters=1), "too_long"),
    ],
)
def test_limits(limits, reason):
    with pytest.raises(UnreadableMusic) as caught:
        read_midi(write_midi(SCORE), limits)
    assert caught.value.reason == reason


def test_line_end_damage_in_a_track_length_is_mended():
    """One length byte 0x0A became 0x0D, as in seven files of MusicNet."""
    long_name = b"\xff\x03"
    track_body = b"\x00\x90\x3c\x40\x83\x60\x80\x3c\x00\x00\xff\x2f\x00"
    padding = 0x10A - len(track_body) - 5
    track = b"\x00" + long_name + bytes([0x80 | padding >> 7, padding & 0x7F])
    track += b"x" * (padding) + track_body
    data = b"MThd" + struct.pack(">IHHH", 6, 1, 1, 480)
    data += b"MTrk" + struct.pack(">I", len(track)) + track
    assert len(track) == 0x10A
    broken = data[:21] + b"\x0d" + data[22:]
    assert data[21] == 0x0A
    assert len(read_midi(data).notes) == 1
    assert read_midi(broken).notes.tolist() == read_midi(data).notes.tolist()


def test_more_tracks_than_declared_are_all_read():
    data = bytearray(write_midi(SCORE))
    struct.pack_into(">H", data, 10, 1)
    assert len(read_midi(bytes(data)).notes) == 3


def one_track(division: int, *events: bytes) -> bytes:
    track = b"".join(events) + b"\x00\xff\x2f\x00"
    header = b"MThd" + struct.pack(">IHHH", 6, 0, 1, division)
    return header + b"MTrk" + struct.pack(">I", len(track)) + track


def test_a_quarter_without_ticks_is_refused():
    with pytest.raises(UnreadableMusic, match="damaged_midi"):
        read_midi(one_track(0, b"\x00\x90\x3c\x40", b"\x10\x80\x3c\x00"))


def test_times_beyond_all_counting_are_refused():
    silence = b"\xff\xff\xff\x7f\xb0\x07\x40" * 9  # nine pauses of 2**28 ticks
    with pytest.raises(UnreadableMusic, match=r"damaged_midi|too_long"):
        read_midi(one_track(480, silence, b"\x00\x90\x3c\x40", b"\x10\x80\x3c\x00"))
