from datasets import make_dataset

from musicgen.evaluation.excerpts import read_excerpts, spread
from musicgen.preprocess.dataset import Dataset


def test_spread_takes_one_of_each_piece_before_a_second():
    places = [("a", 0), ("a", 64), ("a", 128), ("b", 0), ("c", 0), ("c", 64)]
    chosen = spread(places, 6, seed=3)
    assert {piece for piece, _ in chosen[:3]} == {"a", "b", "c"}
    assert {piece for piece, _ in chosen[3:5]} == {"a", "c"}
    assert sorted(chosen) == places
    assert spread(places[::-1], 4, seed=3) == chosen[:4]
    assert any(spread(places, 6, seed) != chosen for seed in range(5))
    assert spread([], 4, seed=0) == []


def test_excerpts_are_windows_of_their_pieces(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path, pieces=8, bars=12))
    excerpts = read_excerpts(dataset, "test", 100, seed=0)
    notes = dataset.table("notes", split="test").to_pylist()
    assert {e.piece_id for e in excerpts} == {"piece-006", "piece-007"}
    for excerpt in excerpts:
        assert excerpt.score.length_steps == 64
        assert excerpt.composer == ("Bach" if excerpt.piece_id == "piece-006" else "Haydn")
        first = excerpt.start_steps
        onsets = {
            (row["onset_steps"] - first, row["pitch"])
            for row in notes
            if row["piece_id"] == excerpt.piece_id and first <= row["onset_steps"] < first + 64
        }
        found = excerpt.score.notes
        assert (
            set(zip(found["onset_steps"].tolist(), found["pitch"].tolist(), strict=True)) == onsets
        )
    again = read_excerpts(dataset, "test", 2, seed=0)
    assert [(e.piece_id, e.start_steps) for e in again] == [
        (e.piece_id, e.start_steps) for e in excerpts[:2]
    ]
