"""Takes side by side, and a vote that does not know what made them."""

import pytest

from musicgen import storage

pytestmark = pytest.mark.slow


@pytest.fixture
def takes(page):
    """Two takes, one of each model, and nothing said of which is which."""
    page.get_by_label("Composer").select_option("Bach")
    page.get_by_label("Takes").select_option("2")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="is best").and_(page.locator(":enabled")).wait_for()
    return page


def hear_all(page) -> None:
    for take in page.get_by_role("group", name="Take").get_by_role("radio").all():
        take.check(force=True)


def test_nothing_tells_the_takes_apart_before_the_vote(takes):
    assert takes.get_by_role("radio", name="A", exact=True).is_visible()
    assert takes.get_by_role("radio", name="B", exact=True).is_visible()
    stage = takes.get_by_role("region", name="The piece").inner_text()
    assert "lstm-1" not in stage
    assert "gan-1" not in stage
    assert "Seed" not in stage
    assert takes.get_by_role("link", name="MIDI").count() == 0
    assert "Bach" not in takes.locator("#roll").get_attribute("aria-label")
    assert "Bach" not in takes.locator("#score-image").get_attribute("alt")


def test_the_vote_is_kept_and_lifts_the_veil(takes, bucket_uri):
    takes.get_by_role("radio", name="B", exact=True).check(force=True)
    takes.get_by_role("button", name="B is best").click()
    takes.get_by_text("B it is:").wait_for()
    assert "All votes so far: gan-1 best in" in takes.locator("#verdict").inner_text()
    names = takes.locator("#take-list small").all_inner_texts()
    assert sorted(names) == ["gan-1", "lstm-1"]
    kept = newest_vote(bucket_uri)
    assert kept["best"] == kept["pieces"][1]
    assert kept["versions"] == names


def test_no_vote_is_taken_before_each_take_was_heard(takes):
    asked = []
    takes.on("request", lambda request: asked.append(request.url))
    hint = takes.get_by_role("status").filter(has_text="Listen to B before you vote.")
    hint.wait_for()
    for name in ("A is best", "No difference"):
        vote = takes.get_by_role("button", name=name)
        assert vote.is_disabled()
        assert vote.get_attribute("aria-describedby") == "verdict"
        vote.press("Enter")  # it can be come to, for who does not see the hint
        vote.click(force=True)
    takes.get_by_role("radio", name="B", exact=True).check(force=True)
    assert not hint.is_visible()
    assert takes.get_by_role("button", name="B is best").is_enabled()
    assert not [url for url in asked if url.endswith("/votes")]
    takes.get_by_role("radio", name="A", exact=True).check(force=True)
    takes.get_by_role("button", name="A is best").click()
    takes.get_by_text("A it is:").wait_for()


def test_no_difference_is_a_vote(takes, bucket_uri):
    hear_all(takes)
    takes.get_by_role("button", name="No difference").click()
    takes.get_by_text("No difference, you say.").wait_for()
    assert newest_vote(bucket_uri)["best"] is None


def test_a_vote_that_is_not_kept_is_said_and_can_be_cast_again(takes):
    takes.route(
        "**/v1/votes",
        lambda route: route.fulfill(
            status=503,
            content_type="application/problem+json",
            body='{"detail": "The vote cannot be kept now."}',
        ),
    )
    hear_all(takes)
    takes.get_by_role("button", name="is best").click()
    takes.get_by_text("The vote cannot be kept now.").wait_for()
    assert takes.get_by_role("button", name="is best").is_enabled()


def test_who_is_impatient_votes_once(takes, bucket_uri):
    before = len(storage.names(f"{bucket_uri}/votes"))
    hear_all(takes)
    takes.evaluate(
        """() => {
          const buttons = [...document.querySelectorAll("button")];
          const best = buttons.find((button) => button.textContent.endsWith("is best"));
          best.click(); best.click();
          buttons.find((button) => button.textContent === "No difference").click();
        }"""
    )
    takes.get_by_text("All votes so far").wait_for()
    assert len(storage.names(f"{bucket_uri}/votes")) == before + 1


