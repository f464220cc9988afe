/** The machine: which actions are enabled in a state, and what each does. Pure and untimed. */
import { setOf } from './base/broker-set.ts';
import { PARTIES } from './base/party.ts';
import { ACTIONS } from './actions/index.ts';
import { compile, type Config, type Model } from './config.ts';
import { budgetIndex, type ActionDefinition, type Guard, type Test } from './define-action.ts';
import { at, Draft } from './draft.ts';
import type { Event } from './events.ts';
import { NO_BROKER_EPOCH } from './state/broker.ts';
import { FAULT_KINDS, UNLIMITED } from './state/environment.ts';
import { assignEpoch, EMPTY_LOG } from './state/log.ts';
import { newestImage, type MetadataImage } from './state/metadata.ts';
import type { Message } from './state/message.ts';
import { EMPTY_REMOTE, NO_REPLICA, UNKNOWN_OFFSET, type Replica } from './state/replica.ts';
import type { State } from './state/state.ts';

/** An action as traces have it: its kind and its parameters by name. */
export interface Action {
  readonly kind: string;
  readonly [param: string]: string | number;
}

/** An action packed into one number, as drivers pass it around. */
export type ActionCode = number;

const PARAM_RANGE = 0x200;

export interface Step {
  readonly state: State;
  readonly events: readonly Event[];
}

/** Why an action is refused: the guard that does not hold. */
export interface Refusal {
  readonly guard: string;
}

export interface Machine {
  readonly config: Config;
  readonly model: Model;
  readonly initial: State;
  /** Appends the codes of all enabled actions to `out`, in one fixed order. */
  enabled(state: State, out: ActionCode[]): void;
  /** The next state and what the step caused. Throws for a disabled action: that is a mistake of the caller. */
  step(state: State, code: ActionCode): Step;
  /** The first guard that refuses the action, or undefined when it is enabled. */
  refusal(state: State, code: ActionCode): Refusal | undefined;
  encode(action: Action): ActionCode | undefined;
  decode(code: ActionCode): Action;
  definition(code: ActionCode): ActionDefinition;
}

const kindIndex = (code: ActionCode): number => code & 0xff;
const paramA = (code: ActionCode): number => (code >>> 8) & (PARAM_RANGE - 1);
const paramB = (code: ActionCode): number => (code >>> 17) & (PARAM_RANGE - 1);
const paramC = (code: ActionCode): number => code >>> 26;

const codeOf = (index: number, a: number, b: number, c: number): ActionCode =>
  index | (a << 8) | (b << 17) | (c << 26);

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
  readonly codes: ActionCode[] = [];
  count = 0;

  constructor(action: ActionDefinition, own: number) {
    this.action = action;
    this.own = own;
    this.index = ACTIONS.indexOf(action);
    this.needs = action.fault === undefined || action.costs !== undefined ? -1 : budgetIndex(action.fault);
    this.reads = readsOf(action);
    this.readsOwn = maskOf(action.readsOwn ?? []);
  }

  add(code: ActionCode): void {
    this.codes[this.count++] = code;
  }
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
  private word = 0;
  private rest = 0;

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

  /** Marks the offers that read something in which `state` differs from `before`. */
  mark(before: State | undefined, state: State): void {
    for (let word = 0; word < this.words; word++) this.dirty[word] = 0;
    if (before === undefined) {
      // Bits beyond the last offer stay clear.
      for (let word = 0; word < this.words; word++) {
        let all = 0;
        for (let column = word; column < this.readers.length; column += this.words)
          all |= at32(this.readers, column);
        for (let column = word; column < this.ownReaders.length; column += this.words)
          all |= at32(this.ownReaders, column);
        this.dirty[word] = all;
      }
    } else {
      const changed = difference(before, state);
      this.or(this.readers, 0, changed);
      for (let broker = 0; broker < this.brokers; broker++) {
        const own = differenceOf(before, state, broker, changed);
        if (own !== 0) this.or(this.ownReaders, broker * DEPENDENCIES, own);
      }
    }
    this.word = 0;
    this.rest = at32(this.dirty, 0);
  }

  private or(table: Int32Array, row: number, changed: number): void {
    const { words, dirty } = this;
    for (let bits = changed; bits !== 0; bits &= bits - 1) {
      const column = (row + 31 - Math.clz32(bits & -bits)) * words;
      for (let word = 0; word < words; word++) dirty[word] = at32(dirty, word) | at32(table, column + word);
    }
  }

  /** The next marked offer, or -1. */
  nextDirty(): number {
    return this.next(this.dirty);
  }

  settle(offer: number, open: boolean): void {
    const word = offer >> 5;
    const flag = 1 << (offer & 31);
    this.open[word] = open ? at32(this.open, word) | flag : at32(this.open, word) & ~flag;
  }

  /** To be called before going over the offers that have something to offer. */
  rewind(): void {
    this.word = 0;
    this.rest = at32(this.open, 0);
  }

  /** The next offer with something to offer, in order, or -1. */
  nextOpen(): number {
    return this.next(this.open);
  }

  private next(set: Int32Array): number {
    while (this.rest === 0) {
      if (++this.word >= this.words) return -1;
      this.rest = at32(set, this.word);
    }
    const lowest = this.rest & -this.rest;
    this.rest ^= lowest;
    return this.word * 32 + 31 - Math.clz32(lowest);
  }
}

