/**
 * Depth-first search that remembers states as bits (Holzmann's bitstate hashing): it goes where an exact search has no
 * memory to go, and may skip states, so that it can find breaks but prove nothing. What is hashed is the content of a
 * state, and the order of successors comes from the seed: another seed skips other states.
 */
import { BitSet } from './bit-set.ts';
import { rewriterOf, Rewritten } from './canonical.ts';
import type { Explorable } from './explorable.ts';
import { Expander } from './expander.ts';
import { Transitions } from './grain.ts';
import { shapesOf } from './store.ts';
import { ValueTable, valueMemory } from './value-table.ts';
import { word, item } from './words.ts';

export interface BitOptions {
  readonly symmetry: boolean;
  readonly tolerated: readonly string[];
  /** Bytes for the bits. */
  readonly bitBytes: number;
  /** Bytes for states that are still to be expanded, and as many again for the values in them. */
  readonly pendingBytes: number;
  readonly seed: number;
  /** Transitions from the first state. */
  readonly depth: number;
  /** Ends after so many states. */
  readonly states: number;
}

export interface BitTotals {
  /** States that were taken for new. */
  readonly states: number;
  readonly transitions: number;
  /** Transitions on the longest path. */
  readonly depth: number;
  readonly frontier: number;
  /** States that were not expanded because they lay too deep. */
  readonly tooDeep: number;
  /** How often an exchange was given up that does not come to rest. */
  readonly endless: number;
  readonly met: readonly string[];
  readonly brokenTolerated: Readonly<Record<string, number>>;
  readonly cuts: readonly number[];
  readonly bits: number;
  readonly fill: number;
  /** States expected to have been taken for known when they were met first. */
  readonly missed: number;
}

/** Where a run breaks something. */
export interface BitBreak {
  readonly actions: readonly number[];
  readonly broken: readonly string[];
}

/** Every state within reach was met or skipped; or something broke; or the search was ended. */
export type BitEnd = 'swept' | 'broken' | 'states' | 'memory' | 'stopped';

interface Pending {
  readonly row: Int32Array;
  /** Actions that lead here from the state before. */
  readonly actions: readonly number[];
  readonly depth: number;
}

const STATES_PER_TURN = 512;
/** Room for values that is made before a state is expanded. */
const ROOM = 1 << 12;
/** Bytes of a pending state besides its words. */
const PENDING = 160;

