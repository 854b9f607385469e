"""The engraved score, in place of the roll."""

import pytest

pytestmark = pytest.mark.slow

IS_DRAWN = "() => { const i = document.getElementById('score-image'); return i.naturalWidth > 100 }"

# What is asked for a score waits until a test answers.
ENGRAVER = """() => {
  const fetched = window.fetch;
  window.engraver = [];
  window.fetch = (path, options) => (path.endsWith(".svg")
    ? new Promise((resolve) => engraver.push(resolve)) : fetched(path, options));
}"""


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


def refuse(route) -> None:
    route.fulfill(
        status=422,
        content_type="application/problem+json",
        body='{"detail": "The score is too long for one picture."}',
    )


def test_why_there_is_no_score_is_said(page):
    page.route("**/*.svg", refuse)
    page.get_by_role("button", name="Score").click()
    page.get_by_text("The score is too long for one picture.").wait_for()


def test_a_score_that_is_refused_leaves_no_other_pieces_picture(page):
    page.get_by_role("button", name="Score").click()
    page.wait_for_function(IS_DRAWN)
    page.route("**/*.svg", refuse)
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("The score is too long for one picture.").wait_for()
    assert page.locator("#score-image").get_attribute("src") is None


def test_a_score_that_is_refused_too_late_leaves_the_next_one_alone(page):
    page.evaluate(ENGRAVER)
    page.get_by_role("button", name="Score").click()
    page.wait_for_function("() => engraver.length === 1")
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function("() => engraver.length === 2")
    page.evaluate("""engraver[0](new Response('{"detail": "Too long."}', { status: 422 }))""")
    page.evaluate("engraver[1](new Response('<svg/>'))")
    page.wait_for_function("() => document.getElementById('score-image').src.endsWith('svg%2F%3E')")
    assert not page.get_by_text("Too long.").is_visible()
