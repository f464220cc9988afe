/**
 * Clients that are alike: whoever is called producer 0, a state with two producers exchanged behaves as the one before,
 * and so do consumers. With a producer its records change their names, for the n-th record of each is named after it.
 * Brokers are not alike, since elections follow the order of the assignment.
 */
import { consumerParty, producerParty } from '../../protocol/base/party.ts';
import { recordId } from '../../protocol/actions/producer.ts';
import type { Config } from '../../protocol/config.ts';
import { firstProducerId } from '../../protocol/rules/idempotence.ts';
import { channelOf } from '../../protocol/state/channel.ts';
import type { Batch } from '../../protocol/state/clients.ts';
import { entry, epochOf, isFollowed, MAX_RECORDS, recordOf, stampOf } from '../../protocol/state/log.ts';
import type { Message } from '../../protocol/state/message.ts';
import { waitingAt, withWaiting } from '../../protocol/state/replica.ts';
import {
  NO_STAMP,
  producerEpochOf,
  producerIdOf,
  sequenceOf,
  stamp,
  type Stamp,
} from '../../protocol/state/stamp.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Observed } from '../../observer/observed.ts';
import type { Slot, Symmetry } from './explorable.ts';
import { moved, orders, symmetryOf } from './renamings.ts';

/** New names, by old. */
interface Renaming {
  readonly producers: readonly number[];
  readonly consumers: readonly number[];
}

/** Who may be taken for whom: producers change names among each other, and so do consumers. */
export type Alike = 'clients' | 'consumers';

/** Undefined where no two clients are configured the same. */
export function clientSymmetry(config: Config, slots: readonly Slot[], alike: Alike): Symmetry | undefined {
  const producers = alike === 'clients' ? config.producers : [];
  const renamings: Renaming[] = orders(kindsOf(producers)).flatMap((order) =>
    orders(kindsOf(config.consumers)).map((consumers) => ({
      producers: config.producers.map((_, id) => order[id] ?? id),
      consumers,
    })),
  );
  if (renamings.length < 2) return undefined;
  return symmetryOf(slots, renamings, { targets: (renaming) => targetsOf(config, renaming), renamed });
}

/** Clients that are configured otherwise stay apart. */
const kindsOf = (clients: readonly object[]): string[] => clients.map((client) => JSON.stringify(client));

/** By slot that goes elsewhere, the name of the other. */
function targetsOf({ brokers, producers }: Config, renaming: Renaming): ReadonlyMap<string, string> {
  const target = new Map<string, string>();
  renaming.producers.forEach((to, from) => {
    target.set(`producers ${from}`, `producers ${to}`);
    for (let broker = 0; broker < brokers; broker++) {
      const channel = (id: number): string =>
        `channels ${channelOf(brokers, producers.length, 'Produce', producerParty(id), broker)}`;
      target.set(channel(from), channel(to));
    }
  });
  renaming.consumers.forEach((to, from) => target.set(`consumers ${from}`, `consumers ${to}`));
  return target;
}

function renamed(field: string | undefined, value: unknown, renaming: Renaming): unknown {
  switch (field) {
    case 'logs': {
      const log = value as State['logs'][number];
      return { ...log, entries: log.entries.map((packed) => renamedEntry(packed, renaming)) };
    }
    case 'replicas':
      return renamedReplica(value as State['replicas'][number], renaming);
    case 'channels':
      return (value as State['channels'][number]).map((message) => renamedMessage(message, renaming));
    case 'links':
      return renamedLinks(value as State['links'], renaming);
    case 'producers':
      return renamedProducer(value as State['producers'][number], renaming);
    case 'observed':
      return renamedObserved(value as Observed, renaming);
    default:
      return value;
  }
}

/** No record, and one that was deleted, keep their names. */
function renamedRecord(record: number, { producers }: Renaming): number {
  if (record < 0 || record === MAX_RECORDS || producers.length === 0) return record;
  const producer = record % producers.length;
  const nth = (record - producer) / producers.length;
  return recordId(producers.length, producers[producer] ?? producer, nth);
}

function renamedProducerId(producerId: number, { producers }: Renaming): number {
  const first = firstProducerId(0);
  const producer = (producerId - first) % producers.length;
  return producerId + (producers[producer] ?? producer) - producer;
}

function renamedStamp(packed: Stamp, renaming: Renaming): Stamp {
  if (packed === NO_STAMP) return packed;
  const producerId = renamedProducerId(producerIdOf(packed), renaming);
  return stamp(producerId, producerEpochOf(packed), sequenceOf(packed));
}

