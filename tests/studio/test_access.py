"""For everybody: on a phone, by keyboard alone, with a screen reader."""

import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

AXE = Path(sys.prefix) / "share" / "musicgen-studio" / "node_modules" / "axe-core" / "axe.min.js"


def violations(page) -> list[str]:
    """Return what axe-core finds wrong with what is to be seen now."""
    page.evaluate(AXE.read_text())
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_nothing_in_any_panel(page, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert violations(page) == []


def test_axe_finds_nothing_where_a_key_is_asked_for(page):
    page.evaluate("document.getElementById('key-form').hidden = false")
    assert violations(page) == []


def test_axe_finds_nothing_among_takes_before_and_after_the_vote(page):
    page.get_by_label("Takes").select_option("2")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="is best").and_(page.locator(":enabled")).wait_for()
    assert violations(page) == []
    page.get_by_role("radio", name="B", exact=True).check(force=True)
    assert violations(page) == []
    page.get_by_role("button", name="No difference").click()
    page.get_by_text("No difference, you say.").wait_for()
    assert violations(page) == []


def test_a_phone_need_not_scroll_sideways(page):
    page.set_viewport_size({"width": 320, "height": 640})
    for tab in page.get_by_role("tab").all():
        tab.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_keyboard_is_enough_to_choose_generate_and_play(page):
    reached = []
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
    wanted = [
        "play",
        "seek",
        "generate",
        "tab-compose",
        "family",
        "composer",
        "temperature",
        "seed",
    ]
    places = [reached.index(name) for name in wanted]
    assert places == sorted(places)
    page.locator("#tab-compose").focus()
    page.keyboard.press("End")
    assert page.get_by_role("tabpanel", name="Model").is_visible()
    before = page.url
    page.locator("#generate").focus()
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    page.get_by_role("button", name="Pause").wait_for()
    again = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=again)


def test_the_focus_stays_among_the_takes_while_they_grow_and_when_they_are_judged(halved):
    halved.get_by_label("Takes").select_option("2")
    halved.get_by_role("button", name="Generate").click()
    first, second = (halved.get_by_role("radio", name=letter, exact=True) for letter in "AB")
    halved.wait_for_function("() => document.querySelectorAll('#take-list :enabled').length === 2")
    first.focus()
    halved.keyboard.press("ArrowRight")
    assert has_focus(second)
    halved.evaluate("goOn()")
    halved.get_by_role("button", name="B is best").and_(halved.locator(":enabled")).wait_for()
    assert has_focus(second)
    halved.keyboard.press("Tab")
    halved.keyboard.press("Enter")
    halved.get_by_text("B it is:").wait_for()
    assert has_focus(halved.get_by_role("radio", name="B"))


def has_focus(locator) -> bool:
    return locator.evaluate("element => element === document.activeElement")


def test_what_happens_is_announced(page):
    page.route("**/v1/generate", lambda route: route.abort())
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("status").filter(has_text="The server cannot be reached.").wait_for()


def test_the_clock_is_not_read_out_each_second(page, context):
    tree = context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    live = {"name": "live", "value": {"type": "token", "value": "polite"}}
    read_out = [node["childIds"] for node in tree if live in node.get("properties", [])]
    texts = {node["nodeId"]: node.get("name", {}).get("value") for node in tree}
    assert "0:00 / 0:10" in texts.values()
    assert "0:00 / 0:10" not in {texts[child] for children in read_out for child in children}


def test_every_slider_is_called_by_what_it_sets(page):
    for name in ("Length", "Tempo", "Temperature"):
        assert page.get_by_role("slider", name=name).is_visible(), name
    page.get_by_role("tab", name="Continue").click()
    assert page.get_by_role("slider", name="Listen to").is_visible()
