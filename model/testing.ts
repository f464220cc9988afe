/** What tests share: small configurations, and runs written by hand. Only tests import it. */
import { createMachine, type ActionCode, type Machine, type Step } from './protocol/machine.ts';
import { ACTIONS } from './protocol/actions/index.ts';
import { members, setOf, type BrokerSet } from './protocol/base/broker-set.ts';
import { CONTROLLER, producerParty } from './protocol/base/party.ts';
import { NO_RACK, type Config, type ConsumerConfig, type ProducerConfig } from './protocol/config.ts';
import { at } from './protocol/draft.ts';
import type { Event } from './protocol/events.ts';
import { RELEASES, type ReleaseName } from './protocol/rules/releases.ts';
import type { Rules } from './protocol/rules/switches.ts';
import { FAULT_KINDS, UNLIMITED, type FaultKind } from './protocol/state/environment.ts';
import type { Process } from './protocol/state/broker.ts';
import type { Heartbeat } from './protocol/state/controller.ts';
import { append, EMPTY_LOG, entry, recordOf } from './protocol/state/log.ts';
import type { Message } from './protocol/state/message.ts';
import {
  newestImage,
  newestOffset,
  type PartitionRegistration,
  type Registration,
} from './protocol/state/metadata.ts';
import type { Leading, Remote, Replica } from './protocol/state/replica.ts';
import type { State } from './protocol/state/state.ts';

/** The full run (`npm run test:full`) takes every case; the ordinary one has to end within two minutes. */
// eslint-disable-next-line no-restricted-globals -- only tests import this file, and they choose how much to do
export const FULL = process.env['HIGHWATER_FULL'] === '1';

/** Of many cases every so many, all of them in the full run. */
export const sampled = <T>(cases: readonly T[], every: number): readonly T[] =>
  FULL ? cases : cases.filter((_, i) => i % every === 0);

export const A = 0;
export const B = 1;
export const C = 2;

/** Brokers by their letters: `AB`, and `-` or nothing for none. */
export const idsIn = (text: string): number[] =>
  Array.from(text.replace('-', ''), (name) => 'ABCDE'.indexOf(name));
export const setIn = (text: string): BrokerSet => setOf(idsIn(text));
export const namesOf = (set: BrokerSet): string =>
  members(set)
    .map((id) => 'ABCDE'[id] ?? '?')
    .join('') || '-';

const everyFault = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, UNLIMITED])) as Record<
  FaultKind,
  number
>;

/** What a test says of its configuration; the rest is three brokers of 4.1, min.insync.replicas=2, every fault. */
export interface Wanted {
  readonly release?: ReleaseName;
  readonly rules?: Partial<Rules>;
  readonly brokers?: number;
  readonly racks?: readonly number[];
  readonly rackAwareSelector?: boolean;
  readonly logDirs?: number;
  readonly assignment?: readonly number[];
  readonly otherAssignments?: readonly (readonly number[])[];
  readonly partitions?: number;
  readonly minInsyncReplicas?: number;
  readonly unclean?: boolean;
  readonly flushMessages?: number;
  readonly flushesInTime?: boolean;
  readonly producers?: readonly Partial<ProducerConfig>[];
  readonly consumers?: readonly Partial<ConsumerConfig>[];
  readonly records?: number;
  readonly faults?: Partial<Record<FaultKind, number>>;
  readonly maxLossyBrokers?: number;
  readonly maxUncleanStops?: number;
  readonly mutant?: readonly string[];
}

export function configFor(wanted: Wanted): Config {
  const brokers = wanted.brokers ?? 3;
  return {
    brokers,
    racks: wanted.racks ?? Array.from({ length: brokers }, () => 0),
    rackAwareSelector: wanted.rackAwareSelector ?? false,
    logDirs: wanted.logDirs ?? 1,
    assignment: wanted.assignment ?? Array.from({ length: brokers }, (_, id) => id),
    otherAssignments: wanted.otherAssignments ?? [],
    partitions: wanted.partitions ?? 1 + (wanted.otherAssignments ?? []).length,
    minInsyncReplicas: wanted.minInsyncReplicas ?? 2,
    uncleanLeaderElection: wanted.unclean ?? false,
    flushMessages: wanted.flushMessages ?? 0,
    flushesInTime: wanted.flushesInTime ?? false,
    producers: (wanted.producers ?? [{}]).map((producer) => ({
      acks: -1,
      maxInFlight: 1,
      retries: 9,
      idempotence: false,
      afterFailure: 'drop',
      bufferRecords: 0,
      batchRecords: 1,
      ...producer,
    })),
    consumers: (wanted.consumers ?? [{}]).map((consumer) => ({
      autoOffsetReset: 'earliest',
      rack: NO_RACK,
      ...consumer,
    })),
    recordsPerProducer: wanted.records ?? 9,
    rules: { ...RELEASES[wanted.release ?? '4.1'], ...wanted.rules },
    faults: {
      budgets: { ...everyFault, 'add-partition': 0, 'bad-record': 0, refused: 0, ...wanted.faults },
      maxLossyBrokers: wanted.maxLossyBrokers ?? 5,
      maxUncleanStops: wanted.maxUncleanStops ?? UNLIMITED,
    },
    mutant: wanted.mutant ?? [],
  };
}

