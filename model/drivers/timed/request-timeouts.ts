/**
 * Requests that get no answer: after its timeout the sender gives up. What it sent may still arrive, what was sent
 * back does not. One alarm per sender, set anew where it rings too early.
 */
import { producerParty } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { ABANDONED, type Message } from '../../protocol/state/message.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

const REQUESTS = {
  fetch: {
    request: 'Fetch',
    abandon: 'abandon-fetch',
    lose: 'lose-fetch-response',
    response: 'FetchResponse',
  },
  alter: {
    request: 'AlterPartition',
    abandon: 'abandon-alter-partition',
    lose: 'lose-alter-partition-response',
    response: 'AlterPartitionResponse',
  },
  produce: {
    request: 'Produce',
    abandon: 'abandon-produce',
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
  private readonly fetches: Alarm[];
  private readonly alters: Alarm[];
  private readonly produces: Alarm[];

  constructor(scene: Scene) {
    this.scene = scene;
    const { brokers, producers } = scene.model.config;
    const socket = scene.timing['replica.socket.timeout.ms'];
    const ids = Array.from({ length: brokers }, (_, id) => id);
    this.fetches = ids.map((broker) => new Alarm(REQUESTS.fetch, broker, socket));
    this.alters = ids.map((broker) => new Alarm(REQUESTS.alter, broker, socket));
    this.produces = producers.map(
      (_, id) => new Alarm(REQUESTS.produce, producerParty(id), scene.timing['request.timeout.ms']),
    );
  }

  follow(before: State, after: State, deed: Deed): void {
    if (deed.kind === 'send-fetch') {
      this.set(at(this.fetches, deed.a));
      return;
    }
    // Whatever the step was that proposed an ISR change or repeated it.
    if (before.processes === after.processes && deed.kind !== 'retry-alter-partition') return;
    for (let broker = 0; broker < this.alters.length; broker++) {
      if (at(after.processes, broker).alterPartition !== null) this.set(at(this.alters, broker));
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
    for (const { message, sent } of scene.inFlight.all().flat()) {
      if (!belongsTo(message, alarm)) continue;
      if (sent + alarm.timeout > scene.now) oldest = Math.min(oldest, sent);
      else if (!this.drop(alarm, message)) oldest = Math.min(oldest, scene.now);
    }
    if (oldest === Number.MAX_SAFE_INTEGER) return;
    alarm.set = true;
    this.ring(alarm, oldest + alarm.timeout);
  }

  private drop(alarm: Alarm, message: Message): boolean {
    const { inFlight, repertoire } = this.scene;
    const nth = inFlight.nth(message);
    if (nth < 0) return true;
    const { abandon, lose, request } = alarm.exchange;
    const kind = message.kind === request ? abandon : lose;
    return this.scene.attempt(repertoire.code(kind, message.from, message.to, nth)) === undefined;
  }
}

/** An open request of this sender, or the answer to one. A fetch that waits at the leader cannot be given up. */
function belongsTo(message: Message, { exchange, party }: Alarm): boolean {
  if (message.kind === exchange.response) return message.to === party;
  if (message.kind !== exchange.request || message.from !== party) return false;
  return 'incarnation' in message && message.incarnation !== ABANDONED;
}
