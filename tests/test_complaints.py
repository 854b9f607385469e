import pytest
from pydantic import TypeAdapter, ValidationError

from musicgen.complaints import Wanted, complaint


def _complaint(kind, value, wanted=Wanted()):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value, strict=False)
    return complaint("bars", caught.value.errors()[0], wanted)


@pytest.mark.parametrize(
    ("kind", "value", "wanted", "sentence"),
    [
        (int, "many", Wanted(1, most=256), "bars is 'many'; give a whole number from 1 to 256."),
        (int, 2.5, Wanted(1), "bars is 2.5; give a whole number from 1 up."),
        (float, "x", Wanted(above=0, most=1), "bars is 'x'; give a number above 0 and up to 1."),
        (float, [], Wanted(most=4), "bars is a list; give a number up to 4."),
        (str, None, Wanted(), "bars is null; give a text."),
        (dict, True, Wanted(), "bars is true; give another value (Input should be a valid dict"),
        (str, 10**60, Wanted(), "bars is 100000000000000000000000000000000000000…; give a text."),
    ],
)
def test_a_complaint_says_the_value_and_what_to_give(kind, value, wanted, sentence):
    assert _complaint(kind, value, wanted).startswith(sentence)


def test_numbers_keep_all_their_digits():
    assert Wanted(0, most=2**32 - 1).span == " from 0 to 4294967295"
