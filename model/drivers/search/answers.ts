/**
 * What the threads of a search tell each other of what they have worked out, so that it is worked out once. Each writes
 * into a row of its own, and reads in those of the others what has come since it looked last. It is only a saving: what is
 * told too late, or no more because the row is full, the others work out themselves and come to the same.
 */
import { word, words, type Words } from './words.ts';

/** A row for each thread; its first word says how much of it is written. */
export interface AnswersMemory {
  readonly rows: readonly Words[];
}

export const answersMemory = (threads: number, bytes: number): AnswersMemory => ({
  rows: Array.from({ length: threads }, () => words(Math.max(2, Math.floor(bytes / threads / 4)))),
});

/** What an entry tells: a text, what a family offers, what an action does, what is judged. */
export const TEXT = 0;
export const CHOICE = 1;
export const OUTCOME = 2;
export const VERDICT = 3;

const USED = 0;
const FIRST = 1;

/** What is told in one row after the other by others. */
export interface Listener {
  /** A text has come; it is called by its number among those of its thread. */
  text(thread: number, says: string): void;
  /**
   * What was asked (a family, a label, the number of a text), what was read, in which slots and with which values, and
   * the answer.
   */
  answer(thread: number, kind: number, asked: number, told: Told): void;
}

/** Valid until the next one is told. */
export interface Told {
  readonly slots: number[];
  readonly values: number[];
  readonly row: number[];
}

export class Answers {
  private readonly rows: readonly Words[];
  private readonly own: number;
  private readonly mine: Words;
  /** By thread: how far its row was read. */
  private readonly read: number[];
  /** Texts that were told, by their number. */
  private readonly texts = new Map<string, number>();
  private readonly told: Told = { slots: [], values: [], row: [] };
  private isFull = false;

  constructor({ rows }: AnswersMemory, own: number) {
    const mine = rows[own];
    if (mine === undefined) throw new RangeError(`no row ${own}`);
    this.rows = rows;
    this.own = own;
    this.mine = mine;
    this.read = rows.map(() => FIRST);
  }

  /** The number of a text among those of this thread, which is told where it is new. */
  numberOf(says: string): number {
    const known = this.texts.get(says);
    if (known !== undefined) return known;
    const number = this.texts.size;
    this.texts.set(says, number);
    const at = this.room(2 + says.length);
    if (at === 0) return number;
    const { mine } = this;
    mine[at] = TEXT;
    mine[at + 1] = says.length;
    for (let i = 0; i < says.length; i++) mine[at + 2 + i] = says.charCodeAt(i);
    this.publish(at + 2 + says.length);
    return number;
  }

  /** Tells the others an answer. */
  tell(
    kind: number,
    asked: number,
    slots: readonly number[],
    values: readonly number[],
    row: readonly number[],
  ): void {
    const at = this.room(4 + 2 * slots.length + row.length);
    if (at === 0) return;
    const { mine } = this;
    mine[at] = kind;
    mine[at + 1] = asked;
    mine[at + 2] = slots.length;
    mine[at + 3] = row.length;
    let to = at + 4;
    for (let i = 0; i < slots.length; i++) {
      mine[to++] = slots[i] ?? 0;
      mine[to++] = values[i] ?? 0;
    }
    for (let i = 0; i < row.length; i++) mine[to++] = row[i] ?? 0;
    this.publish(to);
  }

  /** Where so many words can be written, or 0 where there is no room: a text that is not told would be missed later. */
  private room(length: number): number {
    const at = Math.max(FIRST, word(this.mine, USED));
    if (this.isFull || at + length > this.mine.length) {
      this.isFull = true;
      return 0;
    }
    return at;
  }

  private publish(end: number): void {
    Atomics.store(this.mine, USED, end);
  }

  /** Tells `listener` what has come from the others. */
  listen(listener: Listener): void {
    for (let thread = 0; thread < this.rows.length; thread++) {
      const row = this.rows[thread];
      if (thread === this.own || row === undefined) continue;
      const end = Atomics.load(row, USED);
      let at = this.read[thread] ?? FIRST;
      while (at < end) at = this.hear(listener, thread, row, at);
      this.read[thread] = at;
    }
  }

  private hear(listener: Listener, thread: number, row: Words, at: number): number {
    const kind = word(row, at);
    const second = word(row, at + 1);
    if (kind === TEXT) {
      listener.text(thread, String.fromCharCode(...row.subarray(at + 2, at + 2 + second)));
      return at + 2 + second;
    }
    const { slots, values, row: answer } = this.told;
    const reads = word(row, at + 2);
    const length = word(row, at + 3);
    slots.length = values.length = answer.length = 0;
    let from = at + 4;
    for (let i = 0; i < reads; i++) {
      slots.push(word(row, from++));
      values.push(word(row, from++));
    }
    for (let i = 0; i < length; i++) answer.push(word(row, from++));
    listener.answer(thread, kind, second, this.told);
    return from;
  }
}
