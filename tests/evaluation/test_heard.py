import pytest
from datasets import make_dataset, placed_piece, placed_pieces, small_piece, small_score
from datasets import write_dataset as write

from musicgen import manifest, storage
from musicgen.errors import BadInput
from musicgen.evaluation.heard import check_unheard, heard
from musicgen.preprocess.dataset import Dataset


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    """Pieces 10 and 11 of 12 are its test; the bucket is this test's own."""
    return Dataset.open(make_dataset(tmp_path_factory.mktemp("old") / "bucket"))


@pytest.fixture(scope="module")
def larger(tmp_path_factory):
    """Of its 16 pieces, 0 to 11 are for training, 12 and 13 for validation."""
    place = tmp_path_factory.mktemp("larger") / "bucket"
    return Dataset.open(make_dataset(place, 16, contents="1" * 16))


def bundle(place, dataset, init_from=""):
    """Commit what says where a model comes from, and return its URI."""
    place.mkdir(parents=True, exist_ok=True)
    origin = {"dataset_id": dataset.dataset_id, "dataset_uri": dataset.uri}
    manifest.commit(
        place.as_uri(), {}, provenance={**origin, "parameters": {"init_from": init_from}}
    )
    return place.as_uri()


def test_what_trained_one_model_may_be_the_test_of_another(old, larger, tmp_path):
    found = heard(bundle(tmp_path, larger), old)
    assert (found.pieces, found.share, found.unknown) == (2, 1.0, [])
    assert not found.gates()["test_leak"].passed
    assert found.gates()["unknown_origin"].passed
    assert all(gate.passed for gate in heard(bundle(tmp_path, old), larger).gates().values())


def test_what_chose_an_epoch_was_heard_too(old, tmp_path):
    """Pieces 10 and 11 of 14 are for validation."""
    other = Dataset.open(make_dataset(tmp_path, 14, contents="2" * 16))
    assert heard(bundle(tmp_path, other), old).pieces == 2


@pytest.mark.parametrize(("seed", "work", "pieces"), [(90, 11, 1), (11, 91, 1), (90, 91, 0)])
def test_pieces_are_known_by_their_notes_or_by_their_work(old, tmp_path, seed, work, pieces):
    """Another movement of a work, the same notes under another name, and neither."""
    score = small_score(seed, family=1)
    placed = [*placed_pieces(9), placed_piece(small_piece(work), "train", score)]
    other = Dataset.open(write(tmp_path, placed, "3" * 16))
    assert heard(bundle(tmp_path, other), old).pieces == pieces


def test_folders_may_call_other_music_the_same(old, tmp_path):
    placed = [*placed_pieces(9), placed_piece(small_piece(11), "train", small_score(90))]
    uri = write(tmp_path, placed, "4" * 16)
    facts = manifest.load(uri)
    manifest.commit(uri, facts.pop("files"), **{**facts, "corpus_source": "file:///elsewhere"})
    assert heard(bundle(tmp_path, Dataset.open(uri)), old).pieces == 0


def test_of_ones_own_dataset_nothing_is_read(old, tmp_path, monkeypatch):
    monkeypatch.setattr(Dataset, "open", None)
    monkeypatch.setattr(Dataset, "table", None)
    found = heard(bundle(tmp_path, old), old)
    assert (found.pieces, found.unknown) == (0, [])


def test_models_know_what_those_knew_that_they_started_from(old, larger, tmp_path):
    first = bundle(tmp_path / "first", larger)
    second = bundle(tmp_path / "second", old, first)
    third = bundle(tmp_path / "third", old, second)
    assert heard(third, old).pieces == 2
    with pytest.raises(BadInput, match="learned 2 of the test pieces"):
        check_unheard(third, old)


def test_who_cannot_say_what_it_learned_from_is_in_doubt(old, larger, tmp_path, caplog):
    gone = Dataset("file:///swept/datasets/other", {"dataset_id": "other"})
    orphan = bundle(tmp_path / "orphan", larger, "file:///swept/training/t/bundle")
    for uri in (bundle(tmp_path / "old", gone), bundle(tmp_path / "no", old, "no-scheme://x")):
        found = heard(uri, old)
        assert (found.pieces, len(found.unknown)) == (0, 1)
        assert found.gates()["test_leak"].passed
        assert not found.gates()["unknown_origin"].passed
        assert found.unknown[0] in caplog.text
        with pytest.raises(BadInput, match="Nobody can say what"):
            check_unheard(uri, old)
    assert heard(orphan, old).pieces == 2, "what is known counts all the same"


def test_a_model_written_over_its_own_start_ends_the_line(old, tmp_path):
    uri = bundle(tmp_path, old, tmp_path.as_uri())
    assert heard(uri, old).unknown == [uri]


def test_a_bucket_may_have_moved(tmp_path):
    before, after = tmp_path / "before", tmp_path / "after"
    judged, other = (make_dataset(before, pieces, contents=str(pieces) * 8) for pieces in (12, 16))
    first = bundle(before / "training" / "t" / "bundle", Dataset.open(other))
    second = bundle(
        before / "models" / "musicgen-lstm" / "versions" / "2", Dataset.open(judged), first
    )
    before.rename(after)
    there = [uri.replace(before.as_uri(), after.as_uri()) for uri in (second, judged)]
    assert storage.exists(there[0])
    found = heard(there[0], Dataset.open(there[1]))
    assert (found.pieces, found.unknown) == (2, [])
