"""A server that asks for a key, as a page sees it."""

import pytest

pytestmark = pytest.mark.slow


def test_the_page_asks_for_the_key_and_brings_it_along(context, guarded):
    url, key = guarded
    page = context.new_page()
    page.goto(f"{url}/?seed=7&bars=4")
    field = page.get_by_label("This server asks for an API key")
    field.fill("mg_wrong")
    field.press("Enter")
    page.get_by_text("Send a valid API key").wait_for()
    field.fill(key)
    field.press("Enter")
    page.get_by_role("button", name="Copy link").wait_for()
    assert not field.is_visible()
    _play_a_duet(page)
    page.get_by_role("button", name="Score").click()
    page.wait_for_function("() => document.getElementById('score-image').naturalWidth > 100")
    with page.expect_download() as download:
        page.get_by_role("link", name="MIDI").click()
    assert download.value.path().read_bytes().startswith(b"MThd")
    assert download.value.suggested_filename == "lstm-1-seed-7.mid"
    page.reload()
    page.get_by_role("button", name="Copy link").wait_for()
    assert page.evaluate("localStorage.length") == 0
    page.close()


def _play_a_duet(page) -> None:
    page.get_by_role("tab", name="Duet").click()
    page.locator("#duet-mode").select_option("jam")
    page.get_by_role("button", name="Play together").click()
    page.get_by_text("Play! The model plays with you.").wait_for()
    page.get_by_role("button", name="Stop").click()
