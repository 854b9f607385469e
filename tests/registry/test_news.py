import pytest

from musicgen import manifest
from musicgen.errors import BadInput
from musicgen.registry.news import look_for_news, remember

FORM = {"profile": "quick", "families": ["lstm"], "seed": 0, "overrides": [], "corpus": "midi"}


@pytest.fixture
def place(tmp_path):
    corpus_uri = (tmp_path / "corpus").as_uri()
    manifest.commit(corpus_uri, {"a": "1"})
    return (tmp_path / "bucket").as_uri(), corpus_uri


def test_the_same_again_is_no_news(place):
    first = look_for_news(*place, FORM)
    assert first.news
    assert look_for_news(*place, FORM).news, "a run that did not end leaves nothing behind"
    remember(place[0], first.pipeline_id, "lstm-1 leads")
    again = look_for_news(*place, {**FORM, "overrides": None})
    assert (again.news, again.pipeline_id) == (False, first.pipeline_id)
    assert "Nothing changed" in again.reason
    assert "lstm-1 leads. Choose Force" in again.reason
    assert look_for_news(*place, FORM, force=True).news


@pytest.mark.parametrize(
    "changed",
    [
        *({"seed": 1}, {"families": ["gan"]}, {"promotion": "approval"}),
        *({"overrides": ["epochs=1"]}, {"dataset_overrides": ["view=midi"]}),
    ],
)
def test_another_form_is_news(place, changed):
    remember(place[0], look_for_news(*place, FORM).pipeline_id, "done")
    assert look_for_news(*place, FORM | changed).news


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"profile": "huge"}, "no profile 'huge' for lstm"),
        ({"profile": "benchmark"}, "no profile 'benchmark' for gan"),
        ({"families": 5}, "families is 5: write a list"),
        ({"families": ["opera"]}, "no model family 'opera'"),
    ],
)
def test_a_form_that_no_training_could_follow_is_refused(place, form, message):
    with pytest.raises(BadInput, match=message):
        look_for_news(*place, form)


def test_other_music_is_news(place):
    bucket, corpus_uri = place
    remember(bucket, look_for_news(*place, FORM).pipeline_id, "done")
    manifest.commit(corpus_uri, {"a": "2"})
    assert look_for_news(*place, FORM).news
    with pytest.raises(BadInput, match="missing or was never finished"):
        look_for_news(bucket, bucket, FORM)
