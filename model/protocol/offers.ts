/**
 * What is enabled in a state, worked out anew only where something that it depends on has changed since the state
 * looked at before, and only when it is asked for.
 */
import { ACTIONS } from './actions/index.ts';
import type { Model } from './config.ts';
import { budgetIndex, type ActionDefinition } from './define-action.ts';
import { at } from './draft.ts';
import { mayHappen } from './state/environment.ts';
import { newestImage } from './state/metadata.ts';
import type { Process } from './state/broker.ts';
import { brokerAsking, type Channel } from './state/channel.ts';
import { CONTROL_REQUESTS, type Message } from './state/message.ts';
import type { Replica } from './state/replica.ts';
import { viewOf } from './state/partitions.ts';
import type { State } from './state/state.ts';

/** Whether the action of this index is enabled with these parameters. */
export type IsEnabled = (state: State, index: number, a: number, b: number, c: number) => boolean;
/** Packs an action into a number. */
export type Encode = (index: number, a: number, b: number, c: number) => number;

/**
 * How often each kind of action is drawn, against the others that are enabled: by index of the kind, zero is never.
 * Every kind has as many tickets as it weighs.
 */
export class Lottery {
  readonly weights: Int32Array;
  readonly tickets: Uint8Array;

  constructor(weights: Int32Array) {
    this.weights = weights;
    this.tickets = new Uint8Array(weights.reduce((sum, weight) => sum + weight, 0));
    let end = 0;
    for (let kind = 0; kind < weights.length; kind++) {
      const from = end;
      end += weights[kind] ?? 0;
      this.tickets.fill(kind, from, end);
    }
  }
}

/** So many tickets are drawn before those that can win are counted. */
const PATIENCE = 64;

/** What kinds of actions are drawn from. */
interface Drawable {
  /** Whether something of the kind may be enabled: false is certain. */
  mayBeOpen(kind: number): boolean;
  /** Finds out of every kind what is enabled. */
  workOutAll(): void;
  /** One of what is enabled of the kind, or -1. */
  drawChoice(kind: number, below: (bound: number) => number): number;
}

/** Draws a kind by weight among those of which something is enabled, then one of its choices; -1 where there is none. */
export function drawKind(from: Drawable, lottery: Lottery, below: (bound: number) => number): number {
  const { tickets } = lottery;
  for (let i = 0; i < PATIENCE && tickets.length > 0; i++) {
    const kind = tickets[below(tickets.length)] ?? 0;
    if (!from.mayBeOpen(kind)) continue;
    const code = from.drawChoice(kind, below);
    if (code >= 0) return code;
  }
  return drawAmongOpen(from, lottery.weights, below);
}

const candidates = new Int32Array(ACTIONS.length);

/**
 * The same where hardly a ticket wins. Everything is worked out first: what is drawn must not depend on what happens
 * to be known already.
 */
function drawAmongOpen(from: Drawable, weights: Int32Array, below: (bound: number) => number): number {
  from.workOutAll();
  let count = 0;
  let total = 0;
  for (let kind = 0; kind < weights.length; kind++) {
    const weight = weights[kind] ?? 0;
    if (weight === 0 || !from.mayBeOpen(kind)) continue;
    candidates[count++] = kind;
    total += weight;
  }
  if (count === 0) return -1;
  let left = below(total);
  let drawn = 0;
  while ((left -= weights[candidates[drawn] ?? 0] ?? 0) >= 0) drawn++;
  return from.drawChoice(candidates[drawn] ?? 0, below);
}

export class Offers {
  private readonly model: Model;
  private readonly offers: readonly Offer[];
  private readonly index: OfferIndex;
  /** By index of the action: its offers. */
  private readonly ofAction: readonly (readonly number[])[];
  private readonly visit: (a: number, b: number, c: number) => void;
  private looking: State | undefined;
  private into: Offer;

  constructor(model: Model, actions: readonly ActionDefinition[], isEnabled: IsEnabled, encode: Encode) {
    const { brokers } = model.config;
    this.model = model;
    this.offers = actions.flatMap((action) => offersOf(action, brokers));
    const numbers = new Map<ActionDefinition, number[]>(ACTIONS.map((action) => [action, []]));
    for (const [i, offer] of this.offers.entries()) numbers.get(offer.action)?.push(i);
    this.ofAction = [...numbers.values()];
    this.index = new OfferIndex(this.offers, this.ofAction.map(rangeOf), brokers);
    this.into = new Offer(at(ACTIONS, 0), -1);
    this.index.markAll();
    // One closure for all searches: what it works on is set before each use.
    this.visit = (a, b, c) => {
      const { into, looking } = this;
      if (looking !== undefined && isEnabled(looking, into.index, a, b, c))
        into.add(encode(into.index, a, b, c));
    };
  }

