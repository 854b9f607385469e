// A duet in turns: you play, and where you pause the model goes on from what both have played.

import { goneOn } from "./api.js";
import { Conversation } from "./conversation.js";
import { midiOf } from "./midifile.js";

const STEPS_PER_QUARTER = 4;
const BAR_STEPS = 4 * STEPS_PER_QUARTER;
const BARS_SHOWN = 8;
const PAUSE_QUARTERS = 2;
const LEAD_SECONDS = 0.08;
const VELOCITY = 84;
const MAX_SEED = 2 ** 32;

export class Duet {
  /** @param on what to ask and tell: `wishes()`, `tempo()`, `begin()`, `end(piece or null)`. */
  constructor(elements, { sound, keys, roll }, on) {
    Object.assign(this, elements, { sound, keys, roll, on });
    this.isOn = false;
    this.start.addEventListener("click", () => (this.isOn ? this.stop() : this.begin()));
    this.midi.addEventListener("click", () => this.listenToMidi());
    keys.addEventListener("press", ({ detail }) => this.press(detail));
    keys.addEventListener("release", ({ detail }) => this.release(detail.pitch));
  }

  async begin() {
    this.isOn = this.keys.isOn = true;
    this.start.textContent = "Stop";
    this.on.begin();
    await this.sound.wake();
    this.zero = this.sound.now;
    this.conversation = new Conversation(this.on.tempo());
    this.held = new Map();
    this.phrase = [];
    this.answer = null;
    this.live = {
      notes: [], tempo_qpm: this.on.tempo(), steps_per_quarter: STEPS_PER_QUARTER,
      length_steps: BARS_SHOWN * BAR_STEPS, isComplete: true,
    };
    this.say("Your turn: play something, then pause.");
    this.draw();
  }

  stop() {
    this.keys.releaseAll();
    this.isOn = this.keys.isOn = false;
    clearTimeout(this.pause);
    this.asking?.abort();
    this.sound.silence();
    this.start.textContent = "Play together";
    this.say("");
    this.on.end(this.answer);
  }

  press({ pitch, velocity }) {
    clearTimeout(this.pause);
    const family = this.family.value;
    this.sound.press(family, pitch, velocity);
    const note = { start: this.sound.now, end: null, pitch, family, shown: this.show(this.sound.now, 0, pitch, family) };
    this.held.set(pitch, note);
    this.phrase.push(note);
  }

  release(pitch) {
    const note = this.held.get(pitch);
    if (!note) return;
    this.held.delete(pitch);
    note.end = this.sound.now;
    this.sound.release(note.family, pitch);
    const pauseMs = PAUSE_QUARTERS * STEPS_PER_QUARTER * this.conversation.secondsPerStep * 1000;
    if (!this.held.size) this.pause = setTimeout(() => this.pass(), pauseMs);
  }

  /** Hand over to the model: it goes on for as long as the phrase was, as soon as it has notes. */
  async pass() {
    const { conversation } = this;
    const bars = conversation.addPhrase(this.phrase);
    this.phrase = [];
    this.asking = new AbortController();
    const { signal } = this.asking;
    const seed = Math.floor(Math.random() * MAX_SEED);
    const music = midiOf(conversation.context, conversation.tempoQpm);
    this.say("The model answers …");
    try {
      const planned = { from: 0, count: 0 };
      this.answer = await goneOn(music, { ...this.on.wishes(), bars, seed })(
        signal, (piece) => { if (!signal.aborted) this.plan(piece, planned); },
      );
      conversation.add(answerOf(this.answer));
      if (!this.held.size) this.say("Your turn.");
    } catch (error) {
      if (error.name !== "AbortError") this.say(error.message);
    }
  }

  /** Let the notes sound that are new in a growing answer. */
  plan(piece, planned) {
    planned.from ||= this.sound.now + LEAD_SECONDS;
    const fresh = answerOf(piece).slice(planned.count);
    planned.count += fresh.length;
    for (const { onset_steps: onset, duration_steps: duration, pitch, family } of fresh) {
      const start = planned.from + onset * this.conversation.secondsPerStep;
      const seconds = duration * this.conversation.secondsPerStep;
      this.sound.play(family, pitch, VELOCITY, start, start + seconds);
      this.show(start, duration, pitch, family);
    }
  }

  /** Put a note on the roll; returns it, to be lengthened while it is held. */
  show(start, durationSteps, pitch, family) {
    const note = { onset_steps: this.stepAt(start), duration_steps: durationSteps, pitch, family };
    this.live.notes.push(note);
    return note;
  }

  stepAt(seconds) { return Math.max((seconds - this.zero) / this.conversation.secondsPerStep, 0); }

  draw() {
    if (!this.isOn) return;
    const step = this.stepAt(this.sound.now);
    for (const { shown } of this.held.values()) shown.duration_steps = step - shown.onset_steps;
    const bars = Math.ceil(step / BAR_STEPS) + BARS_SHOWN / 2;
    this.live.length_steps = Math.max(this.live.length_steps, bars * BAR_STEPS);
    this.roll.show(this.live);
    this.roll.moveTo(step, true);
    requestAnimationFrame(() => this.draw());
  }

  async listenToMidi() {
    try {
      const count = await this.keys.listenToMidi();
      this.say(count ? `Listening to ${count} MIDI input${count > 1 ? "s" : ""}.` : "No MIDI instrument yet: plug one in.");
    } catch {
      this.say("This browser gives no access to MIDI instruments.");
    }
  }

  say(text) { this.state.textContent = text; }
}

/** Return the notes that the model added, counted from where it took over. */
const answerOf = (piece) => piece.notes
  .filter((note) => note.onset_steps >= piece.prompt_steps)
  .map((note) => ({ ...note, onset_steps: note.onset_steps - piece.prompt_steps }));
