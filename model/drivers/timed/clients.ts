/**
 * What producers and consumers do when: the workload, retries with backoff, timeouts, refreshed metadata.
 * Kafka: Sender, RecordAccumulator, NetworkClient, Metadata.
 */
import { consumerParty, producerOf } from '../../protocol/base/party.ts';
import { handedOver, hasStopped, heldRecords, isNextPartition } from '../../protocol/actions/producer.ts';
import { at } from '../../protocol/draft.ts';
import { connected, servesRequests } from '../../protocol/look.ts';
import { isUp } from '../../protocol/state/broker.ts';
import {
  readsFrom,
  recordsOf,
  type Batch,
  type Consumer,
  type Producer,
} from '../../protocol/state/clients.ts';
import { NO_LEADER, waitingAt, type WaitingProduce } from '../../protocol/state/replica.ts';
import type { State } from '../../protocol/state/state.ts';
import { backoff } from './backoff.ts';
import { isSilent } from './conditions.ts';
import type { RequestTimeouts } from './request-timeouts.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

/** Records that an application hands over: the n-th at `start + n × every` ms. */
export interface Pace {
  readonly start: number;
  readonly every: number;
}

/** By producer. How many records each sends is in the machine's configuration. */
export type Workload = readonly Pace[];

/** A record whose fate its producer should know by now. */
export interface Overdue {
  readonly producer: number;
  readonly record: number;
  /** When it was first sent (ms). */
  readonly since: number;
}

/** A broken connection is noticed after so long (ms). */
export const DISCONNECT_NOTICED = 1;

/** What a consumer goes through with the follower that it was sent to. */
class Redirection {
  /** When its leader named the replica that it reads from now (ms). */
  since = 0;
  /** When a follower failed to answer it last (ms), and how often in a row one did. */
  failedAt = 0;
  failures = 0;
}

/** When the last attempt of a batch failed (ms), and how many did. Kafka: ProducerBatch.attempts. */
interface Failed {
  readonly at: number;
  readonly attempts: number;
}

class Sending {
  /** By the first record of a batch that is to be sent again. */
  readonly failed = new Map<number, Failed>();
  /** Since when newer metadata is wanted, or -1. */
  wantsMetadata = -1;
  /** Since when the application waits for room in the buffer (ms), or -1. */
  blockedSince = -1;
  /** By record: when it was first sent, or handed over where a buffer may run out (ms). */
  readonly firstSent = new Map<number, number>();
}

export class Clients implements Follower {
  private readonly scene: Scene;
  private readonly workload: Workload;
  private readonly sending: Sending[];
  /** By consumer: since when the leader that it knows does not serve it, or -1. */
  private readonly unserved: Float64Array;
  private readonly redirections: Redirection[];
  private readonly timeouts: RequestTimeouts;
  /** When a request began to wait in a purgatory (ms). */
  private readonly waitingSince = new WeakMap<WaitingProduce, number>();

  constructor(scene: Scene, workload: Workload, timeouts: RequestTimeouts) {
    const { producers, consumers } = scene.model.config;
    if (workload.length !== producers.length) {
      throw new RangeError(`the workload has ${workload.length} paces for ${producers.length} producers`);
    }
    this.scene = scene;
    this.workload = workload;
    this.sending = producers.map(() => new Sending());
    this.unserved = new Float64Array(consumers.length).fill(-1);
    this.redirections = consumers.map(() => new Redirection());
    this.timeouts = timeouts;
  }

