import json
from pathlib import Path

from musicgen.demo.listen import Piece
from musicgen.demo.run import DemoResult
from musicgen.demo.services import Addresses, Ports
from musicgen.demo.summary import summary


def standing(score, told_apart):
    return {
        "score": score,
        "interval": [score - 0.05, score + 0.05],
        "told_apart": told_apart,
        "aspects": {"form": score - 0.1, "progression": score + 0.1},
    }


RESULT = DemoResult(
    promotion={
        "promoted": True,
        "version": "lstm-3",
        "champion": "lstm-3",
        "reason": "It is nearer to the test pieces.",
    },
    scores={"gan": standing(0.4, 0.95), "lstm": standing(0.5, 0.7)},
    controls={
        "held_out_music": standing(1.0, 0.5),
        "shuffled_beats": standing(0.96, 0.9),
        "five_gram": standing(0.45, 0.875),
        "independent_notes": standing(0.3, 1.0),
    },
    report_uri="file:///report.html",
    piece=Piece("lstm-3", (Path("/a.mid"), Path("/a.wav"))),
    seconds=301.4,
    peak_bytes=5_100_000_000,
    addresses=Addresses.of(Ports()),
    password="secret",
)


def test_everything_that_one_wants_to_know_is_said(tmp_path):
    stamp = tmp_path / "setup.json"
    stamp.write_text(json.dumps({"seconds": 81.6}))
    text = summary(RESULT, stamp)
    for words in (
        *("On stage: lstm-3", "lstm-3 was promoted: It is nearer"),
        *("/a.mid", "/a.wav", "file:///report.html", "user admin, password secret"),
        *("http://127.0.0.1:8080", "http://127.0.0.1:5000", "http://127.0.0.1:8000"),
        *("Set-up: 82 s", "run: 301 s", "5.1 GB", "make stop"),
    ):
        assert words in text


def test_the_scores_are_a_narrow_table_beside_yardsticks_with_the_best_first(tmp_path):
    lines = summary(RESULT, tmp_path / "absent.json").splitlines()
    first = next(number for number, line in enumerate(lines) if "held-out music" in line)
    assert lines[first : first + 9] == [
        "             held-out music  lstm   five gram  gan    independent notes",
        "score        1.000           0.500  0.450      0.400  0.300",
        "95 % from    0.950           0.450  0.400      0.350  0.250",
        "95 % to      1.050           0.550  0.500      0.450  0.350",
        "told apart   0.50            0.70   0.88       0.95   1.00",
        "form         0.90            0.40   0.35       0.30   0.20",
        "progression  1.10            0.60   0.55       0.50   0.40",
        "Beside the models: music itself, a five-gram model, notes drawn one by one.",
        "Told apart: how often it is known from real music; 0.5 is chance, 1 is always.",
    ]
    assert max(map(len, lines)) <= 80


def test_a_set_up_that_nobody_timed_is_not_mentioned(tmp_path):
    assert "Set-up" not in summary(RESULT, tmp_path / "absent.json")
