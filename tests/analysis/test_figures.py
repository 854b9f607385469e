import base64

import numpy as np
import pytest

from musicgen.analysis.figures import MOST, bars, heat_map


def drawn(uri: str) -> str:
    """The picture as SVG, which holds each text."""
    return base64.b64decode(uri.partition(",")[2]).decode()


def bar_chart(count):
    names = [f"n{number}" for number in range(count)]
    return bars("Instruments", "notes", names, range(count), names)


def heat_of(name):
    return heat_map("Who for whom", [name], [name], np.ones((1, 1), int))


def heat(rows, columns):
    names = [[f"n{number}" for number in range(count)] for count in (rows, columns)]
    return heat_map("Who for whom", *names, np.ones((rows, columns), int))


@pytest.mark.parametrize(
    ("picture", "title"),
    [
        (bar_chart(MOST), "Instruments"),
        (bar_chart(MOST + 1), "Instruments, 24 of 25"),
        (heat(3, MOST), "Who for whom"),
        (heat(3, 30), "Who for whom, 24 of 30"),
        (heat(30, 3), "Who for whom, 24 of 30"),
    ],
)
def test_what_is_left_out_is_told(picture, title):
    svg = drawn(picture)
    assert f">{title}</text>" in svg
    assert ">n23</text>" in svg
    assert ">n24</text>" not in svg


@pytest.mark.parametrize("name", ["A_$x_^$", "$uicideboy$", "100% $ {a $", "武満徹"])
def test_names_are_drawn_as_they_are(name, recwarn):
    for picture in (bars("Composers", "notes", [name], [1], ["1"]), heat_of(name)):
        assert f">{name}</text>" in drawn(picture)
    assert not recwarn.list


def test_equal_pictures_are_equal_bytes():
    assert bar_chart(3) == bar_chart(3)