  follow(before: State, after: State, deed: Deed): void {
    switch (deed.kind) {
      case 'send-record':
      case 'send-batch':
        this.sent(before, after, deed.a);
        break;
      case 'hand-over-record': {
        const record = at(after.producers, deed.a).buffer?.at(-1);
        if (record !== undefined) this.deliverInTime(deed.a, record);
        break;
      }
      case 'retry-record':
        this.timeouts.watchProducer(deed.a);
        break;
      case 'handle-produce':
        this.waits(after, deed.b);
        break;
      case 'handle-produce-response':
      case 'notice-disconnect': {
        const id = deed.kind === 'notice-disconnect' ? deed.a : producerOf(deed.b);
        this.settled(before, after, id);
        this.failed(before, after, id);
        break;
      }
      case 'expire-batch':
        this.failed(before, after, deed.a);
        break;
      case 'elsewhere':
        // What failed in another partition may have been sent to this one instead.
        if (before.producers === after.producers) break;
        for (let id = 0; id < after.producers.length; id++) this.failed(before, after, id);
        break;
      case 'refresh-producer-metadata':
        at(this.sending, deed.a).wantsMetadata = -1;
        break;
      case 'refresh-consumer-metadata':
        this.unserved[deed.a] = -1;
        break;
      case 'poll-leader':
        at(this.redirections, deed.a).since = this.scene.now;
        break;
      case 'poll-follower':
        this.readFromFollower(after, deed.a);
        break;
      case 'resume':
        // Timers that ran out during the pause fire now.
        this.scene.clock.push(this.scene.now, () => {
          this.expireWaiting(deed.a);
        });
        break;
      default:
        break;
    }
    if (this.scene.model.buffers) for (let id = 0; id < after.producers.length; id++) this.blocks(id);
    // Nothing else can change whether a leader serves a consumer: leadership comes with metadata.
    const same = before.processes === after.processes && before.links === after.links;
    if (same && before.consumers === after.consumers) return;
    for (let id = 0; id < this.unserved.length; id++) this.consumerWants(id);
  }

  // Producers

  private sent(before: State, after: State, id: number): void {
    const batch = at(after.producers, id).inFlight.at(-1);
    if (batch === undefined || before.producers[id]?.inFlight.at(-1) === batch) return;
    this.timeouts.watchProducer(id);
    if (at(after.producers, id).buffer !== undefined) return;
    for (const record of recordsOf(batch)) this.deliverInTime(id, record);
  }

  /** From now on `delivery.timeout.ms` of the record runs. */
  private deliverInTime(id: number, record: number): void {
    const { scene } = this;
    at(this.sending, id).firstSent.set(record, scene.now);
    scene.clock.push(scene.now + scene.timing['delivery.timeout.ms'], () => {
      this.expireBatches(id);
    });
  }

  /** An application that finds no room waits for `max.block.ms`. */
  private blocks(id: number): void {
    const { scene } = this;
    const { state } = scene;
    const sending = at(this.sending, id);
    const { bufferRecords } = at(scene.model.config.producers, id);
    const isFull =
      bufferRecords > 0 &&
      this.handsOver(id) &&
      heldRecords(state, id) >= bufferRecords &&
      (state.others === undefined || isNextPartition(scene.model.config, state, id));
    if (!isFull) sending.blockedSince = -1;
    if (!isFull || sending.blockedSince >= 0) return;
    const since = Math.max(scene.now, this.handOverAt(id));
    sending.blockedSince = since;
    scene.clock.push(since + scene.timing['max.block.ms'], () => {
      if (sending.blockedSince !== since) return;
      sending.blockedSince = -1;
      scene.attempt(scene.repertoire.code('refuse-record', id));
    });
  }

  /** To what an application sends again after a failure all the time is given anew. */
  private failed(before: State, after: State, id: number): void {
    const { afterFailure } = at(this.scene.model.config.producers, id);
    if (afterFailure !== 'send-again' && afterFailure !== 'send-elsewhere') return;
    const { inFlight, retries } = at(before.producers, id);
    for (const batch of at(after.producers, id).retries) {
      // What the producer itself sends again is the batch that it was, or has been renumbered.
      if (inFlight.includes(batch) || retries.includes(batch) || batch.numbered !== undefined) continue;
      for (const record of recordsOf(batch)) this.deliverInTime(id, record);
    }
  }

  /** An answer, or none: a failed batch waits to be sent again, and the failure asks for newer metadata. */
  private settled(before: State, after: State, id: number): void {
    const { failed, wantsMetadata } = at(this.sending, id);
    const { now } = this.scene;
    const { retries } = at(before.producers, id);
    const undecided = at(after.producers, id);
    for (const { record } of undecided.retries) {
      if (retries.some((batch) => batch.record === record)) continue;
      failed.set(record, { at: now, attempts: (failed.get(record)?.attempts ?? 0) + 1 });
    }
    for (const record of failed.keys()) {
      const isBatch = (batch: Batch): boolean => batch.record === record;
      if (!undecided.inFlight.some(isBatch) && !undecided.retries.some(isBatch)) failed.delete(record);
    }
    if (undecided.retries.length > retries.length && wantsMetadata < 0) {
      at(this.sending, id).wantsMetadata = now;
    }
  }

