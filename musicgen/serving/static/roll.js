// A piano roll on a canvas: keys on the left, bars across, a playhead that the view follows.

const FAMILIES = ["keyboard", "strings", "winds", "voices"];
const COLOURS = [
  ...FAMILIES, "roll", "roll-dark-row", "roll-beat", "roll-bar", "white-key", "black-key",
  "playhead", "faint", "ink", "accent",
];
const BLACK = new Set([1, 3, 6, 8, 10]);
const NAMES = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
const HEADER = 22;
const LEAST_STEP_WIDTH = 4.5;
const LEAST_ROWS = 28;

export const EMPTY = { notes: [], length_steps: 128, steps_per_quarter: 4 };

export const pitchName = (pitch) => NAMES[pitch % 12] + (Math.floor(pitch / 12) - 1);

export class PianoRoll {
  /** @param onSeek called with a step when somebody points at one. */
  constructor(canvas, onSeek) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.playing = false;
    this.readColours();
    this.show(EMPTY);
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", () => { this.readColours(); this.draw(); });
    new ResizeObserver(() => this.resize()).observe(canvas);
    canvas.addEventListener("click", (event) => {
      const x = event.clientX - canvas.getBoundingClientRect().left;
      onSeek(Math.min(Math.max(this.stepAt(x), 0), this.piece.length_steps));
    });
    canvas.addEventListener("wheel", (event) => this.scroll(event), { passive: false });
  }

  /** Show a piece; the same one again, when it has grown, stays where it is. */
  show(piece) {
    if (piece !== this.piece) this.step = this.viewStart = 0;
    this.piece = piece;
    this.barSteps = piece.bar_steps ?? 4 * piece.steps_per_quarter;
    const pitches = piece.notes.map((note) => note.pitch);
    this.low = pitches.length ? Math.min(...pitches) - 2 : 48;
    this.high = pitches.length ? Math.max(...pitches) + 2 : 76;
    const missing = LEAST_ROWS - (this.high - this.low + 1);
    if (missing > 0) {
      this.low -= Math.ceil(missing / 2);
      this.high += Math.floor(missing / 2);
    }
    this.draw();
  }

  moveTo(step, playing) {
    this.step = step;
    this.playing = playing;
    this.follow();
    this.draw();
  }

  readColours() {
    const style = getComputedStyle(document.documentElement);
    this.colours = Object.fromEntries(
      COLOURS.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]),
    );
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    this.width = this.canvas.clientWidth;
    this.height = this.canvas.clientHeight;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw();
  }

  get keysWidth() { return this.width < 600 ? 34 : 52; }
  get rowHeight() { return (this.height - HEADER) / (this.high - this.low + 1); }
  get visibleSteps() {
    const most = Math.floor((this.width - this.keysWidth) / LEAST_STEP_WIDTH / 16) * 16;
    return Math.min(this.piece.length_steps, Math.max(most, 16));
  }
  get stepWidth() { return (this.width - this.keysWidth - 8) / this.visibleSteps; }
  get lastStart() { return this.piece.length_steps - this.visibleSteps; }

  x(step) { return this.keysWidth + (step - this.viewStart) * this.stepWidth; }
  y(pitch) { return HEADER + (this.high - pitch) * this.rowHeight; }
  stepAt(x) { return (x - this.keysWidth) / this.stepWidth + this.viewStart; }

  follow() {
    const place = (this.step - this.viewStart) / this.visibleSteps;
    if (this.playing ? place < 0 || place > 0.6 : place < 0 || place > 1) {
      const wanted = this.step - this.visibleSteps * (this.playing ? 0.6 : 0.1);
      const jump = Math.abs(wanted - this.viewStart) > 4;
      this.viewStart = jump && this.playing && place <= 1 ? this.viewStart + 1 : wanted;
    }
    this.viewStart = Math.min(Math.max(this.viewStart, 0), this.lastStart);
  }

  scroll(event) {
    const delta = event.deltaX || (event.shiftKey ? event.deltaY : 0);
    if (!delta || !this.lastStart) return;
    event.preventDefault();
    const start = this.viewStart + delta / this.stepWidth;
    this.viewStart = Math.min(Math.max(start, 0), this.lastStart);
    this.draw();
  }

  draw() {
    if (!this.width) return;
    const { context, colours } = this;
    context.fillStyle = colours.roll;
    context.fillRect(0, 0, this.width, this.height);
    this.drawGrid();
    const sounding = this.drawNotes();
    this.drawPrompt();
    this.drawUnknown();
    this.drawPlayhead();
    this.drawKeys(sounding);
  }

  drawGrid() {
    const { context, colours, width, height } = this;
    context.fillStyle = colours["roll-dark-row"];
    for (let pitch = this.low; pitch <= this.high; pitch++) {
      if (BLACK.has(pitch % 12)) context.fillRect(0, this.y(pitch), width, this.rowHeight);
    }
    context.font = "11px system-ui, sans-serif";
    context.textBaseline = "middle";
    const quarter = this.piece.steps_per_quarter;
    const everyBar = this.stepWidth * this.barSteps > 34 ? 1 : 4;
    const { length_steps: end } = this.piece;
    for (let start = 0; start <= end; start += this.barSteps) { // a bar is not always whole quarters
      for (let step = start; step < start + this.barSteps && step <= end; step += quarter) {
        const isBar = step === start;
        context.fillStyle = colours[isBar ? "roll-bar" : "roll-beat"];
        context.fillRect(Math.round(this.x(step)), isBar ? 4 : HEADER, 1, height);
      }
      const bar = start / this.barSteps;
      if (bar % everyBar === 0 && start < end) {
        context.fillStyle = colours.faint;
        context.fillText(bar + 1, this.x(start) + 6, HEADER / 2 + 1);
      }
    }
  }

  drawNotes() {
    const { context, colours, step } = this;
    const sounding = new Map();
    const height = Math.max(this.rowHeight - 1, 2);
    for (const note of this.piece.notes) {
      const end = note.onset_steps + note.duration_steps;
      const left = this.x(note.onset_steps);
      const right = this.x(end);
      if (right < this.keysWidth || left > this.width) continue;
      const isSounding = step > 0 && note.onset_steps <= step && step < end;
      const colour = colours[note.family];
      if (isSounding) sounding.set(note.pitch, colour);
      context.fillStyle = colour;
      context.globalAlpha = isSounding || step === 0 ? 1 : end <= step ? 0.55 : 0.85;
      context.shadowColor = colour;
      context.shadowBlur = isSounding ? 14 : 0;
      context.beginPath();
      const width = Math.max(right - left - 1.5, 2);
      context.roundRect(left + 0.5, this.y(note.pitch) + 0.5, width, height, Math.min(3, height / 2));
      context.fill();
    }
    context.globalAlpha = 1;
    context.shadowBlur = 0;
    return sounding;
  }

  /** Veil what is still to be written. */
  drawUnknown() {
    if (this.piece.isComplete !== false) return;
    const left = Math.max(this.x(this.piece.known_steps), this.keysWidth);
    this.context.globalAlpha = 0.25;
    this.context.fillStyle = this.colours["roll-bar"];
    this.context.fillRect(left, HEADER, this.width - left, this.height);
    this.context.globalAlpha = 1;
  }

  /** Mark where the model took over. */
  drawPrompt() {
    if (!this.piece.prompt_steps) return;
    const { context } = this;
    const x = this.x(this.piece.prompt_steps);
    context.fillStyle = this.colours.accent;
    context.globalAlpha = 0.08;
    context.fillRect(this.keysWidth, HEADER, x - this.keysWidth, this.height);
    context.globalAlpha = 1;
    context.fillRect(Math.round(x) - 1, HEADER, 2, this.height);
  }

  drawPlayhead() {
    const { context } = this;
    const x = this.x(this.step);
    context.fillStyle = this.colours.playhead;
    context.fillRect(x - 1, 0, 2, this.height);
    context.beginPath();
    context.moveTo(x - 6, 0);
    context.lineTo(x + 6, 0);
    context.lineTo(x, 8);
    context.fill();
  }

  drawKeys(sounding) {
    const { context, colours, keysWidth, rowHeight } = this;
    context.fillStyle = colours["white-key"];
    context.fillRect(0, HEADER, keysWidth, this.height);
    context.fillStyle = colours.roll;
    context.fillRect(0, 0, keysWidth, HEADER);
    for (let pitch = this.low; pitch <= this.high; pitch++) {
      const isBlack = BLACK.has(pitch % 12);
      const lit = sounding.get(pitch);
      const length = isBlack ? keysWidth * (keysWidth < 40 ? 0.48 : 0.6) : keysWidth;
      context.fillStyle = lit || colours[isBlack ? "black-key" : "white-key"];
      context.fillRect(0, this.y(pitch), length, rowHeight);
      // Between E and F, and B and C, two white keys meet.
      if (pitch % 12 === 0 || pitch % 12 === 5) {
        context.fillStyle = colours["roll-bar"];
        context.fillRect(0, this.y(pitch) + rowHeight - 0.5, keysWidth, 1);
      }
      if (pitch % 12 === 0 && rowHeight > 4) {
        context.fillStyle = "#4b5260";
        context.font = `${keysWidth < 40 ? 9 : 10}px system-ui, sans-serif`;
        context.textAlign = "right";
        context.fillText(pitchName(pitch), keysWidth - 3, this.y(pitch) + rowHeight / 2);
        context.textAlign = "left";
      }
    }
    context.fillStyle = colours["roll-bar"];
    context.fillRect(keysWidth - 1, HEADER, 1, this.height);
  }
}
