// Notes on the grid as a Standard MIDI File: a track of tempo, and a channel for each family.

import { PROGRAMS } from "./sampler.js";

const TICKS_PER_STEP = 120;
const STEPS_PER_QUARTER = 4;
const VELOCITY = 88;
const FAMILIES = Object.keys(PROGRAMS);

/** Return notes (`onset_steps duration_steps pitch family`) as a MIDI file, a Blob. */
export function midiOf(notes, tempoQpm) {
  const microseconds = Math.round(60e6 / tempoQpm);
  const tempo = [0, 0xff, 0x51, 3, ...bigEndian(microseconds, 3), ...END];
  const tracks = [tempo, ...FAMILIES.map((family, channel) => {
    const own = notes.filter((note) => note.family === family);
    return own.length ? track(own, channel, PROGRAMS[family]) : null;
  }).filter(Boolean)];
  const header = chunk("MThd", [0, 1, 0, tracks.length, ...bigEndian(TICKS_PER_STEP * STEPS_PER_QUARTER, 2)]);
  const bytes = [header, ...tracks.map((data) => chunk("MTrk", data))].flat();
  return new Blob([new Uint8Array(bytes)], { type: "audio/midi" });
}

const END = [0, 0xff, 0x2f, 0];

function track(notes, channel, program) {
  // At the same time notes end before others begin, or a repeated one would be cut.
  const events = notes.flatMap(({ onset_steps: onset, duration_steps: duration, pitch }) => [
    { step: onset, order: 1, bytes: [0x90 | channel, pitch, VELOCITY] },
    { step: onset + duration, order: 0, bytes: [0x80 | channel, pitch, 0] },
  ]).sort((a, b) => a.step - b.step || a.order - b.order);
  const data = [0, 0xc0 | channel, program];
  let before = 0;
  for (const { step, bytes } of events) {
    data.push(...variableLength((step - before) * TICKS_PER_STEP), ...bytes);
    before = step;
  }
  return [...data, ...END];
}

const chunk = (name, data) => [...new TextEncoder().encode(name), ...bigEndian(data.length, 4), ...data];

const bigEndian = (value, bytes) =>
  Array.from({ length: bytes }, (_, i) => (value >>> (8 * (bytes - 1 - i))) & 0xff);

function variableLength(value) {
  const bytes = [value & 0x7f];
  for (let rest = value >>> 7; rest; rest >>>= 7) bytes.unshift((rest & 0x7f) | 0x80);
  return bytes;
}
