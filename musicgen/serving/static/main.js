// The page: asks for pieces, shows them, plays them.

import { makePiece, readOptions, readSound } from "./api.js";
import { Controls, addressOf, parametersOfAddress } from "./controls.js";
import { Player } from "./player.js";
import { PianoRoll, pitchName } from "./roll.js";

const $ = (id) => document.getElementById(id);
let piece = null;
let asking = null;

const roll = new PianoRoll($("roll"), (step) => piece && player.goTo(step * secondsPerStep()));
const player = new Player(
  { audio: $("audio"), play: $("play"), icon: $("play-icon"), seek: $("seek"), clock: $("clock") },
  (seconds, playing) => piece && roll.moveTo(seconds / secondsPerStep(), playing),
);
const controls = new Controls($("controls"), {
  familiesBox: $("families"), dice: $("dice"), surprise: $("surprise"),
});

const secondsPerStep = () => 60 / piece.tempo_qpm / piece.steps_per_quarter;
const say = (text) => { $("message").textContent = text; };

async function generate(parameters, { autoplay }) {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  $("generate").disabled = true;
  try {
    show(await makePiece(parameters, signal));
    $("generate").disabled = false;
    // Another champion than the one whose names the form offers: promoted since.
    if (piece.generation && !controls.knows(piece.version)) controls.offer(await readOptions());
    if (!piece.notes.length) return say("The model stayed silent. Try another seed.");
    player.load(await readSound(piece, signal));
    if (autoplay) await player.start();
  } catch (error) {
    if (error.name === "AbortError") return;
    say(error.message);
    if (error.status === 503 && error.retrySeconds) {
      setTimeout(begin, error.retrySeconds * 1000);
    }
  } finally {
    if (!signal.aborted) $("generate").disabled = false;
  }
}

function show(made) {
  piece = made;
  say("");
  controls.adopt(piece);
  player.expect(piece.duration_seconds);
  roll.show(piece);
  $("roll").setAttribute("aria-label", description(piece));
  const families = [...new Set(piece.notes.map((note) => note.family))].sort();
  $("legend").replaceChildren(...families.map((family) => {
    const item = document.createElement("li");
    item.className = family;
    item.textContent = family;
    return item;
  }));
  showFacts();
  $("midi").href = piece.links.midi;
  $("wav").href = piece.links.wav;
  for (const id of ["midi", "wav", "share"]) $(id).hidden = false;
  history.replaceState(null, "", addressOf(piece));
}

function showFacts() {
  const facts = {
    Model: piece.version,
    Seed: piece.seed,
    Notes: piece.notes.length,
    "Made in": `${Math.round(piece.latencyMs)} ms`,
  };
  $("facts").replaceChildren(...Object.entries(facts).map(([name, value]) => {
    const pair = document.createElement("div");
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    pair.append(term, detail);
    return pair;
  }));
}

function description({ notes, bars, composer, tempo_qpm: tempo }) {
  if (!notes.length) return `Piano roll of ${bars} silent bars`;
  const pitches = notes.map((note) => note.pitch);
  const families = [...new Set(notes.map((note) => note.family))].join(", ");
  const manner = composer === "unknown" ? "" : ` in the manner of ${composer}`;
  return `Piano roll${manner}: ${bars} bars, ${notes.length} notes for ${families}, from `
    + `${pitchName(Math.min(...pitches))} to ${pitchName(Math.max(...pitches))}, `
    + `${Math.round(tempo)} quarter notes a minute`;
}

async function begin() {
  try {
    controls.offer(await readOptions());
  } catch (error) {
    return say(error.message);
  }
  const asked = parametersOfAddress();
  if (asked) $("surprise").checked = false;
  await generate(asked ?? controls.parameters(null), { autoplay: false });
}

$("controls").addEventListener("submit", (event) => {
  event.preventDefault();
  generate(controls.parameters(piece), { autoplay: true });
});

$("share").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(addressOf(piece));
    say("The link is in the clipboard.");
  } catch {
    say("The link is in the address bar.");
  }
  setTimeout(() => say(""), 2500);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=range]), select");
  const pressing = event.target.matches("button, a, summary");
  if (event.key === " " && !pressing && !typing) {
    event.preventDefault();
    player.toggle();
  } else if (event.key.toLowerCase() === "g" && !typing) {
    $("controls").requestSubmit();
  }
});

begin();
