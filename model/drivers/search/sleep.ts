/**
 * Sleep sets (Godefroid 1996), a partial-order reduction, for a search level by level. Two actions that leave alone what
 * the other one reads or writes, judging included, may be taken in either order: the same state follows, and the same is
 * said of both steps. So after the one with the greater label, the one with the smaller label sleeps: it is not taken,
 * until something happens that it is not independent of. Actions of different receivers are mostly so.
 *
 * No state is missed by this, none is met later than without, and neither is a break. Of all shortest runs to a state
 * take the one whose labels come first in the order of words. None of its actions can have slept: an action sleeps
 * where it was enabled before, and independent of all since, so that with it moved there the run would be as short, and
 * its labels would come earlier. That argument looks at one run to a state; other ways lead there too, and what sleeps is
 * what sleeps on each that takes as many steps. Ways that take more do not matter. What is judged of an action that
 * sleeps was judged of it at the place to which it can be moved, after fewer steps.
 *
 * A bound over several slots joins what else is apart: moved to an earlier place, an action that comes nearer to it may be
 * cut off, because one that makes room for it comes only then.
 */
import type { Explorable } from './explorable.ts';
import { word, words, type Words } from './words.ts';

/** Labels that can sleep: those met first, so many that a few words hold them. */
const WIDTH = 8;
const LABELS = WIDTH * 32;
const UNNAMED = -1;
const AWAKE = -1;
/** Places that have been outgrown are given back. */
const LEAST = 1 << 6;

/** Slots on which a transition depends, and those that it writes, as bits; of those behind the first 32 in a second number. */
export interface Footprint {
  reads: number;
  readsFar: number;
  writes: number;
  writesFar: number;
  /** Bounds over several slots that it comes nearer to, and those that it goes away from, as bits. */
  raises: number;
  lowers: number;
}

/** What threads share. */
export interface SleepMemory {
  /** By bit: the label that it stands for, plus one. */
  readonly labels: Words;
  /** For states of even levels, and of odd ones: the labels that are awake, as bits; none where nothing is known. */
  readonly awake: readonly [Words, Words];
}

const BYTES = WIDTH * 4;

/** A footprint has two words of bits. */
const MOST_SLOTS = 64;

/**
 * Whether actions may sleep in a search of this machine: not in exchange grain, where a transition is many actions, nor
 * where labels change with who is who, nor where it is asked what follows each single state.
 */
export const maySleep = ({ exchange, recovery, slots }: Explorable, symmetry: boolean): boolean =>
  exchange === undefined && recovery === undefined && !symmetry && slots.length <= MOST_SLOTS;

/** For so many bytes. States that have no place of their own share one, and are awake for each other. */
export function sleepMemory(bytes: number): SleepMemory {
  const places = Math.max(1, Math.floor(bytes / BYTES / 2));
  return { labels: words(LABELS), awake: [words(places * WIDTH), words(places * WIDTH)] };
}

export class Sleep {
  private readonly memory: SleepMemory;
  private readonly places: number;
  private readonly bits = new Map<number, number>();
  private here: Words;
  private there: Words;
  /** States from here on are of the next level. */
  private end = 0;
  /** The labels that sleep in the state that is expanded. */
  private readonly asleep = new Int32Array(WIDTH);
  /** Its transitions: label, bit, whether it sleeps, footprint. */
  private labels = new Int32Array(LEAST);
  private named = new Int32Array(LEAST);
  private sleeps = new Uint8Array(LEAST);
  private reads = new Int32Array(LEAST);
  private readsFar = new Int32Array(LEAST);
  private writes = new Int32Array(LEAST);
  private writesFar = new Int32Array(LEAST);
  private raises = new Int32Array(LEAST);
  private lowers = new Int32Array(LEAST);
  private count = 0;
  /** By state that is to be added: the labels that are awake there. */
  private passed = new Int32Array(WIDTH * LEAST);
  /** The first of those that follow the state that is expanded. */
  private first = 0;
  /** How many transitions slept. */
  slept = 0;

  constructor(memory: SleepMemory) {
    this.memory = memory;
    [this.here, this.there] = memory.awake;
    this.places = this.here.length / WIDTH;
  }

  /** Says which level is expanded, and where it ends. */
  level(odd: number, end: number): void {
    const [even, uneven] = this.memory.awake;
    this.here = odd === 1 ? uneven : even;
    this.there = odd === 1 ? even : uneven;
    this.end = end;
  }

  /** Forgets a level that was expanded; for one thread, while the others wait. */
  clear(odd: number, states: number): void {
    this.memory.awake[odd === 1 ? 1 : 0].fill(0, 0, Math.min(states, this.places) * WIDTH);
  }

