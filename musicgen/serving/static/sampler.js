// The sampled instrument: SpessaSynth in an audio worklet, with the server's SoundFont.

import { answered } from "./api.js";

// General MIDI programs, as the server's MIDI files and waves have them.
export const PROGRAMS = { keyboard: 0, strings: 48, winds: 71, voices: 52 };
const FAMILIES = Object.keys(PROGRAMS);
// Planned notes cannot be called back, so each stop moves on to other channels; 9 is for drums.
const BANKS = [[0, 1, 2, 3], [4, 5, 6, 7], [10, 11, 12, 13]];
const VOLUME = 7;
const FULL = 110;
const ALL_SOUND_OFF = 120;
const ALL_NOTES_OFF = 123;
const WORKLET = "/static/vendor/spessasynth_lib/spessasynth_processor.min.js";
// A note that is struck again ends a moment before, or its end would cut the new one.
const GAP_SECONDS = 0.004;

/** Return the instrument, ready to play; throws where scripts or SoundFont cannot be had. */
export async function openSampler(context, output) {
  const [{ WorkletSynthesizer }, font] = await Promise.all([
    import("spessasynth_lib"),
    answered("/v1/soundfont").then((response) => response.arrayBuffer()),
    context.audioWorklet.addModule(WORKLET),
  ]);
  const synthesizer = new WorkletSynthesizer(context);
  synthesizer.connect(output);
  await synthesizer.soundBankManager.addSoundBank(font, "main");
  await synthesizer.isReady;
  return new Sampler(context, synthesizer);
}

class Sampler {
  constructor(context, synthesizer) {
    this.context = context;
    this.synthesizer = synthesizer;
    for (const bank of BANKS) {
      FAMILIES.forEach((family, i) => synthesizer.programChange(bank[i], PROGRAMS[family]));
    }
    this.bank = 0;
  }

  play(family, pitch, velocity, start, end) {
    const from = Math.max(start, this.context.currentTime);
    const until = Math.max(end - GAP_SECONDS, from + GAP_SECONDS);
    const channel = this.channel(family);
    this.synthesizer.noteOn(channel, pitch, velocity, { time: from });
    this.synthesizer.noteOff(channel, pitch, { time: until });
  }

  press(family, pitch, velocity, time) {
    this.synthesizer.noteOn(this.channel(family), pitch, velocity, { time });
  }

  release(family, pitch, time) {
    this.synthesizer.noteOff(this.channel(family), pitch, { time: time - GAP_SECONDS });
  }

  /** Let go of every note, and of those that are planned: they end unheard in a muted bank. */
  silence() {
    for (const channel of BANKS[this.bank]) {
      this.synthesizer.controllerChange(channel, ALL_NOTES_OFF, 0);
      this.synthesizer.controllerChange(channel, VOLUME, 0);
    }
    this.bank = (this.bank + 1) % BANKS.length;
    for (const channel of BANKS[this.bank]) {
      // What was struck here while it was muted may still hold: nobody knew when it would end.
      this.synthesizer.controllerChange(channel, ALL_SOUND_OFF, 0);
      this.synthesizer.controllerChange(channel, VOLUME, FULL);
    }
  }

  channel(family) { return BANKS[this.bank][FAMILIES.indexOf(family)]; }
}
