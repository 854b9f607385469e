// Going on: from the piece on stage, or from a MIDI file, chosen or dropped.

import { goneOn, readFile } from "./api.js";

const MAX_BYTES = 2 ** 20;

export class Continue {
  /** @param on what to do: `perform(makers)`, `isBusy()`, `say(text)`, `hint(text)`, `piece()`, `wishes()`. */
  constructor(elements, on) {
    Object.assign(this, elements);
    this.on = on;
    this.here.addEventListener("click", () => this.goOnHere(on.piece()));
    this.file.addEventListener("change", () => this.take(this.file.files[0]));
    this.form.addEventListener("submit", (event) => event.preventDefault());
    for (const name of ["dragover", "dragleave", "drop"]) {
      this.panel.addEventListener(name, (event) => {
        event.preventDefault();
        this.panel.classList.toggle("over", name === "dragover");
      });
    }
    this.panel.addEventListener("drop", (event) => this.take(event.dataTransfer.files[0]));
    this.context.addEventListener("input", () => this.showContext());
    this.showContext();
  }

  showContext() {
    const bars = Number(this.context.value);
    this.contextOut.textContent = bars === 1 ? "the last bar" : `the last ${bars} bars`;
  }

  goOnHere(piece) {
    if (piece?.isComplete && piece.notes.length) this.goOn(readFile(piece.links.midi));
  }

  take(file) {
    if (!file) return;
    this.file.value = "";
    if (file.size > MAX_BYTES) return this.on.say(`${file.name} is larger than 1 MB: choose a shorter one.`);
    this.goOn(file);
  }

  async goOn(music) {
    try {
      const midi = await music;
      if (this.on.isBusy()) return this.on.hint("The model is still writing: wait for its piece.");
      const context = { context_bars: this.context.value };
      this.on.perform(this.on.wishes().map((wishes) => goneOn(midi, { ...wishes, ...context })));
    } catch (error) {
      this.on.say(error.message);
    }
  }
}
