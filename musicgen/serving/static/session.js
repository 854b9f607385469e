// What happens on the stage: pieces are made, shown, played, compared, undone.

import { addressOf } from "./address.js";
import { readVotes, sendVote } from "./api.js";
import { History } from "./history.js";

/**
 * A scene is one or more takes of which one is chosen; several are unnamed until the vote, which
 * waits until all are `heard`: their places, once they were on stage.
 */
const sceneOf = (count) => ({
  takes: Array(count).fill(null), chosen: 0, heard: new Set(), best: null,
  isRevealed: count === 1, isOpen: false,
});

export class Session extends EventTarget {
  /**
   * Events: `busy` and `idle` around the making, `made` with the piece, `again` if it was there
   * before, `fail` with the error, `show` with the piece, or null, and then `recall` where undo or
   * redo brought it.
   */
  constructor({ stage, takes, playback }) {
    super();
    Object.assign(this, { stage, takes, playback });
    this.history = new History();
    this.making = null;
  }

  get isBusy() { return this.making !== null; }
  get scene() { return this.history.current; }
  get piece() { return this.scene?.takes[this.scene.chosen] ?? null; }

  /** Let makers work side by side, a take each, in place of those that still do. */
  async perform(makers, { autoplay }) {
    this.making?.abort();
    const making = this.making = new AbortController();
    this.tell("busy");
    this.stage.say("");
    const scene = sceneOf(makers.length);
    try {
      await Promise.all(shuffled(makers).map(async (make, place) => {
        const piece = await make(making.signal, (growing) => {
          if (!making.signal.aborted) this.grow(scene, place, growing, autoplay);
        });
        this.tell("made", piece);
      }));
      this.merge(scene);
    } catch (error) {
      making.abort();
      this.drop(scene);
      if (error.name !== "AbortError") this.tell("fail", error);
    } finally {
      if (this.making === making) {
        this.making = null;
        this.tell("idle");
      }
    }
  }

  /** Forget a scene that will never be whole: half a piece has no end, and cannot be voted on. */
  drop(scene) {
    if (!scene.isOpen || scene.takes.every((piece) => piece?.isComplete)) return;
    if (this.history.drop(scene)) this.playback.open(this.piece);
    this.show();
  }

  /** Leave a scene that was only made again to the one before, with its vote: nobody votes twice. */
  merge(scene) {
    const before = this.history.previous;
    if (scene !== this.scene || !isSame(scene, before)) return;
    before.chosen = before.takes.findIndex(({ id }) => id === this.piece.id);
    this.history.drop(scene);
    this.show();
    this.tell("again");
  }

  /** Take in a piece that has more notes than before; the first take opens the curtain. */
  grow(scene, place, piece, autoplay) {
    scene.takes[place] = piece;
    if (!scene.isOpen && place === scene.chosen) {
      scene.isOpen = true;
      this.history.push(scene);
      this.open();
      if (autoplay && piece.notes.length) this.playback.start();
    } else if (scene === this.scene) {
      this.show();
      if (place === scene.chosen) this.playback.onChange();
    }
    if (piece.isComplete && !piece.notes.length) {
      this.stage.say("The model stayed silent. Try another seed.");
    }
  }

  /** Put a piece on the stage that was made elsewhere. */
  add(piece) {
    this.history.push({ ...sceneOf(1), takes: [piece], isOpen: true });
    this.open();
  }

  /** Show the scene and be ready to play it; `keep` goes on playing where the last one was. */
  open({ keep = false } = {}) {
    this.show();
    this.playback.open(this.piece, { keep });
  }

  show() {
    const { scene, piece } = this;
    scene?.heard.add(scene.chosen);
    this.stage.show(piece, !scene?.isRevealed);
    this.takes.show(scene);
    if (scene?.isRevealed && piece.isComplete) {
      window.history.replaceState(null, "", addressOf(piece));
    }
    this.tell("show", piece);
  }

  choose(place) {
    this.scene.chosen = place;
    this.open({ keep: true });
  }

  async vote(best) {
    const { scene } = this;
    if (scene.isVoting || scene.isRevealed) return;
    const ids = scene.takes.map(({ id }) => id);
    scene.isVoting = true;
    try {
      await sendVote({ pieces: ids, best: best === null ? null : ids[best] });
    } catch (error) {
      scene.isVoting = false;
      return this.stage.say(error.message);
    }
    const tally = await readVotes().catch(() => null); // the vote counts, whoever counts it
    Object.assign(scene, { isRevealed: true, best, tally });
    if (scene === this.scene) this.show();
  }

  undo() { if (this.history.undo()) this.recall(); }
  redo() { if (this.history.redo()) this.recall(); }

  recall() {
    this.open();
    this.tell("recall", this.piece);
  }

  tell(name, detail = null) { this.dispatchEvent(new CustomEvent(name, { detail })); }
}

/** Return whether two scenes hold the same pieces: an id names the version and what it was asked. */
function isSame({ takes }, other) {
  const ids = new Set(other?.takes.map((piece) => piece?.id));
  return takes.length === ids.size && takes.every(({ id }) => ids.has(id));
}

function shuffled(items) {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [mixed[i], mixed[j]] = [mixed[j], mixed[i]];
  }
  return mixed;
}
