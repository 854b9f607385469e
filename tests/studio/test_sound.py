"""What is heard, by its level: silence before, sound while it plays, silence after."""

import pytest

SOUNDFONT = "**/v1/soundfont"

pytestmark = pytest.mark.slow

# What is waited for cannot be asynchronous: a promise counts as true.
LISTEN = "async () => { window.ear = (await import('/static/main.js')).sound; }"
LEVEL = "async () => (await import('/static/main.js')).sound.level()"
KIND = "async () => (await import('/static/main.js')).sound.kind"
AUDIBLE = 0.005

# The sound wakes when a test lets it; what is done again and again by then is in `ticking`.
SLEEP = """() => {
  const waiting = [];
  ear.wake = () => new Promise((resolve) => waiting.push(resolve));
  window.wakeUp = () => waiting.forEach((resolve) => resolve());
  window.ticking = new Set();
  const { setInterval, clearInterval } = window;
  window.setInterval = (...given) => {
    const id = setInterval(...given);
    ticking.add(id);
    return id;
  };
  window.clearInterval = (id) => { ticking.delete(id); clearInterval(id); };
}"""
SILENT = 0.0005


def wait_for_kind(page, kind: str) -> None:
    text = {"sampled": "Sampled instruments", "light": "Light instruments"}[kind]
    page.get_by_text(text).wait_for()
    assert page.evaluate(KIND) == kind


def wake(page) -> None:
    """Let the sound run for longer than its level looks back: what sleeps is silent anyway."""
    page.evaluate(LISTEN)
    page.evaluate("ear.wake()")
    page.wait_for_function("() => ear.now > 0.2", polling=20)


def wait_until_heard(page) -> None:
    page.evaluate(LISTEN)
    page.wait_for_function(f"() => ear.level() > {AUDIBLE}", polling=20)


def wait_until_silent(page) -> None:
    page.evaluate(LISTEN)
    page.wait_for_function(f"() => ear.level() < {SILENT}", polling=20)


def test_the_sampled_instruments_sound_while_it_plays_and_stop_when_told(context, page, address):
    context.unroute(SOUNDFONT)
    page.goto(f"{address}/?seed=7&bars=4")
    wait_for_kind(page, "sampled")
    wake(page)
    assert page.evaluate(LEVEL) < SILENT
    page.get_by_role("button", name="Play").click()
    wait_until_heard(page)
    page.get_by_role("button", name="Pause").click()
    wait_until_silent(page)
    at = page.locator("#clock").inner_text()
    page.get_by_role("button", name="Play").click()
    wait_until_heard(page)
    page.wait_for_function("at => document.getElementById('clock').textContent !== at", arg=at)


def test_a_note_that_is_planned_without_an_end_never_sounds_after_the_stop(context, page, address):
    context.unroute(SOUNDFONT)
    page.goto(f"{address}/?seed=7&bars=4")
    wait_for_kind(page, "sampled")
    wake(page)
    page.evaluate("window.due = ear.now + 0.1; ear.press('strings', 60, 90, due); ear.silence()")
    page.wait_for_function("() => ear.now > due + 0.2", polling=20)
    page.evaluate("ear.silence(); ear.silence()")
    page.wait_for_timeout(500)
    assert page.evaluate(LEVEL) < SILENT


def test_without_scripts_from_npm_the_light_instruments_play(page, address):
    page.route("**/static/vendor/**", lambda route: route.fulfill(status=404))
    page.goto(f"{address}/?seed=7&bars=4")
    wait_for_kind(page, "light")
    page.get_by_role("button", name="Play").click()
    wait_until_heard(page)
    page.get_by_role("button", name="Pause").click()
    wait_until_silent(page)


def test_it_plays_before_the_samples_are_there(page, address):
    page.route(SOUNDFONT, lambda route: None)
    page.goto(f"{address}/?seed=7&bars=4")
    page.get_by_role("button", name="Play").click()
    wait_until_heard(page)
    assert page.evaluate(KIND) == "loading"