/** Looks at each step of a play. */
export type Onlooker = (before: State, step: Step, code: ActionCode) => void;

/**
 * A run written by hand. Its verbs are the exchanges that tests speak of; each is made of actions of the machine, and
 * an action that is not enabled throws and says which guard refuses it.
 */
export class Play {
  readonly machine: Machine;
  readonly taken: ActionCode[] = [];
  /** What has happened since the last `forget`. */
  events: Event[] = [];
  state: State;
  private onlooker: Onlooker = () => undefined;

  constructor(wanted: Wanted) {
    this.machine = createMachine(configFor(wanted));
    this.state = this.machine.initial;
  }

  /** From now on every step is shown to the onlooker. */
  watch(onlooker: Onlooker): this {
    this.onlooker = onlooker;
    return this;
  }

  private code(kind: string, params: readonly number[]): ActionCode {
    const names = ACTIONS.find((action) => action.kind === kind)?.params ?? [];
    const named = Object.fromEntries(params.map((value, i) => [names[i] ?? '', value] as const));
    const code = this.machine.encode({ kind, ...named });
    if (code === undefined) throw new Error(`there is no ${kind} ${params.join(' ')}`);
    return code;
  }

  act(kind: string, ...params: readonly number[]): this {
    const code = this.code(kind, params);
    const step = this.machine.step(this.state, code);
    this.onlooker(this.state, step, code);
    this.taken.push(code);
    this.events.push(...step.events);
    this.state = step.state;
    return this;
  }

  /** The guard that refuses the action now, or undefined. */
  refusal(kind: string, ...params: readonly number[]): string | undefined {
    return this.machine.refusal(this.state, this.code(kind, params))?.guard;
  }

  forget(): this {
    this.events = [];
    return this;
  }

  /** All that is enabled now. */
  enabled(): ActionCode[] {
    const out: ActionCode[] = [];
    this.machine.enabled(this.state, out);
    return out;
  }

  // What tests look at.

  log(broker: number): number[] {
    return at(this.state.logs, broker).entries.map(recordOf);
  }
  replica(broker: number): Replica {
    return at(this.state.replicas, broker);
  }
  leading(broker: number): Leading {
    const { leading } = this.replica(broker);
    if (leading === null) throw new Error(`broker ${broker} does not lead`);
    return leading;
  }
  highWatermark(broker: number): number {
    return this.replica(broker).highWatermark;
  }
  partition(): PartitionRegistration {
    return at(newestImage(this.state.metadata).partitions, 0);
  }
  registration(broker: number): Registration {
    return at(newestImage(this.state.metadata).registrations, broker);
  }
  happened<T extends Event['type']>(type: T): Extract<Event, { readonly type: T }>[] {
    return this.events.filter((event): event is Extract<Event, { readonly type: T }> => event.type === type);
  }
  inFlight<K extends Message['kind']>(kind: K): Extract<Message, { readonly kind: K }>[] {
    return this.state.channels
      .flat()
      .filter((message): message is Extract<Message, { readonly kind: K }> => message.kind === kind);
  }

  // Exchanges.

  /** A producer sends its next record and the broker that it takes for the leader handles it. */
  produce(producer = 0): this {
    const { leader } = at(this.state.producers, producer);
    return this.act('send-record', producer).act('handle-produce', producerParty(producer), leader, 0);
  }

  /** One exchange: fetch, or the answer to the fetch that waits, and what the follower does with it. */
  replicate(follower: number): this {
    const leader = this.replica(follower).fetcher?.leader;
    if (leader === undefined) throw new Error(`broker ${follower} does not fetch`);
    const between = (kind: Message['kind'], from: number, to: number): boolean =>
      this.state.channels.flat().some((m) => m.kind === kind && m.from === from && m.to === to);
    if (between('DelayedFetch', follower, leader)) this.act('answer-delayed-fetch', follower, leader, 0);
    else if (!between('FetchResponse', leader, follower)) {
      this.act('send-fetch', follower).act('handle-fetch', follower, leader, 0);
    }
    if (between('FetchResponse', leader, follower)) this.act('handle-fetch-response', leader, follower, 0);
    return this;
  }