const at32 = (values: Int32Array, index: number): number => values[index] ?? 0;

function offersOf(action: ActionDefinition, brokers: number): Offer[] {
  if (action.readsOwn === undefined) return [new Offer(action, -1)];
  return Array.from({ length: brokers }, (_, broker) => new Offer(action, broker));
}

/** What offers can depend on: components, and for the network the kinds of its messages. */
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
  return a.network === b.network ? mask : mask | messageDifference(a.network.messages, b.network.messages);
}

/** The kinds of the messages between the common beginning and the common end of two lists. */
function messageDifference(a: readonly Message[], b: readonly Message[]): number {
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

/** Actions that can ever be enabled under a configuration: what it leaves out costs nothing. */
function exists(model: Model, action: ActionDefinition): boolean {
  const { config } = model;
  if (action.fault !== undefined && action.costs === undefined) {
    if (config.faults.budgets[action.fault] === 0) return false;
  }
  if (action.who === 'producer') return config.producers.length > 0;
  if (action.who === 'consumer') return config.consumers.length > 0;
  return true;
}

export function createMachine(config: Config): Machine {
  const model = compile(config);
  const { brokers } = config;
  const offers = ACTIONS.filter((action) => exists(model, action)).flatMap((action) =>
    offersOf(action, brokers),
  );
  const kinds = new Map(ACTIONS.map((action, index) => [action.kind, index] as const));

  const mustHold = ({ clause }: Guard): boolean => clause === undefined || model.leftOut[clause.index] !== 1;
  const guardsOf = ACTIONS.map((action) => action.guards.filter(mustHold));
  const testOf = guardsOf.map((guards) => all(guards.map(({ test }) => test)));
  const costOf = ACTIONS.map((action) => (action.fault === undefined ? -1 : budgetIndex(action.fault)));

  /** The budget that the action draws on in this state, or -1. */
  const drawsOn = (state: State, index: number, a: number, b: number, c: number): number => {
    const budget = at(costOf, index);
    if (budget < 0) return -1;
    const { costs } = at(ACTIONS, index);
    return costs === undefined || costs(model, state, a, b, c) ? budget : -1;
  };

  const budgetLeft = (state: State, index: number, a: number, b: number, c: number): boolean => {
    const budget = drawsOn(state, index, a, b, c);
    return budget < 0 || state.environment.budgets[budget] !== 0;
  };

  const isEnabled = (state: State, index: number, a: number, b: number, c: number): boolean => {
    return at(testOf, index)(model, state, a, b, c) && budgetLeft(state, index, a, b, c);
  };

  const failing = (state: State, index: number, a: number, b: number, c: number): string | undefined => {
    const refusing = at(guardsOf, index).find((guard) => !guard.test(model, state, a, b, c));
    if (refusing !== undefined) return refusing.says;
    return budgetLeft(state, index, a, b, c) ? undefined : 'the fault budget of its kind is not used up';
  };

  // One closure for all searches: what it works on is set before each use.
  let looking: State = initialState(model);
  let remembered: State | undefined;
  let into = new Offer(at(ACTIONS, 0), -1);
  const visit = (a: number, b: number, c: number): void => {
    if (isEnabled(looking, into.index, a, b, c)) into.add(codeOf(into.index, a, b, c));
  };
  const index = new OfferIndex(offers, brokers);

  const machine: Machine = {
    config,
    model,
    initial: looking,
    enabled(state, out) {
      index.mark(remembered, state);
      remembered = state;
      looking = state;
      const { budgets } = state.environment;
      for (let i = index.nextDirty(); i >= 0; i = index.nextDirty()) {
        into = at(offers, i);
        into.count = 0;
        if (into.needs < 0 || budgets[into.needs] !== 0) into.action.choices(model, state, visit, into.own);
        index.settle(i, into.count > 0);
      }
      index.rewind();
      for (let i = index.nextOpen(); i >= 0; i = index.nextOpen()) {
        const { codes, count } = at(offers, i);
        for (let j = 0; j < count; j++) out.push(at(codes, j));
      }
    },
    step(state, code) {
      const index = kindIndex(code);
      const a = paramA(code);
      const b = paramB(code);
      const c = paramC(code);
      if (!isEnabled(state, index, a, b, c)) {
        const refused = failing(state, index, a, b, c) ?? '';
        throw new Error(`${JSON.stringify(machine.decode(code))} is not enabled: not so that ${refused}`);
      }
      const draft = new Draft(model, state);
      const budget = drawsOn(state, index, a, b, c);
      if (budget >= 0) spend(draft, budget);
      at(ACTIONS, index).effect(draft, a, b, c);
      return { state: draft.finish(), events: draft.events };
    },
    refusal(state, code) {
      const guard = failing(state, kindIndex(code), paramA(code), paramB(code), paramC(code));
      return guard === undefined ? undefined : { guard };
    },
    encode(action) {
      const index = kinds.get(action.kind);
      if (index === undefined) return undefined;
      const { params } = at(ACTIONS, index);
      if (Object.keys(action).length !== params.length + 1) return undefined;
      const values = [0, 0, 0];
      for (const [i, name] of params.entries()) {
        const value = action[name];
        if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= PARAM_RANGE)
          return undefined;
        values[i] = value;
      }
      return codeOf(index, at(values, 0), at(values, 1), at(values, 2));
    },
    decode(code) {
      const { kind, params } = at(ACTIONS, kindIndex(code));
      const values = [paramA(code), paramB(code), paramC(code)];
      return { kind, ...Object.fromEntries(params.map((name, i) => [name, at(values, i)])) };
    },
    definition: (code) => at(ACTIONS, kindIndex(code)),
  };
  return machine;
}

