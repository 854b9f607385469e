import dataclasses

import numpy as np
import pytest
from bundles import lstm_bundle

from musicgen.errors import BadInput
from musicgen.generation.engine import load_engine
from musicgen.generation.growing_piece import MAX_NOTES_PER_FRAME
from musicgen.generation.lstm_graph import condition_rows, step_graph
from musicgen.generation.request import Request
from musicgen.generation.session import open_session
from musicgen.representation.vocabulary import END_OF_FRAME, Vocabulary


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _reference(bundle, tokens, positions, composer, ensemble) -> np.ndarray:
    """Return the logits of a whole sequence, straight from ARCHITECTURE, in float64."""
    w = {name: array.astype(np.float64) for name, array in bundle.weights.items()}
    units, layers = bundle.model["units"], bundle.model["layers"]
    h, c, logits = np.zeros((layers, units)), np.zeros((layers, units)), []
    for before, position in zip([END_OF_FRAME, *tokens[:-1]], positions, strict=True):
        x = w["token_embedding"][before] + w["position_embedding"][position]
        x = x + w["composer_embedding"][composer] + w["ensemble_embedding"][ensemble]
        x = x + w["transposition_embedding"][6]
        for i in range(layers):
            gates = x @ w[f"lstm_{i}_kernel"] + h[i] @ w[f"lstm_{i}_recurrent"]
            gates = gates + w[f"lstm_{i}_bias"]
            enter, forget, candidate, leave = np.split(gates, 4)
            c[i] = _sigmoid(forget) * c[i] + _sigmoid(enter) * np.tanh(candidate)
            x = h[i] = _sigmoid(leave) * np.tanh(c[i])
        projected = x @ w["projection_kernel"] + w["projection_bias"]
        logits.append(projected @ w["token_embedding"].T + w["output_bias"])
    return np.array(logits)


@pytest.mark.parametrize(
    ("layers", "embedding_dim"), [(1, 3), (2, 12), (3, 40)], ids=["thin", "usual", "merged"]
)
def test_steps_are_the_architecture(layers, embedding_dim):
    bundle = lstm_bundle(layers=layers, embedding_dim=embedding_dim)
    tokens = np.random.default_rng(3).integers(1, Vocabulary(48, 72).size, 40)
    positions = np.arange(40) % 16
    session = open_session(step_graph(bundle.model, bundle.weights).SerializeToString(), "step")
    condition = condition_rows(bundle.weights, [1], [2])
    state, logits = np.zeros((1, 2 * layers * 16), np.float32), []
    for before, position in zip([END_OF_FRAME, *tokens[:-1]], positions, strict=True):
        feed = {"token": [before], "position": [position]}
        feed = {name: np.array(value, np.int64) for name, value in feed.items()}
        step, state = session.run(None, {**feed, "condition": condition, "state": state})
        logits.append(step[0])
    np.testing.assert_allclose(logits, _reference(bundle, tokens, positions, 1, 2), atol=1e-4)


@pytest.fixture(scope="module")
def engine():
    return load_engine(lstm_bundle())


def _requests(count: int) -> list[Request]:
    return [
        Request(
            seed,
            composer=["unknown", "Bach", "Beethoven"][seed % 3],
            bars=1 + seed % 5,
            temperature=[1.0, 0.7, 1.3][seed % 3],
            top_p=[1.0, 0.95][seed % 2],
            top_k=[0, 20, 0, 0][seed % 4],
        )
        for seed in range(count)
    ]


def _same(left, right) -> bool:
    return (
        left.notes.tobytes() == right.notes.tobytes()
        and left.length_steps == right.length_steps
        and left.tempo_qpm == right.tempo_qpm
    )


def test_music_does_not_depend_on_its_company(engine):
    requests = _requests(70)  # more than one full batch, of unequal lengths
    alone = [engine.generate([request])[0] for request in requests]
    together = engine.generate(requests)
    backwards = engine.generate(requests[::-1])[::-1]
    assert all(map(_same, alone, together))
    assert all(map(_same, alone, backwards))


def test_music_does_not_depend_on_who_takes_part_in_a_step(engine):
    requests = _requests(9)
    pieces, batch = [engine.begin(request) for request in requests], engine.batch()
    batch.regroup(pieces)
    for turn in range(100_000):
        rows = [row for row, piece in enumerate(pieces) if not piece.done and (turn + row) % 4]
        if rows:
            batch.step(rows)
        elif all(piece.done for piece in pieces):
            break
    scores = [piece.score() for piece in pieces]
    assert all(map(_same, scores, engine.generate(requests)))


