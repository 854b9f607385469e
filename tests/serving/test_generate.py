import re

import pytest

from musicgen.errors import BadInput
from musicgen.generation.request import Request
from musicgen.music.midi import read_midi
from musicgen.serving.generate import generate


def test_a_midi_file_is_written_with_what_was_said(bucket, tmp_path):
    path = tmp_path / "piece.mid"
    result = generate(bucket.uri, Request(3, "Bach", bars=4, tempo_qpm=60), None, str(path))
    assert (result.path, result.version, result.seed) == (str(path), "lstm-1", 3)
    assert result.seconds == 16
    assert result.notes == len(read_midi(path.read_bytes()).notes)


def test_suffix_and_family_choose(bucket, tmp_path):
    path = tmp_path / "piece.WAV"
    assert generate(bucket.uri, Request(3), "gan", str(path)).version == "gan-1"
    assert path.read_bytes()[:4] == b"RIFF"


def test_a_gan_leads_from_seed_to_seed(bucket, tmp_path):
    plain, led = tmp_path / "plain.mid", tmp_path / "led.mid"
    generate(bucket.uri, Request(3), "gan", str(plain))
    generate(bucket.uri, Request(3), "gan", str(led), end_seed=4)
    assert plain.read_bytes() != led.read_bytes()
    with pytest.raises(BadInput, match="A GAN alone"):
        generate(bucket.uri, Request(3), "lstm", str(plain), end_seed=4)


def test_the_same_request_writes_the_same_bytes(bucket, tmp_path):
    for name in ("a.mid", "b.mid"):
        generate(bucket.uri, Request(3), None, str(tmp_path / name))
    assert (tmp_path / "a.mid").read_bytes() == (tmp_path / "b.mid").read_bytes()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("piece.mp3", "neither .mid nor .wav"),
        ("piece", "neither .mid nor .wav"),
        ("nowhere/piece.mid", "nowhere does not exist: create it first"),
        ("folder.mid", "is a directory"),
    ],
)
def test_places_where_nothing_can_be_written_are_refused(bucket, tmp_path, name, message):
    (tmp_path / "folder.mid").mkdir()
    with pytest.raises(BadInput, match=re.escape(message)):
        generate(bucket.uri, Request(3), None, str(tmp_path / name))


def test_an_output_file_is_needed(bucket):
    with pytest.raises(BadInput, match="An output file is needed"):
        generate(bucket.uri, Request(3), None, "")


def test_a_refused_request_leaves_nothing_behind(bucket, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BadInput, match="no composer 'Back'"):
        generate(bucket.uri, Request(3, "Back"), None, str(tmp_path / "piece.mid"))
    assert sorted(tmp_path.rglob("*")) == before


def test_without_a_champion_the_remedy_is_named(empty_bucket, tmp_path):
    with pytest.raises(BadInput, match="has no champion yet"):
        generate(empty_bucket.uri, Request(3), None, str(tmp_path / "piece.mid"))
