import re

import pytest
from bundles import gan_bundle, lstm_bundle
from datasets import make_dataset

from musicgen import manifest, storage
from musicgen.bundle import Bundle
from musicgen.errors import BadInput
from musicgen.evaluation.candidate import Candidate, bundle_digest
from musicgen.evaluation.catalogue import ASPECTS, MEASURES
from musicgen.evaluation.evaluate import evaluate


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("bucket")


@pytest.fixture(scope="module")
def dataset_uri(place):
    return make_dataset(place, pieces=12, bars=12)


@pytest.fixture(scope="module")
def candidates(place):
    found = []
    for family, bundle in (("lstm", lstm_bundle()), ("gan", gan_bundle())):
        uri = storage.join(place.as_uri(), family)
        bundle.save(uri)
        found.append(Candidate(family, family, uri))
    return found


@pytest.fixture(scope="module")
def result(place, dataset_uri, candidates):
    return evaluate(candidates, dataset_uri, place.as_uri(), samples=6)


def test_scores_lie_in_range_and_name_all_that_was_asked(result):
    assert list(result.scores) == ["gan", "lstm"]
    for entry in result.scores.values():
        low, high = entry["interval"]
        assert 0 <= low <= entry["score"] <= high <= 1
        assert set(entry["aspects"]) == set(ASPECTS)
        assert entry["measures"]["polyphony"] >= 1
        played = {"invalid_midi", "silent", "degenerate", "copied"}
        assert set(entry["gates"]) == {*played, "test_leak", "unknown_origin"}


def test_evaluation_is_committed_whole(result):
    document = manifest.verify(result.evaluation_uri)
    names = set(document["files"])
    assert {"scores.json", "report.html", "samples/lstm-00.mid", "samples/gan-05.mid"} <= names
    scores = storage.read_json(storage.join(result.evaluation_uri, "scores.json"))
    assert scores["terms"] == document["terms"]
    assert set(scores["candidates"]["lstm"]["measures"]) == set(MEASURES)
    assert len(scores["candidates"]["lstm"]["resampled"]) == 1000
    intervals = scores["candidates"]["lstm"]["intervals"]
    assert {"told_apart", "diversity", "aspect.form", "likeness.groove_jaccard"} <= set(intervals)
    for name, measure in MEASURES.items():
        if measure.unit:
            low, high = intervals[name]
            assert low <= scores["candidates"]["lstm"]["measures"][name]["mean"] <= high
    assert scores["controls"]["held_out_music"]["score"] > scores["controls"]["silence"]["score"]


def test_report_asks_nothing_of_any_host(result):
    page = storage.read_bytes(result.report_uri).decode()
    assert "http://" not in page
    assert "https://" not in page
    assert '<h2 id="listening-room">' in page  # where Airflow's button leads
    assert page.count("<audio") == 3 * 4
    assert page.count('<svg class="roll"') == 3 * 4
    assert page.count("data:image/png") == 2
    assert ">held-out music<" in page
    assert "held out music" not in page
    assert ">nan" not in page.lower()  # which no base64 of a picture or a sound can hold


def test_players_of_a_row_keep_one_tempo(result):
    page = storage.read_bytes(result.report_uri).decode()
    rows = page.split('<section class="row">')[1:]
    lengths = [re.findall(r'data-seconds="([^"]+)"', row) for row in rows]
    assert [len(found) for found in lengths] == [3] * 4
    assert all(len(set(found)) == 1 for found in lengths)


def test_report_says_what_the_score_is_made_of_and_what_not(result):
    page = storage.read_bytes(result.report_uri).decode()
    assert "The mean over the aspects, times the share of excerpts that sound" in page
    assert "Shuffled beats keep" in page
    assert "no part of the score" in " ".join(page.split())
    assert "may come out a little above 1" in page


def test_a_second_time_is_found_again(result, place, dataset_uri, candidates):
    again = evaluate(candidates, dataset_uri, place.as_uri(), samples=6)
    assert again.reused
    assert not result.reused
    assert again.scores == result.scores


def test_a_killed_evaluation_comes_out_the_same(result, place, dataset_uri, candidates):
    before = storage.read_bytes(storage.join(result.evaluation_uri, "manifest.json"))
    storage.remove(storage.join(result.evaluation_uri, "manifest.json"))
    storage.remove(storage.join(result.evaluation_uri, "scores.json"))
    again = evaluate(candidates, dataset_uri, place.as_uri(), samples=6)
    assert not again.reused
    assert storage.read_bytes(storage.join(again.evaluation_uri, "manifest.json")) == before


def test_a_candidate_scores_the_same_in_any_company(result, place, dataset_uri, candidates):
    alone = evaluate(candidates[:1], dataset_uri, place.as_uri(), samples=6)
    assert alone.scores["lstm"] == result.scores["lstm"]
    assert alone.evaluation_uri != result.evaluation_uri


def test_a_tampered_bundle_is_not_played(tmp_path, place, dataset_uri):
    uri = tmp_path.as_uri()
    lstm_bundle(seed=1).save(uri)
    storage.write_bytes(storage.join(uri, "weights.npz"), b"other")
    with pytest.raises(BadInput, match="not the file that was committed"):
        evaluate([Candidate("lstm", "lstm", uri)], dataset_uri, place.as_uri(), samples=6)


def test_nothing_to_evaluate(place, dataset_uri):
    with pytest.raises(BadInput, match="name a run, a model or music"):
        evaluate([], dataset_uri, place.as_uri())


def test_too_few_test_excerpts_name_the_remedy(tmp_path, candidates):
    short = make_dataset(tmp_path, pieces=6, bars=4)
    with pytest.raises(BadInput, match=r"2 test and 2 training excerpts.*Give a larger corpus"):
        evaluate(candidates, short, tmp_path.as_uri())
    assert storage.children(storage.join(tmp_path.as_uri(), "evaluations")) == []


def test_a_copy_of_a_bundle_has_its_digest(tmp_path, candidates):
    copy = Bundle.load(candidates[0].bundle_uri)
    uri = tmp_path.as_uri()
    for name in storage.names(candidates[0].bundle_uri):
        data = storage.read_bytes(storage.join(candidates[0].bundle_uri, name))
        storage.write_bytes(storage.join(uri, name), data)
    storage.write_bytes(storage.join(uri, "MODEL_CARD.md"), b"# Card")
    manifest.commit(uri, manifest.hashes(uri), family=copy.family)
    assert bundle_digest(uri) == candidates[0].bundle_digest
