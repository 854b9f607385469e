"""Playing together: keys that sound at once, and a model that answers."""

import json

import pytest

pytestmark = pytest.mark.slow

# What is waited for cannot be asynchronous: a promise counts as true.
LISTEN = "async () => { window.ear = (await import('/static/main.js')).sound; }"
AUDIBLE = "() => ear.level() > 0.005"
SILENT = "() => ear.level() < 0.0005"

# An instrument that a test can play: what it sends is what a real one sends.
INSTRUMENT = """
const input = {};
navigator.requestMIDIAccess = async () =>
  Object.assign(new EventTarget(), { inputs: new Map([["piano", input]]) });
window.send = (...data) => input.onmidimessage({ data });
"""

PRESS = "document.getElementById('duet-start').click();"

# What the page opens, and a moment for the test while it still connects.
SOCKETS = """() => {
  window.sockets = [];
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      sockets.push(this);
      queueMicrotask(() => window.meanwhile?.());
    }
  };
}"""

# The prompt comes at once, the answer later than all of its one bar would last.
SLOW_READER = r"""() => {
  const fetched = window.fetch;
  window.fetch = async (path, options) => {
    const response = await fetched(path, options);
    if (!path.startsWith("/v1/continue")) return response;
    const lines = (await response.text()).split(/(?<=\n)/);
    const bytes = (part) => new TextEncoder().encode(part.join(""));
    const { prompt_steps: steps } = JSON.parse(lines[0]);
    const answer = lines.findIndex((line) => line && JSON.parse(line).onset_steps >= steps);
    return new Response(new ReadableStream({
      start(stream) {
        stream.enqueue(bytes(lines.slice(0, answer)));
        setTimeout(() => { stream.enqueue(bytes(lines.slice(answer))); stream.close(); }, 2000);
      },
    }));
  };
}"""

# How long before its sound each note is planned, in seconds.
LEADS = """() => {
  window.leads = [];
  ear.play = (family, pitch, velocity, start) => leads.push(start - ear.now);
}"""

# How loud it was at most since the model's first note was planned: an answer may be short.
PEAK = """() => {
  window.peak = 0;
  const play = ear.play.bind(ear);
  ear.play = (...note) => {
    window.watch ??= setInterval(() => { peak = Math.max(peak, ear.level()); }, 10);
    play(...note);
  };
}"""

CALLS = """() => {
  window.calls = [];
  for (const name of ["play", "silence"]) ear[name] = () => calls.push(name);
}"""

STRUCK = "() => { window.struck = 0; ear.press = () => { struck += 1; }; }"

SLEEP = "() => { ear.wake = () => new Promise((resolve) => { window.wakeUp = resolve; }); }"


@pytest.fixture
def panel(page):
    page.get_by_role("slider", name="Tempo").fill("200")
    page.get_by_role("tab", name="Duet").click()
    page.evaluate(LISTEN)
    return page.get_by_role("tabpanel", name="Duet")


def play(page, letters: str) -> None:
    for letter in letters:
        page.keyboard.down(letter)
        page.wait_for_timeout(80)
        page.keyboard.up(letter)


def hold_notes(panel) -> None:
    """Play what sounds until it is let go; a keyboard's notes fade by themselves."""
    panel.get_by_label("Your instrument").select_option("You play strings")


def test_letters_sound_while_they_are_held(page, panel):
    hold_notes(panel)
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.keyboard.down("d")
    page.wait_for_function(AUDIBLE, polling=20)
    page.keyboard.up("d")
    page.wait_for_function(SILENT, polling=20)


def test_a_letter_ends_where_it_is_let_go_whatever_else_is_held_by_then(page, panel):
    hold_notes(panel)
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.keyboard.down("d")
    page.wait_for_function(AUDIBLE, polling=20)
    page.keyboard.down("Control")
    page.keyboard.up("d")
    page.wait_for_function(SILENT, polling=20)
    page.keyboard.up("Control")


def test_where_the_player_pauses_the_model_goes_on(page, panel):
    page.evaluate(PEAK)
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    with page.expect_response("**/v1/continue**") as answer:
        play(page, "adgk")
    assert answer.value.ok
    panel.get_by_text("Your turn.", exact=True).wait_for()
    page.wait_for_function("() => peak > 0.005", polling=20)
    panel.get_by_role("button", name="Stop").click()
    page.wait_for_function(SILENT, polling=20)
    page.wait_for_function("() => location.search.startsWith('?piece=')")
    words = page.get_by_role("img", name="Piano roll").get_attribute("aria-label")
    assert "200 quarter notes a minute" in words


