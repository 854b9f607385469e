from dataclasses import replace

import pytest
from bundles import lstm_bundle

from musicgen.training.samples import _file_name, sample_requests


@pytest.mark.parametrize(
    ("composer", "name"),
    [
        ("C. P. E. Bach", "c-p-e-bach"),
        ("Dvořák", "dvořák"),
        ("unknown", "unknown"),
        ("Ž" * 200, "ž" * 50),
    ],
)
def test_a_composer_becomes_a_file_name_with_single_hyphens(composer, name):
    assert _file_name(composer) == name


def asked(composers, ensembles=None, **shares):
    """Return composer and ensemble of three samples of a model that learned from these."""
    bundle = lstm_bundle()
    names = {"composers": ["unknown", *composers], "ensembles": ["unknown", *(ensembles or [])]}
    requests = sample_requests(replace(bundle, model=bundle.model | names | shares), 3, 8)
    return [(request.composer, request.ensemble) for request in requests]


def test_samples_are_of_those_with_most_of_the_training_music():
    composers = ["Bach", "Beach", "Beethoven", "Haydn", "Mozart"]
    shares = {"Bach": 0.002, "Beach": 0.002, "Beethoven": 0.3, "Haydn": 0.696, "unknown": 0.9}
    found = asked(composers, shares={"composers": shares})
    assert [composer for composer, _ in found] == ["Haydn", "Beethoven", "Bach"]


def test_of_one_composer_alone_the_ensembles_come_in_turn():
    shares = {"composers": {"Bach": 1.0}, "ensembles": {"Organ": 0.1, "Viols": 0.9}}
    found = asked(["Bach"], ["Organ", "Viols"], shares=shares)
    assert found == [("Bach", "Viols"), ("Bach", "Organ"), ("Bach", "Viols")]


def test_where_the_model_does_not_tell_the_alphabet_decides():
    assert [composer for composer, _ in asked(["Bach", "Cage"])] == ["Bach", "Cage", "Bach"]
    assert asked([]) == [("unknown", "unknown")] * 3
