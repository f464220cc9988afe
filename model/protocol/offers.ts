/**
 * What is enabled in a state, worked out anew only where something that it depends on has changed since the state
 * looked at before, and only when it is asked for.
 */
import { ACTIONS } from './actions/index.ts';
import type { Model } from './config.ts';
import { budgetIndex, type ActionDefinition } from './define-action.ts';
import { at } from './draft.ts';
import { newestImage } from './state/metadata.ts';
import type { Channel } from './state/channel.ts';
import type { Message } from './state/message.ts';
import type { State } from './state/state.ts';

/** Whether the action of this index is enabled with these parameters. */
export type IsEnabled = (state: State, index: number, a: number, b: number, c: number) => boolean;
/** Packs an action into a number. */
export type Encode = (index: number, a: number, b: number, c: number) => number;

export class Offers {
  private readonly model: Model;
  private readonly offers: readonly Offer[];
  private readonly index: OfferIndex;
  /** By index of the action: its offers. */
  private readonly ofAction: readonly (readonly number[])[];
  /** By index of the action: where its offers stand among all. */
  private readonly ranges: readonly Range[];
  private readonly candidates = new Int32Array(ACTIONS.length);
  private readonly visit: (a: number, b: number, c: number) => void;
  private looking: State | undefined;
  private into: Offer;

  constructor(model: Model, actions: readonly ActionDefinition[], isEnabled: IsEnabled, encode: Encode) {
    const { brokers } = model.config;
    this.model = model;
    this.offers = actions.flatMap((action) => offersOf(action, brokers));
    this.index = new OfferIndex(this.offers, brokers);
    this.ofAction = ACTIONS.map((action) =>
      this.offers.flatMap((offer, i) => (offer.action === action ? [i] : [])),
    );
    this.ranges = this.ofAction.map(rangeOf);
    this.into = new Offer(at(ACTIONS, 0), -1);
    this.index.markAll();
    // One closure for all searches: what it works on is set before each use.
    this.visit = (a, b, c) => {
      const { into, looking } = this;
      if (looking !== undefined && isEnabled(looking, into.index, a, b, c))
        into.add(encode(into.index, a, b, c));
    };
  }

  /** From now on it is about `state`. */
  look(state: State): void {
    const before = this.looking;
    if (before === state) return;
    if (before !== undefined) this.index.mark(before, state);
    this.looking = state;
  }

  /** Appends everything that is enabled, in the order of the actions. */
  all(out: number[]): void {
    const { index } = this;
    for (let i = index.nextMarked(0); i >= 0; i = index.nextMarked(i + 1)) this.workOut(i);
    for (let i = index.nextOpen(0); i >= 0; i = index.nextOpen(i + 1)) this.append(i, out);
  }

  /** Appends what is enabled of the action with this index. */
  ofKind(action: number, out: number[]): void {
    const own = at(this.ofAction, action);
    for (let j = 0; j < own.length; j++) {
      const i = at(own, j);
      if (this.index.isMarked(i)) this.workOut(i);
      this.append(i, out);
    }
  }

  /**
   * Draws a kind of action by weight among those of which something is enabled, and appends its choices; appends
   * nothing where no kind with a weight is enabled. Kinds that are not drawn are not worked out.
   */
  draw(weights: Int32Array, below: (bound: number) => number, out: number[]): void {
    const { candidates, index } = this;
    let count = 0;
    let total = 0;
    for (let kind = 0; kind < this.ranges.length; kind++) {
      const weight = weights[kind] ?? 0;
      if (weight === 0 || !index.mayBeOpen(at(this.ranges, kind))) continue;
      candidates[count++] = kind;
      total += weight;
    }
    while (count > 0) {
      let left = below(total);
      let drawn = 0;
      while ((left -= weights[candidates[drawn] ?? 0] ?? 0) >= 0) drawn++;
      const kind = candidates[drawn] ?? 0;
      this.ofKind(kind, out);
      if (out.length > 0) return;
      total -= weights[kind] ?? 0;
      candidates[drawn] = candidates[--count] ?? 0;
    }
  }

  private append(i: number, out: number[]): void {
    const { codes, count } = at(this.offers, i);
    for (let j = 0; j < count; j++) out.push(at(codes, j));
  }

  private workOut(i: number): void {
    const offer = at(this.offers, i);
    const state = this.looking;
    if (state === undefined) throw new Error('no state to look at');
    offer.count = 0;
    if (offer.needs < 0 || state.environment.budgets[offer.needs] !== 0) {
      this.into = offer;
      offer.action.choices(this.model, state, this.visit, offer.own);
    }
    this.index.settle(i, offer.count > 0);
  }
}

/**
 * An action, or the part of it that one broker takes, together with what of it was enabled in the state looked at
 * last: as long as nothing that it reads has changed, that stands.
 */
