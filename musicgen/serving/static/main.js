// The page: its parts, and what they tell one another.

import { idOfAddress, parametersOfAddress } from "./address.js";
import { asks, keptPiece, newPiece, readOptions } from "./api.js";
import { showCards } from "./card.js";
import { Continue } from "./continue.js";
import { Controls } from "./controls.js";
import { Duet } from "./duet.js";
import { KeyForm } from "./key.js";
import { Keys } from "./keys.js";
import { Latency } from "./latency.js";
import { Playback } from "./playback.js";
import { PianoRoll } from "./roll.js";
import { Score } from "./score.js";
import { Session } from "./session.js";
import { Shortcuts } from "./shortcuts.js";
import { Sound } from "./sound.js";
import { Stage } from "./stage.js";
import { Tabs } from "./tabs.js";
import { Takes } from "./takes.js";
import { Transport } from "./transport.js";

const $ = (id) => document.getElementById(id);
const SOUNDS = { loading: "Fetching instruments …", sampled: "Sampled instruments", light: "Light instruments" };
const SAME = "Same settings, same music: check “A new one each time” or change the seed for another.";

export const sound = new Sound();
const playback = new Playback(sound, () => {
  if (playback.isPlaying) duet.stop();
  transport.show();
});
const roll = new PianoRoll($("roll"), (step) => {
  if (playback.piece) playback.goTo(step * playback.secondsPerStep);
});
const transport = new Transport(
  { play: $("play"), icon: $("play-icon"), seek: $("seek"), clock: $("clock") },
  playback,
  (step, isPlaying) => roll.moveTo(step, isPlaying),
);
const score = new Score({
  button: $("score-button"), box: $("score"), image: $("score-image"), canvas: $("roll"),
}, (text) => stage.say(text));
const stage = new Stage({
  canvas: $("roll"), legend: $("legend"), facts: $("facts"), takeAway: $("take-away"),
  message: $("message"),
}, roll, score);
const takes = new Takes({
  box: $("takes"), list: $("take-list"), best: $("best"), tie: $("tie"), verdict: $("verdict"),
}, { choose: (place) => session.choose(place), vote: (best) => session.vote(best) });
const controls = new Controls($("controls"), {
  familiesBox: $("families"), dice: $("dice"), surprise: $("surprise"), mixBox: $("mix"),
});
const latency = new Latency({ line: $("latency-line"), words: $("latency-words") });
const session = new Session({ stage, takes, playback });

function perform(makers) {
  sound.wake();
  return session.perform(makers, { autoplay: true });
}

new Continue({
  panel: $("continue"), form: $("continue-form"), here: $("continue-here"), file: $("file"),
  context: $("context"), contextOut: $("context-out"),
}, {
  perform, isBusy: () => session.isBusy, say: (text) => stage.say(text), hint: (text) => stage.hint(text),
  piece: () => session.piece, wishes: () => controls.wishes(),
});

const keyForm = new KeyForm({ form: $("key-form"), input: $("key") }, () => {
  stage.say("");
  if (!session.piece) begin();
});
asks.addEventListener("key", () => keyForm.ask());

const keys = new Keys($("piano"));
const duet = new Duet({
  start: $("duet-start"), mode: $("duet-mode"), family: $("duet-family"), midi: $("duet-midi"), state: $("duet-state"),
}, { sound, keys, roll }, {
  wishes: () => controls.wishes()[0],
  tempo: () => controls.values().tempo_qpm,
  begin: () => { playback.pause(); score.close(); },
  end: (piece) => {
    const { isPlaying } = playback; // who presses Play in a duet wants to hear what it leaves on stage
    if (piece) session.add(piece);
    else if (session.piece) backToStage();
    if (isPlaying) playback.start();
  },
});

function backToStage() {
  session.show();
  transport.show();
}

/** Say whether a button does something now; one that is `disabled` would lose the focus. */
function allow(button, isAllowed) { button.setAttribute("aria-disabled", !isAllowed); }

session.addEventListener("busy", () => { duet.stop(); allow($("generate"), false); });
session.addEventListener("idle", () => allow($("generate"), true));
session.addEventListener("made", async ({ detail: piece }) => {
  latency.add(piece.firstNoteMs);
  // Another champion than the one whose names the form offers: promoted since.
  if (piece.generation && !controls.knows(piece.version)) controls.offer(await readOptions());
});
session.addEventListener("show", ({ detail: piece }) => {
  allow($("undo"), session.history.canUndo);
  allow($("redo"), session.history.canRedo);
  allow($("continue-here"), Boolean(piece?.isComplete && piece.notes.length));
});
session.addEventListener("recall", ({ detail: piece }) => {
  // Takes have their own settings each, and the form makes no piece that goes on from another.
  const isFromForm = session.scene.takes.length === 1 && !piece.prompt_steps;
  if (piece.isComplete && isFromForm) controls.adopt(piece);
});
session.addEventListener("fail", ({ detail: error }) => {
  stage.say(error.message);
  // No champion yet: one may be promoted any moment.
  if (error.status === 503 && !session.piece) beginIn(error.retrySeconds ?? 5);
});

session.addEventListener("again", () => stage.hint(SAME));

let retry = null;
function beginIn(seconds) {
  clearTimeout(retry);
  retry = setTimeout(() => { if (!session.piece && !session.isBusy) begin(); }, seconds * 1000);
}

async function begin() {
  try {
    controls.offer(await readOptions());
  } catch (error) {
    return stage.say(error.message);
  }
  if (session.piece || session.isBusy) return; // somebody has asked for one meanwhile
  const id = idOfAddress();
  const asked = parametersOfAddress();
  const [first] = controls.asks();
  await session.perform([id ? keptPiece(id) : newPiece(asked ?? first)], { autoplay: false });
  if ((id || asked) && session.piece?.isComplete) controls.adopt(session.piece);
}

new Tabs(document.querySelector("[role=tablist]"), async (panel) => {
  if (panel === "model") await showCards($("cards")).catch((error) => stage.say(error.message));
});

$("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!session.isBusy) perform(controls.asks().map(newPiece));
});
// What is out of range lies in a panel that may be hidden, where a browser can show nothing; it does not bubble.
$("controls").addEventListener("invalid", () => $("tab-compose").click(), true);
$("undo").addEventListener("click", () => session.undo());
$("redo").addEventListener("click", () => session.redo());

new Shortcuts($("generate"), {
  toggle: () => playback.toggle(), generate: () => $("controls").requestSubmit(), isOff: () => keys.isOn,
});

const showSound = () => { $("sound").textContent = SOUNDS[sound.kind]; };
sound.addEventListener("change", showSound);
showSound();
sound.load();
begin();