  /** Every batch that is older than `delivery.timeout.ms` is reported as failed. */
  private expireBatches(id: number): void {
    const { scene } = this;
    const expire = scene.repertoire.code('expire-batch', id);
    for (;;) {
      const oldest = heldBy(at(scene.state.producers, id))[0];
      if (oldest === undefined) return;
      const since = at(this.sending, id).firstSent.get(oldest) ?? scene.now;
      if (since + scene.timing['delivery.timeout.ms'] > scene.now) return;
      if (scene.attempt(expire) !== undefined) return;
    }
  }

  /** When the application hands over the next record of this producer (ms). */
  handOverAt(id: number): number {
    return this.paceOf(id, handedOver(this.scene.state, id));
  }

  private paceOf(id: number, nth: number): number {
    const { start, every } = at(this.workload, id);
    return start + nth * every;
  }

  /**
   * When a batch of so many records goes out that were never sent (ms), having been possible since then: as they are
   * handed over, or out of the buffer, as soon as it may and with as many as there are (`linger.ms` is 0). Infinite
   * where a larger one goes then.
   */
  sendAt(id: number, records: number, since: number): number {
    const { buffer } = at(this.scene.state.producers, id);
    const sent = handedOver(this.scene.state, id);
    const comesAt = buffer === undefined ? this.paceOf(id, sent + records - 1) : 0;
    const time = Math.max(since, comesAt);
    const { producers, recordsPerProducer } = this.scene.model.config;
    if (records === at(producers, id).batchRecords) return time;
    const more =
      buffer === undefined
        ? sent + records < recordsPerProducer && this.paceOf(id, sent + records) <= time
        : buffer.length > records;
    return more ? Number.POSITIVE_INFINITY : time;
  }

  /** When the failed batch at the head goes out again (ms): its own attempts count. Kafka: RecordAccumulator.partitionReady. */
  retryAt(id: number): number {
    const [head] = at(this.scene.state.producers, id).retries;
    const failed = head === undefined ? undefined : at(this.sending, id).failed.get(head.record);
    if (failed === undefined) return 0;
    const { timing } = this.scene;
    const pause = backoff(failed.attempts - 1, timing['retry.backoff.ms'], timing['retry.backoff.max.ms']);
    return failed.at + pause;
  }

  /** Since when the producer wants newer metadata, or -1. */
  producerWants(id: number): number {
    const { leader, leaderEpoch } = at(this.scene.state.producers, id);
    // Of a partition that was added since it hears when its metadata is too old.
    if (leader === NO_LEADER) return leaderEpoch < 0 ? -1 : 0;
    return at(this.sending, id).wantsMetadata;
  }

  /** Everything was handed over, to whatever partition, and answered or given up in this one. */
  isDone(id: number): boolean {
    const producer = at(this.scene.state.producers, id);
    return !this.handsOver(id) && heldBy(producer).length === 0;
  }

  private handsOver(id: number): boolean {
    const { state, model } = this.scene;
    return !hasStopped(state, id) && handedOver(state, id) < model.config.recordsPerProducer;
  }

  /** Records sent longer than `delivery.timeout.ms` ago of which the producer knows neither success nor failure. */
  overdue(): Overdue[] {
    const { state, now, timing } = this.scene;
    return state.producers.flatMap((held, producer) =>
      heldBy(held).flatMap((record) => {
        const since = at(this.sending, producer).firstSent.get(record) ?? now;
        return since + timing['delivery.timeout.ms'] < now ? [{ producer, record, since }] : [];
      }),
    );
  }

  // Purgatory

