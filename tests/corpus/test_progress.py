import io
import logging
import sys

from musicgen.corpus import progress
from musicgen.corpus.progress import counter, track


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_items_pass_through(monkeypatch):
    for stream in (io.StringIO(), Terminal()):
        monkeypatch.setattr(sys, "stderr", stream)
        assert list(track(iter("abc"), 3, "Reading")) == ["a", "b", "c"]


def test_a_log_gets_a_line_now_and_then(monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.0)
    with caplog.at_level(logging.INFO), counter(3_000, "Downloading x", "B") as advance:
        advance(1_000)
        advance(1_500)
    assert caplog.messages == ["Downloading x: 1,000 of 3,000 B", "Downloading x: 2,500 of 3,000 B"]


def test_a_terminal_gets_a_bar(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with counter(2, "Downloading x", "B") as advance:
        advance(2)
    assert "Downloading x" in terminal.getvalue()
