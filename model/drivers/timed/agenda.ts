/**
 * When each enabled action is due. Of what is enabled the earliest is taken, ties by creation number: the time of a
 * message is its arrival, that of anything else its kind's delay since it became enabled.
 */
import { CONTROLLER, consumerParty, producerParty } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { tellsHighWatermarkAtOnce } from '../../protocol/rules/shared-switches.ts';
import { isUp } from '../../protocol/state/broker.ts';
import { readsFrom } from '../../protocol/state/clients.ts';
import { logEnd } from '../../protocol/state/log.ts';
import type { Message } from '../../protocol/state/message.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import type { ControlRequest } from '../../protocol/state/message.ts';
import type { State } from '../../protocol/state/state.ts';
import { DISCONNECT_NOTICED } from './clients.ts';
import { nextAttempt } from './backoff.ts';
import { isOn, isSilent } from './conditions.ts';
import type { Flight } from './in-flight.ts';
import { STARTUP, STARTUP_SPREAD } from './lifecycle.ts';
import type { Deed } from './repertoire.ts';
import { NEVER, type Place } from './place.ts';
import type { Scene } from './scene.ts';

/** Kafka: DefaultAlterPartitionManager tries again after 50 ms; KafkaBroker.shutdown waits five minutes. */
const ALTER_PARTITION_PAUSE = 50;
const SHUTDOWN_WAIT = 300_000;
/** Kafka: `controlled.shutdown.max.retries` (3) times `controlled.shutdown.retry.backoff.ms` (5 s). */
const SHUTDOWN_RETRIES = 15_000;
/** Between the end of a session and the step that fences: the controller's queue (ms). */
const FENCING_SPREAD = 50;
/** How long an application takes to close a producer and open another (ms). */
const CLOSING = 50;
/** How long a clean stop takes to flush logs (ms). */
const FLUSHING = 20;

/** What the agenda remembers of an action that is enabled. */
interface Entry {
  readonly deed: Deed;
  readonly rule: Rule;
  readonly place: Place;
  readonly isWork: boolean;
  /** The last listing in which it was enabled. */
  listing: number;
  /** When it became enabled (ms), its creation number, and what was drawn for it then (ms). */
  since: number;
  number: number;
  drawn: number;
  /** The message that it handles, where its rule names a kind. */
  flight: Flight | undefined;
}

interface Rule {
  /** When the action is due (ms). */
  readonly due: (place: Place, entry: Entry) => number;
  /** Drawn once each time the action becomes enabled (ms). */
  readonly draw?: (place: Place, deed: Deed) => number;
  /** The action handles the message of this kind that its parameters name. */
  readonly message?:
    | 'Fetch'
    | 'DelayedFetch'
    | 'FetchResponse'
    | 'AlterPartition'
    | 'AlterPartitionResponse'
    | 'Produce'
    | 'ProduceResponse'
    | 'OffsetsForLeaderEpoch'
    | 'OffsetsForLeaderEpochResponse'
    | ControlRequest;
}

export class Agenda {
  private readonly scene: Scene;
  /** By partition. */
  private readonly places: readonly Place[];
  private readonly entries = new Map<ActionCode, Entry>();
  private readonly codes: ActionCode[] = [];
  /** The entries of this listing and of the one before, in the machine's order. */
  private is: Entry[] = [];
  private was: Entry[] = [];
  private listing = 0;
  private listed: State | undefined;
  private stale = true;
  /** The earliest of what is enabled, set by `look`. */
  code: ActionCode = 0;
  due = NEVER;
  number = 0;
  /** Whether something on the agenda is enabled that will happen by itself. */
  busy = false;

  constructor(scene: Scene, places: readonly Place[]) {
    this.scene = scene;
    this.places = places;
  }

  /** To be called after each step. Enabled again by its own step, it counts as new. */
  taken(deed: Deed): void {
    const entry = this.entries.get(deed.code);
    if (entry !== undefined) entry.listing = -1;
  }

  /** To be called when something that is no state of the machine has changed what is due when. */
  conditionsChanged(): void {
    this.stale = true;
  }

