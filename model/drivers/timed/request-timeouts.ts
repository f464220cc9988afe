/**
 * Requests that get no answer: after its timeout the sender gives up. What it sent may still arrive, what was sent
 * back does not. One alarm per sender, set anew where it rings too early.
 */
import { producerParty } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { alterPartitionOf, connected, servesRequests } from '../../protocol/look.ts';
import { isAwake } from '../../protocol/state/broker.ts';
import { ABANDONED, type Message } from '../../protocol/state/message.ts';
import type { State } from '../../protocol/state/state.ts';
import { isOn, isSilent } from './conditions.ts';
import type { Flight } from './in-flight.ts';
import type { Lag } from './lag.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

const REQUESTS = {
  fetch: {
    request: 'Fetch',
    abandon: 'abandon-fetch',
    loseRequest: 'lose-fetch',
    lose: 'lose-fetch-response',
    response: 'FetchResponse',
  },
  epochEnd: {
    request: 'OffsetsForLeaderEpoch',
    abandon: 'abandon-offsets-for-leader-epoch',
    loseRequest: 'lose-offsets-for-leader-epoch',
    lose: 'lose-offsets-for-leader-epoch-response',
    response: 'OffsetsForLeaderEpochResponse',
  },
  alter: {
    request: 'AlterPartition',
    abandon: 'abandon-alter-partition',
    loseRequest: 'lose-alter-partition',
    lose: 'lose-alter-partition-response',
    response: 'AlterPartitionResponse',
  },
  produce: {
    request: 'Produce',
    abandon: 'abandon-produce',
    loseRequest: 'lose-produce',
    lose: 'lose-produce-response',
    response: 'ProduceResponse',
  },
} as const;

type Exchange = (typeof REQUESTS)[keyof typeof REQUESTS];

/** One sender's exchanges of one kind. */
class Alarm {
  readonly exchange: Exchange;
  readonly party: number;
  readonly timeout: number;
  set = false;

  constructor(exchange: Exchange, party: number, timeout: number) {
    this.exchange = exchange;
    this.party = party;
    this.timeout = timeout;
  }
}

export class RequestTimeouts implements Follower {
  private readonly scene: Scene;
  private readonly lag: Lag;
  private readonly fetches: Alarm[];
  private readonly epochEnds: Alarm[];
  private readonly alters: Alarm[];
  private readonly produces: Alarm[];

  constructor(scene: Scene, lag: Lag) {
    this.scene = scene;
    this.lag = lag;
    const { brokers, producers } = scene.model.config;
    const patience = scene.timing['broker request.timeout.ms'];
    const ids = Array.from({ length: brokers }, (_, id) => id);
    this.fetches = ids.map((broker) => new Alarm(REQUESTS.fetch, broker, patience));
    this.epochEnds = ids.map((broker) => new Alarm(REQUESTS.epochEnd, broker, patience));
    this.alters = ids.map((broker) => new Alarm(REQUESTS.alter, broker, patience));
    this.produces = producers.map(
      (_, id) => new Alarm(REQUESTS.produce, producerParty(id), scene.timing['request.timeout.ms']),
    );
  }

  follow(before: State, after: State, deed: Deed): void {
    if (deed.kind === 'send-fetch') {
      this.set(at(this.fetches, deed.a));
      return;
    }
    if (deed.kind === 'send-offsets-for-leader-epoch') {
      this.set(at(this.epochEnds, deed.a));
      return;
    }
    if (
      deed.kind === 'pause' ||
      deed.kind === 'stall-disk' ||
      deed.kind === 'cut-one-way' ||
      deed.kind === 'cut-both-ways'
    ) {
      // Fetches that wait at a leader come back again and again, until they are kept from it.
      for (const alarm of this.fetches) this.set(alarm);
    }
    // Whatever the step was that proposed an ISR change or repeated it.
    const same =
      before.processes === after.processes && before.view?.alterPartitions === after.view?.alterPartitions;
    if (same && deed.kind !== 'retry-alter-partition') return;
    for (let broker = 0; broker < this.alters.length; broker++) {
      if (alterPartitionOf(after, broker) !== null) this.set(at(this.alters, broker));
    }
  }

  watchProducer(id: number): void {
    this.set(at(this.produces, id));
  }

  private set(alarm: Alarm): void {
    if (alarm.set) return;
    alarm.set = true;
    this.ring(alarm, this.scene.now + alarm.timeout);
  }

  private ring(alarm: Alarm, when: number): void {
    this.scene.clock.push(when, () => {
      alarm.set = false;
      this.giveUp(alarm);
    });
  }

  /** Gives up what is overdue, and comes again for the oldest that is not. */
  private giveUp(alarm: Alarm): void {
    const { scene } = this;
    let oldest = Number.MAX_SAFE_INTEGER;
    for (const flight of scene.inFlight.all().flat()) {
      const since = this.waitsSince(flight, alarm);
      if (since === undefined) continue;
      if (since + alarm.timeout > scene.now) oldest = Math.min(oldest, since);
      else if (!this.drop(alarm, flight.message)) oldest = Math.min(oldest, scene.now);
    }
    if (oldest === Number.MAX_SAFE_INTEGER) return;
    alarm.set = true;
    this.ring(alarm, oldest + alarm.timeout);
  }

  private drop(alarm: Alarm, message: Message): boolean {
    const { conditions, inFlight, repertoire } = this.scene;
    const nth = inFlight.nth(message);
    if (nth < 0) return true;
    const { abandon, lose, loseRequest, response } = alarm.exchange;
    // What was sent to a machine without power has nowhere to arrive later.
    const open = isSilent(conditions, message.to) ? loseRequest : abandon;
    const waiting = message.kind === 'DelayedFetch' ? 'abandon-delayed-fetch' : open;
    const kind = message.kind === response ? lose : waiting;
    return this.scene.attempt(repertoire.code(kind, message.from, message.to, nth)) === undefined;
  }

  /** Since when its sender waits in vain (ms): for an open request, or for the answer to one. Undefined for others. */
  private waitsSince({ message, sent }: Flight, { exchange, party }: Alarm): number | undefined {
    if (message.kind === exchange.response) return message.to === party ? sent : undefined;
    if (message.from !== party) return undefined;
    if (message.kind === 'DelayedFetch') {
      return exchange === REQUESTS.fetch && this.isStuck(message.to, party)
        ? Math.max(sent, this.lag.idledUntil(message.to, party))
        : undefined;
    }
    const open =
      message.kind === exchange.request && 'incarnation' in message && message.incarnation !== ABANDONED;
    return open ? sent : undefined;
  }

  /** The leader does not get to answer a fetch that waits there, and the fetcher runs, so that it sees its timeout. */
  private isStuck(leader: number, follower: number): boolean {
    const { state, conditions } = this.scene;
    const answers = servesRequests(at(state.processes, leader)) && connected(state, leader, follower);
    return !answers && isAwake(at(state.processes, follower)) && !isOn(conditions.fetcherStopped, follower);
  }
}
