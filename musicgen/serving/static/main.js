// The page: asks for pieces, shows them, plays them.

import { addressOf, parametersOfAddress } from "./address.js";
import { makePiece, readOptions, sendVote } from "./api.js";
import { showCards } from "./card.js";
import { Controls } from "./controls.js";
import { History } from "./history.js";
import { Latency } from "./latency.js";
import { Playback } from "./playback.js";
import { PianoRoll } from "./roll.js";
import { Sound } from "./sound.js";
import { Stage } from "./stage.js";
import { Tabs } from "./tabs.js";
import { Takes } from "./takes.js";
import { Transport } from "./transport.js";

const $ = (id) => document.getElementById(id);
const SOUNDS = { loading: "Fetching instruments …", sampled: "Sampled instruments", light: "Light instruments" };

export const sound = new Sound();
const history = new History();
let asking = null;

const playback = new Playback(sound, () => transport.show());
const roll = new PianoRoll($("roll"), (step) => playback.goTo(step * playback.secondsPerStep));
const transport = new Transport(
  { play: $("play"), icon: $("play-icon"), seek: $("seek"), clock: $("clock") },
  playback,
  (step, isPlaying) => roll.moveTo(step, isPlaying),
);
const stage = new Stage({
  canvas: $("roll"), legend: $("legend"), facts: $("facts"), takeAway: $("take-away"),
  message: $("message"),
}, roll);
const takes = new Takes({
  box: $("takes"), list: $("take-list"), best: $("best"), tie: $("tie"), verdict: $("verdict"),
}, { choose, vote });
const controls = new Controls($("controls"), {
  familiesBox: $("families"), dice: $("dice"), surprise: $("surprise"), mixBox: $("mix"),
});
const latency = new Latency({ line: $("latency-line"), words: $("latency-words") });

const pieceOf = (scene) => scene?.takes[scene.chosen] ?? null;
const current = () => pieceOf(history.current);

/** Make pieces, a take each, and put them on the stage with the first note of the first. */
async function generate(asks, { autoplay }) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  $("generate").disabled = true;
  stage.say("");
  const scene = { takes: asks.map(() => null), chosen: 0, isRevealed: asks.length === 1, best: null };
  try {
    const order = shuffled(asks.map((_, index) => index));
    await Promise.all(asks.map(async (ask, index) => {
      const place = order[index];
      const piece = await makePiece(ask, signal, (growing) => {
        if (!signal.aborted) grow(scene, place, growing, autoplay);
      });
      latency.add(piece.firstNoteMs);
    }));
    await finish(scene);
  } catch (error) {
    if (error.name === "AbortError") return;
    asking.abort();
    stage.say(error.message);
    if (error.status === 503 && error.retrySeconds) setTimeout(begin, error.retrySeconds * 1000);
  } finally {
    if (asking.signal === signal) $("generate").disabled = false;
  }
}

/** Take in a piece that has more notes than before; the first of a scene opens the curtain. */
function grow(scene, place, piece, autoplay) {
  const isFirst = scene.takes.every((take) => take === null);
  scene.takes[place] = piece;
  if (isFirst) {
    scene.chosen = place;
    history.push(scene);
    open(scene);
    if (autoplay && piece.notes.length) playback.start();
  } else if (scene === history.current) {
    takes.show(scene);
    if (place === scene.chosen) stage.show(piece, !scene.isRevealed);
  }
}

async function finish(scene) {
  const piece = pieceOf(scene);
  if (scene === history.current) show(scene);
  // Another champion than the one whose names the form offers: promoted since.
  if (piece.generation && !controls.knows(piece.version)) controls.offer(await readOptions());
  if (!piece.notes.length) stage.say("The model stayed silent. Try another seed.");
}

/** Show a scene and be ready to play it; `keep` goes on playing where the last one was. */
function open(scene, { keep = false } = {}) {
  show(scene);
  playback.open(pieceOf(scene), { keep });
}

function show(scene) {
  const piece = pieceOf(scene);
  stage.show(piece, !scene.isRevealed);
  takes.show(scene);
  if (scene.isRevealed && piece.isComplete) {
    controls.adopt(piece);
    window.history.replaceState(null, "", addressOf(piece));
  }
  $("undo").disabled = !history.canUndo;
  $("redo").disabled = !history.canRedo;
}

function choose(index) {
  history.current.chosen = index;
  open(history.current, { keep: true });
  document.querySelector(`input[name=take][value="${index}"]`).focus();
}

async function vote(best) {
  const scene = history.current;
  const ids = scene.takes.map(({ id }) => id);
  try {
    await sendVote({ pieces: ids, best: best === null ? null : ids[best] });
  } catch (error) {
    return stage.say(error.message);
  }
  Object.assign(scene, { isRevealed: true, best });
  if (scene === history.current) show(scene);
}

function shuffled(items) {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
  return items;
}

async function begin() {
  try {
    controls.offer(await readOptions());
  } catch (error) {
    return stage.say(error.message);
  }
  const asked = parametersOfAddress();
  if (asked) $("surprise").checked = false;
  await generate(asked ? [asked] : controls.asks(null), { autoplay: false });
}

new Tabs(document.querySelector("[role=tablist]"), async (panel) => {
  if (panel === "model") await showCards($("cards")).catch((error) => stage.say(error.message));
});

$("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  sound.wake();
  generate(controls.asks(current()), { autoplay: true });
});
$("undo").addEventListener("click", () => { history.undo(); open(history.current); });
$("redo").addEventListener("click", () => { history.redo(); open(history.current); });

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=range]):not([type=radio]), select");
  const pressing = event.target.matches("button, a, summary, input[type=radio]");
  if (event.key === " " && !pressing && !typing) {
    event.preventDefault();
    playback.toggle();
  } else if (event.key.toLowerCase() === "g" && !typing) {
    $("controls").requestSubmit();
  }
});

const showSound = () => { $("sound").textContent = SOUNDS[sound.kind]; };
sound.addEventListener("change", showSound);
showSound();
sound.load();
begin();
