// A duet: what you play sounds at once and goes to a partner; what the partner plans sounds when due.

import { Jam } from "./jam.js";
import { Turns } from "./turns.js";

const STEPS_PER_QUARTER = 4;
const BAR_STEPS = 4 * STEPS_PER_QUARTER;
const BARS_SHOWN = 8;
const LEAST_STEPS = 0.25;
const VELOCITY = 84;

export class Duet {
  /** @param on what to ask and tell: `wishes()`, `tempo()`, `begin()`, `end(piece or null)`. */
  constructor(elements, { sound, keys, roll }, on) {
    Object.assign(this, elements, { sound, keys, roll, on });
    this.partner = null;
    this.start.addEventListener("click", () => (this.partner ? this.stop() : this.begin()));
    this.midi.addEventListener("click", () => this.listenToMidi());
    keys.addEventListener("press", ({ detail }) => this.press(detail));
    keys.addEventListener("release", ({ detail }) => this.release(detail.pitch));
  }

  async begin() {
    const [wishes, tempo] = [this.on.wishes(), this.on.tempo()];
    const partner = this.partner = this.mode.value === "turns" ? new Turns(this, wishes, tempo)
      : new Jam(this, { ...withoutLength(wishes), tempo_qpm: tempo }, this.family.value);
    this.start.textContent = "Stop";
    this.mode.disabled = this.family.disabled = true;
    this.on.begin();
    this.mine = new Map();
    this.theirs = new Map();
    await this.sound.wake();
    if (this.partner !== partner) return;
    try {
      const { tempoQpm, zero } = await partner.begin();
      if (this.partner !== partner) return;
      Object.assign(this, { zero, secondsPerStep: 60 / tempoQpm / STEPS_PER_QUARTER });
      this.live = {
        notes: [], tempo_qpm: tempoQpm, steps_per_quarter: STEPS_PER_QUARTER,
        length_steps: BARS_SHOWN * BAR_STEPS, isComplete: true,
      };
      this.keys.isOn = true;
      this.draw();
    } catch (error) {
      if (this.partner === partner) this.stop(error.message);
    }
  }

  stop(reason = "") {
    if (!this.partner) return;
    this.keys.releaseAll();
    this.keys.isOn = false;
    const piece = this.partner.end();
    this.partner = null;
    this.sound.silence();
    this.start.textContent = "Play together";
    this.mode.disabled = this.family.disabled = false;
    this.say(reason);
    this.on.end(piece);
  }

  press({ pitch, velocity }) {
    const family = this.family.value;
    const start = this.sound.now;
    this.sound.press(family, pitch, velocity);
    this.mine.set(pitch, { start, pitch, family, shown: this.show(start, LEAST_STEPS, pitch, family) });
    this.partner.press({ pitch });
  }

  release(pitch) {
    const note = this.mine.get(pitch);
    if (!note) return;
    this.mine.delete(pitch);
    this.sound.release(note.family, pitch);
    this.partner.release({ ...note, end: this.sound.now });
  }

  /** Let a note of the partner's sound between two times of the sound's clock. */
  play({ pitch, family }, start, end) {
    this.sound.play(family, pitch, VELOCITY, start, end);
    this.show(start, (end - start) / this.secondsPerStep, pitch, family);
  }

  /** Let a note of the partner's begin, whose end is not known yet. */
  strike({ pitch, family }, time) {
    this.sound.press(family, pitch, VELOCITY, time);
    this.theirs.set(`${family} ${pitch}`, { shown: this.show(time, LEAST_STEPS, pitch, family) });
  }

  damp({ pitch, family }, time) {
    this.sound.release(family, pitch, time);
    const note = this.theirs.get(`${family} ${pitch}`);
    this.theirs.delete(`${family} ${pitch}`);
    if (note) note.shown.duration_steps = this.stepAt(time) - note.shown.onset_steps;
  }

  /** Put a note on the roll; returns it, to be lengthened while it is held. */
  show(start, durationSteps, pitch, family) {
    const note = { onset_steps: this.stepAt(start), duration_steps: durationSteps, pitch, family };
    this.live.notes.push(note);
    return note;
  }

  stepAt(seconds) { return Math.max((seconds - this.zero) / this.secondsPerStep, 0); }

  draw() {
    if (!this.partner) return;
    const step = this.stepAt(this.sound.now);
    for (const { shown } of [...this.mine.values(), ...this.theirs.values()]) {
      shown.duration_steps = Math.max(step - shown.onset_steps, LEAST_STEPS);
    }
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

/** A duet lasts until somebody ends it. */
function withoutLength({ bars, ...wishes }) { return wishes; }
