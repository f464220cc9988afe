/** A state that a transition has led to, to be rewritten, and where it differs from the state that it started from. */
import { word } from './words.ts';

export class NextRow {
  readonly row: Int32Array;
  /** The state that transitions are taken from. */
  readonly before: Int32Array;
  /** Slots that may differ from it, `count` of them: those that do and those that have been written to. */
  readonly changed: Int32Array;
  count = 0;
  private readonly noted: Uint8Array;

  constructor(slots: number) {
    this.row = new Int32Array(slots);
    this.before = new Int32Array(slots);
    this.changed = new Int32Array(slots);
    this.noted = new Uint8Array(slots);
  }

  /** Says which state transitions are taken from, until the next one is. */
  leave(state: Int32Array): void {
    const { row, before, changed, noted } = this;
    for (let i = 0; i < this.count; i++) noted[word(changed, i)] = 0;
    this.count = 0;
    for (let slot = 0; slot < row.length; slot++) before[slot] = row[slot] = word(state, slot);
  }

  /** Takes the state that transitions are taken from itself, to write into it what changes. */
  reset(): void {
    const { row, before, changed, noted } = this;
    for (let i = 0; i < this.count; i++) {
      const slot = word(changed, i);
      noted[slot] = 0;
      row[slot] = word(before, slot);
    }
    this.count = 0;
  }

  /** Takes the state whose words begin at `from`. */
  take(state: Int32Array, from: number): void {
    const { row, before, changed, noted } = this;
    for (let i = 0; i < this.count; i++) noted[word(changed, i)] = 0;
    let count = 0;
    for (let slot = 0; slot < row.length; slot++) {
      const value = word(state, from + slot);
      row[slot] = value;
      if (value === word(before, slot)) continue;
      noted[slot] = 1;
      changed[count++] = slot;
    }
    this.count = count;
  }

  write(slot: number, value: number): void {
    this.row[slot] = value;
    if (this.noted[slot] === 1) return;
    this.noted[slot] = 1;
    this.changed[this.count++] = slot;
  }
}

/** Rewrites a state into one that stands for all that are like it. */
export interface Rewriter {
  /** Looks at the state that transitions are taken from; where it would stay as it is, only what changes is looked at. */
  leave(next: NextRow): void;
  rewrite(next: NextRow): void;
  /** Words that are remembered outside the heap. */
  readonly size: number;
  /** Forgets what can be worked out again. */
  forget(): void;
}
