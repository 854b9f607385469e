// Where the page's sound comes from: one audio context, one instrument, one measured way out.

import { LightInstrument } from "./light.js";
import { openSampler } from "./sampler.js";

const LOUDNESS = 0.9;

export class Sound extends EventTarget {
  constructor() {
    super();
    this.context = new AudioContext({ latencyHint: "interactive" });
    this.gate = new GainNode(this.context, { gain: LOUDNESS });
    this.analyser = new AnalyserNode(this.context, { fftSize: 2048 });
    // A full choir must not clip: what would is pressed a little instead.
    this.limiter = new DynamicsCompressorNode(this.context, {
      threshold: -8, knee: 6, ratio: 12, attack: 0.003, release: 0.2,
    });
    this.gate.connect(this.limiter).connect(this.analyser).connect(this.context.destination);
    this.instrument = new LightInstrument(this.context, this.gate);
    this.kind = "loading";
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  /** Fetch the sampled instrument; the light one plays meanwhile, and for good where that fails. */
  async load() {
    try {
      const sampler = await openSampler(this.context, this.gate);
      this.instrument.silence();
      this.instrument = sampler;
      this.kind = "sampled";
    } catch (error) {
      console.info("The light instrument plays:", error.message);
      this.kind = "light";
    }
    this.dispatchEvent(new Event("change"));
  }

  get now() { return this.context.currentTime; }

  /** Begin to sound: browsers forbid it until somebody has touched the page. */
  async wake() {
    if (this.context.state !== "running") await this.context.resume();
  }

  /** Play a note of a family between two times of the context, in seconds. */
  play(family, pitch, velocity, start, end) {
    this.instrument.play(family, pitch, velocity, start, end);
  }

  /** Sound a key from a time on, or from now, until `release`. */
  press(family, pitch, velocity, time = this.now) {
    this.instrument.press(family, pitch, velocity, time);
  }

  release(family, pitch, time = this.now) { this.instrument.release(family, pitch, time); }

  /** Stop everything that sounds or is about to. */
  silence() { this.instrument.silence(); }

  /** Return how loud it is right now: the root mean square of the last 40 ms, 0 to 1. */
  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const power = this.samples.reduce((sum, sample) => sum + sample * sample, 0);
    return Math.sqrt(power / this.samples.length);
  }
}