const renamedEntry = (packed: number, renaming: Renaming): number =>
  entry(
    renamedRecord(recordOf(packed), renaming),
    epochOf(packed),
    renamedStamp(stampOf(packed), renaming),
    isFollowed(packed),
  );

const renamedIn = <T extends { readonly record: number; readonly more?: readonly number[] | undefined }>(
  held: T,
  renaming: Renaming,
): T => ({
  ...held,
  record: renamedRecord(held.record, renaming),
  ...(held.more === undefined ? {} : { more: held.more.map((record) => renamedRecord(record, renaming)) }),
});

function renamedReplica(replica: State['replicas'][number], renaming: Renaming): State['replicas'][number] {
  const before = waitingAt(replica);
  if (before.length === 0) return replica;
  const waiting = before.map((produce) => ({
    ...renamedIn(produce, renaming),
    producer: renaming.producers[produce.producer] ?? produce.producer,
  }));
  return withWaiting(replica, waiting);
}

function renamedMessage(message: Message, renaming: Renaming): Message {
  switch (message.kind) {
    case 'FetchResponse':
      return { ...message, entries: message.entries.map((packed) => renamedEntry(packed, renaming)) };
    case 'Produce': {
      const { stamp: stamped } = message;
      const request = { ...renamedIn(message, renaming), from: renamedParty(message.from, renaming) };
      return stamped === undefined ? request : { ...request, stamp: renamedStamp(stamped, renaming) };
    }
    case 'ProduceResponse':
      return { ...renamedIn(message, renaming), to: renamedParty(message.to, renaming) };
    default:
      return message;
  }
}

function renamedParty(party: number, { producers, consumers }: Renaming): number {
  const producer = producers.findIndex((_, id) => producerParty(id) === party);
  if (producer >= 0) return producerParty(producers[producer] ?? producer);
  const consumer = consumers.findIndex((_, id) => consumerParty(id) === party);
  return consumer < 0 ? party : consumerParty(consumers[consumer] ?? consumer);
}

function renamedLinks({ cut }: State['links'], renaming: Renaming): State['links'] {
  const renamedSet = (parties: number): number =>
    cut.reduce(
      (set, _, party) => ((parties & (1 << party)) === 0 ? set : set | (1 << renamedParty(party, renaming))),
      0,
    );
  const after = [...cut];
  for (const [party, parties] of cut.entries()) after[renamedParty(party, renaming)] = renamedSet(parties);
  return { cut: after };
}

function renamedProducer(
  producer: State['producers'][number],
  renaming: Renaming,
): State['producers'][number] {
  const anew = (batch: Batch): Batch => {
    const { numbered } = batch;
    const after = renamedIn(batch, renaming);
    return numbered === undefined
      ? after
      : { ...after, numbered: { ...numbered, stamp: renamedStamp(numbered.stamp, renaming) } };
  };
  const { idempotence, buffer } = producer;
  return {
    ...producer,
    inFlight: producer.inFlight.map(anew),
    retries: producer.retries.map(anew),
    ...(idempotence === undefined
      ? {}
      : {
          idempotence: {
            ...idempotence,
            producerId: renamedProducerId(idempotence.producerId, renaming),
          },
        }),
    ...(buffer === undefined ? {} : { buffer: buffer.map((record) => renamedRecord(record, renaming)) }),
  };
}

function renamedObserved(seen: Observed, renaming: Renaming): Observed {
  const records = (row: readonly number[]): number[] => row.map((record) => renamedRecord(record, renaming));
  const byConsumer = <T>(rows: readonly T[]): T[] => moved(rows, (id) => renaming.consumers[id] ?? id);
  const byRecord = <T>(row: readonly T[]): T[] => moved(row, (record) => renamedRecord(record, renaming));
  return {
    ...seen,
    commits: seen.commits.map((commit) => renamedIn(commit, renaming)),
    conflicts: seen.conflicts.map((commit) => renamedIn(commit, renaming)),
    acks: seen.acks.map((ack) => renamedIn(ack, renaming)),
    deliveries: byConsumer(seen.deliveries).map(records),
    lastDelivered: byConsumer(seen.lastDelivered),
    firstOffset: byConsumer(seen.firstOffset).map(byRecord),
    lostTails: seen.lostTails.map((tail) => tail.map((packed) => renamedEntry(packed, renaming))),
    failed: records(seen.failed),
  };
}
