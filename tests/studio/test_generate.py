"""Choosing, generating, and taking away."""

import pytest

pytestmark = pytest.mark.slow


# What is said for a moment is said until a test ends it.
HINTS = """() => {
  window.hints = [];
  window.setTimeout = (act) => hints.push(act);
}"""


def facts(page) -> dict[str, str]:
    pairs = page.locator("#facts div:has(> dt)").all()
    return {pair.locator("dt").inner_text(): pair.locator("dd").inner_text() for pair in pairs}


def generate(page) -> None:
    """Press the button, and wait for another piece than the one on stage."""
    before = page.url
    page.get_by_role("button", name="Generate").click()
    page.wait_for_function("before => location.href !== before", arg=before)


def test_the_piece_that_the_address_names_is_on_stage(page):
    assert facts(page)["Seed"] == "7"
    assert facts(page)["Model"] == "lstm-1"
    assert "4 bars" in page.get_by_role("img", name="Piano roll").get_attribute("aria-label")


def test_the_first_choice_is_what_the_model_learned_most_of(page, address):
    page.goto(address)
    page.get_by_role("button", name="Copy link").wait_for()
    assert page.get_by_label("Composer").input_value() == "Beethoven"
    assert page.get_by_label("Ensemble").input_value() == "String Quartet"
    assert "composer=Beethoven" in page.url
    page.get_by_label("Composer").select_option("Any composer")
    generate(page)
    assert "composer=" not in page.url


def test_what_is_chosen_is_what_is_made(page):
    page.get_by_label("Composer").select_option("Bach")
    page.get_by_label("Ensemble").select_option("String Quartet")
    page.get_by_label("Seed", exact=True).fill("42")
    generate(page)
    assert facts(page)["Seed"] == "42"
    assert "composer=Bach" in page.url
    assert "ensemble=String+Quartet" in page.url
    assert "manner of Bach" in page.get_by_role("img", name="Piano roll").get_attribute(
        "aria-label"
    )


def test_without_a_new_one_each_time_the_seed_stays_and_the_same_piece_is_said_to_be(page):
    page.get_by_label("Seed", exact=True).fill("42")
    generate(page)
    again = page.url
    page.evaluate(HINTS)
    page.get_by_role("button", name="Generate").click()
    said = page.get_by_role("status").filter(has_text="Same settings, same music")
    said.wait_for()
    assert page.get_by_label("Seed", exact=True).input_value() == "42"
    assert facts(page)["Seed"] == "42"
    assert page.url == again
    page.get_by_role("button", name="Pause").wait_for()
    page.get_by_role("button", name="Undo").click()  # the same piece is there once
    assert facts(page)["Seed"] == "7"
    page.get_by_role("button", name="Redo").click()
    page.get_by_label("A new one each time").check()
    generate(page)
    assert facts(page)["Seed"] != "42"
    assert not said.is_visible()


def test_a_link_is_opened_once_and_a_new_one_is_made_each_time_after(page):
    assert page.get_by_label("A new one each time").is_checked()
    generate(page)
    assert facts(page)["Seed"] != "7"


def test_the_copied_link_makes_the_same_piece_in_another_window(page, context):
    generate(page)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("The link is in the clipboard.").wait_for()
    other = context.new_page()
    other.goto(page.evaluate("navigator.clipboard.readText()"))
    other.get_by_role("button", name="Copy link").wait_for()
    notes = page.get_by_role("img", name="Piano roll").get_attribute("aria-label")
    assert other.get_by_role("img", name="Piano roll").get_attribute("aria-label") == notes
    assert facts(other)["Seed"] == facts(page)["Seed"]


def test_what_is_said_after_a_link_was_copied_stays(page):
    page.evaluate(HINTS)
    page.get_by_role("button", name="Copy link").click()
    page.get_by_text("The link is in the clipboard.").wait_for()
    page.route("**/v1/generate", lambda route: route.abort())
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("The server cannot be reached.").wait_for()
    page.evaluate("hints.forEach((end) => end())")
    assert page.get_by_text("The server cannot be reached.").is_visible()