  /** The follower fetches until its fetch waits: it has what the leader has, and the leader knows. */
  catchUp(follower: number): this {
    for (let i = 0; i < 9; i++) {
      this.replicate(follower);
      if (this.inFlight('DelayedFetch').some(({ from }) => from === follower)) return this;
    }
    throw new Error(`broker ${follower} does not catch up`);
  }

  /** The controller handles a proposed ISR, and the leader its answer. */
  changeIsr(leader: number): this {
    return this.act('handle-alter-partition', leader, CONTROLLER, 0).act(
      'handle-alter-partition-response',
      CONTROLLER,
      leader,
      0,
    );
  }

  /** The broker applies all metadata there is: record by record, or as one delta. */
  learn(broker: number, how: 'record by record' | 'as one delta' = 'record by record'): this {
    const { metadataOffset } = at(this.state.processes, broker);
    if (metadataOffset < 0) return this.act('apply-metadata', broker, 0);
    const records = newestOffset(this.state.metadata) - metadataOffset;
    if (how === 'as one delta') return this.act('apply-metadata', broker, records);
    for (let i = 0; i < records; i++) this.act('apply-metadata', broker, 1);
    return this;
  }

  /** Every broker that runs and was registered before applies what it does not know yet. */
  everybodyLearns(): this {
    for (const [broker, { status, paused, metadataOffset }] of this.state.processes.entries()) {
      if (status !== 'down' && !paused && metadataOffset >= 0) this.learn(broker);
    }
    return this;
  }

  /** The controller notices that nothing is heard of the broker. */
  fence(broker: number): this {
    return this.act('session-expires', broker).act('fence-broker', broker);
  }

  /** A broker that is down comes up, registers, learns and is unfenced. */
  restart(broker: number): this {
    return this.act('start-broker', broker).act('register-broker', broker).learn(broker).act('heartbeat', broker).learn(broker); // prettier-ignore
  }

  /** A clean stop: the controller moves the leadership, everybody learns, the broker flushes and goes. */
  stopCleanly(broker: number): this {
    this.act('begin-controlled-shutdown', broker);
    for (let i = 0; i < 3 && at(this.state.processes, broker).status !== 'stopping'; i++) {
      this.act('heartbeat', broker).everybodyLearns();
      for (const [other, { status, paused }] of this.state.processes.entries()) {
        const matters = status === 'running' && !paused && this.refusal('heartbeat', other) === undefined;
        if (matters) this.act('heartbeat', other);
      }
    }
    return this.act('stop-cleanly', broker);
  }
}

// States as a test wants them: a state with one thing changed.

const replacedAt = <T>(values: readonly T[], index: number, change: Partial<T>): readonly T[] =>
  values.map((value, i) => (i === index ? { ...value, ...change } : value));

export const withReplica = (state: State, broker: number, change: Partial<Replica>): State => ({
  ...state,
  replicas: replacedAt(state.replicas, broker, change),
});

export function withLeading(state: State, broker: number, change: Partial<Leading>): State {
  const { leading } = at(state.replicas, broker);
  if (leading === null) throw new Error(`broker ${broker} does not lead`);
  return withReplica(state, broker, { leading: { ...leading, ...change } });
}

/** What a leader knows of a follower. */
export function withRemote(state: State, leader: number, follower: number, change: Partial<Remote>): State {
  const { leading } = at(state.replicas, leader);
  return withLeading(state, leader, { remotes: replacedAt(leading?.remotes ?? [], follower, change) });
}

/** A log whose n-th record, record n, was written in the n-th of these epochs. */
export const withLog = (state: State, broker: number, ...epochs: readonly number[]): State => ({
  ...state,
  logs: state.logs.map((log, i) =>
    i === broker
      ? append(
          EMPTY_LOG,
          epochs.map((epoch, n) => entry(n, epoch)),
        )
      : log,
  ),
});

export const withProcess = (state: State, broker: number, change: Partial<Process>): State => ({
  ...state,
  processes: replacedAt(state.processes, broker, change),
});

export const withHeartbeat = (state: State, broker: number, change: Partial<Heartbeat>): State => ({
  ...state,
  controller: { ...state.controller, heartbeats: replacedAt(state.controller.heartbeats, broker, change) },
});

/** The newest metadata says something else, and every broker that knew the newest knows that. */
export function withMetadata(
  state: State,
  change: {
    readonly partition?: Partial<PartitionRegistration>;
    readonly registrations?: Readonly<Record<number, Partial<Registration>>>;
  },
): State {
  const image = newestImage(state.metadata);
  const changed = {
    registrations: image.registrations.map((known, id) => ({ ...known, ...change.registrations?.[id] })),
    partitions: image.partitions.map((known) => ({ ...known, ...change.partition })),
  };
  const images = [...state.metadata.images.slice(0, -1), changed];
  return { ...state, metadata: { ...state.metadata, images } };
}
