/**
 * Remembers what a function of a state answered, by the slots that it looked at: a tree of look-ups, in which each
 * node names the slot that was read next and has a branch for every value met there. Exact for pure functions: with
 * the same values in the slots read so far, a function reads the same slot next.
 */
import { powerOfTwo, word, item } from './words.ts';

/** Node that has not been reached yet. */
const OPEN = -1;
const NONE = -1;

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

export class Memo {
  /** By node: the slot read there, OPEN, or for an answer −2 − its number. */
  private nodes = new Int32Array(1 << 10);
  private nodeCount = 0;
  /** Branches, open addressing: node + 1, value, child. */
  private branches = new Int32Array(3 << 11);
  private branchMask = (1 << 11) - 1;
  private branchCount = 0;

  /** A new tree. */
  root(): number {
    return this.node();
  }

  /** Words of memory in use. */
  get size(): number {
    return this.nodes.length + this.branches.length;
  }

  private node(): number {
    if (this.nodeCount === this.nodes.length) {
      const bigger = new Int32Array(this.nodes.length * 2);
      bigger.set(this.nodes);
      this.nodes = bigger;
    }
    this.nodes[this.nodeCount] = OPEN;
    return this.nodeCount++;
  }

  /** The answer that the tree remembers for this state, or −1. */
  find(root: number, state: Int32Array): number {
    const { nodes, branches, branchMask } = this;
    let node = root;
    for (;;) {
      const slot = word(nodes, node);
      if (slot < 0) return slot === OPEN ? NONE : -2 - slot;
      const value = word(state, slot);
      let place = placeOf(node, value) & branchMask;
      for (;;) {
        const held = word(branches, place * 3);
        if (held === 0) return NONE;
        if (held === node + 1 && branches[place * 3 + 1] === value) break;
        place = (place + 1) & branchMask;
      }
      node = word(branches, place * 3 + 2);
    }
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
    return this.branch(node, value);
  }

  /** Remembers an answer, a number not below 0, for states that hold the same values where the function looked. */
  remember(root: number, { slots, values }: Recorder, answer: number): void {
    let node = root;
    for (let i = 0; i < slots.length; i++) {
      const slot = item(slots, i);
      const held = word(this.nodes, node);
      if (held === OPEN) this.nodes[node] = slot;
      else if (held !== slot) throw new Error('the answer depends on something that was not read');
      node = this.branch(node, item(values, i));
    }
    this.nodes[node] = -2 - answer;
  }

  /** The child of a node for a value, made where there is none. */
  private branch(node: number, value: number): number {
    const { branches, branchMask } = this;
    let place = placeOf(node, value) & branchMask;
    for (;;) {
      const held = word(branches, place * 3);
      if (held === 0) break;
      if (held === node + 1 && branches[place * 3 + 1] === value) return word(branches, place * 3 + 2);
      place = (place + 1) & branchMask;
    }
    const child = this.node();
    branches[place * 3] = node + 1;
    branches[place * 3 + 1] = value;
    branches[place * 3 + 2] = child;
    if (++this.branchCount * 2 > branchMask) this.growBranches();
    return child;
  }

  private growBranches(): void {
    const old = this.branches;
    const places = powerOfTwo((this.branchMask + 1) * 2);
    const mask = places - 1;
    const branches = new Int32Array(places * 3);
    for (let from = 0; from < old.length; from += 3) {
      const held = word(old, from);
      if (held === 0) continue;
      let place = placeOf(held - 1, word(old, from + 1)) & mask;
      while (branches[place * 3] !== 0) place = (place + 1) & mask;
      branches[place * 3] = held;
      branches[place * 3 + 1] = word(old, from + 1);
      branches[place * 3 + 2] = word(old, from + 2);
    }
    this.branches = branches;
    this.branchMask = mask;
  }
}

function placeOf(node: number, value: number): number {
  const mixed = Math.imul(node, 0x9e37_79b1) ^ Math.imul(value, 0x85eb_ca6b);
  return mixed ^ (mixed >>> 15);
}