@pytest.mark.parametrize(
    ("form", "suffix", "magic"),
    [("MIDI", "mid", b"MThd"), ("WAV", "wav", b"RIFF"), ("MusicXML", "musicxml", b"<?xml")],
)
def test_the_piece_can_be_taken_away(page, form, suffix, magic):
    with page.expect_download() as download:
        page.get_by_role("link", name=form, exact=True).click()
    assert download.value.path().read_bytes().startswith(magic)
    assert download.value.suggested_filename == f"lstm-1-seed-7.{suffix}"


def test_the_roll_grows_while_the_piece_plays(halved, address):
    """The middle of a stream: the first half has come, the second is still to be made."""
    halved.goto(f"{address}/?seed=7&bars=16")
    halved.get_by_role("button", name="Play").click()
    halved.get_by_role("button", name="Pause").wait_for()
    halved.wait_for_function("() => Number(document.getElementById('seek').value) > 0.2")
    halfway = int(facts(halved)["Notes"])
    assert halfway > 0
    halved.evaluate("goOn()")
    halved.get_by_role("button", name="Copy link").wait_for()
    assert int(facts(halved)["Notes"]) > halfway
    assert halved.get_by_role("button", name="Pause").is_visible()


def test_a_piece_that_breaks_off_is_not_kept_and_the_old_one_comes_back(halved):
    first = halved.url
    halved.get_by_role("slider", name="Length").fill("16")
    halved.get_by_role("button", name="Generate").click()
    halved.get_by_role("button", name="Pause").wait_for()
    halved.evaluate("breakOff()")
    halved.get_by_text("The connection broke off: try again.").wait_for()
    assert facts(halved)["Seed"] == "7"
    assert halved.url == first
    assert halved.get_by_role("button", name="Play").is_enabled()
    assert halved.get_by_role("button", name="Undo").is_disabled()
    assert halved.get_by_role("button", name="Redo").is_disabled()
    # What was asked for is still there to be asked again.
    assert halved.get_by_role("slider", name="Length").input_value() == "16"


def test_a_first_piece_that_breaks_off_leaves_an_empty_stage(halved, address):
    halved.goto(f"{address}/?seed=7&bars=16")
    halved.get_by_role("button", name="Play").click()
    halved.evaluate("breakOff()")
    halved.get_by_text("The connection broke off: try again.").wait_for()
    assert halved.get_by_role("img", name="No piece yet").is_visible()
    assert halved.get_by_role("button", name="Play").is_disabled()


def test_the_first_piece_of_a_page_gives_way_to_what_was_asked_for_meanwhile(page, address):
    held, asked = [], []
    page.route("**/v1/options", lambda route: held.append(route))
    page.on("request", lambda request: asked.append(request.url.endswith("/v1/generate")))
    page.goto(f"{address}/?seed=7&bars=4")
    page.get_by_label("Seed", exact=True).fill("99")
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("button", name="Copy link").wait_for()
    held[0].continue_()
    page.get_by_role("radio", name="LSTM").wait_for()
    page.wait_for_timeout(300)
    assert facts(page)["Seed"] == "99"
    assert sum(asked) == 1


def test_a_seed_that_is_left_out_is_asked_for_where_it_can_be_seen(page):
    page.get_by_label("Seed", exact=True).fill("")
    page.get_by_role("tab", name="Continue").click()
    page.get_by_role("button", name="Generate").click()
    page.get_by_role("tabpanel", name="Compose").wait_for()
    page.get_by_label("A new one each time").check()
    assert page.get_by_label("Seed", exact=True).input_value()


def test_each_bar_of_any_metre_has_its_line_and_number(page):
    drawn = page.evaluate(
        """async () => {
          const { PianoRoll } = await import("/static/roll.js");
          const roll = new PianoRoll(document.getElementById("roll"), () => {});
          roll.resize();
          const numbers = [];
          roll.context.fillText = (text) => { if (Number.isInteger(text)) numbers.push(text); };
          roll.show({ notes: [], length_steps: 56, steps_per_quarter: 4, bar_steps: 14 });
          return numbers;
        }"""
    )
    assert drawn == [1, 2, 3, 4]


