// The form: what can be chosen, and what is chosen.

const WORDS = {
  bars: (value) => `${value} bars`,
  tempo_qpm: (value) => `${value} a minute`,
  temperature: (value) => Number(value).toFixed(2),
  top_p: (value) => (Number(value) === 1 ? "off" : Number(value).toFixed(2)),
  top_k: (value) => (Number(value) === 0 ? "off" : value),
};
const NUMBERS = ["bars", "tempo_qpm", "temperature", "top_p", "top_k", "seed"];
const MAX_SEED = 2 ** 32;

const randomSeed = () => Math.floor(Math.random() * MAX_SEED);

/** Offer names; the first choice is what the model learned most of: told nothing, it plays worse. */
function fill(select, names, anyName, shares = {}) {
  const before = select.dataset.isFilled && select.value;
  const known = Object.entries(shares).filter(([name]) => name !== "unknown");
  const [favourite] = known.sort(([, one], [, other]) => other - one)[0] ?? [];
  select.replaceChildren(
    ...names.map((name) => new Option(name === "unknown" ? anyName : name, name)),
  );
  select.value = [before, favourite].find((name) => names.includes(name)) ?? names[0];
  select.dataset.isFilled = "yes";
}

export class Controls {
  constructor(form, elements) {
    this.form = form;
    this.fields = form.elements;
    Object.assign(this, elements);
    this.families = [];
    this.roll();
    this.dice.addEventListener("click", () => { this.surprise.checked = false; this.roll(); });
    this.surprise.addEventListener("change", () => { if (this.surprise.checked) this.roll(); });
    this.fields.seed.addEventListener("input", () => { this.surprise.checked = false; });
    this.touched = new Set();
    form.addEventListener("input", (event) => {
      this.touched.add(event.target.name);
      this.showValues();
    });
    this.familiesBox.addEventListener("change", () => this.showFamily());
    this.fields.takes.addEventListener("change", () => this.showMix());
    this.showValues();
  }

  roll() { this.fields.seed.value = randomSeed(); }

  /** Offer what the server has; what was chosen stays chosen where it still is there. */
  offer(families) {
    this.families = families;
    const before = this.fields.family?.value;
    const best = families.find((family) => family.is_champion) ?? families[0];
    const chosen = families.find((family) => family.family === before) ?? best;
    this.familiesBox.replaceChildren(...families.map((family) => {
      const label = document.createElement("label");
      const radio = document.createElement("input");
      Object.assign(radio, { type: "radio", name: "family", value: family.family });
      radio.checked = family === chosen;
      const note = document.createElement("small");
      note.textContent = family.is_champion ? "★ champion" : "";
      label.append(radio, family.family.toUpperCase(), note);
      return label;
    }));
    this.showFamily();
  }

  knows(version) { return this.families.some((family) => family.version === version); }

  get family() {
    return this.families.find((family) => family.family === this.fields.family?.value);
  }

  showFamily() {
    const family = this.family;
    if (!family) return;
    fill(this.fields.composer, family.composers, "Any composer", family.shares.composers);
    fill(this.fields.ensemble, family.ensembles, "Any ensemble", family.shares.ensembles);
    for (const name of ["tempo_qpm", "temperature"]) {
      if (!this.touched.has(name)) this.fields[name].value = family[name];
    }
    this.showMix();
    this.fields.top_p.disabled = this.fields.top_k.disabled = family.family !== "lstm";
    this.showValues();
  }

  showMix() {
    this.mixBox.hidden = this.families.length < 2 || Number(this.fields.takes.value) < 2;
  }

  showValues() {
    for (const output of this.form.querySelectorAll("output[data-of]")) {
      const name = output.dataset.of;
      output.textContent = WORDS[name](this.fields[name].value);
    }
  }

  /**
   * Return what the form asks for, a set of parameters for each take: with a new seed if one is
   * wanted each time, else with the one that is there.
   */
  asks(families = this.players) {
    if (this.surprise.checked) this.roll();
    return Array.from({ length: Number(this.fields.takes.value) }, (_, take) => ({
      ...this.values(families[take % families.length]),
      seed: (Number(this.fields.seed.value) + take) % MAX_SEED,
    }));
  }

  /** The families that make the takes, in turn. */
  get players() {
    return this.fields.mix.checked && !this.mixBox.hidden ? this.families : [this.family];
  }

  /** Return what a piece that goes on from another is asked: its tempo is given, the LSTM makes it. */
  wishes() {
    const lstm = this.families.find(({ family }) => family === "lstm");
    return this.asks([lstm]).map(({ family, tempo_qpm, ...wishes }) => wishes);
  }

  /**
   * Return what the form says, to a family that may not know the names of another, and plays best
   * at a temperature of its own: that one holds until somebody has chosen one.
   */
  values(family = this.family) {
    const values = { family: family?.family ?? null };
    for (const name of NUMBERS) values[name] = Number(this.fields[name].value);
    if (family !== this.family && !this.touched.has("temperature")) {
      values.temperature = family.temperature;
    }
    for (const name of ["composer", "ensemble"]) {
      const { value } = this.fields[name];
      values[name] = family?.[`${name}s`].includes(value) ? value : "unknown";
    }
    return values;
  }

  /**
   * Show a piece's parameters in the form, as far as it can. What is not its model's own somebody has
   * chosen, and it holds as if it had been chosen here.
   */
  adopt(piece) {
    const radio = this.form.querySelector(`input[name=family][value="${piece.family}"]`);
    if (radio) radio.checked = true;
    this.showFamily();
    for (const name of [...NUMBERS, "composer", "ensemble"]) {
      const field = this.fields[name];
      const { value: own } = field;
      if (piece[name] !== null) field.value = piece[name];
      if (field.value !== own) this.touched.add(name);
    }
    this.showValues();
  }
}