  private waits(after: State, leader: number): void {
    const waiting = at(after.replicas, leader).leading?.waiting.at(-1);
    if (waiting === undefined || this.waitingSince.has(waiting)) return;
    const { scene } = this;
    this.waitingSince.set(waiting, scene.now);
    scene.clock.push(scene.now + scene.timing['request.timeout.ms'], () => {
      this.expireWaiting(leader);
    });
  }

  private expireWaiting(leader: number): void {
    const { scene } = this;
    const expire = scene.repertoire.code('expire-produce', leader);
    for (;;) {
      const oldest = waitingAt(at(scene.state.replicas, leader))[0];
      if (oldest === undefined) return;
      const since = this.waitingSince.get(oldest) ?? scene.now;
      if (since + scene.timing['request.timeout.ms'] > scene.now) return;
      if (scene.attempt(expire) !== undefined) return;
    }
  }

  // Consumers

  private readFromFollower(after: State, id: number): void {
    const redirection = at(this.redirections, id);
    if (at(after.consumers, id).preferredReadReplica === undefined) {
      redirection.failedAt = this.scene.now;
      redirection.failures++;
    } else {
      redirection.failures = 0;
    }
  }

  /** Until when a consumer reads from the replica that its leader named (ms). */
  preferredUntil(id: number): number {
    return at(this.redirections, id).since + this.scene.timing['metadata.max.age.ms'];
  }

  /**
   * When the consumer hears from its preferred read replica (ms): at once, or, where that says nothing, once its request
   * has timed out; and not before the pause that failed connections ask for.
   */
  followerAnswersAt(id: number, since: number): number {
    const { scene } = this;
    const { timing } = scene;
    const { failedAt, failures } = at(this.redirections, id);
    const connects =
      failures === 0
        ? 0
        : failedAt +
          backoff(failures - 1, timing['reconnect.backoff.ms'], timing['reconnect.backoff.max.ms']);
    const broker = readsFrom(at(scene.state.consumers, id));
    const asked = Math.max(since, connects);
    return this.isSilentTo(consumerParty(id), broker) ? asked + timing['request.timeout.ms'] : asked;
  }

  /** Whether a request to the broker gets no answer, not even that its port is closed. */
  private isSilentTo(client: number, broker: number): boolean {
    const { state, conditions } = this.scene;
    const process = at(state.processes, broker);
    if (!isUp(process) || process.status === 'starting') return isSilent(conditions, broker);
    return !servesRequests(process) || !connected(state, client, broker);
  }

  /**
   * Since when the consumer wants newer metadata, or -1: from an answer that refuses it or a connection that breaks,
   * at once; from a leader that says nothing, after `request.timeout.ms`.
   */
  consumerWants(id: number): number {
    const { scene } = this;
    const { state, now } = scene;
    const consumer = at(state.consumers, id);
    const silence = this.silence(state, id, consumer);
    const since = at64(this.unserved, id);
    if (silence < 0) {
      this.unserved[id] = -1;
      return -1;
    }
    if (since < 0) this.unserved[id] = now;
    return at64(this.unserved, id) + silence;
  }

  /** How long it takes to notice that the broker it reads from does not serve it (ms), or -1 if it does. */
  private silence(state: State, id: number, consumer: Consumer): number {
    const broker = readsFrom(consumer);
    if (broker === NO_LEADER) return consumer.leaderEpoch < 0 ? -1 : 0;
    if (this.isSilentTo(consumerParty(id), broker)) return this.scene.timing['request.timeout.ms'];
    if (!servesRequests(at(state.processes, broker))) return 0;
    const { leading, leaderEpoch } = at(state.replicas, broker);
    // Whoever reads from a follower does not notice what becomes of its leader.
    if (consumer.preferredReadReplica !== undefined) return leaderEpoch > consumer.leaderEpoch ? 0 : -1;
    return leading !== null && leaderEpoch === consumer.leaderEpoch ? -1 : 0;
  }
}

/** The records that a producer was given and that are undecided, those that it sends again first. */
const heldBy = ({ retries, inFlight, buffer = [] }: Producer): number[] => [
  ...[...retries, ...inFlight].flatMap(recordsOf),
  ...buffer,
];

const at64 = (values: Float64Array, index: number): number => values[index] ?? 0;