class Offer {
  readonly action: ActionDefinition;
  readonly index: number;
  /** The broker whose part this is, or -1 for the whole. */
  readonly own: number;
  /** The budget that the action needs in every state, or -1. */
  readonly needs: number;
  /** Masks over the dependencies: looked at as a whole, and only the own broker's part. */
  readonly reads: number;
  readonly readsOwn: number;
  readonly codes: number[] = [];
  count = 0;

  constructor(action: ActionDefinition, own: number) {
    this.action = action;
    this.own = own;
    this.index = ACTIONS.indexOf(action);
    this.needs = action.fault === undefined || action.costs !== undefined ? -1 : budgetIndex(action.fault);
    this.reads = readsOf(action);
    this.readsOwn = maskOf(action.readsOwn ?? []);
  }

  add(code: number): void {
    this.codes[this.count++] = code;
  }
}

function offersOf(action: ActionDefinition, brokers: number): Offer[] {
  if (action.readsOwn === undefined) return [new Offer(action, -1)];
  return Array.from({ length: brokers }, (_, broker) => new Offer(action, broker));
}

/** Which offers must be worked out anew after a change, and which have something to offer: sets as bit words. */
class OfferIndex {
  private readonly brokers: number;
  private readonly words: number;
  /** By component and word: offers that read the component as a whole. */
  private readonly readers: Int32Array;
  /** By broker, component and word: offers that read that broker's part. */
  private readonly ownReaders: Int32Array;
  private readonly dirty: Int32Array;
  private readonly open: Int32Array;

  constructor(offers: readonly Offer[], brokers: number) {
    this.brokers = brokers;
    this.words = Math.ceil(offers.length / 32);
    const components = DEPENDENCIES;
    this.readers = new Int32Array(components * this.words);
    this.ownReaders = new Int32Array(brokers * components * this.words);
    this.dirty = new Int32Array(this.words);
    this.open = new Int32Array(this.words);
    for (const [i, offer] of offers.entries()) {
      for (let bit = 0; bit < components; bit++) {
        const flag = 1 << (i & 31);
        const column = bit * this.words + (i >> 5);
        if ((offer.reads & (1 << bit)) !== 0) this.readers[column] = at32(this.readers, column) | flag;
        if (offer.own >= 0 && (offer.readsOwn & (1 << bit)) !== 0) {
          const own = offer.own * components * this.words + column;
          this.ownReaders[own] = at32(this.ownReaders, own) | flag;
        }
      }
    }
  }

  /** Marks every offer. */
  markAll(): void {
    for (const table of [this.readers, this.ownReaders]) {
      for (let column = 0; column < table.length; column++) {
        const word = column % this.words;
        this.dirty[word] = at32(this.dirty, word) | at32(table, column);
      }
    }
  }

  /** Marks the offers that read something in which `state` differs from `before`. */
  mark(before: State, state: State): void {
    const changed = difference(before, state);
    this.or(this.readers, 0, changed);
    for (let broker = 0; broker < this.brokers; broker++) {
      const own = differenceOf(before, state, broker, changed);
      if (own !== 0) this.or(this.ownReaders, broker * DEPENDENCIES, own);
    }
  }

  private or(table: Int32Array, row: number, changed: number): void {
    const { words, dirty } = this;
    for (let bits = changed; bits !== 0; bits &= bits - 1) {
      const column = (row + 31 - Math.clz32(bits & -bits)) * words;
      for (let word = 0; word < words; word++) dirty[word] = at32(dirty, word) | at32(table, column + word);
    }
  }

  /** Whether one of these offers is open or has to be worked out. */
  mayBeOpen({ first, firstMask, second, secondMask }: Range): boolean {
    return (
      ((at32(this.open, first) | at32(this.dirty, first)) & firstMask) !== 0 ||
      (secondMask !== 0 && ((at32(this.open, second) | at32(this.dirty, second)) & secondMask) !== 0)
    );
  }

  isMarked(offer: number): boolean {
    return (at32(this.dirty, offer >> 5) & (1 << (offer & 31))) !== 0;
  }

  /** The offer has been worked out: no longer marked, and open if it has something to offer. */
  settle(offer: number, open: boolean): void {
    const word = offer >> 5;
    const flag = 1 << (offer & 31);
    this.dirty[word] = at32(this.dirty, word) & ~flag;
    this.open[word] = open ? at32(this.open, word) | flag : at32(this.open, word) & ~flag;
  }

  /** The first marked offer from `from` on, or -1. */
  nextMarked(from: number): number {
    return next(this.dirty, from);
  }

  /** The first open offer from `from` on, or -1. */
  nextOpen(from: number): number {
    return next(this.open, from);
  }
}

/** Neighbouring offers as parts of two bit words at most. */
interface Range {
  readonly first: number;
  readonly firstMask: number;
  readonly second: number;
  readonly secondMask: number;
}