def test_rows_of_a_batch_have_the_bits_they_have_alone():
    """What the test above rests on, at the size of real models and every batch size."""
    vocabulary = Vocabulary()
    bundle = lstm_bundle(units=256, embedding_dim=64, vocabulary=vocabulary, scale=0.08)
    session = open_session(step_graph(bundle.model, bundle.weights).SerializeToString(), "step")
    random = np.random.default_rng(0)
    feed = {
        "token": random.integers(1, vocabulary.size, 33),
        "position": random.integers(0, 16, 33),
        "condition": condition_rows(bundle.weights, [1] * 33, [2] * 33),
        "state": random.normal(size=(33, 4 * 256)).astype(np.float32),
    }
    whole = session.run(None, feed)
    for size in range(1, 33):
        for start in (0, 1, 33 - size):
            rows = slice(start, start + size)
            part = session.run(None, {name: array[rows] for name, array in feed.items()})
            assert all(map(np.array_equal, part, (output[rows] for output in whole)))


def test_the_same_request_gives_the_same_music_from_a_freshly_loaded_engine(engine):
    requests = _requests(3)
    again = load_engine(lstm_bundle()).generate(requests)
    assert all(map(_same, engine.generate(requests), again))


def test_seed_composer_and_ensemble_each_change_the_music(engine):
    request = Request(1, bars=4)
    others = [
        dataclasses.replace(request, **change)
        for change in ({"seed": 2}, {"composer": "Bach"}, {"ensemble": "Solo Piano"})
    ]
    first, *rest = engine.generate([request, *others])
    assert not any(_same(first, other) for other in rest)


def test_pieces_are_as_long_as_asked_and_begin_at_once(engine):
    for request, score in zip(_requests(20), engine.generate(_requests(20)), strict=True):
        assert score.length_steps == request.bars * 16
        assert score.notes["onset_steps"][0] == 0
        assert (score.notes["onset_steps"] + score.notes["duration_steps"]).max() <= (
            score.length_steps
        )


def test_the_tempo_is_the_asked_one_or_the_models_own(engine):
    asked, own = engine.generate([Request(1, tempo_qpm=60), Request(1)])
    assert (asked.tempo_qpm, own.tempo_qpm) == (60, 96)
    assert asked.notes.tobytes() == own.notes.tobytes()


def test_the_temperature_is_the_asked_one_or_the_models_own(engine):
    own, asked, other = engine.generate(
        [Request(1), Request(1, temperature=engine.temperature), Request(1, temperature=1.5)]
    )
    assert _same(own, asked)
    assert not _same(own, other)
    bundle = lstm_bundle()
    hotter = load_engine(dataclasses.replace(bundle, model={**bundle.model, "temperature": 1.5}))
    assert _same(hotter.generate([Request(1)])[0], other)


def test_streamed_frames_are_the_piece(engine):
    request = Request(7, bars=3, composer="Bach")
    frames = list(engine.stream(request))
    assert [frame.step for frame in frames] == list(range(48))
    notes, sounding = [], {}
    for frame in frames:
        for line in frame.struck:
            sounding[line] = [frame.step, 0, *line]
            notes.append(sounding[line])
        for line in (*frame.struck, *frame.held):
            sounding[line][1] += 1
    score = engine.generate([request])[0]
    assert sorted(map(tuple, notes)) == sorted(score.notes.tolist())


def test_a_model_that_never_ends_a_frame_is_bounded():
    bundle = lstm_bundle(vocabulary=Vocabulary())
    bundle.weights["output_bias"][END_OF_FRAME] = -1e4
    score = load_engine(bundle).generate([Request(0, bars=1, temperature=4, top_p=1.0)])[0]
    sounding = np.zeros(16, int)
    for onset, duration, _, _ in score.notes.tolist():
        sounding[onset : onset + duration] += 1
    assert sounding.max() <= MAX_NOTES_PER_FRAME
    assert score.length_steps == 16


def test_a_name_the_model_never_met_is_refused_with_those_it_did(engine):
    with pytest.raises(BadInput, match=r"no composer 'Back'; choose one of: unknown, Bach, Beeth"):
        engine.generate([Request(1, composer="Back")])
    with pytest.raises(BadInput, match=r"no ensemble 'Kazoo'; choose one of: unknown, Solo Piano"):
        next(engine.stream(Request(1, ensemble="Kazoo")))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights: weights.pop("output_bias"), "output_bias is missing"),
        (lambda weights: weights.update(output_bias=np.zeros(3, np.float32)), r"float32 \(3,\)"),
        (lambda weights: weights["lstm_1_bias"].fill(np.nan), "lstm_1_bias holds values"),
    ],
)
def test_a_bundle_that_is_not_what_it_says_is_refused(change, message):
    bundle = lstm_bundle()
    change(bundle.weights)
    with pytest.raises(BadInput, match=message):
        load_engine(bundle)


def test_a_family_without_engine_is_refused():
    with pytest.raises(BadInput, match="family 'vae'"):
        load_engine(dataclasses.replace(lstm_bundle(), family="vae"))
