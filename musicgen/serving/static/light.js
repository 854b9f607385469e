// A synthesiser of a few oscillators: plays at once, needs nothing that must be fetched.

// Overtones, and an envelope in seconds; keyboards fade by themselves, the others hold.
const VOICES = {
  keyboard: { overtones: [1, 0.42, 0.2, 0.11, 0.05], attack: 0.004, fade: 1.4, release: 0.12 },
  strings: { overtones: [1, 0.5, 0.33, 0.25, 0.2, 0.16], attack: 0.07, fade: 0, release: 0.18 },
  winds: { overtones: [1, 0.06, 0.55, 0.05, 0.3], attack: 0.035, fade: 0, release: 0.09 },
  voices: { overtones: [1, 0.35, 0.18, 0.04], attack: 0.09, fade: 0, release: 0.2 },
};
const PEAK = 0.16;
const FAR = 3600;

export class LightInstrument {
  constructor(context, output) {
    this.context = context;
    this.output = new GainNode(context);
    this.output.connect(output);
    this.sounding = new Set();
    this.pressed = new Map();
    this.waves = Object.fromEntries(Object.entries(VOICES).map(([family, { overtones }]) => {
      const real = new Float32Array([0, ...overtones]);
      return [family, new PeriodicWave(context, { real, imag: new Float32Array(real.length) })];
    }));
  }

  play(family, pitch, velocity, start, end) {
    const note = this.sound(family, pitch, velocity, Math.max(start, this.context.currentTime));
    this.stop(note, end);
  }

  press(family, pitch, velocity, time) {
    this.release(family, pitch, time);
    const note = this.sound(family, pitch, velocity, Math.max(time, this.context.currentTime));
    this.pressed.set(`${family} ${pitch}`, note);
  }

  release(family, pitch, time) {
    const note = this.pressed.get(`${family} ${pitch}`);
    this.pressed.delete(`${family} ${pitch}`);
    if (note) this.stop(note, Math.max(time, this.context.currentTime));
  }

  silence() {
    for (const { oscillator, envelope } of this.sounding) {
      envelope.disconnect();
      oscillator.stop();
    }
    this.sounding.clear();
    this.pressed.clear();
  }

  sound(family, pitch, velocity, start) {
    const { attack, fade, release } = VOICES[family];
    const frequency = 440 * 2 ** ((pitch - 69) / 12);
    const oscillator = new OscillatorNode(this.context, { frequency });
    oscillator.setPeriodicWave(this.waves[family]);
    const envelope = new GainNode(this.context, { gain: 0 });
    const peak = PEAK * (velocity / 127);
    envelope.gain.setValueAtTime(0, start).linearRampToValueAtTime(peak, start + attack);
    if (fade) envelope.gain.setTargetAtTime(0, start + attack, fade / 2);
    oscillator.connect(envelope).connect(this.output);
    oscillator.start(start);
    oscillator.stop(start + FAR);
    const note = { oscillator, envelope, release };
    this.sounding.add(note);
    oscillator.addEventListener("ended", () => this.sounding.delete(note));
    return note;
  }

  stop({ oscillator, envelope, release }, time) {
    envelope.gain.setTargetAtTime(0, time, release / 3);
    oscillator.stop(time + release * 2);
  }
}
