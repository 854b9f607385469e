// The stage: shows a piece as roll, legend, facts and things to take away.

import { addressOf } from "./address.js";
import { readFile } from "./api.js";
import { definitions } from "./card.js";
import { hasKey } from "./key.js";
import { EMPTY, pitchName } from "./roll.js";

const HINT_MS = 2500;
const KEPT_MS = 60_000; // a file that the browser is saving
const LETTER_MS = 60; // some two hundred words a minute
const FORMS = { midi: "MIDI", wav: "WAV", musicxml: "MusicXML" };

export class Stage {
  constructor(elements, roll, score) {
    Object.assign(this, elements);
    this.roll = roll;
    this.score = score;
  }

  /** Show a piece, or none; `isBlind` keeps to itself what made it. */
  show(piece, isBlind) {
    if (!piece) return this.clear();
    this.roll.show(piece);
    const words = description(piece, isBlind);
    this.canvas.setAttribute("aria-label", words);
    this.score.offer(piece, words);
    const families = [...new Set(piece.notes.map((note) => note.family))].sort();
    this.legend.replaceChildren(...families.map((family) => {
      const item = document.createElement("li");
      item.className = family;
      item.textContent = family;
      return item;
    }));
    this.facts.replaceChildren(definitions(isBlind ? { Notes: piece.notes.length } : facts(piece)));
    this.takeAway.replaceChildren(...(isBlind || !piece.isComplete ? [] : this.gifts(piece)));
  }

  clear() {
    this.roll.show(EMPTY);
    this.canvas.setAttribute("aria-label", "No piece yet");
    this.score.offer(EMPTY, "");
    for (const box of [this.legend, this.facts, this.takeAway]) box.replaceChildren();
  }

  gifts(piece) {
    const links = Object.entries(FORMS).filter(([form]) => piece.links[form]);
    const share = document.createElement("button");
    Object.assign(share, { type: "button", textContent: "Copy link" });
    share.addEventListener("click", () => this.share(piece));
    return [...links.map(([form, name]) => {
      const link = document.createElement("a");
      Object.assign(link, { href: piece.links[form], textContent: name, className: "button", download: "" });
      link.addEventListener("click", (event) => {
        if (!hasKey()) return;
        event.preventDefault();
        this.fetchFor(link, `${piece.version}-seed-${piece.seed}.${piece.links[form].split(".").pop()}`);
      });
      return link;
    }), share];
  }

  /** Follow a link in the browser's stead, which would come without the key. */
  async fetchFor(link, name) {
    try {
      const url = URL.createObjectURL(await readFile(link.href));
      Object.assign(document.createElement("a"), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
    } catch (error) {
      this.say(error.message);
    }
  }

  async share(piece) {
    try {
      await navigator.clipboard.writeText(addressOf(piece));
      this.hint("The link is in the clipboard.");
    } catch {
      this.hint("The link is in the address bar.");
    }
  }

  say(text) { this.message.textContent = text; }

  /** Say something for as long as it takes to read, unless something else is said meanwhile. */
  hint(text) {
    this.say(text);
    const ms = Math.max(HINT_MS, LETTER_MS * text.length);
    setTimeout(() => { if (this.message.textContent === text) this.say(""); }, ms);
  }
}

function facts(piece) {
  const shown = { Model: piece.version, Seed: piece.seed, Notes: piece.notes.length };
  if (piece.firstNoteMs) shown["First note"] = `${Math.round(piece.firstNoteMs)} ms`;
  return shown;
}

function description({ notes, composer, tempo_qpm: tempo, length_steps: length, bar_steps: bar }, isBlind) {
  const bars = Math.round(length / bar);
  if (!notes.length) return `Piano roll of ${bars} silent bars`;
  const pitches = notes.map((note) => note.pitch);
  const families = [...new Set(notes.map((note) => note.family))].join(", ");
  // Of two families one alone may know the manner that was asked for.
  const manner = isBlind || composer === "unknown" ? "" : ` in the manner of ${composer}`;
  return `Piano roll${manner}: ${bars} bars, ${notes.length} notes for ${families}, from `
    + `${pitchName(Math.min(...pitches))} to ${pitchName(Math.max(...pitches))}, `
    + `${Math.round(tempo)} quarter notes a minute`;
}
