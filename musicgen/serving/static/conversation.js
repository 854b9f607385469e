// What two have played in turn, on one grid: phrases and answers, each from a bar line on.

const BAR_STEPS = 16;
const MAX_ANSWER_BARS = 4;
// The model hears no more than this; what lies further back need not be sent.
const CONTEXT_BARS = 8;

export class Conversation {
  constructor(tempoQpm) {
    this.tempoQpm = tempoQpm;
    this.secondsPerStep = 60 / tempoQpm / 4;
    this.notes = [];
    this.bars = 0;
  }

  /**
   * Add a phrase, its notes with `start` and `end` in seconds; the first is on the downbeat.
   * Returns for how many bars it may be answered.
   */
  addPhrase(played) {
    const zero = Math.min(...played.map(({ start }) => start));
    const steps = (seconds) => Math.round(seconds / this.secondsPerStep);
    const phrase = played.map(({ start, end, pitch, family }) => ({
      onset_steps: steps(start - zero),
      duration_steps: Math.max(steps(end - start), 1),
      pitch,
      family,
    }));
    this.add(phrase);
    const last = Math.max(...phrase.map(({ onset_steps: onset }) => onset));
    return Math.min(Math.floor(last / BAR_STEPS) + 1, MAX_ANSWER_BARS);
  }

  /** Add notes that count from the bar line that was reached. */
  add(notes) {
    const shift = this.bars * BAR_STEPS;
    this.notes.push(...notes.map((note) => ({ ...note, onset_steps: note.onset_steps + shift })));
    const end = Math.max(...this.notes.map((note) => note.onset_steps + note.duration_steps), 0);
    this.bars = Math.max(this.bars, Math.ceil(end / BAR_STEPS));
  }

  /** What the model should hear: the last bars, counted from their beginning. */
  get context() {
    const start = Math.max(this.bars - CONTEXT_BARS, 0) * BAR_STEPS;
    return this.notes.filter((note) => note.onset_steps >= start)
      .map((note) => ({ ...note, onset_steps: note.onset_steps - start }));
  }
}
