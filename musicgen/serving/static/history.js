// What was on the stage before, and after: undo and redo.

export class History {
  constructor() {
    this.past = [];
    this.future = [];
    this.current = null;
  }

  get canUndo() { return this.past.length > 0; }
  get canRedo() { return this.future.length > 0; }

  /** Put something new on; what was undone is gone. */
  push(scene) {
    if (this.current) this.past.push(this.current);
    this.current = scene;
    this.future = [];
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
