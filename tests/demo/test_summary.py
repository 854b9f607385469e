import json
from pathlib import Path

from musicgen.demo.listen import Piece
from musicgen.demo.run import DemoResult
from musicgen.demo.services import Addresses, Ports
from musicgen.demo.summary import summary

RESULT = DemoResult(
    promotion={
        "promoted": True,
        "version": "lstm-3",
        "champion": "lstm-3",
        "reason": "It is nearer to the test pieces.",
    },
    scores={
        "gan": {"score": 0.4, "interval": [0.35, 0.45], "aspects": {"form": 0.3, "rhythm": 0.5}},
        "lstm": {"score": 0.5, "interval": [0.4, 0.6], "aspects": {"form": 0.6, "rhythm": 0.4}},
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


def test_the_scores_are_a_table_with_the_best_first(tmp_path):
    lines = summary(RESULT, tmp_path / "absent.json").splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("model"))
    assert lines[first : first + 3] == [
        "model  score  95 %         form  rhythm",
        "lstm   0.500  0.400-0.600  0.60  0.40",
        "gan    0.400  0.350-0.450  0.30  0.50",
    ]


def test_a_set_up_that_nobody_timed_is_not_mentioned(tmp_path):
    assert "Set-up" not in summary(RESULT, tmp_path / "absent.json")