  /** Finds the earliest of what is enabled now. True unless nothing has changed since the last look. */
  look(): boolean {
    const same = this.listed === this.scene.state;
    if (same && !this.stale) return false;
    if (!same) this.list();
    this.stale = false;
    this.due = NEVER;
    for (let i = 0; i < this.codes.length; i++) {
      const entry = at(this.is, i);
      const time = entry.rule.due(entry.place, entry);
      if (time < this.due || (time === this.due && entry.number < this.number)) {
        this.due = time;
        this.number = entry.number;
        this.code = entry.deed.code;
      }
    }
    this.refuseConnections();
    return true;
  }

  private list(): void {
    const { scene, codes } = this;
    this.listed = scene.state;
    const last = this.listing++;
    codes.length = 0;
    this.busy = false;
    scene.repertoire.list(scene.state, codes);
    const { is: was, was: is } = this;
    this.was = was;
    this.is = is;
    // Most of the list is as it was, but for what has come in or gone: looking beside the old place saves the map.
    let shift = 0;
    for (let i = 0; i < codes.length; i++) {
      const code = at(codes, i);
      let entry = was[i + shift];
      if (entry?.deed.code !== code) {
        entry = was[i + shift + 1];
        if (entry?.deed.code === code) {
          shift++;
        } else {
          entry = this.entry(code);
          shift--;
        }
      }
      is[i] = entry;
      if (entry.isWork) this.busy = true;
      const { rule } = entry;
      if (rule.message === undefined) {
        if (entry.listing !== last) {
          entry.since = scene.now;
          entry.number = scene.clock.number();
          entry.drawn = rule.draw?.(entry.place, entry.deed) ?? 0;
        }
      } else {
        // A name means another message as soon as an earlier one has gone: times belong to messages.
        const flight = entry.place.scene.inFlight.find(
          rule.message,
          entry.deed.a,
          entry.deed.b,
          entry.deed.c,
        );
        if (flight === undefined) throw new Error(`no ${rule.message} is in flight`);
        entry.number = flight.number;
        entry.flight = flight;
        if (entry.listing !== last) entry.since = scene.now;
      }
      entry.listing = this.listing;
    }
  }

  private entry(code: ActionCode): Entry {
    const known = this.entries.get(code);
    if (known !== undefined) return known;
    const deed = this.scene.repertoire.deed(code);
    const rule = RULES[deed.kind];
    if (rule === undefined) throw new Error(`${deed.kind} is not on the agenda`);
    const entry: Entry = {
      deed,
      rule,
      place: at(this.places, deed.partition),
      isWork: isWork(deed),
      listing: -1,
      since: 0,
      number: 0,
      drawn: 0,
      flight: undefined,
    };
    this.entries.set(code, entry);
    return entry;
  }

  /** Requests that reach a machine on which no broker listens are refused: the sender hears of it at once. */
  private refuseConnections(): void {
    for (let p = 0; p < this.places.length; p++) {
      const { scene } = at(this.places, p);
      const channels = scene.inFlight.all();
      for (let i = 0; i < channels.length; i++) {
        const flights = at(channels, i);
        for (let j = 0; j < flights.length; j++) this.refuseConnection(scene, at(flights, j));
      }
    }
  }

  private refuseConnection(scene: Scene, { message, due, number }: Flight): void {
    const { kind, from, to } = message;
    const lose = REFUSED_AT_ONCE[kind];
    if (lose === undefined || due > this.due) return;
    const { inFlight, repertoire } = scene;
    const { state } = this.scene;
    const process = at(state.processes, to);
    if ((isUp(process) && process.status !== 'starting') || isSilent(scene.conditions, to)) return;
    if (due === this.due && number > this.number) return;
    const code = repertoire.code(lose, from, to, inFlight.nth(message));
    if (repertoire.machine.refusal(state, code) !== undefined) return;
    this.due = due;
    this.number = number;
    this.code = code;
  }

  /** Whether something is enabled that will happen by itself, be it not on the agenda. */
  hasWork(): boolean {
    return this.scene.repertoire.listAll(this.scene.state).some(isWork);
  }

  /** What is enabled and no clock or fault: what a run that was cut short still had to do. */
  pending(): string[] {
    return this.scene.repertoire
      .listAll(this.scene.state)
      .filter(isWork)
      .map(({ code }) => {
        const { kind, ...params } = this.scene.repertoire.machine.decode(code);
        const values = Object.keys(params).map((name) => `${name} ${String(params[name])}`);
        return values.length === 0 ? kind : `${kind} (${values.join(', ')})`;
      });
  }
}