/** Hash of a value's encoding; `seed` makes independent ones. */
function contentHash(encoding: Int32Array, seed: number): number {
  let hash = seed;
  for (const content of encoding) {
    hash = Math.imul(hash ^ content, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ encoding.length, 0x85eb_ca6b);
  return hash ^ (hash >>> 13);
}

export class BitSearch {
  private readonly values: ValueTable;
  private readonly expander: Expander;
  private readonly next: Transitions;
  private readonly canonical: Rewritten | undefined;
  private readonly options: BitOptions;
  private readonly known: BitSet;
  private readonly slots: number;
  private readonly pending: Pending[] = [];
  /** Actions from the first state to the one that is expanded, by transition. */
  private readonly path: (readonly number[])[] = [];
  /** By number of value: two hashes of its content. */
  private readonly hashes: [number[], number[]] = [[], []];
  private random: number;
  private states = 0;
  private transitions = 0;
  private deepest = 0;
  private tooDeep = 0;
  private readonly met = new Set<string>();
  private readonly brokenTolerated = new Map<string, number>();
  found: BitBreak | undefined;

  constructor(machine: Explorable, options: BitOptions) {
    const { shapes, shapeOf } = shapesOf(machine);
    this.options = options;
    this.slots = machine.slots.length;
    this.values = new ValueTable(valueMemory(Math.floor(options.pendingBytes / 4)), shapes);
    this.expander = new Expander(machine, this.values, shapeOf);
    this.next = new Transitions(this.expander, this.values, shapeOf, machine.exchange);
    this.known = new BitSet(options.bitBytes);
    this.random = Math.imul(options.seed + 1, 0x9e37_79b1);
    const rewriter = rewriterOf(machine, this.values, shapeOf, options.symmetry);
    this.canonical = rewriter === undefined ? undefined : new Rewritten(rewriter, this.slots);
  }

  get rememberedBytes(): number {
    return (this.expander.size + (this.canonical?.size ?? 0)) * 4;
  }

  forget(): void {
    this.expander.forget();
    this.canonical?.forget();
    this.values.forget();
  }

  /** Runs until the end. `mayContinue` is asked often; false stops the search where it stands. */
  *run(mayContinue: () => boolean): Generator<undefined, BitEnd, undefined> {
    const { pending, options, slots } = this;
    const most = options.pendingBytes / (slots * 4 + PENDING);
    this.begin();
    for (let turn = 1; this.found === undefined; turn++) {
      const state = pending.pop();
      if (state === undefined) return 'swept';
      this.expand(state);
      if (this.states >= options.states) return this.ended('states');
      if (!this.values.fits(ROOM) || pending.length > most) return this.ended('memory');
      if (turn % STATES_PER_TURN !== 0) continue;
      yield undefined;
      if (!mayContinue()) return this.ended('stopped');
    }
    return 'broken';
  }

  private ended(end: BitEnd): BitEnd {
    return this.found === undefined ? end : 'broken';
  }

  private begin(): void {
    const row = new Int32Array(this.slots);
    this.expander.first(row);
    this.isNew(row, 0);
    this.states++;
    this.expander.hold(row);
    this.broke(this.expander.check(), []);
    this.pending.push({ row, actions: [], depth: 0 });
  }

  private expand({ row, actions, depth }: Pending): void {
    const { path, pending, expander, values, slots, options } = this;
    while (!values.hasRoom(ROOM)) values.grow();
    path.length = Math.max(depth - 1, 0);
    if (depth > 0) path.push(actions);
    this.deepest = Math.max(this.deepest, depth);
    if (depth >= options.depth) {
      this.tooDeep++;
      return;
    }
    const from = pending.length;
    this.canonical?.leave(row);
    this.next.each(row, (judgement, rests) => {
      if (rests) this.transitions++;
      for (const id of judgement.met) this.met.add(id);
      if (judgement.broken.length > 0) this.broke(judgement.broken, this.next.path());
      if (!rests || !this.isNew(expander.next, slots)) return true;
      this.states++;
      this.broke(expander.check(), this.next.path());
      pending.push({
        row: expander.next.slice(slots, slots * 2),
        actions: this.next.path(),
        depth: depth + 1,
      });
      return true;
    });
    if (options.seed > 0) this.shuffle(from);
  }

  /** Whether the state whose words begin at `from` is taken for new. */
  private isNew(state: Int32Array, from: number): boolean {
    const row = this.canonical === undefined ? state : this.canonical.of(state, from);
    const at = this.canonical === undefined ? from : 0;
    const [hashes, others] = this.hashes;
    let first = this.options.seed;
    let second = ~this.options.seed;
    for (let slot = 0; slot < this.slots; slot++) {
      const value = word(row, at + slot);
      if (hashes[value] === undefined) this.learn(value);
      first = Math.imul(first ^ item(hashes, value), 0x9e37_79b1);
      first ^= first >>> 15;
      second = Math.imul(second ^ item(others, value), 0xc2b2_ae35);
      second ^= second >>> 13;
    }
    return this.known.add(Math.imul(first, 0x85eb_ca6b), Math.imul(second, 0x27d4_eb2f) >>> 1);
  }

  private learn(value: number): void {
    const encoding = this.values.encodingOf(value);
    const [hashes, others] = this.hashes;
    hashes[value] = contentHash(encoding, 0x1234_5678);
    others[value] = contentHash(encoding, 0x6789_abcd);
  }

  private broke(broken: readonly string[], last: readonly number[]): void {
    const serious = broken.filter((id) => !this.options.tolerated.includes(id));
    for (const id of broken) {
      if (!serious.includes(id)) this.brokenTolerated.set(id, (this.brokenTolerated.get(id) ?? 0) + 1);
    }
    if (serious.length > 0) this.found ??= { actions: [...this.path.flat(), ...last], broken };
  }

  /** Puts the states pending from `from` on in an order that the seed decides. */
  private shuffle(from: number): void {
    const { pending } = this;
    for (let i = pending.length - 1; i > from; i--) {
      this.random = (Math.imul(this.random, 1_664_525) + 1_013_904_223) | 0;
      const j = from + ((this.random >>> 8) % (i - from + 1));
      const [a, b] = [pending[i], pending[j]];
      if (a === undefined || b === undefined) continue;
      pending[i] = b;
      pending[j] = a;
    }
  }

  totals(): BitTotals {
    return {
      states: this.states,
      transitions: this.transitions,
      depth: this.deepest,
      frontier: this.pending.length,
      tooDeep: this.tooDeep,
      endless: this.next.endless,
      met: [...this.met].sort(),
      brokenTolerated: Object.fromEntries(this.brokenTolerated),
      cuts: [...this.expander.bounds.cuts, this.next.cut],
      bits: this.known.size,
      fill: this.known.fill,
      missed: this.known.expectedMissed,
    };
  }
}
