// Two to four takes side by side, unnamed until somebody has said which is best.

const LETTERS = "ABCD";
const LIST = new Intl.ListFormat("en-GB");

export class Takes {
  /** @param on what to do: `choose(index)`, `vote(index or null)`. */
  constructor(elements, on) {
    Object.assign(this, elements);
    this.on = on;
    this.best.addEventListener("click", () => this.vote(this.scene.chosen));
    this.tie.addEventListener("click", () => this.vote(null));
  }

  vote(best) { if (!this.unheard.length) this.on.vote(best); }

  /** The letters of takes that were not on stage yet: who has not heard all cannot compare. */
  get unheard() {
    const { takes, heard } = this.scene;
    return [...LETTERS].filter((_, place) => place < takes.length && !heard.has(place));
  }

  /** Show a scene's takes, or none; those still being made cannot be chosen yet. */
  show(scene) {
    const isNew = scene !== this.scene;
    this.scene = scene;
    this.box.hidden = !scene || scene.takes.length < 2;
    if (this.box.hidden) return;
    if (isNew) this.list.replaceChildren(...scene.takes.map((_, index) => this.choice(index)));
    scene.takes.forEach((piece, index) => this.update(piece, index));
    const complete = scene.takes.every((piece) => piece?.isComplete);
    const hadFocus = [this.best, this.tie].includes(document.activeElement);
    this.best.hidden = this.tie.hidden = scene.isRevealed;
    if (hadFocus && scene.isRevealed) this.focus();
    const { unheard } = this;
    for (const button of [this.best, this.tie]) {
      button.disabled = !complete;
      button.setAttribute("aria-disabled", unheard.length > 0); // it can be come to, and says why
    }
    this.best.textContent = `${LETTERS[scene.chosen]} is best`;
    this.verdict.textContent = scene.isRevealed ? verdict(scene) : hint(unheard);
  }

  focus() { this.list.querySelector(":checked")?.focus(); }

  choice(index) {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    Object.assign(radio, { type: "radio", name: "take", value: index });
    radio.addEventListener("change", () => this.on.choose(index));
    const name = document.createElement("span");
    name.textContent = LETTERS[index];
    label.append(radio, name, document.createElement("small"));
    return label;
  }

  /** Change a choice where it stands: one that was made anew would have lost the focus. */
  update(piece, index) {
    const label = this.list.children[index];
    const radio = label.querySelector("input");
    radio.disabled = !piece;
    radio.checked = index === this.scene.chosen;
    label.querySelector("small").textContent = this.scene.isRevealed ? piece.version : "";
  }
}

const hint = (unheard) => (unheard.length ? `Listen to ${LIST.format(unheard)} before you vote.` : "");

function verdict({ best, takes, tally }) {
  const words = best === null ? "No difference, you say."
    : `${LETTERS[best]} it is: ${takes[best].version}, seed ${takes[best].seed}.`;
  const versions = new Set(takes.map(({ version }) => version));
  const standings = tally?.versions.filter(({ name }) => versions.has(name)) ?? [];
  if (!standings.length) return `${words} Noted.`;
  return `${words} All votes so far: ${standings.map(standing).join("; ")}.`;
}

const standing = ({ name, best, compared }) => `${name} best in ${best} of ${compared}`;
