// A partner that waits: where you pause, it goes on from what both have played.

import { goneOn } from "./api.js";
import { Conversation } from "./conversation.js";
import { midiOf } from "./midifile.js";

const PAUSE_STEPS = 8;
const LEAD_SECONDS = 0.08;
const MAX_SEED = 2 ** 32;

export class Turns {
  /** @param duet what to tell: `play(note, start, end)`, `say(text)`, and whose sound it is. */
  constructor(duet, wishes, tempoQpm) {
    Object.assign(this, { duet, wishes });
    this.conversation = new Conversation(tempoQpm);
    this.phrase = [];
    this.down = 0;
    this.answer = null;
  }

  /** Return tempo and beginning of the duet, by the sound's clock. */
  async begin() {
    this.duet.say("Your turn: play something, then pause.");
    return { tempoQpm: this.conversation.tempoQpm, zero: this.duet.sound.now };
  }

  /** Stop; returns the last answer, a piece, if there was one. */
  end() {
    clearTimeout(this.pause);
    this.quiet();
    return this.answer;
  }

  press() {
    this.down += 1;
    clearTimeout(this.pause);
    clearTimeout(this.over);
  }

  /** Hear a note that is over, with `start` and `end` by the sound's clock. */
  release(note) {
    this.down -= 1;
    this.phrase.push(note);
    const pauseMs = PAUSE_STEPS * this.conversation.secondsPerStep * 1000;
    if (!this.down) this.pause = setTimeout(() => this.reply(), pauseMs);
  }

  /** Go on for as long as the phrase was, as soon as there are notes. */
  async reply() {
    const { conversation, duet } = this;
    this.quiet(); // one voice at a time
    duet.sound.silence();
    const bars = conversation.addPhrase(this.phrase);
    this.phrase = [];
    this.asking = new AbortController();
    const { signal } = this.asking;
    const seed = Math.floor(Math.random() * MAX_SEED);
    const music = midiOf(conversation.context, conversation.tempoQpm);
    duet.say("The model answers …");
    try {
      const planned = { from: 0, count: 0, until: 0 };
      this.answer = await goneOn(music, { ...this.wishes, bars, seed })(
        signal, (piece) => { if (!signal.aborted) this.plan(piece, planned); },
      );
      conversation.add(addedIn(this.answer));
      const leftMs = 1000 * Math.max(planned.until - duet.sound.now, 0);
      this.over = setTimeout(() => { if (!this.down) duet.say("Your turn."); }, leftMs);
    } catch (error) {
      if (error.name !== "AbortError") duet.say(error.message);
    }
  }

  /** Say and plan no more of an answer. */
  quiet() {
    clearTimeout(this.over);
    this.asking?.abort();
  }

  /** Let the notes sound that are new in a growing answer. */
  plan(piece, planned) {
    const fresh = addedIn(piece).slice(planned.count);
    // Not from the prompt's notes on, which come first: the model still reads then.
    if (fresh.length) planned.from ||= this.duet.sound.now + LEAD_SECONDS;
    planned.count += fresh.length;
    for (const note of fresh) {
      const start = planned.from + note.onset_steps * this.conversation.secondsPerStep;
      const end = start + note.duration_steps * this.conversation.secondsPerStep;
      planned.until = Math.max(planned.until, end);
      this.duet.play(note, start, end);
    }
  }
}

/** Return the notes that the model added, counted from where it took over. */
const addedIn = (piece) => piece.notes
  .filter((note) => note.onset_steps >= piece.prompt_steps)
  .map((note) => ({ ...note, onset_steps: note.onset_steps - piece.prompt_steps }));
