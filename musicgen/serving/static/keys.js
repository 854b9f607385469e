// Keys to play on: the letters of the computer, a piano on the screen, and MIDI instruments.

import { pitchName } from "./roll.js";

// By place, not by letter: the row from A on is white keys on any keyboard layout.
const CODES = [
  "KeyA", "KeyW", "KeyS", "KeyE", "KeyD", "KeyF", "KeyT", "KeyG", "KeyY", "KeyH", "KeyU", "KeyJ",
  "KeyK", "KeyO", "KeyL", "KeyP", "Semicolon",
];
const LOWEST = 60;
const HIGHEST = 76;
const VELOCITY = 90;
const BLACK = new Set([1, 3, 6, 8, 10]);

export class Keys extends EventTarget {
  /** Events: `press` and `release`, with `detail.pitch` (MIDI) and, of a press, `detail.velocity`. */
  constructor(piano) {
    super();
    this.piano = piano;
    this.buttons = new Map();
    this.held = new Set();
    this.isOn = false;
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) this.add(pitch);
    document.addEventListener("keydown", (event) => this.typed(event, true));
    document.addEventListener("keyup", (event) => this.typed(event, false));
    window.addEventListener("blur", () => this.releaseAll());
  }

  add(pitch) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = BLACK.has(pitch % 12) ? "black" : "white";
    button.setAttribute("aria-label", pitchName(pitch));
    button.tabIndex = -1;  // the letters are the keyboard's way; a Tab stop a key would be a wall
    button.dataset.letter = CODES[pitch - LOWEST].replace("Key", "").replace("Semicolon", ";");
    button.addEventListener("pointerdown", (event) => {
      button.setPointerCapture(event.pointerId);
      this.press(pitch, VELOCITY);
    });
    for (const name of ["pointerup", "pointercancel"]) {
      button.addEventListener(name, () => this.release(pitch));
    }
    // What screen readers press has no pointer.
    button.addEventListener("click", (event) => {
      if (event.detail) return;
      this.press(pitch, VELOCITY);
      setTimeout(() => this.release(pitch), 300);
    });
    this.buttons.set(pitch, button);
    this.piano.append(button);
  }

  typed(event, isDown) {
    const place = CODES.indexOf(event.code);
    if (place < 0) return;
    if (!isDown) return this.release(LOWEST + place); // whatever else is pressed by then
    if (!this.isOn || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.matches("input:not([type=range]), select")) return;
    this.press(LOWEST + place, VELOCITY);
  }

  /** Listen to MIDI instruments too; returns how many there are. */
  async listenToMidi() {
    const access = await navigator.requestMIDIAccess();
    const listen = () => {
      for (const input of access.inputs.values()) {
        input.onmidimessage = ({ data: [status, pitch, velocity] }) => {
          const kind = status & 0xf0;
          if (kind === 0x90 && velocity) this.press(pitch, velocity);
          else if (kind === 0x80 || kind === 0x90) this.release(pitch);
        };
      }
    };
    access.addEventListener("statechange", listen);
    listen();
    return access.inputs.size;
  }

  press(pitch, velocity) {
    if (!this.isOn || this.held.has(pitch)) return;
    this.held.add(pitch);
    this.light(pitch, "mine", true);
    this.dispatchEvent(new CustomEvent("press", { detail: { pitch, velocity } }));
  }

  release(pitch) {
    if (!this.held.delete(pitch)) return;
    this.light(pitch, "mine", false);
    this.dispatchEvent(new CustomEvent("release", { detail: { pitch } }));
  }

  releaseAll() { for (const pitch of [...this.held]) this.release(pitch); }

  /** Light a key, as `mine` or as `theirs`. */
  light(pitch, whose, isLit) { this.buttons.get(pitch)?.classList.toggle(whose, isLit); }
}
