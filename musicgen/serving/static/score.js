// The engraved score in place of the roll, where the server can engrave.

import { answered } from "./api.js";

export class Score {
  /** @param say called with what is to be shown when the score cannot be. */
  constructor(elements, say) {
    Object.assign(this, elements);
    this.say = say;
    this.button.addEventListener("click", () => this.toggle());
  }

  get isShown() { return this.button.getAttribute("aria-pressed") === "true"; }

  /** Be ready to show a piece; one that is still growing has no score yet. */
  offer(piece, description) {
    this.link = piece.isComplete ? piece.links.svg : null;
    this.image.alt = description.replace("Piano roll", "Score");
    this.button.hidden = !this.link;
    this.draw();
  }

  close() { if (this.isShown) this.toggle(); }

  toggle() {
    this.button.setAttribute("aria-pressed", !this.isShown);
    this.draw();
  }

  /** Show the score or the roll. The picture comes as data: an image of its own brings no key. */
  async draw() {
    const { link } = this;
    const isVisible = this.isShown && Boolean(link);
    this.box.hidden = !isVisible;
    this.canvas.hidden = isVisible;
    if (!isVisible || this.drawn === link) return;
    this.drawn = link;
    this.image.removeAttribute("src"); // the words beside it are this piece's already
    try {
      const picture = await (await answered(link)).text();
      if (this.drawn === link) this.image.src = `data:image/svg+xml,${encodeURIComponent(picture)}`;
    } catch (error) {
      if (this.drawn !== link) return;
      this.drawn = null;
      this.say(error.message);
    }
  }
}
