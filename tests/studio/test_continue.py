"""Going on from the piece on stage, and from a file."""

from urllib.parse import parse_qs, urlsplit

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def panel(page):
    page.get_by_role("tab", name="Continue").click()
    return page.get_by_role("tabpanel", name="Continue")


def wait_for_longer(page) -> None:
    """Wait for a piece that begins with another one: its address is an id."""
    page.wait_for_function("() => location.search.startsWith('?piece=')")
    page.get_by_role("button", name="Copy link").wait_for()


def test_the_model_goes_on_from_what_is_on_stage_and_undo_takes_it_back(page, panel):
    first = page.url
    panel.get_by_role("button", name="Go on from the piece on stage").click()
    wait_for_longer(page)
    # Four bars were there, eight were asked for: at 96 quarter notes a minute 10 s, then 30.
    assert page.locator("#clock").inner_text().endswith("/ 0:20")
    page.get_by_role("button", name="Undo").click()
    assert page.url == first
    assert page.locator("#clock").inner_text() == "0:00 / 0:10"


def test_how_long_a_longer_piece_is_is_said_even_while_it_comes(halved):
    halved.get_by_role("tab", name="Continue").click()
    halved.get_by_role("button", name="Go on from the piece on stage").click()
    says_eight_bars = halved.get_by_role("img", name="Piano roll: 8 bars")
    says_eight_bars.wait_for()
    halved.evaluate("goOn()")
    wait_for_longer(halved)
    assert says_eight_bars.is_visible()
    halved.reload()
    says_eight_bars.wait_for()
    halved.evaluate("goOn()")
    halved.get_by_role("button", name="Copy link").wait_for()


def test_the_lstm_is_not_asked_what_was_meant_for_the_gan(unlike):
    unlike.get_by_role("radio", name="GAN").check(force=True)
    unlike.get_by_label("Composer").select_option("Clementi")
    unlike.get_by_label("Takes").select_option("2")
    unlike.get_by_role("tab", name="Continue").click()
    asked = []
    unlike.on("request", lambda request: asked.append(parse_qs(urlsplit(request.url).query)))
    unlike.get_by_role("button", name="Go on from the piece on stage").click()
    unlike.get_by_role("button", name="is best").and_(unlike.locator(":enabled")).wait_for()
    wishes = [(query["temperature"], query["composer"]) for query in asked if query]
    assert wishes == [(["0.9"], ["unknown"])] * 2


def test_the_model_goes_on_from_a_file_and_the_link_brings_it_back(page, panel, tmp_path):
    with page.expect_download() as download:
        page.get_by_role("link", name="MIDI", exact=True).click()
    download.value.save_as(tmp_path / "mine.mid")
    panel.get_by_label("Go on from a MIDI file").set_input_files(tmp_path / "mine.mid")
    wait_for_longer(page)
    words = page.get_by_role("img", name="Piano roll").get_attribute("aria-label")
    page.reload()
    page.get_by_role("button", name="Copy link").wait_for()
    assert page.get_by_role("img", name="Piano roll").get_attribute("aria-label") == words


def test_a_file_that_is_no_music_is_refused_in_words(page, panel, tmp_path):
    (tmp_path / "bad.mid").write_bytes(b"no music")
    panel.get_by_label("Go on from a MIDI file").set_input_files(tmp_path / "bad.mid")
    page.get_by_text("The MIDI file cannot be used").wait_for()
    assert page.locator("#clock").inner_text() == "0:00 / 0:10"


def test_a_file_that_is_too_large_is_not_even_sent(page, panel, tmp_path):
    (tmp_path / "long.mid").write_bytes(bytes(2**20 + 1))
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    panel.get_by_label("Go on from a MIDI file").set_input_files(tmp_path / "long.mid")
    page.get_by_text("long.mid is larger than 1 MB").wait_for()
    assert "POST" not in sent
