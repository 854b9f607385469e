// How long the server took, request by request: the last ones as a line and in words.

const KEPT = 40;
const WIDTH = 240;
const HEIGHT = 48;

const quantile = (sorted, share) => sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)];
const shown = (ms) => `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

export class Latency {
  constructor(elements) {
    Object.assign(this, elements);
    this.values = [];
  }

  /** Count a request by the milliseconds until its first note was here. */
  add(ms) {
    this.values = [...this.values, ms].slice(-KEPT);
    const sorted = [...this.values].sort((a, b) => a - b);
    this.words.textContent = `First note: last ${shown(ms)}, half within `
      + `${shown(quantile(sorted, 0.5))}, worst ${shown(sorted.at(-1))} of ${sorted.length}`;
    const most = Math.max(sorted.at(-1), 1);
    const points = this.values.map((value, i) => {
      const x = this.values.length > 1 ? (i / (this.values.length - 1)) * WIDTH : WIDTH;
      return `${x.toFixed(1)},${(HEIGHT - 3 - (value / most) * (HEIGHT - 8)).toFixed(1)}`;
    });
    this.line.setAttribute("points", (points.length > 1 ? points : [`0,${HEIGHT / 2}`, ...points]).join(" "));
  }
}
