"""Playing together: keys that sound at once, and a model that answers."""

import pytest

pytestmark = pytest.mark.slow

AUDIBLE = "async () => (await import('/static/main.js')).sound.level() > 0.005"
SILENT = "async () => (await import('/static/main.js')).sound.level() < 0.0005"

# An instrument that a test can play: what it sends is what a real one sends.
INSTRUMENT = """
const input = {};
navigator.requestMIDIAccess = async () =>
  Object.assign(new EventTarget(), { inputs: new Map([["piano", input]]) });
window.send = (...data) => input.onmidimessage({ data });
"""


@pytest.fixture
def panel(page):
    page.get_by_role("slider", name="Tempo").fill("200")
    page.get_by_role("tab", name="Duet").click()
    return page.get_by_role("tabpanel", name="Duet")


def play(page, letters: str) -> None:
    for letter in letters:
        page.keyboard.down(letter)
        page.wait_for_timeout(80)
        page.keyboard.up(letter)


def test_letters_sound_while_they_are_held(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.keyboard.down("d")
    page.wait_for_function(AUDIBLE, polling=20)
    page.keyboard.up("d")
    page.wait_for_function(SILENT, polling=20)


def test_where_the_player_pauses_the_model_goes_on(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    with page.expect_response("**/v1/continue**") as answer:
        play(page, "adgk")
    assert answer.value.ok
    panel.get_by_text("Your turn.", exact=True).wait_for()
    page.wait_for_function(AUDIBLE, polling=20)
    panel.get_by_role("button", name="Stop").click()
    page.wait_for_function(SILENT, polling=20)
    page.wait_for_function("() => location.search.startsWith('?piece=')")
    words = page.get_by_role("img", name="Piano roll").get_attribute("aria-label")
    assert "200 quarter notes a minute" in words


def test_letters_are_letters_again_after_the_duet(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_role("button", name="Stop").click()
    before = page.url
    page.keyboard.press("g")
    page.wait_for_function("before => location.href !== before", arg=before)


def test_a_key_on_the_screen_and_a_midi_instrument_sound_too(page, panel, address):
    page.add_init_script(INSTRUMENT)
    page.goto(f"{address}/?seed=7&bars=4")
    page.get_by_role("tab", name="Duet").click()
    panel.get_by_role("button", name="Use a MIDI instrument").click()
    panel.get_by_text("Listening to 1 MIDI input.").wait_for()
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.evaluate("send(0x90, 50, 100)")
    page.wait_for_function(AUDIBLE, polling=20)
    page.evaluate("send(0x80, 50, 0)")
    page.wait_for_function(SILENT, polling=20)
    key = panel.get_by_role("button", name="E4", exact=True)
    key.hover()
    page.mouse.down()
    page.wait_for_function(AUDIBLE, polling=20)
    page.mouse.up()
    page.wait_for_function(SILENT, polling=20)


def test_at_once_the_model_plays_along_until_it_is_told_to_stop(page, panel):
    panel.get_by_label("How").select_option("At once")
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Play! The model plays with you.").wait_for()
    page.wait_for_function(AUDIBLE, polling=20)
    play(page, "adg")
    page.wait_for_function(AUDIBLE, polling=20)
    panel.get_by_role("button", name="Stop").click()
    page.wait_for_function(SILENT, polling=20)
    assert page.locator("#clock").inner_text() == "0:00 / 0:10"


def test_a_duet_that_cannot_be_is_explained(page, panel):
    page.route_web_socket("**/v1/jam", refuse)
    panel.get_by_label("How").select_option("At once")
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Too many duets are being played.").wait_for()
    assert panel.get_by_role("button", name="Play together").is_enabled()


def refuse(socket) -> None:
    socket.send('{"type": "problem", "status": 503, "detail": "Too many duets are being played."}')
    socket.close(code=1013)


def test_generating_and_playing_end_the_duet(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.get_by_role("button", name="Generate").click()
    panel.get_by_role("button", name="Play together").wait_for()
    page.get_by_role("button", name="Pause").wait_for()
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    panel.get_by_role("button", name="Play together").wait_for()
    page.wait_for_function(AUDIBLE, polling=20)