def test_who_presses_play_hears_what_both_have_played(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    play(page, "adgk")
    panel.get_by_text("Your turn.", exact=True).wait_for()
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => Number(document.getElementById('seek').value) > 0.2")
    assert "?piece=" in page.url


def test_who_presses_play_hears_the_first_notes_too(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn").wait_for()
    page.evaluate(CALLS)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("() => calls.includes('play')")
    assert "silence" not in page.evaluate("calls.slice(calls.indexOf('play'))")


def test_an_answer_begins_on_time_however_long_the_model_reads(page, panel):
    page.evaluate(SLOW_READER)
    page.evaluate(LEADS)
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    play(page, "adgk")
    panel.get_by_text("Your turn.", exact=True).wait_for()
    assert min(page.evaluate("leads")) > 0


def test_a_second_phrase_takes_the_word_from_the_first_ones_answer(page, panel):
    page.evaluate(SLOW_READER)
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    with page.expect_request("**/v1/continue**"):
        play(page, "adgk")
    with page.expect_request("**/v1/continue**"):
        play(page, "a")
    page.evaluate(CALLS)
    panel.get_by_role("button", name="Stop").click()
    page.wait_for_timeout(2500)
    assert "play" not in page.evaluate("() => calls")


def test_it_is_the_players_turn_once_the_answer_has_sounded(page, panel):
    page.evaluate(
        """() => {
          window.until = 0;
          ear.play = (family, pitch, velocity, start, end) => { until = Math.max(until, end); };
        }"""
    )
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    play(page, "adgk")
    panel.get_by_text("The model answers").wait_for()
    panel.get_by_text("Your turn.", exact=True).wait_for()
    assert page.evaluate("() => until > 0 && ear.now >= until - 0.02")


def test_what_both_play_is_seen_though_a_score_was_open(page, panel):
    page.get_by_role("button", name="Score").click()
    assert not page.locator("#roll").is_visible()
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_text("Your turn: play").wait_for()
    assert page.locator("#roll").is_visible()


def test_letters_are_letters_again_after_the_duet(page, panel):
    panel.get_by_role("button", name="Play together").click()
    panel.get_by_role("button", name="Stop").click()
    assert page.locator("#tempo_qpm").input_value() == "200"
    before = page.url
    page.keyboard.press("g")
    page.wait_for_function("before => location.href !== before", arg=before)


def test_a_key_on_the_screen_and_a_midi_instrument_sound_too(page, panel, address):
    page.add_init_script(INSTRUMENT)
    page.goto(f"{address}/?seed=7&bars=4")
    page.evaluate(LISTEN)
    page.get_by_role("tab", name="Duet").click()
    hold_notes(panel)
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


@pytest.fixture
def jam(page, panel):
    """Be about to play at once; what the page connects is in ``sockets``."""
    page.evaluate(SOCKETS)
    panel.get_by_label("How").select_option("At once")
    return panel


def test_after_the_stop_nothing_is_struck_that_was_on_its_way(page, jam):
    page.route_web_socket("**/v1/jam", without_stop)
    jam.get_by_role("button", name="Play together").click()
    page.wait_for_function(AUDIBLE, polling=20)
    jam.get_by_role("button", name="Stop").click()
    page.evaluate(STRUCK)
    page.wait_for_timeout(1000)
    assert page.evaluate("struck") == 0


def without_stop(socket) -> None:
    """Be a server that has not heard yet that the duet is over."""
    server = socket.connect_to_server()
    socket.on_message(lambda message: "stop" in message or server.send(message))


def test_what_is_planned_before_the_clocks_agree_sounds(page, jam):
    page.route_web_socket("**/v1/jam", plan_early)
    jam.get_by_role("button", name="Play together").click()
    page.wait_for_function(AUDIBLE, polling=20)


def plan_early(socket) -> None:
    """Be a server that is far away: its first plan is there before the clocks are compared."""
    note = {"pitch": 60, "family": "strings", "on": True, "play_at_ms": 500}

    def answer(message: str) -> None:
        kind = json.loads(message)["type"]
        if kind == "start":
            socket.send(json.dumps({"type": "ready", "tempo_qpm": 200, "begins_ms": 500}))
            socket.send(json.dumps({"type": "plan", "notes": [note]}))
        elif kind == "sync":
            socket.send(json.dumps({**json.loads(message), "server_ms": 0}))

    socket.on_message(answer)


def test_a_duet_that_is_stopped_while_it_connects_does_not_begin(page, jam):
    page.evaluate(f"window.meanwhile = () => {{ {PRESS} }}")
    jam.get_by_role("button", name="Play together").click()
    page.wait_for_function("() => sockets[0]?.readyState > WebSocket.CONNECTING")
    assert page.evaluate("sockets[0].readyState > WebSocket.OPEN")


def test_a_duet_that_is_stopped_before_there_is_sound_does_not_begin(page, jam):
    page.evaluate(SLEEP)
    jam.get_by_role("button", name="Play together").click()
    jam.get_by_role("button", name="Stop").click()
    page.evaluate("wakeUp()")
    assert page.evaluate("sockets.length") == 0
    assert jam.get_by_role("button", name="Play together").is_visible()


def test_the_end_of_a_duet_leaves_the_next_one_alone(page, jam):
    jam.get_by_role("button", name="Play together").click()
    jam.get_by_text("Play! The model plays with you.").wait_for()
    page.evaluate(f"{PRESS} {PRESS}")
    page.wait_for_function("() => sockets[0].readyState === WebSocket.CLOSED")
    jam.get_by_text("Play! The model plays with you.").wait_for()
    assert jam.get_by_role("button", name="Stop").is_visible()


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