/** Requests to a broker that no process listens for: the kernel says so at once. */
const REFUSED_AT_ONCE: Readonly<Partial<Record<Message['kind'], string>>> = {
  Fetch: 'lose-fetch',
  Produce: 'lose-produce',
  OffsetsForLeaderEpoch: 'lose-offsets-for-leader-epoch',
};

/** Requests of a controller follow each other; a broker that gets no metadata gets none of them. */
const onControl = (message: ControlRequest): Rule => ({
  message,
  due: ({ scene }, { deed, flight, since }) => {
    if (flight === undefined || isOn(scene.conditions.metadataStalled, deed.b)) return NEVER;
    return Math.max(flight.due, since);
  },
});

/** A watch fires, and the controller or broker gets round to it. */
const onWatch: Rule = {
  draw: ({ scene }, { a }) => scene.latency.draw(CONTROLLER, a, 'Metadata'),
  due: (_, { since, drawn }) => since + drawn,
};

const onArrival = (message: NonNullable<Rule['message']>): Rule => ({
  message,
  due: (_, { flight, since }) => (flight === undefined ? NEVER : Math.max(flight.due, since)),
});

/** Clocks and faults are no work, and metadata that a content producer would get is none that waits. */
const isWork = ({ role, kind }: Deed): boolean =>
  role !== 'perturbation' && kind !== 'refresh-producer-metadata';

const at64 = (values: Float64Array, index: number): number => values[index] ?? 0;

/**
 * Metadata is fetched from any broker, again after a growing pause where it brought nothing new (Metadata, KIP-580);
 * where the client is content, after `metadata.max.age.ms`.
 */
const refresh = (wanted: (place: Place, id: number) => number): Rule => ({
  draw: ({ scene }, { kind, a, b }) => {
    const client = kind === 'refresh-producer-metadata' ? producerParty(a) : consumerParty(a);
    return scene.latency.draw(b, client, 'Metadata');
  },
  due: (place, { deed, since, drawn }) => {
    const wants = wanted(place, deed.a);
    const { timing } = place.scene;
    if (wants < 0) return since + timing['metadata.max.age.ms'] + drawn;
    return nextAttempt(wants, since, timing['retry.backoff.ms'], timing['retry.backoff.max.ms']) + drawn;
  },
});

/** A fetch of a consumer, and its answer. */
const onPoll: Rule = {
  draw: ({ scene }, { a }) => {
    const broker = readsFrom(at(scene.state.consumers, a));
    return broker < 0 ? 0 : scene.latency.draw(broker, consumerParty(a), 'Poll');
  },
  due: (_, { since, drawn }) => since + drawn,
};

/**
 * One rule per kind that the agenda takes. What is missing has a clock of its own: heartbeats, metadata and sessions
 * (lifecycle; of ZooKeeper only the sessions), the checks of brokers (chores), lag, timeouts of requests, faults and what heals them.
 */
