/** The machine: which actions are enabled in a state, and what each does. Pure and untimed. */
import { setOf } from './base/broker-set.ts';
import { partiesWith } from './base/party.ts';
import { ACTIONS } from './actions/index.ts';
import { assignmentOf, compile, keepsBuffer, type Config, type Model } from './config.ts';
import {
  budgetIndex,
  isKnownUnder,
  world,
  type ActionDefinition,
  type Guard,
  type Test,
} from './define-action.ts';
import { at, Draft } from './draft.ts';
import type { Event } from './events.ts';
import { Lottery, Offers } from './offers.ts';
import { OffersOfPartitions } from './offers-of-partitions.ts';
import { firstProducerId, freshIdempotence } from './rules/idempotence.ts';
import { recordsOwnEpoch } from './rules/shared-switches.ts';
import { NO_BROKER_EPOCH } from './state/broker.ts';
import { channelCount, EMPTY_CHANNEL } from './state/channel.ts';
import { initialBudgets, mayHappen, UNLIMITED } from './state/environment.ts';
import { channelOf, channelsOf, firstChannelOf } from './state/channel.ts';
import { assignEpoch, EMPTY_LOG } from './state/log.ts';
import type { MetadataImage, PartitionRegistration } from './state/metadata.ts';
import { EMPTY_REMOTE, NO_LEADER, NO_REPLICA, UNKNOWN_OFFSET, type Replica } from './state/replica.ts';
import { viewOf } from './state/partitions.ts';
import type { PartitionState, State } from './state/state.ts';
import { initialZooKeeper, NO_ZOOKEEPER } from './zookeeper/initial.ts';

/** An action as traces have it: its kind and its parameters by name. */
export interface Action {
  readonly kind: string;
  readonly [param: string]: string | number;
}

/** An action packed into one number, as drivers pass it around. */
export type ActionCode = number;

/** Bounds of the three parameters, as they are packed into a code. The first is who acts, never a number of records. */
const PARAM_RANGES = [0x80, 0x200, 0x20];

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
  /**
   * Appends the codes of all enabled actions to `out`, in one fixed order. What is worked out is remembered by the
   * object, here and in `draw`: it must never change. Searches whose states do ask `family`.
   */
  enabled(state: State, out: ActionCode[]): void;
  /**
   * Draws a kind of action by weight among those that are enabled, and one of its choices: twenty links that can be cut
   * are no more likely to be cut than one broker is to be killed. Appends its code, or nothing where no kind with a
   * weight is enabled. `weights`, by index among ACTIONS, stay as they are; `below` gives a whole number below its
   * argument. Cheaper than asking for everything.
   */
  draw(state: State, weights: Int32Array, below: (bound: number) => number, out: ActionCode[]): void;
  /** How many families of actions there are: an action, or the part of it that one broker takes. */
  readonly families: number;
  /** The kind of the actions of a family. */
  kindOf(family: number): string;
  /** Calls `visit` with each enabled action of a family, remembering nothing: for searches that remember themselves. */
  family(state: State, family: number, visit: (code: ActionCode) => void): void;
  /** The channel whose message an action handles, or −1. Losing a message or giving it up does not handle it. */
  handledChannel(code: ActionCode): number;
  /** The partition that an action is of; 0 where it is of all. */
  partitionOf(code: ActionCode): number;
  /** The next state and what the step caused. Throws for a disabled action: that is a mistake of the caller. */
  step(state: State, code: ActionCode): Step;
  /** The same of an action that the caller knows to be enabled: no guard is asked again. */
  stepEnabled(state: State, code: ActionCode): Step;
  /** The first guard that refuses the action, or undefined when it is enabled. */
  refusal(state: State, code: ActionCode): Refusal | undefined;
  encode(action: Action): ActionCode | undefined;
  decode(code: ActionCode): Action;
  definition(code: ActionCode): ActionDefinition;
}

const kindIndex = (code: ActionCode): number => code & 0xff;
const paramA = (code: ActionCode): number => (code >>> 8) & 0x7f;
const partitionIn = (code: ActionCode): number => (code >>> 15) & 3;
const paramB = (code: ActionCode): number => (code >>> 17) & 0x1ff;
const paramC = (code: ActionCode): number => code >>> 26;

