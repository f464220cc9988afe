/**
 * Remembers what a function of a state answered, by the slots that it looked at: a tree of look-ups, in which each
 * node names the slot that was read next and has a branch for every value met there. Exact for pure functions: with
 * the same values in the slots read so far, a function reads the same slot next.
 */
import { item, word } from './words.ts';

/** Node that has not been reached yet. */
const OPEN = -1;
const NONE = -1;
/** Numbers of nodes that are left for one state. */
const SPARE = 1 << 16;
const UNREAD = 'the answer depends on something that was not read';

/** Slots that a function read, and the values that they held, in the order of the first reading. */
export interface Reading {
  readonly slots: readonly number[];
  readonly values: readonly number[];
}

/** Slots that a function read with the values they held, in the order of the first reading. */
export class Recorder {
  readonly slots: number[] = [];
  readonly values: number[] = [];
  private readonly seen: Uint8Array;

  constructor(slots: number) {
    this.seen = new Uint8Array(slots);
  }

  clear(): void {
    for (const slot of this.slots) this.seen[slot] = 0;
    this.slots.length = 0;
    this.values.length = 0;
  }

  note(slot: number, value: number): void {
    if (this.seen[slot] === 1) return;
    this.seen[slot] = 1;
    this.slots.push(slot);
    this.values.push(value);
  }
}

const WIDTH = 3;

export class Memo {
  /** By node: the slot read there, OPEN, or for an answer −2 − its number. */
  private nodes = new Int32Array(1 << 10);
  private nodeCount = 0;
  /**
   * Branches, open addressing: node + 1, value, and what follows: the next node with the slot that is read there in its
   * low bits, or −2 − the answer. So each step of a look-up goes to one place in memory; most of the time goes there.
   */
  private branches = new Int32Array(WIDTH << 11);
  private branchMask = (1 << 11) - 1;
  private branchCount = 0;
  private readonly slotBits: number;
  /** By answer: a node that has it, where one is asked for. */
  private readonly leaves = new Map<number, number>();

  constructor(slots: number) {
    this.slotBits = Math.max(1, Math.ceil(Math.log2(slots)));
  }

  /** A new tree. */
  root(): number {
    return this.node(OPEN);
  }

  /** Words of memory in use. */
  get size(): number {
    return this.nodes.length + this.branches.length;
  }

  /** Whether there are soon no more numbers for nodes. */
  get isFull(): boolean {
    return this.nodeCount >= 2 ** (31 - this.slotBits) - SPARE;
  }

  private node(holds: number): number {
    if (this.nodeCount === this.nodes.length) {
      const bigger = new Int32Array(this.nodes.length * 2);
      bigger.set(this.nodes);
      this.nodes = bigger;
    }
    this.nodes[this.nodeCount] = holds;
    return this.nodeCount++;
  }

  /** The answer that the tree remembers for this state, or −1. */
  find(root: number, state: Int32Array): number {
    const { branches, branchMask, slotBits } = this;
    const slotMask = (1 << slotBits) - 1;
    let node = root;
    let slot = word(this.nodes, root);
    if (slot < 0) return slot === OPEN ? NONE : -2 - slot;
    for (;;) {
      const value = word(state, slot);
      let place = placeOf(node, value) & branchMask;
      for (;;) {
        const held = word(branches, place * WIDTH);
        if (held === 0) return NONE;
        if (held === node + 1 && word(branches, place * WIDTH + 1) === value) break;
        place = (place + 1) & branchMask;
      }
      const next = word(branches, place * WIDTH + 2);
      if (next < 0) return -2 - next;
      node = next >>> slotBits;
      slot = next & slotMask;
    }
  }

  /** The answer that the tree remembers for states with these values in the slots that it looks at, or −1. */
  recall(root: number, { slots, values }: Reading): number {
    let node = root;
    for (let i = 0; i < slots.length; i++) {
      if (word(this.nodes, node) !== slots[i]) return NONE;
      const place = this.placeFor(node, item(values, i));
      if (word(this.branches, place * WIDTH) === 0) return NONE;
      const next = word(this.branches, place * WIDTH + 2);
      if (next < 0) return i === slots.length - 1 ? -2 - next : NONE;
      node = next >>> this.slotBits;
    }
    const slot = word(this.nodes, node);
    return slot < OPEN ? -2 - slot : NONE;
  }

  /** The slot that is read at a node; below 0 where there is an answer. */
  slotAt(node: number): number {
    return word(this.nodes, node);
  }

  /** The answer at a node, or −1 where more has to be read. */
  answerAt(node: number): number {
    const slot = word(this.nodes, node);
    return slot < OPEN ? -2 - slot : NONE;
  }

  /** The node that follows a node for a value; it must have been reached before. */
  childOf(node: number, value: number): number {
    const next = word(this.branches, this.placeFor(node, value) * WIDTH + 2);
    if (next >= 0) return next >>> this.slotBits;
    let leaf = this.leaves.get(next);
    if (leaf === undefined) this.leaves.set(next, (leaf = this.node(next)));
    return leaf;
  }

  /** Remembers an answer, a number not below 0, for states that hold the same values where the function looked. */
  remember(root: number, { slots, values }: Reading, answer: number): void {
    const first = slots[0];
    const held = word(this.nodes, root);
    if (held === OPEN) this.nodes[root] = first ?? -2 - answer;
    else if (held !== first) throw new Error(UNREAD);
    let node = root;
    for (let i = 0; i < slots.length; i++) node = this.follow(node, item(values, i), slots[i + 1], answer);
  }

  /** What follows a node for a value: a node where `slot` is read, made where there is none; or the answer. */
  private follow(node: number, value: number, slot: number | undefined, answer: number): number {
    const place = this.placeFor(node, value);
    const { branches, slotBits } = this;
    if (word(branches, place * WIDTH) !== 0) {
      const next = word(branches, place * WIDTH + 2);
      const reads = next < 0 ? undefined : next & ((1 << slotBits) - 1);
      if (reads !== slot) throw new Error(UNREAD);
      return next >>> slotBits;
    }
    const child = slot === undefined ? NONE : this.node(slot);
    branches[place * WIDTH] = node + 1;
    branches[place * WIDTH + 1] = value;
    branches[place * WIDTH + 2] = slot === undefined ? -2 - answer : (child << slotBits) | slot;
    if (++this.branchCount * 4 > this.branchMask * 3) this.growBranches();
    return child;
  }

  /** Where the branch of a node for a value stands, or would. */
  private placeFor(node: number, value: number): number {
    const { branches, branchMask } = this;
    let place = placeOf(node, value) & branchMask;
    for (;;) {
      const held = word(branches, place * WIDTH);
      if (held === 0 || (held === node + 1 && word(branches, place * WIDTH + 1) === value)) return place;
      place = (place + 1) & branchMask;
    }
  }

  private growBranches(): void {
    const old = this.branches;
    this.branches = new Int32Array(old.length * 2);
    this.branchMask = this.branchMask * 2 + 1;
    for (let from = 0; from < old.length; from += WIDTH) {
      const held = word(old, from);
      if (held === 0) continue;
      const place = this.placeFor(held - 1, word(old, from + 1));
      for (let i = 0; i < WIDTH; i++) this.branches[place * WIDTH + i] = word(old, from + i);
    }
  }
}

/** Where the search for a pair of numbers begins. */
export function placeOf(node: number, value: number): number {
  const mixed = Math.imul(node, 0x9e37_79b1) ^ Math.imul(value, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}
