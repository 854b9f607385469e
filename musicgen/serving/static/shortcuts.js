// The keys of the whole page: Space plays and pauses, G generates.

const TYPED = "input:not([type=range]):not([type=radio]), select";
const PRESSED = "button, a, summary, input[type=radio]:not(:checked)";

export class Shortcuts {
  /** @param on what to do: `toggle()`, `generate()`; and to ask: `isOff()`. */
  constructor(generate, on) {
    Object.assign(this, { generate, on, done: null, isTaken: false });
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("focusin", ({ target }) => { if (target !== this.done) this.done = null; });
    document.addEventListener("keydown", (event) => this.press(event));
    document.addEventListener("keyup", (event) => this.release(event));
  }

  /**
   * Note a button that has done its work: a click leaves it the focus, and Space would press it once
   * more. Who came to it by keyboard may; but Generate, once pressed, has begun to play.
   */
  click({ target, detail: isPointed }) {
    const button = target.closest("button, summary");
    this.done = isPointed || button === this.generate ? button : null;
  }

  press(event) {
    const { key, target, repeat } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || this.on.isOff()) return;
    const typing = target.matches(TYPED);
    const pressing = target.matches(PRESSED) && target !== this.done;
    if (key === " " && !pressing && !typing) {
      event.preventDefault();
      this.isTaken = true;
      if (!repeat) this.on.toggle();
    } else if (key.toLowerCase() === "g" && !typing && !repeat) {
      this.on.generate();
    }
  }

  /** Firefox presses a button when Space is let go, whatever became of its way down. */
  release(event) {
    if (event.key !== " ") return;
    if (this.isTaken) event.preventDefault();
    this.isTaken = false;
  }
}
