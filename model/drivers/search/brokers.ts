/**
 * Brokers that are alike. Where any eligible replica may be elected, nothing tells one broker from another but its name:
 * a state with two brokers exchanged behaves as the one before. The assignment is a set then, written in rising order.
 */
import type { BrokerSet } from '../../protocol/base/broker-set.ts';
import type { Config } from '../../protocol/config.ts';
import { channelOf } from '../../protocol/state/channel.ts';
import type { Proposal } from '../../protocol/state/broker.ts';
import type { Message } from '../../protocol/state/message.ts';
import type { MetadataImage } from '../../protocol/state/metadata.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Observed } from '../../observer/observed.ts';
import { producerParty } from '../../protocol/base/party.ts';
import type { Slot, Symmetry } from './explorable.ts';
import { moved, orders, symmetryOf } from './renamings.ts';

/** By broker, its new name. */
type Renaming = readonly number[];

/** Of one partition, replicated to every broker, in KRaft mode; nothing may name a broker from outside. */
export function brokerSymmetry(config: Config, slots: readonly Slot[]): Symmetry {
  return symmetryOf(slots, orders(Array.from({ length: config.brokers }, () => 'broker')), {
    targets: (renaming) => targetsOf(config, renaming),
    renamed,
  });
}

const BY_BROKER = ['processes', 'disks', 'logs', 'replicas'];

/** By slot that goes elsewhere, the name of the other. */
function targetsOf({ brokers, producers }: Config, renaming: Renaming): ReadonlyMap<string, string> {
  const target = new Map<string, string>();
  const count = producers.length;
  for (const [from, to] of renaming.entries()) {
    for (const field of BY_BROKER) target.set(`${field} ${from}`, `${field} ${to}`);
    const move = (before: number, after: number): void =>
      void target.set(`channels ${before}`, `channels ${after}`);
    for (const [leader, leads] of renaming.entries()) {
      if (leader === from) continue;
      move(channelOf(brokers, count, 'Fetch', from, leader), channelOf(brokers, count, 'Fetch', to, leads));
    }
    move(
      channelOf(brokers, count, 'AlterPartition', from, 0),
      channelOf(brokers, count, 'AlterPartition', to, 0),
    );
    for (const id of producers.keys()) {
      const sends = (broker: number): number =>
        channelOf(brokers, count, 'Produce', producerParty(id), broker);
      move(sends(from), sends(to));
    }
  }
  return target;
}

/** Parties that are no brokers, and "none", keep their numbers. */
const id = (party: number, renaming: Renaming): number => renaming[party] ?? party;

const renamedSet = (set: BrokerSet, renaming: Renaming): BrokerSet =>
  renaming.reduce(
    (bits, to, from) => ((set & (1 << from)) === 0 ? bits : bits | (1 << to)),
    set & ~((1 << renaming.length) - 1),
  );

const byBroker = <T>(values: readonly T[], renaming: Renaming): T[] =>
  moved(values, (broker) => id(broker, renaming));

function renamed(field: string | undefined, value: unknown, renaming: Renaming): unknown {
  switch (field) {
    case 'metadata': {
      const metadata = value as State['metadata'];
      return { ...metadata, images: metadata.images.map((image) => renamedImage(image, renaming)) };
    }
    case 'controller': {
      const controller = value as State['controller'];
      return { ...controller, heartbeats: byBroker(controller.heartbeats, renaming) };
    }
    case 'processes': {
      const process = value as State['processes'][number];
      const { alterPartition } = process;
      return { ...process, alterPartition: alterPartition && renamedProposal(alterPartition, renaming) };
    }
    case 'replicas':
      return renamedReplica(value as State['replicas'][number], renaming);
    case 'channels':
      return (value as State['channels'][number]).map((message) => renamedMessage(message, renaming));
    case 'links': {
      const { cut } = value as State['links'];
      return {
        cut: byBroker(
          cut.map((parties) => renamedSet(parties, renaming)),
          renaming,
        ),
      };
    }
    case 'producers': {
      const producer = value as State['producers'][number];
      const anew = <T extends { readonly broker: number }>(batches: readonly T[]): T[] =>
        batches.map((batch) => ({ ...batch, broker: id(batch.broker, renaming) }));
      return {
        ...producer,
        leader: id(producer.leader, renaming),
        inFlight: anew(producer.inFlight),
        retries: anew(producer.retries),
      };
    }
    case 'consumers': {
      const consumer = value as State['consumers'][number];
      return { ...consumer, leader: id(consumer.leader, renaming) };
    }
    case 'environment': {
      const environment = value as State['environment'];
      return { ...environment, lossy: renamedSet(environment.lossy, renaming) };
    }
    case 'observed':
      return renamedObserved(value as Observed, renaming);
    default:
      return value;
  }
}

function renamedImage({ registrations, partitions }: MetadataImage, renaming: Renaming): MetadataImage {
  return {
    registrations: byBroker(registrations, renaming),
    partitions: partitions.map((partition) => ({
      ...partition,
      replicas: partition.replicas.map((broker) => id(broker, renaming)).sort((a, b) => a - b),
      isr: renamedSet(partition.isr, renaming),
      elr: renamedSet(partition.elr, renaming),
      leader: id(partition.leader, renaming),
      lastKnownLeader: id(partition.lastKnownLeader, renaming),
    })),
  };
}

const renamedProposal = (proposal: Proposal, renaming: Renaming): Proposal => ({
  ...proposal,
  isr: renamedSet(proposal.isr, renaming),
  brokerEpochs: byBroker(proposal.brokerEpochs, renaming),
});

function renamedReplica(replica: State['replicas'][number], renaming: Renaming): State['replicas'][number] {
  const { leading, fetcher } = replica;
  return {
    ...replica,
    leader: id(replica.leader, renaming),
    leading: leading && {
      ...leading,
      committedIsr: renamedSet(leading.committedIsr, renaming),
      pending: leading.pending && renamedProposal(leading.pending, renaming),
      remotes: byBroker(leading.remotes, renaming),
    },
    fetcher: fetcher && { ...fetcher, leader: id(fetcher.leader, renaming) },
  };
}

function renamedMessage(message: Message, renaming: Renaming): Message {
  const sent = { ...message, from: id(message.from, renaming), to: id(message.to, renaming) };
  switch (sent.kind) {
    case 'AlterPartition':
      return { ...sent, proposal: renamedProposal(sent.proposal, renaming) };
    case 'AlterPartitionResponse':
      return { ...sent, isr: renamedSet(sent.isr, renaming) };
    default:
      return sent;
  }
}

function renamedObserved(seen: Observed, renaming: Renaming): Observed {
  const anew = <T extends { readonly holders: BrokerSet }>(held: readonly T[]): T[] =>
    held.map((one) => ({ ...one, holders: renamedSet(one.holders, renaming) }));
  return {
    ...seen,
    commits: anew(seen.commits),
    conflicts: anew(seen.conflicts),
    acks: anew(seen.acks),
    lostTails: byBroker(seen.lostTails, renaming),
    damagedFrom: byBroker(seen.damagedFrom, renaming),
    incomplete: renamedSet(seen.incomplete, renaming),
  };
}
