import pytest
from bundles import lstm_bundle

from musicgen.generation.duet_piece import DuetPiece
from musicgen.generation.engine import load_engine
from musicgen.generation.request import Request

REQUEST = Request(3, bars=4, temperature=1.2)


@pytest.fixture(scope="module")
def engine():
    return load_engine(lstm_bundle())


def _played(engine, heard_at) -> tuple[list, DuetPiece]:
    piece, batch = engine.begin(REQUEST, DuetPiece), engine.batch()
    frames = []
    while not piece.done:
        assert not piece.ready
        piece.hear(heard_at(piece.frames))
        batch.regroup([piece])
        while piece.ready:
            frames += [frame for frame in batch.step() if frame]
    return frames, piece


def test_where_nothing_is_heard_it_is_the_piece(engine):
    frames, piece = _played(engine, lambda step: {})
    assert frames == list(engine.stream(REQUEST))
    assert piece.score().notes.tobytes() == engine.generate([REQUEST])[0].notes.tobytes()


def test_what_is_heard_is_in_the_piece_and_not_in_the_models_part(engine):
    # A chord for two beats, a rest, and one key again and again; one pitch is out of range.
    chord = {(50, 0): False, (60, 1): False, (10, 0): False}

    def heard_at(step: int) -> dict:
        if step < 8:
            return dict.fromkeys(chord, step > 0)
        return {(72, 0): False} if step >= 12 else {}

    frames, piece = _played(engine, heard_at)
    rows = {tuple(row) for row in piece.score().notes.tolist()}
    assert {(0, 8, 50, 0), (0, 8, 60, 1)} <= rows
    assert {(step, 1, 72, 0) for step in range(12, 64)} <= rows
    for frame in frames:
        assert not set(heard_at(frame.step)) & {*frame.struck, *frame.held}
    assert any(frame.struck for frame in frames)


def test_the_model_does_not_hold_what_the_person_let_go_of(engine):
    notes = {(pitch, 0): False for pitch in range(48, 60)}
    frames, _ = _played(engine, lambda step: notes if step % 2 == 0 else {})
    assert not any(set(notes) & set(frame.held) for frame in frames if frame.step % 2)