const codeOf = (index: number, a: number, b: number, c: number): ActionCode =>
  index | (a << 8) | (b << 17) | (c << 26);

/** The same action of another partition. */
const inPartition = (code: ActionCode, partition: number): ActionCode => code | (partition << 15);

const UNKNOWN: Guard = world('the configuration knows such an action', () => false);

/** Actions that can ever be enabled under a configuration: what it leaves out costs nothing. */
function exists(model: Model, action: ActionDefinition): boolean {
  const { config } = model;
  if (!isKnownUnder(model, action)) return false;
  if (action.fault !== undefined && action.costs === undefined) {
    if (config.faults.budgets[action.fault] === 0) return false;
  }
  if (action.who === 'producer') return config.producers.length > 0;
  if (action.who === 'consumer') return config.consumers.length > 0;
  return true;
}

/** A machine may be asked for fewer actions than it can take: what `isOffered` leaves out is never listed or drawn. */
export function createMachine(config: Config, isOffered: (kind: string) => boolean = () => true): Machine {
  const model = compile(config);
  const kinds = new Map(ACTIONS.map((action, index) => [action.kind, index] as const));

  const mustHold = ({ clause }: Guard): boolean => clause === undefined || model.leftOut[clause.index] !== 1;
  const guardsOf = ACTIONS.map((action) =>
    isKnownUnder(model, action) ? action.guards.filter(mustHold) : [UNKNOWN],
  );
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
    return budget < 0 || mayHappen(state.environment, budget);
  };

  const isEnabled = (state: State, index: number, a: number, b: number, c: number): boolean => {
    return at(testOf, index)(model, state, a, b, c) && budgetLeft(state, index, a, b, c);
  };

  const failing = (state: State, index: number, a: number, b: number, c: number): string | undefined => {
    const refusing = at(guardsOf, index).find((guard) => !guard.test(model, state, a, b, c));
    if (refusing !== undefined) return refusing.says;
    return budgetLeft(state, index, a, b, c) ? undefined : 'the fault budget of its kind is not used up';
  };

  const existing = ACTIONS.filter((action) => isOffered(action.kind) && exists(model, action));
  const several = config.otherAssignments.length > 0;
  const offers = several
    ? new OffersOfPartitions(model, existing, isEnabled, codeOf, inPartition)
    : new Offers(model, existing, isEnabled, codeOf);
  /** The state as an action sees it. */
  const seenBy = (state: State, code: ActionCode): State => viewOf(state, partitionIn(code));
  const severalParamsOf = ({ ofPartition, severalParams = [] }: ActionDefinition): readonly string[] =>
    several ? [...severalParams, ...(ofPartition === true ? ['partition'] : [])] : [];

  // A walk draws by the same weights again and again.
  let lottery = new Lottery(new Int32Array(ACTIONS.length));

  const initial = initialState(model);
  const families = familiesOf(existing, config, initial.channels.length);

  const machine: Machine = {
    config,
    families: families.length,
    kindOf: (family) => at(ACTIONS, at(families, family).index).kind,
    family(state, family, visit) {
      const { index, own, partition } = at(families, family);
      const seen = partition === 0 ? state : viewOf(state, partition);
      at(ACTIONS, index).choices(
        model,
        seen,
        (a, b, c) => {
          if (isEnabled(seen, index, a, b, c)) visit(inPartition(codeOf(index, a, b, c), partition));
        },
        own,
      );
    },
    model,
    initial,
    enabled(state, out) {
      offers.look(state);
      offers.all(out);
    },
    draw(state, weights, below, out) {
      if (lottery.weights !== weights) lottery = new Lottery(weights);
      offers.look(state);
      const code = offers.draw(lottery, below);
      if (code >= 0) out.push(code);
    },
    handledChannel(code) {
      const { readsMessages, who, params } = machine.definition(code);
      const [kind] = readsMessages ?? [];
      if (kind === undefined || kind === 'DelayedFetch' || who === 'network' || !params.includes('nth'))
        return -1;
      return channelOf(config.brokers, config.producers.length, kind, paramA(code), paramB(code));
    },
    partitionOf: partitionIn,
    step(state, code) {
      const index = kindIndex(code);
      const a = paramA(code);
      const b = paramB(code);
      const c = paramC(code);
      if (!offers.knows(state, index, a, code) && !isEnabled(seenBy(state, code), index, a, b, c)) {
        const refused = failing(seenBy(state, code), index, a, b, c) ?? '';
        throw new Error(`${JSON.stringify(machine.decode(code))} is not enabled: not so that ${refused}`);
      }
      return machine.stepEnabled(state, code);
    },
    stepEnabled(state, code) {
      const index = kindIndex(code);
      const a = paramA(code);
      const b = paramB(code);
      const c = paramC(code);
      const draft = new Draft(model, state);
      const budget = drawsOn(seenBy(state, code), index, a, b, c);
      if (budget >= 0) spend(draft, budget);
      draft.focus(partitionIn(code));
      at(ACTIONS, index).effect(draft, a, b, c);
      return { state: draft.finish(), events: draft.events };
    },
    refusal(state, code) {
      const seen = seenBy(state, code);
      const guard = failing(seen, kindIndex(code), paramA(code), paramB(code), paramC(code));
      return guard === undefined ? undefined : { guard };
    },
    encode(action) {
      const index = kinds.get(action.kind);
      if (index === undefined) return undefined;
      const definition = at(ACTIONS, index);
      const { params } = definition;
      const optional = severalParamsOf(definition).filter((name) => Object.hasOwn(action, name));
      if (Object.keys(action).length !== params.length + optional.length + 1) return undefined;
      const values = [0, 0, 0];
      let partition = 0;
      for (const [i, name] of [...params, ...optional].entries()) {
        const value = action[name];
        const isPartition = name === 'partition';
        const range = isPartition ? 1 + config.otherAssignments.length : at(PARAM_RANGES, i);
        if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value >= range)
          return undefined;
        if (isPartition) partition = value;
        else values[i] = value;
      }
      return inPartition(codeOf(index, at(values, 0), at(values, 1), at(values, 2)), partition);
    },
    decode(code) {
      const definition = at(ACTIONS, kindIndex(code));
      const { kind, params } = definition;
      const values = [paramA(code), paramB(code), paramC(code)];
      const action = { kind, ...Object.fromEntries(params.map((name, i) => [name, at(values, i)])) };
      const more = severalParamsOf(definition).flatMap((name, i) => {
        const value = name === 'partition' ? partitionIn(code) : at(values, params.length + i);
        return value === 0 ? [] : [[name, value] as const];
      });
      return more.length === 0 ? action : { ...action, ...Object.fromEntries(more) };
    },
    definition: (code) => at(ACTIONS, kindIndex(code)),
  };
  return machine;
}