const RULES: Readonly<Record<string, Rule>> = {
  'handle-fetch': onArrival('Fetch'),
  'handle-fetch-response': onArrival('FetchResponse'),
  'handle-offsets-for-leader-epoch': onArrival('OffsetsForLeaderEpoch'),
  'handle-offsets-for-leader-epoch-response': onArrival('OffsetsForLeaderEpochResponse'),
  'handle-alter-partition': onArrival('AlterPartition'),
  'handle-alter-partition-response': onArrival('AlterPartitionResponse'),
  'handle-produce': onArrival('Produce'),
  'handle-produce-response': onArrival('ProduceResponse'),

  'answer-delayed-fetch': {
    message: 'DelayedFetch',
    due: ({ scene }, { deed, flight, since }) => {
      if (flight?.message.kind !== 'DelayedFetch') return NEVER;
      const waiting = flight.message;
      const leader = at(scene.state.replicas, deed.b);
      const left = leader.leading === null || leader.leaderEpoch !== waiting.currentLeaderEpoch;
      if (left || logEnd(at(scene.state.logs, deed.b)) > waiting.fetchOffset) return since;
      const told = at(scene.state.replicas, deed.a).highWatermark;
      if (leader.highWatermark > told && tellsHighWatermarkAtOnce(scene.model)) return since;
      // Idle fetches between then and now are left out: the next one of their row ends.
      const wait = scene.timing['replica.fetch.wait.max.ms'];
      const put = flight.due;
      return put + Math.max(1, Math.ceil((since - put) / wait)) * wait;
    },
  },
  'send-fetch': { due: (place, { deed, since }) => place.fetchAt(deed.a, since) },
  'send-offsets-for-leader-epoch': { due: (place, { deed, since }) => place.fetchAt(deed.a, since) },

  'send-record': {
    due: ({ clients }, { deed, since }) => clients.sendAt(deed.a, 1, since),
  },
  'send-batch': {
    due: ({ clients }, { deed, since }) => clients.sendAt(deed.a, deed.b, since),
  },
  'hand-over-record': {
    due: ({ clients }, { deed, since }) => Math.max(since, clients.handOverAt(deed.a)),
  },
  'retry-record': {
    due: ({ clients }, { deed, since }) => Math.max(since, clients.retryAt(deed.a)),
  },
  'open-another-producer': { due: (_, { since }) => since + CLOSING },
  'notice-disconnect': {
    due: ({ scene }, { deed, since }) => {
      const [batch] = at(scene.state.producers, deed.a).inFlight;
      const silent = batch === undefined ? -1 : at64(scene.conditions.silentSince, batch.broker);
      const timeout = silent < 0 ? 0 : silent + scene.timing['request.timeout.ms'];
      return Math.max(since + DISCONNECT_NOTICED, timeout);
    },
  },
  'refresh-producer-metadata': refresh(({ clients }, id) => clients.producerWants(id)),
  'refresh-consumer-metadata': refresh(({ clients }, id) => clients.consumerWants(id)),
  poll: onPoll,
  'poll-leader': onPoll,
  'poll-follower': {
    ...onPoll,
    due: ({ clients }, { deed, since, drawn }) => clients.followerAnswersAt(deed.a, since) + drawn,
  },
  'expire-preferred-read-replica': {
    due: ({ clients }, { deed, since }) => Math.max(since, clients.preferredUntil(deed.a)),
  },

  'retry-alter-partition': { due: (_, { since }) => since + ALTER_PARTITION_PAUSE },
  'stop-cleanly': {
    due: ({ scene }, { deed, since }) =>
      since + (at(scene.state.processes, deed.a).status === 'stopping' ? FLUSHING : SHUTDOWN_WAIT),
  },
  'start-broker': {
    due: ({ scene }, { deed, since }) => Math.max(since, at64(scene.conditions.downUntil, deed.a)),
  },
  'fence-broker': {
    draw: ({ fencing }, { a }) => 1 + at(fencing, a).below(FENCING_SPREAD),
    due: (_, { since, drawn }) => since + drawn,
  },
  'elect-controller': {
    draw: ({ scene }) => scene.latency.draw(CONTROLLER, CONTROLLER, 'Metadata'),
    due: ({ scene }, { since, drawn }) => Math.max(since, scene.conditions.electionAt) + drawn,
  },
  'handle-leader-and-isr': onControl('LeaderAndIsr'),
  'handle-update-metadata': onControl('UpdateMetadata'),
  'handle-stop-replica': onControl('StopReplica'),
  'handle-alter-isr': onArrival('AlterPartition'),
  'notice-broker-change': onWatch,
  'resign-as-controller': onWatch,
  'become-controller': {
    ...onWatch,
    due: ({ scene }, { since, drawn }) => Math.max(since, scene.conditions.electionAt) + drawn,
  },
  'register-in-zookeeper': {
    draw: ({ scene, fencing }, { a }) => {
      if (at(scene.state.processes, a).status !== 'starting') {
        return scene.latency.draw(a, CONTROLLER, 'Metadata');
      }
      return STARTUP + at(fencing, a).below(STARTUP_SPREAD);
    },
    due: (_, { since, drawn }) => since + drawn,
  },
  'ask-for-controlled-shutdown': {
    draw: ({ scene }, { a }) => scene.latency.draw(a, CONTROLLER, 'Metadata'),
    due: (_, { since, drawn }) => since + drawn,
  },
  'stop-and-close-session': {
    due: ({ scene }, { deed, since }) =>
      since + (at(scene.state.processes, deed.a).status === 'stopping' ? FLUSHING : SHUTDOWN_RETRIES),
  },
  'elect-unclean-leader': {
    due: ({ scene }, { since }) => {
      const interval = scene.timing['unclean.leader.election.interval.ms'];
      return Math.ceil(since / interval) * interval;
    },
  },
};

/** Whether actions of this kind happen when the agenda says so. */
export const isOnAgenda = (kind: string): boolean => kind in RULES;
