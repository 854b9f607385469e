// What was on the stage before, and after: undo and redo.

export class History {
  constructor() {
    this.past = [];
    this.future = [];
    this.current = null;
  }

  get canUndo() { return this.past.length > 0; }
  get canRedo() { return this.future.length > 0; }
  get previous() { return this.past.at(-1) ?? null; }

  /** Put something new on; what was undone is gone. */
  push(scene) {
    if (this.current) this.past.push(this.current);
    this.current = scene;
    this.future = [];
  }

  /** Leave out a scene, wherever it is; returns whether it was the current one. */
  drop(scene) {
    this.past = this.past.filter((other) => other !== scene);
    this.future = this.future.filter((other) => other !== scene);
    if (this.current !== scene) return false;
    this.current = this.past.pop() ?? this.future.pop() ?? null;
    return true;
  }

  undo() { return this.move(this.past, this.future); }
  redo() { return this.move(this.future, this.past); }

  move(from, to) {
    if (!from.length) return null;
    to.push(this.current);
    this.current = from.pop();
    return this.current;
  }
}