  /** From now on it is about `state`; `producersChanged` where a producer of another partition differs. */
  look(state: State, producersChanged = false): void {
    const before = this.looking;
    if (before === state) return;
    if (before !== undefined) this.index.mark(before, state, producersChanged ? PRODUCERS : 0);
    this.looking = state;
  }

  /** Whether the action is known to be enabled in this very state: its guards have been asked, and all held. */
  knows(state: State, action: number, own: number, code: number): boolean {
    if (state !== this.looking) return false;
    const numbers = at(this.ofAction, action);
    const i = numbers.length === 1 ? numbers[0] : numbers[own];
    if (i === undefined || this.index.isMarked(i)) return false;
    const { codes, count } = at(this.offers, i);
    for (let j = 0; j < count; j++) if (codes[j] === code) return true;
    return false;
  }

  /** Appends everything that is enabled, in the order of the actions. */
  all(out: number[]): void {
    const { index } = this;
    for (let i = index.nextMarked(0); i >= 0; i = index.nextMarked(i + 1)) this.workOut(i);
    for (let i = index.nextOpen(0); i >= 0; i = index.nextOpen(i + 1)) this.append(i, out);
  }

  /**
   * Draws a kind of action by weight among those of which something is enabled, then one of its choices, each as likely
   * as the others; -1 where no kind with a weight is enabled. Kinds that are not drawn are not worked out.
   */
  draw(lottery: Lottery, below: (bound: number) => number): number {
    return drawKind(this, lottery, below);
  }

  mayBeOpen(action: number): boolean {
    return this.index.mayBeOpen(action);
  }

  workOutAll(): void {
    const { index } = this;
    for (let i = index.nextMarked(0); i >= 0; i = index.nextMarked(i + 1)) this.workOut(i);
  }

  /** The state looked at last. */
  looked(): State | undefined {
    return this.looking;
  }

  /** The same as `look`, of a state with several partitions, given as each sees it: they may all be looked at. */
  lookAtAll(views: readonly State[]): void {
    const state = at(views, 0);
    const before = this.looking;
    if (before === state) return;
    if (before !== undefined) {
      for (const [partition, view] of views.entries()) this.index.mark(viewOf(before, partition), view);
    }
    this.looking = state;
  }

  /** Whether it offers the action in the state looked at last, without working it out. */
  hasOffered(action: number, own: number, code: number): boolean {
    return this.looking !== undefined && this.knows(this.looking, action, own, code);
  }

  /** How many choices of the action with this index are enabled. */
  count(action: number): number {
    let count = 0;
    for (const i of at(this.ofAction, action)) {
      if (this.index.isMarked(i)) this.workOut(i);
      count += at(this.offers, i).count;
    }
    return count;
  }

  /** One of them, by its place among them. */
  choice(action: number, place: number): number {
    let left = place;
    for (const i of at(this.ofAction, action)) {
      const offer = at(this.offers, i);
      if (left < offer.count) return at(offer.codes, left);
      left -= offer.count;
    }
    return -1;
  }

