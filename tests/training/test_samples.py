import pytest

from musicgen.training.samples import _file_name


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
