from dataclasses import replace

from datasets import COMPOSERS, ENSEMBLES, make_dataset

from musicgen.benchmark.own_music import own_music
from musicgen.evaluation.excerpts import read_excerpts
from musicgen.preprocess.dataset import Dataset


def test_answers_bear_the_labels_that_were_asked_for(tmp_path):
    dataset = Dataset.open(make_dataset(tmp_path, bars=8))
    labels = {e.piece_id: (e.composer, e.ensemble) for e in read_excerpts(dataset, "train", 99, 0)}
    held_out = read_excerpts(dataset, "test", 99, 0)
    answers = own_music(dataset, held_out, seed=0)
    asked = [(excerpt.composer, excerpt.ensemble) for excerpt in held_out]
    assert [labels[name] for name in pieces(answers)] == asked

    # Composers that never wrote for an ensemble are answered by it, unheard ones by anything.
    crossed = [replace(held_out[0], composer=COMPOSERS[0], ensemble=ENSEMBLES[1])] * 8
    assert {labels[p][1] for p in pieces(own_music(dataset, crossed, 0))} == {ENSEMBLES[1]}
    unheard = [replace(held_out[0], ensemble="Kazoo Choir")] * 50
    assert len(set(pieces(own_music(dataset, unheard, 0)))) > 2


def pieces(answers):
    """Of fewer than four pieces, each excerpt counts as its own: ``piece@start``."""
    return [name.partition("@")[0] for name in answers.pieces]