def test_a_key_that_is_held_asks_once_and_nothing_else_is_asked_meanwhile(halved):
    asked = []
    halved.on("request", lambda request: asked.append(request.method))
    for _ in range(5):
        halved.keyboard.down("g")
    halved.keyboard.up("g")
    halved.get_by_role("button", name="Pause").wait_for()
    halved.keyboard.press("g")
    halved.get_by_role("tab", name="Continue").click()
    mine = {"name": "mine.mid", "mimeType": "audio/midi", "buffer": b"MThd"}
    halved.get_by_label("Go on from a MIDI file").set_input_files(mine)
    halved.get_by_text("The model is still writing").wait_for()
    assert asked.count("POST") == 1
    halved.evaluate("goOn()")
    halved.get_by_role("button", name="Copy link").wait_for()


def test_undo_and_redo_bring_pieces_back(page):
    first = page.url
    generate(page)
    second = page.url
    page.get_by_role("button", name="Undo").click()
    assert facts(page)["Seed"] == "7"
    assert page.url == first
    page.get_by_role("button", name="Redo").click()
    assert page.url == second
    assert page.get_by_role("button", name="Redo").is_disabled()


def test_the_tempo_of_a_link_holds_whatever_else_is_chosen(unlike, address):
    unlike.goto(f"{address}/?seed=7&bars=4&tempo_qpm=100")
    unlike.get_by_role("button", name="Copy link").wait_for()
    tempo = unlike.get_by_role("slider", name="Tempo")
    for takes in ("2", "1"):
        unlike.get_by_label("Takes").select_option(takes)
        assert tempo.input_value() == "100"
    unlike.get_by_role("radio", name="GAN").check(force=True)
    assert tempo.input_value() == "100"


def test_what_is_chosen_while_the_model_writes_stays_chosen(halved):
    tempo = halved.get_by_role("slider", name="Tempo")
    halved.get_by_role("button", name="Generate").click()
    halved.get_by_role("button", name="Pause").wait_for()
    tempo.fill("150")
    halved.evaluate("goOn()")
    halved.get_by_role("button", name="Copy link").wait_for()
    assert tempo.input_value() == "150"
    halved.get_by_role("button", name="Undo").click()
    assert tempo.input_value() == "96"  # a piece comes back with its settings


def test_what_cannot_be_made_is_said_and_the_old_piece_stays(page):
    page.route(
        "**/v1/generate",
        lambda route: route.fulfill(
            status=429,
            headers={"Retry-After": "3"},
            content_type="application/problem+json",
            body='{"detail": "Too many requests: wait 3 s."}',
        ),
    )
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("Too many requests: wait 3 s.").wait_for()
    assert facts(page)["Seed"] == "7"
    assert page.get_by_role("button", name="Generate").is_enabled()


def test_the_page_waits_for_a_champion_once_however_often_it_was_asked(page, address):
    page.route("**/v1/generate", no_champion)
    page.goto(f"{address}/?seed=7&bars=4")
    said = page.get_by_text("No champion yet.")
    said.wait_for()
    for _ in range(3):
        page.keyboard.press("g")
        said.wait_for()
    page.unroute("**/v1/generate")
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.get_by_role("button", name="Copy link").wait_for()
    page.wait_for_timeout(1500)
    assert asked.count("POST") == 1
    assert facts(page)["Seed"] == "7"


def no_champion(route) -> None:
    route.fulfill(
        status=503,
        headers={"Retry-After": "1"},
        content_type="application/problem+json",
        body='{"detail": "No champion yet."}',
    )


def test_a_server_that_is_gone_is_said_to_be(page, context):
    context.set_offline(True)
    page.get_by_role("button", name="Generate").click()
    page.get_by_text("The server cannot be reached.").wait_for()


def test_the_model_card_says_who_plays_and_how_quick(page):
    page.get_by_role("tab", name="Model").click()
    panel = page.get_by_role("tabpanel", name="Model")
    panel.get_by_role("heading", name="LSTM · lstm-1 ★").wait_for()
    panel.get_by_role("heading", name="GAN · gan-1").wait_for()
    assert " ms" in panel.get_by_text("First note").inner_text()