  /** Of states of a level some were met before anything was known of what sleeps there: all is awake in them. */
  wake(odd: number, from: number, to: number): void {
    const row = this.memory.awake[odd === 1 ? 1 : 0];
    for (let state = from; state < Math.min(to, from + this.places); state++) {
      const at = (state % this.places) * WIDTH;
      row.fill(AWAKE, at, at + WIDTH);
    }
  }

  /** Begins with a state; `pending` are to be added already. */
  begin(state: number, pending: number): void {
    const { here, asleep } = this;
    const at = (state % this.places) * WIDTH;
    let known = 0;
    for (let i = 0; i < WIDTH; i++) {
      const bits = word(here, at + i);
      known |= bits;
      asleep[i] = ~bits;
    }
    if (known === 0) asleep.fill(0);
    this.count = 0;
    this.first = pending;
  }

  /** Notes a transition; whether it sleeps. One that does not is to be added next. */
  note(label: number, footprint: Footprint): boolean {
    const { reads, readsFar, writes, writesFar, raises, lowers } = footprint;
    const bit = this.bitOf(label);
    const sleeps = bit >= 0 && ((word(this.asleep, bit >>> 5) >>> (bit & 31)) & 1) === 1;
    const { count } = this;
    if (count === this.labels.length) this.grow();
    this.labels[count] = label;
    this.named[count] = bit;
    this.sleeps[count] = sleeps ? 1 : 0;
    this.reads[count] = reads;
    this.readsFar[count] = readsFar;
    this.writes[count] = writes;
    this.writesFar[count] = writesFar;
    this.raises[count] = raises;
    this.lowers[count] = lowers;
    this.count = count + 1;
    if (sleeps) this.slept++;
    return sleeps;
  }

  /** Works out what sleeps after each transition that was noted and does not sleep itself. */
  finish(pending: number): void {
    const { count, labels, named, sleeps, reads, readsFar, writes, writesFar, raises, lowers } = this;
    if (pending * WIDTH > this.passed.length) this.growPassed(pending);
    const { passed } = this;
    let at = this.first * WIDTH;
    for (let a = 0; a < count; a++) {
      if (sleeps[a] === 1) continue;
      for (let i = 0; i < WIDTH; i++) passed[at + i] = AWAKE;
      const label = word(labels, a);
      const written = word(writes, a);
      const writtenFar = word(writesFar, a);
      const lowered = word(lowers, a);
      const touched = written | word(reads, a);
      const touchedFar = writtenFar | word(readsFar, a);
      for (let b = 0; b < count; b++) {
        const bit = word(named, b);
        if (bit < 0 || (sleeps[b] !== 1 && word(labels, b) >= label)) continue;
        const meets =
          (word(writes, b) & touched) |
          (word(writesFar, b) & touchedFar) |
          (word(reads, b) & written) |
          (word(readsFar, b) & writtenFar) |
          (word(raises, b) & lowered);
        if (meets === 0) passed[at + (bit >>> 5)] = word(passed, at + (bit >>> 5)) & ~(1 << (bit & 31));
      }
      at += WIDTH;
    }
    this.count = 0;
    this.first = pending;
  }

  /** What was to be added is. */
  leave(): void {
    this.first = 0;
  }

  /** A state that was to be added has its number. */
  arrive(pending: number, state: number): void {
    if (state < this.end) return;
    const { there, passed } = this;
    const to = (state % this.places) * WIDTH;
    const from = pending * WIDTH;
    for (let i = 0; i < WIDTH; i++) {
      const bits = word(passed, from + i);
      if ((word(there, to + i) | bits) !== word(there, to + i)) Atomics.or(there, to + i, bits);
    }
  }

  private bitOf(label: number): number {
    const known = this.bits.get(label);
    if (known !== undefined) return known;
    const bit = this.enter(label);
    this.bits.set(label, bit);
    return bit;
  }

  private enter(label: number): number {
    const { labels } = this.memory;
    for (let bit = 0; bit < LABELS; bit++) {
      const held = Atomics.compareExchange(labels, bit, 0, label + 1);
      if (held === 0 || held === label + 1) return bit;
    }
    return UNNAMED;
  }

  private grow(): void {
    const length = this.labels.length * 2;
    const wider = (row: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const bigger = new Int32Array(length);
      bigger.set(row);
      return bigger;
    };
    this.labels = wider(this.labels);
    this.named = wider(this.named);
    this.reads = wider(this.reads);
    this.readsFar = wider(this.readsFar);
    this.writes = wider(this.writes);
    this.writesFar = wider(this.writesFar);
    this.raises = wider(this.raises);
    this.lowers = wider(this.lowers);
    const sleeps = new Uint8Array(length);
    sleeps.set(this.sleeps);
    this.sleeps = sleeps;
  }

  private growPassed(pending: number): void {
    const bigger = new Int32Array(Math.max(this.passed.length * 2, pending * WIDTH));
    bigger.set(this.passed);
    this.passed = bigger;
  }
}
