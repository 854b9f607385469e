// The engraved score in place of the roll, where the server can engrave.

import { answered } from "./api.js";

export class Score {
  /** @param say called with what is to be shown when the score cannot be. */
  constructor(elements, say) {
    Object.assign(this, elements);
    this.say = say;
    this.button.addEventListener("click", () => this.toggle());
    this.image.addEventListener("error", () => this.explain());
  }

  get isShown() { return this.button.getAttribute("aria-pressed") === "true"; }

  /** Be ready to show a piece; one that is still growing has no score yet. */
  offer(piece, description) {
    this.link = piece.isComplete ? piece.links.svg : null;
    this.image.alt = description.replace("Piano roll", "Score");
    this.button.hidden = !this.link;
    this.draw();
  }

  toggle() {
    this.button.setAttribute("aria-pressed", !this.isShown);
    this.draw();
  }

  draw() {
    const isVisible = this.isShown && Boolean(this.link);
    this.box.hidden = !isVisible;
    this.canvas.hidden = isVisible;
    if (isVisible && this.image.getAttribute("src") !== this.link) this.image.src = this.link;
  }

  /** Say why there is no image: the server gave a reason where the browser gives none. */
  async explain() {
    try {
      await answered(this.image.getAttribute("src"));
      this.say("The score cannot be shown.");
    } catch (error) {
      this.say(error.message);
    }
  }
}