def test_a_new_piece_plays_at_once_and_the_playhead_moves(page):
    page.get_by_role("button", name="Generate").click()
    wait_until_heard(page)
    page.get_by_role("button", name="Pause").wait_for()
    page.wait_for_function("() => Number(document.getElementById('seek').value) > 0.3")


def test_the_space_bar_plays_and_pauses(page):
    page.keyboard.press("Space")
    wait_until_heard(page)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play").wait_for()
    wait_until_silent(page)


def test_the_space_bar_plays_and_pauses_after_a_click_on_a_button(page):
    """A button that was clicked has the focus; Enter presses it again, Space is the music's."""
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Copy link").wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    assert asked.count("POST") == 1
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("before => location.href !== before", arg=before)
    page.get_by_role("button", name="Undo").click()
    assert page.url == before
    page.keyboard.press("Space")
    page.get_by_role("button", name="Pause").wait_for()
    assert page.url == before


def test_the_space_bar_presses_the_button_that_the_keyboard_came_to(page):
    page.locator("#seek").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Score").get_attribute("aria-pressed") == "true"
    page.keyboard.press("Space")
    assert page.get_by_role("button", name="Score").get_attribute("aria-pressed") == "false"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "undo"
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    before = page.url
    page.locator("#generate").focus()
    page.keyboard.press("Space")
    page.wait_for_function("before => location.href !== before", arg=before)
    page.keyboard.press("Space")
    page.get_by_role("button", name="Play", exact=True).wait_for()
    assert asked.count("POST") == 1


def test_who_is_impatient_while_the_sound_wakes_starts_it_once(page):
    page.evaluate(LISTEN)
    page.evaluate(SLEEP)
    for _ in range(3):
        page.keyboard.press("Space")
    page.evaluate("wakeUp()")
    page.get_by_role("button", name="Pause").click()
    assert page.evaluate("ticking.size") == 0


def test_whoever_moves_the_playhead_while_the_sound_wakes_hears_each_note_once(page):
    page.evaluate(LISTEN)
    page.evaluate(SLEEP)
    page.evaluate("() => { window.played = []; ear.play = (...note) => played.push(note.join()); }")
    page.keyboard.press("Space")
    page.get_by_label("Position").fill("2")
    page.evaluate("wakeUp()")
    page.wait_for_function("() => played.length")
    assert page.evaluate("() => new Set(played).size === played.length")


def test_nothing_is_planned_for_where_the_playhead_is_only_dragged_past(page):
    page.get_by_role("button", name="Play").click()
    wait_until_heard(page)
    passed = page.evaluate(
        """() => {
          window.planned = 0;
          ear.play = () => { planned += 1; };
          const position = document.getElementById("seek");
          for (let step = 0; step < 20; step++) {
            position.value = step / 10;
            position.dispatchEvent(new Event("input", { bubbles: true }));
          }
          return planned;
        }"""
    )
    assert passed == 0
    page.wait_for_function("() => planned")


def test_the_slider_and_the_roll_move_the_playhead(page):
    page.get_by_label("Position").fill("2")
    assert float(page.get_by_label("Position").input_value()) == pytest.approx(2, abs=0.01)
    box = page.locator("#roll").bounding_box()
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + 100)
    assert float(page.get_by_label("Position").input_value()) > 5


def test_the_roll_can_be_clicked_before_there_is_a_piece(page, address):
    page.route("**/v1/generate", lambda route: None)
    page.goto(f"{address}/?seed=7&bars=4")
    page.get_by_role("img", name="No piece yet").click()
    assert page.locator("#clock").inner_text() == "0:00 / 0:00"


def test_a_piece_that_is_over_stops_and_goes_back_to_its_start(page):
    page.get_by_label("Position").fill("9.5")
    page.get_by_role("button", name="Play").click()
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Play").wait_for()
    assert float(page.get_by_label("Position").input_value()) == 0
