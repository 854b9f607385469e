"""Anything that holds music can be judged, and what cannot is refused in one sentence."""

import json
import math

import pytest
import symusic
from bundles import gan_bundle, lstm_bundle
from datasets import make_dataset, small_score

from musicgen import storage
from musicgen.corpus.ingest import ingest
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import Candidate
from musicgen.evaluation.evaluate import evaluate
from musicgen.evaluation.sources import contestants, told_apart
from musicgen.music.midi import write_midi

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("place")


@pytest.fixture(scope="module")
def dataset_uri(place):
    return make_dataset(place, pieces=12, bars=12)


@pytest.fixture(scope="module")
def folder(place):
    """Five pieces of two excerpts each, and one file that is no music."""
    path = place / "some music"
    path.mkdir()
    for seed in range(5):
        (path / f"{seed}.mid").write_bytes(write_midi(small_score(100 + seed)))
    (path / "broken.MID").write_bytes(b"no music")
    return path


def midi(path, score):
    path.write_bytes(write_midi(score))
    return str(path)


def test_models_files_corpora_and_datasets_stand_on_one_scale(place, folder, dataset_uri):
    gan_bundle().save(storage.join(place.as_uri(), "gan-model"))
    corpus_uri = ingest("midi", str(folder), place.as_uri()).corpus_uri
    one = midi(place / "one.mid", small_score(7, bars=20))
    sources = [str(place / "gan-model"), str(folder), corpus_uri, dataset_uri, one]
    found = contestants(sources)
    names = [each.name for each in found]
    assert names[:2] == ["gan-gan-model", "some-music"]
    assert len(set(names)) == 5
    assert [len(each.music) for each in found[1:]] == [10, 10, 40, 5]
    result = evaluate(found, dataset_uri, place.as_uri(), samples=6)
    scores = storage.read_json(storage.join(result.evaluation_uri, "scores.json"))
    assert "NaN" not in json.dumps(scores)
    assert all(math.isfinite(entry["score"]) for entry in scores["candidates"].values())
    # The corpus is the folder, and music much like the test pieces beats a random model.
    assert result.scores[names[1]]["measures"] == result.scores[names[2]]["measures"]
    assert result.scores[names[3]]["score"] > 0.9 > result.scores["gan-gan-model"]["score"] + 0.2
    page = storage.read_bytes(result.report_uri).decode()
    assert page.count("<b>some-music</b>") == 4


def test_a_training_is_its_checkpoints_and_its_model(place):
    training_uri = storage.join(place.as_uri(), "training")
    for name in ("checkpoints/epoch-0001", "checkpoints/epoch-0002", "bundle"):
        lstm_bundle().save(storage.join(training_uri, name))
    names = [each.name for each in contestants([training_uri])]
    assert names == ["lstm-epoch-0001", "lstm-epoch-0002", "lstm-training"]


def test_equal_names_are_numbered(folder):
    assert [each.name for each in contestants([str(folder)] * 2)] == ["some-music", "some-music-2"]


def percussion(path):
    score = symusic.Score(480)
    track = symusic.Track("drums", is_drum=True)
    track.notes.extend(symusic.Note(480 * beat, 240, 38, 90) for beat in range(64))
    score.tracks.append(track)
    score.dump_midi(path)


def test_low_notes_are_read_as_datasets_do(place):
    path = place / "low"
    path.mkdir()
    for seed in range(4):
        score = small_score(seed, bars=4)
        score.notes["pitch"][0] = 20  # an octave below what rolls and sequences both hold
        midi(path / f"{seed}.mid", score)
    corpus_uri = ingest("midi", str(path), place.as_uri()).corpus_uri
    for found in contestants([str(path), corpus_uri]):
        assert len(found.music) == 4
        assert all(32 in excerpt.score.notes["pitch"] for excerpt in found.music), found.name


def test_percussion_alone_is_no_music(place):
    percussion(place / "drums.mid")
    with pytest.raises(BadInput, match=r"there are 0.*drums\.mid: no_notes"):
        contestants([str(place / "drums.mid")])


def test_a_link_that_leads_nowhere_is_left_out(place):
    (place / "links").mkdir()
    (place / "links" / "gone.mid").symlink_to(place / "nowhere.mid")
    with pytest.raises(BadInput, match=r"Left out: 1 of its pieces \(gone\.mid: missing_file"):
        contestants([(place / "links").as_uri()])


def test_scores_shorter_than_an_excerpt(place):
    uri = midi(place / "short.mid", small_score(1, bars=2))
    with pytest.raises(BadInput, match=r"there are 0, and it takes 4\. Add longer pieces"):
        contestants([uri])


def test_one_score_of_one_excerpt(place):
    uri = midi(place / "single.mid", small_score(1, bars=4))
    with pytest.raises(BadInput, match=r"there are 1, and it takes 4\."):
        contestants([uri])


@pytest.mark.parametrize("source", ["/nowhere/at/all", "nowhere.mid", "file:///no/folder/"])
def test_an_empty_set_names_what_could_be_given(source):
    with pytest.raises(BadInput, match=r"There is no music at .*name an MLflow run"):
        contestants([source])


def test_all_names_differ_whatever_was_given():
    named = [Candidate(name, "lstm", f"file:///{n}") for n, name in enumerate(("x", "x", "x-2"))]
    assert [each.name for each in told_apart(named)] == ["x", "x-2", "x-2-2"]