  /** One of what is enabled of the action with this index, or -1. */
  drawChoice(action: number, below: (bound: number) => number): number {
    const own = at(this.ofAction, action);
    let count = 0;
    for (let j = 0; j < own.length; j++) {
      const i = at(own, j);
      if (this.index.isMarked(i)) this.workOut(i);
      count += at(this.offers, i).count;
    }
    if (count === 0) return -1;
    let drawn = count === 1 ? 0 : below(count);
    for (let j = 0; j < own.length; j++) {
      const offer = at(this.offers, at(own, j));
      if (drawn < offer.count) return at(offer.codes, drawn);
      drawn -= offer.count;
    }
    return -1;
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
    if (offer.needs < 0 || mayHappen(state.environment, offer.needs)) {
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
  /** By channel: the broker that asks in it, as a set. */
  private readonly asking: Int32Array;
  /** By index of the action: where its offers stand among all. */
  private readonly ranges: readonly Range[];

  constructor(offers: readonly Offer[], ranges: readonly Range[], brokers: number) {
    this.brokers = brokers;
    this.ranges = ranges;
    this.asking = Int32Array.from({ length: brokers * brokers }, (_, i) => 1 << brokerAsking(brokers, i));
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

  /** Marks the offers that read something in which `state` differs from `before`, or of which `others` is the mask. */
  mark(before: State, state: State, others = 0): void {
    let changed = difference(before, state) | others;
    /** Brokers that have asked, or got an answer. */
    let asking = 0;
    if (before.channels !== state.channels) {
      for (let i = 0; i < state.channels.length; i++) {
        const was = at(before.channels, i);
        const is = at(state.channels, i);
        if (was === is) continue;
        changed |= messageDifference(was, is);
        asking |= at32(this.asking, i);
      }
    }
    for (let broker = 0; broker < this.brokers; broker++) {
      let own = differenceOf(before, state, broker);
      changed |= own;
      if ((asking & (1 << broker)) !== 0) own |= REQUESTS;
      if (own !== 0) this.or(this.ownReaders, broker * DEPENDENCIES, own);
    }
    this.or(this.readers, 0, changed);
  }

  private or(table: Int32Array, row: number, changed: number): void {
    const { words, dirty } = this;
    for (let bits = changed; bits !== 0; bits &= bits - 1) {
      const column = (row + 31 - Math.clz32(bits & -bits)) * words;
      for (let word = 0; word < words; word++) dirty[word] = at32(dirty, word) | at32(table, column + word);
    }
  }

  /** Whether one of the offers of the action with this index is open or has to be worked out. */
  mayBeOpen(action: number): boolean {
    const { first, firstMask, second, secondMask } = at(this.ranges, action);
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

/** What offers can depend on: components or aspects of them, and for the channels the kinds of their messages. */
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
  'requests',
  'lives',
  'roles',
  'highWatermarks',
  'zookeeper',
  'controllers',
  'caches',
] as const;
const MESSAGE_KINDS: readonly Message['kind'][] = [
  'Fetch',
  'DelayedFetch',
  'FetchResponse',
  'AlterPartition',
  'AlterPartitionResponse',
  'Produce',
  'ProduceResponse',
  'OffsetsForLeaderEpoch',
  'OffsetsForLeaderEpochResponse',
  ...CONTROL_REQUESTS,
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
const REQUESTS = bitOf('requests');
const LIVES = bitOf('lives');
const ROLES = bitOf('roles');
const HIGH_WATERMARKS = bitOf('highWatermarks');
const ZOOKEEPER = bitOf('zookeeper');
const CONTROLLERS = bitOf('controllers');
const CACHES = bitOf('caches');

/** In what two states differ besides their channels and what is one broker's own, by object identity, as a mask over the dependencies. */
function difference(a: State, b: State): number {
  let mask = 0;
  if (a.metadata !== b.metadata && newestImage(a.metadata) !== newestImage(b.metadata)) mask |= METADATA;
  if (a.controller !== b.controller) mask |= CONTROLLER_MEMORY;
  if (a.links !== b.links) mask |= LINKS;
  if (a.producers !== b.producers) mask |= PRODUCERS;
  if (a.consumers !== b.consumers) mask |= CONSUMERS;
  if (a.environment !== b.environment) mask |= ENVIRONMENT;
  if (a.zookeeper !== b.zookeeper) mask |= ZOOKEEPER;
  if (a.controllers !== b.controllers) mask |= CONTROLLERS;
  if (a.caches !== b.caches) mask |= CACHES;
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
function differenceOf(a: State, b: State, broker: number): number {
  let mask = 0;
  if (a.processes !== b.processes) {
    const was = at(a.processes, broker);
    const is = at(b.processes, broker);
    if (was !== is) mask |= isSameLife(was, is) ? PROCESSES : PROCESSES | LIVES;
  }
  if (a.logs !== b.logs && a.logs[broker] !== b.logs[broker]) mask |= LOGS;
  if (a.replicas !== b.replicas) {
    const was = at(a.replicas, broker);
    const is = at(b.replicas, broker);
    if (was !== is) {
      mask |= isSameRole(was, is) ? REPLICAS : REPLICAS | ROLES;
      if (was.highWatermark !== is.highWatermark) mask |= HIGH_WATERMARKS;
    }
  }
  return mask;
}

const isSameLife = (a: Process, b: Process): boolean =>
  a.status === b.status &&
  a.paused === b.paused &&
  a.stalled === b.stalled &&
  a.offline === b.offline &&
  a.incarnation === b.incarnation &&
  a.brokerEpoch === b.brokerEpoch;

const isSameRole = (a: Replica, b: Replica): boolean =>
  a.leader === b.leader &&
  a.leaderEpoch === b.leaderEpoch &&
  a.fetcher === b.fetcher &&
  a.leading?.epochStart === b.leading?.epochStart;