function spend(draft: Draft, budget: number): void {
  const budgets = draft.environment.budgets.slice();
  const left = at(budgets, budget);
  if (left === UNLIMITED) return;
  budgets[budget] = left - 1;
  draft.environment = { ...draft.environment, budgets };
}

/** All tests as one, in their order. */
function all(tests: readonly Test[]): Test {
  const [first, second, ...others] = tests;
  if (first === undefined) return () => true;
  if (second === undefined) return first;
  const rest = others.length === 0 ? undefined : all(others);
  return rest === undefined
    ? (m, s, a, b, c) => first(m, s, a, b, c) && second(m, s, a, b, c)
    : (m, s, a, b, c) => first(m, s, a, b, c) && second(m, s, a, b, c) && rest(m, s, a, b, c);
}

/** All brokers run, are unfenced and know everything; the preferred leader leads an empty log in epoch 0. */
function initialState(model: Model): State {
  const { config } = model;
  const ids = Array.from({ length: config.brokers }, (_, id) => id);
  const isr = setOf(config.assignment);
  const leader = at(config.assignment, 0);
  const image: MetadataImage = {
    registrations: ids.map((id) => ({
      epoch: id,
      incarnation: 0,
      fenced: false,
      inControlledShutdown: false,
    })),
    partitions: [
      {
        replicas: config.assignment,
        isr,
        elr: 0,
        lastKnownLeader: -1,
        leader,
        leaderEpoch: 0,
        partitionEpoch: 0,
        leaderRecoveryState: 'RECOVERED',
      },
    ],
  };
  // Registrations took the first offsets of the metadata log, the partition the next.
  const offset = config.brokers;
  const replica = (id: number): Replica => {
    if (!config.assignment.includes(id)) return NO_REPLICA;
    const base = { leader, leaderEpoch: 0, partitionEpoch: 0, highWatermark: 0 };
    if (id !== leader) {
      return { ...base, leading: null, fetcher: { state: 'fetching', leader, leaderEpoch: 0 } };
    }
    const remotes = ids.map((other) =>
      config.assignment.includes(other)
        ? { ...EMPTY_REMOTE, lastFetchLeaderLogEndOffset: UNKNOWN_OFFSET, caughtUpRecently: true }
        : EMPTY_REMOTE,
    );
    return {
      ...base,
      leading: { epochStart: 0, committedIsr: isr, pending: null, remotes, waiting: [] },
      fetcher: null,
    };
  };
  const recordsEpoch = model.rules['leader-records-own-epoch'] === 'yes';
  return {
    metadata: { start: offset, images: [image] },
    controller: {
      active: true,
      heartbeats: ids.map(() => ({ sessionValid: true, metadataOffset: -1, controlledShutdownOffset: -1 })),
    },
    processes: ids.map((id) => ({
      status: 'running',
      paused: false,
      incarnation: 0,
      brokerEpoch: id,
      metadataOffset: offset,
      alterPartition: null,
    })),
    disks: ids.map(() => ({ cleanShutdownEpoch: NO_BROKER_EPOCH })),
    logs: ids.map((id) => (id === leader && recordsEpoch ? assignEpoch(EMPTY_LOG, 0, 0) : EMPTY_LOG)),
    replicas: ids.map(replica),
    network: { messages: [] },
    links: { cut: Array.from({ length: PARTIES }, () => 0) },
    producers: config.producers.map(() => ({ leader, leaderEpoch: 0, sent: 0, inFlight: [], retries: [] })),
    consumers: config.consumers.map(() => ({ leader, leaderEpoch: 0, position: 0, stopped: false })),
    environment: {
      budgets: FAULT_KINDS.map((kind) => config.faults.budgets[kind]),
      lossy: 0,
      uncleanStops: 0,
    },
  };
}