interface Family {
  readonly index: number;
  /** The broker or the channel whose part this is, or −1 for the whole. */
  readonly own: number;
  readonly partition: number;
}

function familiesOf(
  actions: readonly ActionDefinition[],
  { brokers, producers, otherAssignments }: Config,
  channels: number,
): readonly Family[] {
  return actions.flatMap((action) => {
    const index = ACTIONS.indexOf(action);
    const partitions = action.ofPartition === true ? 1 + otherAssignments.length : 1;
    const parts = (owns: readonly number[]): Family[] =>
      Array.from({ length: partitions }, (_, partition) =>
        owns.map((own) => ({ index, own, partition })),
      ).flat();
    if (action.readsOwn !== undefined) return parts(Array.from({ length: brokers }, (_, own) => own));
    const [kind] = action.readsMessages ?? [];
    if (kind === undefined || !action.params.includes('nth')) return parts([-1]);
    const first = firstChannelOf(brokers, producers.length, kind);
    const count = channelsOf(brokers, producers.length, kind, channels);
    return parts(Array.from({ length: count }, (_, i) => first + i));
  });
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

/** What each partition has of its own, at the start: the preferred leader leads an empty log in epoch 0. */
function initialPart(model: Model, partition: number): PartitionState {
  const { config } = model;
  const ids = Array.from({ length: config.brokers }, (_, id) => id);
  const isThere = partition < config.partitions;
  const assignment = isThere ? assignmentOf(config, partition) : [];
  const isr = setOf(assignment);
  const leader = assignment[0] ?? NO_LEADER;
  const replica = (id: number): Replica => {
    if (!assignment.includes(id)) return NO_REPLICA;
    const base = { leader, leaderEpoch: 0, partitionEpoch: 0, highWatermark: 0 };
    if (id !== leader) {
      return { ...base, leading: null, fetcher: { state: 'fetching', leader, leaderEpoch: 0 } };
    }
    const remotes = ids.map((other) =>
      assignment.includes(other) && other !== leader
        ? { ...EMPTY_REMOTE, lastFetchLeaderLogEndOffset: UNKNOWN_OFFSET, caughtUpRecently: true }
        : EMPTY_REMOTE,
    );
    return {
      ...base,
      leading: { epochStart: 0, committedIsr: isr, pending: null, remotes, waiting: [] },
      fetcher: null,
    };
  };
  const recordsEpoch = recordsOwnEpoch(model);
  const leaderEpoch = isThere ? 0 : -1;
  return {
    logs: ids.map((id) => (id === leader && recordsEpoch ? assignEpoch(EMPTY_LOG, 0, 0) : EMPTY_LOG)),
    replicas: ids.map(replica),
    alterPartitions: ids.map(() => null),
    channels: Array.from(
      { length: channelCount(config.brokers, config.producers.length, model.zookeeper) },
      () => EMPTY_CHANNEL,
    ),
    producers: config.producers.map((producer, id) => ({
      leader,
      leaderEpoch,
      sent: 0,
      inFlight: [],
      retries: [],
      ...(producer.idempotence ? { idempotence: freshIdempotence(firstProducerId(id)) } : {}),
      ...(keepsBuffer(config, producer) ? { buffer: [] } : {}),
    })),
    // Of a partition that is added there is no committed offset: auto.offset.reset decides (KAFKA-12261).
    consumers: config.consumers.map(({ autoOffsetReset }) => ({
      ...{ leader, leaderEpoch, position: 0, stopped: false },
      ...(isThere || autoOffsetReset === 'earliest' ? {} : { unset: true }),
    })),
  };
}

/** As the controller has a partition at the start; one that is added later has no replicas yet. */
function initialRegistration(config: Config, partition: number): PartitionRegistration {
  const replicas = partition < config.partitions ? assignmentOf(config, partition) : [];
  return {
    replicas,
    isr: setOf(replicas),
    elr: 0,
    lastKnownLeader: -1,
    leader: replicas[0] ?? NO_LEADER,
    leaderEpoch: 0,
    partitionEpoch: 0,
    leaderRecoveryState: 'RECOVERED',
  };
}

/** All brokers run, are unfenced and know everything. */
function initialState(model: Model): State {
  const { config } = model;
  const ids = Array.from({ length: config.brokers }, (_, id) => id);
  const partitions = [config.assignment, ...config.otherAssignments];
  const image: MetadataImage = {
    registrations: ids.map((id) => ({
      epoch: id,
      incarnation: 0,
      fenced: false,
      inControlledShutdown: false,
    })),
    partitions: partitions.map((_, partition) => initialRegistration(config, partition)),
  };
  // Registrations took the first offsets of the metadata log, the partition the next. Znodes have no such offset.
  const offset = model.zookeeper ? 0 : config.brokers;
  const { logs, replicas, channels, producers, consumers } = initialPart(model, 0);
  const others = config.otherAssignments.map((_, i) => initialPart(model, i + 1));
  return {
    metadata: { start: offset, images: [image] },
    controller: {
      active: true,
      heartbeats: model.zookeeper
        ? []
        : ids.map(() => ({ sessionValid: true, metadataOffset: -1, controlledShutdownOffset: -1 })),
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
    logs,
    replicas,
    channels,
    links: { cut: Array.from({ length: partiesWith(config.producers.length) }, () => 0) },
    producers,
    consumers,
    environment: {
      budgets: initialBudgets(config.faults.budgets),
      lossy: 0,
      uncleanStops: 0,
    },
    others: others.length === 0 ? undefined : others,
    ...(model.zookeeper ? initialZooKeeper(image) : NO_ZOOKEEPER),
  };
}
