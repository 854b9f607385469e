from bundles import lstm_bundle
from evaluation.scores import SILENCE

from musicgen import storage
from musicgen.evaluation.excerpts import Excerpt
from musicgen.evaluation.playing import play
from musicgen.representation.vocabulary import Vocabulary


def test_no_model_plays_what_piano_rolls_cannot_hold(tmp_path):
    uri = storage.join(tmp_path.as_uri(), "lstm")
    lstm_bundle(vocabulary=Vocabulary()).save(uri)
    scores = play(uri, [Excerpt("piece", "Bach", "Solo Piano", 0, SILENCE)] * 4, seed=0)
    assert all(len(score.notes) and score.length_steps == 64 for score in scores)
    pitches = {pitch for score in scores for pitch in score.notes["pitch"].tolist()}
    assert (min(pitches), max(pitches)) == (24, 107)