function rangeOf(offers: readonly number[]): Range {
  const [lowest = 0] = offers;
  const first = lowest >> 5;
  let firstMask = 0;
  let secondMask = 0;
  for (const offer of offers) {
    if (offer >> 5 === first) firstMask |= 1 << (offer & 31);
    else secondMask |= 1 << (offer & 31);
  }
  return { first, firstMask, second: first + 1, secondMask };
}

/** The first member of a set of bit words that is not below `from`, or -1. */
function next(set: Int32Array, from: number): number {
  let word = from >> 5;
  if (word >= set.length) return -1;
  let rest = at32(set, word) & (-1 << (from & 31));
  while (rest === 0) {
    if (++word >= set.length) return -1;
    rest = at32(set, word);
  }
  return word * 32 + 31 - Math.clz32(rest & -rest);
}

const at32 = (values: Int32Array, index: number): number => values[index] ?? 0;

/** What offers can depend on: components, and for the channels the kinds of their messages. */
const COMPONENTS = [
  'metadata',
  'controller',
  'processes',
  'logs',
  'replicas',
  'links',
  'producers',
  'consumers',
  'environment',
] as const;
const MESSAGE_KINDS: readonly Message['kind'][] = [
  'Fetch',
  'DelayedFetch',
  'FetchResponse',
  'AlterPartition',
  'AlterPartitionResponse',
  'Produce',
  'ProduceResponse',
];

const bitOf = (name: string): number => {
  const component = COMPONENTS.findIndex((known) => known === name);
  if (component >= 0) return 1 << component;
  const kind = MESSAGE_KINDS.findIndex((known) => known === name);
  if (kind < 0) throw new Error(`nothing can depend on ${name}`);
  return 1 << (COMPONENTS.length + kind);
};
const maskOf = (names: readonly string[]): number => names.reduce((mask, name) => mask | bitOf(name), 0);

/** Faults also look at their budgets. */
const readsOf = (action: ActionDefinition): number =>
  maskOf([
    ...action.reads,
    ...(action.readsMessages ?? []),
    ...(action.fault === undefined ? [] : ['environment']),
  ]);

const DEPENDENCIES = COMPONENTS.length + MESSAGE_KINDS.length;
const METADATA = bitOf('metadata');
const CONTROLLER_MEMORY = bitOf('controller');
const PROCESSES = bitOf('processes');
const LOGS = bitOf('logs');
const REPLICAS = bitOf('replicas');
const LINKS = bitOf('links');
const PRODUCERS = bitOf('producers');
const CONSUMERS = bitOf('consumers');
const ENVIRONMENT = bitOf('environment');

/** In what two states differ, by object identity, as a mask over the dependencies. */
function difference(a: State, b: State): number {
  let mask = 0;
  if (a.metadata !== b.metadata && newestImage(a.metadata) !== newestImage(b.metadata)) mask |= METADATA;
  if (a.controller !== b.controller) mask |= CONTROLLER_MEMORY;
  if (a.processes !== b.processes) mask |= PROCESSES;
  if (a.logs !== b.logs) mask |= LOGS;
  if (a.replicas !== b.replicas) mask |= REPLICAS;
  if (a.links !== b.links) mask |= LINKS;
  if (a.producers !== b.producers) mask |= PRODUCERS;
  if (a.consumers !== b.consumers) mask |= CONSUMERS;
  if (a.environment !== b.environment) mask |= ENVIRONMENT;
  if (a.channels !== b.channels) {
    for (let i = 0; i < a.channels.length; i++) {
      const before = at(a.channels, i);
      const after = at(b.channels, i);
      if (before !== after) mask |= messageDifference(before, after);
    }
  }
  return mask;
}

/** The kinds of the messages between the common beginning and the common end of a channel before and after. */
function messageDifference(a: Channel, b: Channel): number {
  let from = 0;
  let endA = a.length;
  let endB = b.length;
  while (from < endA && from < endB && a[from] === b[from]) from++;
  while (endA > from && endB > from && a[endA - 1] === b[endB - 1]) {
    endA--;
    endB--;
  }
  let mask = 0;
  for (let i = from; i < endA; i++) mask |= kindBit(at(a, i).kind);
  for (let i = from; i < endB; i++) mask |= kindBit(at(b, i).kind);
  return mask;
}

const KIND_BITS: Readonly<Record<Message['kind'], number>> = Object.fromEntries(
  MESSAGE_KINDS.map((kind) => [kind, bitOf(kind)]),
) as Record<Message['kind'], number>;
const kindBit = (kind: Message['kind']): number => KIND_BITS[kind];

/** The same for what is one broker's own. */
function differenceOf(a: State, b: State, broker: number, changed: number): number {
  let mask = 0;
  if ((changed & PROCESSES) !== 0 && a.processes[broker] !== b.processes[broker]) mask |= PROCESSES;
  if ((changed & LOGS) !== 0 && a.logs[broker] !== b.logs[broker]) mask |= LOGS;
  if ((changed & REPLICAS) !== 0 && a.replicas[broker] !== b.replicas[broker]) mask |= REPLICAS;
  return mask;
}