def test_takes_of_one_model_follow_one_another_by_seed(page):
    page.get_by_label("Takes").select_option("4")
    page.get_by_label("From both models").uncheck()
    page.get_by_label("Seed", exact=True).fill("10")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="No difference").and_(page.locator(":enabled")).wait_for()
    assert page.get_by_text("Listen to B, C and D before you vote.").is_visible()
    hear_all(page)
    page.get_by_role("button", name="No difference").click()
    seeds = set()
    for letter in "ABCD":
        page.get_by_role("radio", name=f"{letter} lstm-1").check(force=True)
        seeds.add(page.locator("#facts dd").nth(1).inner_text())
    assert seeds == {"10", "11", "12", "13"}


def settings(page) -> dict[str, str]:
    """Return what the form says, but for how many takes, and the seed that is rolled for them."""
    form = "Object.fromEntries(new FormData(document.getElementById('controls')))"
    said = page.evaluate(form)
    return {name: said[name] for name in said if name not in ("seed", "takes", "mix")}


def test_a_vote_leaves_the_settings_as_they_were_chosen(unlike):
    chosen = settings(unlike)
    assert (chosen["family"], chosen["tempo_qpm"]) == ("lstm", "84")
    unlike.get_by_label("Takes").select_option("2")
    unlike.get_by_role("button", name="Generate").click()
    unlike.get_by_role("button", name="No difference").and_(unlike.locator(":enabled")).wait_for()
    hear_all(unlike)
    unlike.get_by_role("button", name="No difference").click()
    unlike.get_by_text("No difference, you say.").wait_for()
    for version in ("lstm-1", "gan-1"):  # as if it had been voted for
        unlike.get_by_role("radio", name=version).check(force=True)
        assert settings(unlike) == chosen
    for tab in unlike.get_by_role("tab").all():
        tab.click()
    unlike.get_by_role("tab", name="Compose").click()
    unlike.get_by_label("Takes").select_option("1")
    assert settings(unlike) == chosen


def test_takes_that_are_only_made_again_keep_their_vote(page):
    page.get_by_label("Takes").select_option("2")
    page.get_by_label("Seed", exact=True).fill("10")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="No difference").and_(page.locator(":enabled")).wait_for()
    hear_all(page)
    page.get_by_role("button", name="No difference").click()
    page.get_by_text("No difference, you say.").wait_for()
    takes = page.locator("#take-list").inner_text()
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Same settings, same music").wait_for()
    assert page.get_by_text("No difference, you say.").is_visible()
    assert page.locator("#take-list").inner_text() == takes


@pytest.mark.parametrize(
    ("chosen", "asked"), [(None, {"lstm": 0.9, "gan": 1.2}), ("0.5", {"lstm": 0.5, "gan": 0.5})]
)
def test_each_model_plays_at_its_own_temperature_unless_one_is_chosen(unlike, chosen, asked):
    if chosen:
        unlike.get_by_role("slider", name="Temperature").fill(chosen)
    unlike.get_by_label("Takes").select_option("2")
    bodies = []
    unlike.on("request", lambda request: bodies.append(request.post_data_json))
    unlike.get_by_role("button", name="Generate").click()
    unlike.get_by_role("button", name="is best").and_(unlike.locator(":enabled")).wait_for()
    assert {body["family"]: body["temperature"] for body in bodies if body} == asked


def newest_vote(bucket_uri: str) -> dict:
    votes = [
        storage.read_json(f"{bucket_uri}/votes/{day}/{name}")
        for day in storage.children(f"{bucket_uri}/votes")
        for name in storage.names(f"{bucket_uri}/votes/{day}")
    ]
    return max(votes, key=lambda vote: vote["voted_at"])
