"""The engraved score, in place of the roll."""

import pytest

pytestmark = pytest.mark.slow

IS_DRAWN = "() => { const i = document.getElementById('score-image'); return i.naturalWidth > 100 }"


def test_the_score_takes_the_place_of_the_roll_and_gives_it_back(page):
    button = page.get_by_role("button", name="Score")
    button.click()
    page.wait_for_function(IS_DRAWN)
    score = page.get_by_role("img", name="Score: 4 bars")
    assert score.is_visible()
    assert not page.locator("#roll").is_visible()
    button.click()
    assert page.locator("#roll").is_visible()
    assert not score.is_visible()


def test_another_piece_brings_another_score(page):
    page.get_by_role("button", name="Score").click()
    page.wait_for_function(IS_DRAWN)
    before = page.locator("#score-image").get_attribute("src")
    page.locator("#seed").fill("8")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function(
        "before => document.getElementById('score-image').getAttribute('src') !== before",
        arg=before,
    )
    page.wait_for_function(IS_DRAWN)


def test_why_there_is_no_score_is_said(page):
    page.route(
        "**/*.svg",
        lambda route: route.fulfill(
            status=422,
            content_type="application/problem+json",
            body='{"detail": "The score is too long for one picture."}',
        ),
    )
    page.get_by_role("button", name="Score").click()
    page.get_by_text("The score is too long for one picture.").wait_for()
