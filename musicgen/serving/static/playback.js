// Plays a piece that may still be growing: notes are handed to the sound a moment ahead.

const AHEAD_SECONDS = 0.15;
// Browsers let hidden pages do something only once a second.
const AHEAD_HIDDEN_SECONDS = 1.6;
const TICK_MS = 40;
// Whoever drags the playhead moves it at each frame: what was planned for where it passed must not sound.
const SETTLE_MS = 60;
const VELOCITY = 88;
// The piece waits a little for its notes, rather than stutter behind each of them.
const LEAST_LEAD_SECONDS = 0.1;

// One note at most sounds per pitch and family, so this names it.
const keyOf = (note) => `${note.onset_steps} ${note.pitch} ${note.family}`;

export class Playback {
  /** @param onChange called whenever it starts, stops, or is moved. */
  constructor(sound, onChange) {
    this.sound = sound;
    this.onChange = onChange;
    this.piece = null;
    this.isPlaying = false;
    this.rest = 0;
  }

  /** Take another piece, whose notes may be added to later, and stop; or `keep` on playing there. */
  open(piece, { keep = false } = {}) {
    if (keep) {
      this.rest = this.seconds;
      this.piece = piece;
      return this.goTo(this.rest);
    }
    this.pause();
    this.piece = piece;
    this.rest = 0;
    this.onChange();
  }

  get secondsPerStep() { return 60 / this.piece.tempo_qpm / this.piece.steps_per_quarter; }
  get duration() { return this.piece ? this.piece.length_steps * this.secondsPerStep : 0; }

  /** Where it is, in seconds of the piece. */
  get seconds() {
    if (!this.isPlaying) return this.rest;
    return Math.min(Math.max(this.sound.now - this.zero, this.rest), this.duration);
  }

  get step() { return this.piece ? this.seconds / this.secondsPerStep : 0; }

  /** How much is known, in seconds: all of it, once the piece is complete. */
  get known() {
    return this.piece.isComplete ? this.duration : this.piece.known_steps * this.secondsPerStep;
  }

  async start() {
    if (!this.piece || this.isPlaying) return;
    if (this.rest >= this.duration) this.rest = 0;
    this.isPlaying = true;
    const going = this.goOn(0);
    this.onChange();
    await going;
  }

  /** Play on from `rest` once there is sound, and a while has passed. */
  async goOn(delayMs) {
    const start = this.latestStart = Symbol("start");
    this.zero = Infinity;
    clearInterval(this.timer);
    await Promise.all([this.sound.wake(), new Promise((done) => setTimeout(done, delayMs))]);
    // It may have been stopped meanwhile, or moved, or started again.
    if (!this.isPlaying || this.latestStart !== start) return;
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.begin();
  }

  pause() {
    if (!this.isPlaying) return;
    this.rest = this.seconds;
    this.isPlaying = false;
    clearInterval(this.timer);
    this.sound.silence();
    this.onChange();
  }

  toggle() { return this.isPlaying ? this.pause() : this.start(); }

  goTo(seconds) {
    this.rest = Math.min(Math.max(seconds, 0), this.duration);
    if (this.isPlaying) {
      if (this.zero !== Infinity) this.sound.silence();
      this.goOn(SETTLE_MS);
    }
    this.onChange();
  }

  /** Let the music go on from `rest`: what began before and still sounds is struck again. */
  begin() {
    this.zero = this.sound.now + 0.05 - this.rest;
    this.planned = new Set(
      this.piece.notes.filter((note) => this.end(note) <= this.rest).map(keyOf),
    );
    this.tick();
  }

  tick() {
    const at = this.sound.now - this.zero;
    if (at >= this.duration && this.piece.isComplete) return this.finish();
    if (!this.piece.isComplete && at + LEAST_LEAD_SECONDS > this.known) {
      // The model is behind: hold the clock until there is something to play.
      this.zero = this.sound.now + LEAST_LEAD_SECONDS - this.known;
    }
    const horizon = at + (document.hidden ? AHEAD_HIDDEN_SECONDS : AHEAD_SECONDS);
    for (const note of this.piece.notes) {
      const start = note.onset_steps * this.secondsPerStep;
      if (start >= horizon || this.planned.has(keyOf(note))) continue;
      this.planned.add(keyOf(note));
      const from = Math.max(start, this.rest);
      this.sound.play(note.family, note.pitch, VELOCITY, from + this.zero, this.end(note) + this.zero);
    }
  }

  end(note) { return (note.onset_steps + note.duration_steps) * this.secondsPerStep; }

  finish() {
    clearInterval(this.timer);
    this.isPlaying = false;
    this.rest = 0;
    this.onChange();
  }
}
