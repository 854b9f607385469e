import json
import subprocess
import sys

import pytest
import typer
from gcsfs.retry import HttpError
from google.api_core.exceptions import Forbidden
from google.auth.exceptions import DefaultCredentialsError

from musicgen import console
from musicgen.cli import app, main
from musicgen.errors import BadInput, MusicgenError
from musicgen.options import assignments
from musicgen.registry.audit import AuditResult


def musicgen(*arguments):
    command = [sys.executable, "-m", "musicgen", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "arguments",
    [
        ("bogus",),
        ("train", "opera", "somewhere"),
        ("train",),
        ("preprocess", "/nowhere", "--json"),
        ("preprocess", "/nowhere", "--set", "limits.notes=few"),
        ("ingest", "no-such-corpus"),
        ("ingest", "midi", "--from", "/nowhere"),
        ("validate", "/nowhere"),
        ("analyse", "/nowhere"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(arguments, tmp_path):
    bucket = (
        ()
        if arguments[0] in ("bogus", "validate", "analyse")
        else ("--bucket", str(tmp_path / "b"))
    )
    result = musicgen(*arguments, *bucket)
    assert result.returncode == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("musicgen: ")
    assert not (tmp_path / "b").exists()


READERS = [
    ("generate", "-o", "a.mid"),
    ("ledger",),
    ("rollback",),
    ("reproduce", "lstm-1"),
    ("verify-serving",),
]
ORDERLY = [("housekeeping", "sweep"), ("housekeeping", "audit")]


def complaint(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["musicgen", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    lines = capsys.readouterr().err.splitlines()
    assert (ended.value.code, len(lines)) == (2, 1)
    return lines[0]


@pytest.mark.parametrize("arguments", READERS)
def test_commands_that_read_say_that_there_is_no_bucket(arguments, tmp_path, monkeypatch, capsys):
    place = tmp_path / "absent"
    said = complaint([*arguments, "--bucket", str(place)], monkeypatch, capsys)
    assert said.startswith(f"musicgen: There is no bucket at {place}: ")
    assert not place.exists()


@pytest.mark.parametrize("arguments", ORDERLY)
def test_order_is_kept_before_there_is_a_bucket(arguments, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("musicgen.registry.audit.audit", lambda *_: AuditResult([], [], {}))
    place = tmp_path / "absent"
    monkeypatch.setattr(sys, "argv", ["musicgen", *arguments, "--bucket", str(place)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0, capsys.readouterr().err
    assert not place.exists()


@pytest.mark.parametrize(
    "arguments", [*READERS, *ORDERLY, ("serve",), ("ingest", "midi"), ("pipeline",)]
)
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("file", " is a file: a bucket is a directory"),
        ("", "An empty text is no place"),
        ("s3://x/y", "s3://x/y cannot be read: give a path"),
    ],
)
def test_what_can_be_no_bucket_is_refused(arguments, name, message, tmp_path, monkeypatch, capsys):
    (tmp_path / "file").write_bytes(b"x")
    monkeypatch.chdir(tmp_path)
    assert message in complaint([*arguments, "--bucket", name], monkeypatch, capsys)


@pytest.mark.parametrize("arguments", [[], ["housekeeping"], ["keys"], ["benchmark"]])
def test_without_a_sub_command_there_is_help_and_nothing_else(arguments, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["musicgen", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 2
    assert "Usage:" in said.out
    assert said.err == ""


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("generate --bars 0", "--bars is 0; give a number from 1 to 256."),
        ("generate --bars 300", "--bars is 300; give a number from 1 to 256."),
        ("generate --bars 2.5", "--bars is '2.5'; give a whole number from 1 to 256."),
        ("generate --seed abc", "--seed is 'abc'; give a whole number from 0 to 4294967295."),
        ("generate --top-k -1", "--top-k is -1; give a number from 0 to 65536."),
        ("generate --family rnn", "--family: 'rnn' is not one of 'lstm', 'gan'."),
        ("pipeline --family rnn", "--family: 'rnn' is not one of 'lstm', 'gan'."),
        ("train opera somewhere", "family: 'opera' is not one of 'lstm', 'gan'."),
    ],
)
def test_a_value_that_cannot_be_is_said_with_what_can(arguments, sentence, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["musicgen", *arguments.split()])
    assert console.run(app) == 2
    assert capsys.readouterr().err == f"musicgen: {sentence}\n"


@pytest.mark.parametrize(
    "error",
    [
        DefaultCredentialsError("Your default credentials\nwere not found."),
        Forbidden("GET https://storage.googleapis.com/mine"),
        HttpError({"message": "busy", "code": 503}),
        OSError("Forbidden: https://storage.googleapis.com/mine"),
    ],
)
def test_what_google_cloud_refuses_is_one_line_that_may_be_tried_again(error, monkeypatch, capsys):
    def refuse(*_):
        raise error

    monkeypatch.setattr("musicgen.registry.audit.audit", refuse)
    monkeypatch.setattr(sys, "argv", ["musicgen", "housekeeping", "audit"])
    assert console.run(app) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("musicgen: Google Cloud did not take it (")
    assert "gcloud auth application-default login" in line


def test_report_keeps_standard_output_for_the_result():
    """Even what native code writes to the descriptor, as Spark's JVM does, goes elsewhere."""
    program = (
        "import os\n"
        "from musicgen import console\n"
        "console.report(lambda: print('hello') or os.write(1, b'native') and {'pieces': 3}, True)"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert json.loads(result.stdout) == {"pieces": 3}
    assert "hello" in result.stderr
    assert "native" in result.stderr


def test_people_read_names_and_values_and_no_json(capsys):
    reign = {"version": "lstm-2", "score": 0.98123, "seconds": 86400.5, "available": True}
    told = {
        "champion_now": "lstm-2",
        "versions": [reign, {"version": "gan-1", "withdrawn": False}],
        "scores": {"test_leak": [0, 0.5]},
        "fallback": None,
        "decisions": [],
    }
    console.report(lambda: told, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "champion now  lstm-2",
        "versions      version    lstm-2",
        "              score      0.9812",
        "              seconds    86400",
        "              available  yes",
        "",
        "              version    gan-1",
        "              withdrawn  no",
        "scores        test_leak  0",
        "                         0.5",
        "fallback      none",
        "decisions     none",
    ]


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (BadInput("x"), 2),
        (MusicgenError("x"), 1),
        (KeyboardInterrupt(), 130),
        (OSError(28, "No space left on device"), 2),
    ],
)
def test_exit_codes(error, exit_code, capsys):
    failing = typer.Typer()

    @failing.command()
    def fail():
        raise error

    assert console.run(lambda **options: failing([], **options)) == exit_code
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_assignments_are_json_or_text():
    read = assignments(["a=1", "b=0.5", "c=text", "d=true"])
    assert read == {"a": 1, "b": 0.5, "c": "text", "d": True}
    with pytest.raises(BadInput, match="NAME=VALUE"):
        assignments(["a"])


@pytest.mark.parametrize("pair", ["view=labels, limits.notes=50000", "a=1,b=2"])
def test_settings_with_commas_between_them_are_no_value(pair):
    with pytest.raises(BadInput, match="one a line"):
        assignments([pair])


def test_help_says_what_values_may_be_and_for_which_family(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    shown = musicgen("generate", "--help").stdout
    for span in ("20<=x<=400", "0<=x<=4]", "x<=1]", "x<=65536"):
        assert span in shown
    lines = {line.split()[1]: line for line in shown.splitlines() if " --" in line}
    assert "LSTM only" in lines["--top-p"]
    assert "LSTM only" in lines["--top-k"]
