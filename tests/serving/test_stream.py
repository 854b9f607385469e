"""How soon a stream has to go on, and what its listener waits for."""

import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from musicgen.generation.growing_piece import Frame
from musicgen.generation.request import Request
from musicgen.serving.stream import Need, Stream

FRAMES = [
    Frame(0, ((60, 0),), ()),
    Frame(1, (), ((60, 0),)),
    Frame(2, ((64, 0),), ((60, 0),)),
    Frame(3, ((60, 0),), ((64, 0),)),
]
"""Nothing ends before the last one strikes a note anew; each sounds for a quarter of a second."""


@pytest.fixture
def piece():
    return SimpleNamespace(tempo_qpm=60.0, request=Request(0))


def _stream(piece, wants_frames=True) -> Stream:
    return Stream(None, piece, float("inf"), wants_frames)


def _awaited(stream, now, frames=FRAMES) -> list[bool]:
    return [stream.take(frame, now) for frame in frames]


def test_the_frame_that_ends_the_first_note_is_awaited_however_much_is_in_hand(piece):
    stream = _stream(piece)
    assert _awaited(stream, time.monotonic()) == [False, False, False, True]
    assert not stream.take(Frame(4, ((62, 0),), ()), time.monotonic())


def test_music_to_go_on_from_is_nothing_that_its_listener_waits_for(piece):
    piece.request = SimpleNamespace(prompt_steps=len(FRAMES))
    stream, now = _stream(piece), time.monotonic()
    assert _awaited(stream, now) == [False] * len(FRAMES)
    assert stream.need(now) == Need.NOW
    more = [replace(frame, step=frame.step + len(FRAMES)) for frame in FRAMES]
    assert _awaited(stream, now, more) == [False, False, False, True]


def test_it_is_most_urgent_until_a_note_was_told_and_again_when_nothing_is_in_hand(piece):
    stream, now = _stream(piece), time.monotonic()
    assert stream.need(now) == Need.NOW
    _awaited(stream, now)
    assert [stream.need(now + late) for late in (0.0, 1.5)] == [Need.SOON, Need.NOW]
    _awaited(stream, now, [Frame(99, (), ())])
    assert stream.need(now) == Need.LATER


def test_what_is_not_heard_before_its_end_can_wait(piece):
    assert _stream(piece, wants_frames=False).need(time.monotonic()) == Need.LATER
