/**
 * What the active controller does to brokers: registration, heartbeats, fencing, controlled shutdown.
 * Kafka: ClusterControlManager, BrokerHeartbeatManager, ReplicationControlManager.
 */
import { NO_BROKERS } from '../base/broker-set.ts';
import { at, type Draft } from '../draft.ts';
import type { AssignmentChange } from '../events.ts';
import { NO_BROKER_EPOCH } from '../state/broker.ts';
import { heartbeatShape, type Heartbeat } from '../state/controller.ts';
import {
  newestOffset,
  type MetadataImage,
  type PartitionRegistration,
  type Registration,
} from '../state/metadata.ts';
import { turnedImage } from '../state/partitions.ts';
import { NO_LEADER } from '../state/replica.ts';
import { brokerChangesPartition, type BrokerChange, type ChangedPartition } from './partition-change.ts';
import { forgetCleanShutdown } from './process.ts';
import { uncleanShutdownSign } from './shared-switches.ts';

const NOBODY: BrokerChange = { remove: NO_LEADER, add: NO_LEADER, unclean: NO_LEADER };

/** Enters a changed partition into an image and tells what happened. */
export function applyChange(
  draft: Draft,
  image: MetadataImage,
  changed: ChangedPartition | undefined,
): MetadataImage {
  if (changed === undefined) return image;
  const before = at(image.partitions, 0);
  draft.emit({
    type: 'partition-changed',
    leader: changed.partition.leader,
    leaderEpoch: changed.partition.leaderEpoch,
    isrBefore: before.isr,
    isr: changed.partition.isr,
    elr: changed.partition.elr,
    assignment: assignmentChange(before, changed),
    election: changed.election,
  });
  const [, ...others] = image.partitions;
  return { ...image, partitions: [changed.partition, ...others] };
}

function assignmentChange(
  before: PartitionRegistration,
  { partition: { replicas, reassignment }, forcedIsr = false }: ChangedPartition,
): AssignmentChange | undefined {
  const { adding = NO_BROKERS, removing = NO_BROKERS } = reassignment ?? {};
  const { adding: added = NO_BROKERS, removing: removed = NO_BROKERS } = before.reassignment ?? {};
  if (replicas === before.replicas && adding === added && removing === removed) return undefined;
  return { replicas, adding, removing, forcedIsr };
}

function withRegistration(
  image: MetadataImage,
  broker: number,
  change: Partial<Registration>,
): MetadataImage {
  const registrations = image.registrations.slice();
  registrations[broker] = { ...at(image.registrations, broker), ...change };
  return { ...image, registrations };
}

/** It registers with the directories that it has found in order. */
function withoutOffline(image: MetadataImage, broker: number): MetadataImage {
  const { offline, ...online } = at(image.registrations, broker);
  if (offline === undefined) return image;
  return {
    ...image,
    registrations: image.registrations.map((known, id) => (id === broker ? online : known)),
  };
}

/** Commits the change of each partition that a change of a broker brings, as a record of its own. */
function commitBrokerChange(draft: Draft, change: BrokerChange, concerns = (): boolean => true): void {
  draft.forEachPartition(() => {
    if (!concerns()) return;
    const image = draft.newestImage();
    const changed = brokerChangesPartition(draft.model, image, change, draft.partition);
    if (changed !== undefined) draft.commit(applyChange(draft, image, changed));
  });
}

/** The image after those changes, which go out with another record. */
function withBrokerChange(draft: Draft, before: MetadataImage, change: BrokerChange): MetadataImage {
  let image = before;
  draft.forEachPartition(() => {
    const seen = turnedImage(image, draft.partition);
    const changed = brokerChangesPartition(draft.model, seen, change, draft.partition);
    image = turnedImage(applyChange(draft, seen, changed), draft.partition);
  });
  return image;
}

/** Partition changes first, then the fence record. Kafka: ReplicationControlManager.handleBrokerFenced. */
export function fenceBroker(draft: Draft, broker: number): void {
  commitBrokerChange(draft, { ...NOBODY, remove: broker });
  // Before 3.3 the controlled shutdown lived in memory only, so fencing had nothing of it to end in metadata.
  draft.commit(withRegistration(draft.newestImage(), broker, { fenced: true }));
  forgetHeartbeat(draft, broker);
  draft.emit({ type: 'broker-fenced', broker });
}

/** A fenced broker has no session and ends its controlled shutdown; offsets told for that one are forgotten too. */
function forgetHeartbeat(draft: Draft, broker: number): void {
  setHeartbeat(draft, broker, { sessionValid: false, metadataOffset: -1, controlledShutdownOffset: -1 });
  const { heartbeats } = draft.controller;
  if (heartbeats.some(({ controlledShutdownOffset }) => controlledShutdownOffset >= 0)) return;
  for (const [id, heartbeat] of heartbeats.entries()) {
    if (heartbeat.metadataOffset >= 0) draft.setHeartbeat(id, { ...heartbeat, metadataOffset: -1 });
  }
}

/** Where nothing changes, what is remembered stays the same object. */
export function setHeartbeat(draft: Draft, broker: number, heartbeat: Heartbeat): void {
  if (!heartbeatShape.equal(heartbeat, draft.heartbeat(broker))) draft.setHeartbeat(broker, heartbeat);
}

/** The broker may lead again; leaderless partitions look for a leader. Kafka: handleBrokerUnfenced. */
export function unfenceBroker(draft: Draft, broker: number): void {
  draft.commit(withRegistration(draft.newestImage(), broker, { fenced: false }));
  commitBrokerChange(draft, { ...NOBODY, add: broker });
  draft.emit({ type: 'broker-unfenced', broker });
}

/** The mark goes into metadata first (3.3, KIP-841), then the broker leaves ISRs and leaderships. */
export function enterControlledShutdown(draft: Draft, broker: number): void {
  const image = draft.newestImage();
  const marked = at(image.registrations, broker).inControlledShutdown;
  if (draft.model.rules['controlled-shutdown-kept-in'] === 'metadata' && !marked) {
    draft.commit(withRegistration(image, broker, { inControlledShutdown: true }));
  }
  commitBrokerChange(draft, { ...NOBODY, remove: broker });
  draft.setHeartbeat(broker, {
    ...draft.heartbeat(broker),
    controlledShutdownOffset: newestOffset(draft.metadata),
  });
}

/**
 * The changes of the partitions in failed directories first, then the record of the broker. Kafka:
 * ReplicationControlManager.handleDirectoriesOffline.
 */
export function takeDirectoryOffline(draft: Draft, broker: number): void {
  commitBrokerChange(draft, { ...NOBODY, remove: broker }, () => !draft.hasLog(broker));
  const { offline } = draft.process(broker);
  draft.commit(withRegistration(draft.newestImage(), broker, { offline }));
}

/**
 * A new incarnation registers: new broker epoch, fenced. Up to 3.9 nothing took the old incarnation out of ISRs
 * when its session had lapsed but the fencing step had not run (KAFKA-18106).
 * Kafka: ClusterControlManager.registerBroker.
 */
export function registerBroker(draft: Draft, broker: number): void {
  const removesOld = draft.model.rules['registration-removes-old-incarnation'] === 'yes';
  const before = draft.newestImage();
  const existing = at(before.registrations, broker);
  const process = draft.process(broker);
  const unclean = cameBackUncleanly(draft, broker, existing);

  let image = before;
  if (unclean && (removesOld || draft.model.elr)) {
    image = withBrokerChange(draft, image, { ...NOBODY, unclean: broker });
  } else if (removesOld) {
    image = withBrokerChange(draft, image, { ...NOBODY, remove: broker });
  }
  const epoch = newestOffset(draft.metadata) + 1;
  draft.commit(
    withRegistration(withoutOffline(image, broker), broker, {
      epoch,
      incarnation: process.incarnation,
      fenced: true,
      inControlledShutdown: false,
    }),
  );
  draft.setProcess(broker, { ...process, brokerEpoch: epoch });
  // Fenced, so without a session until it is unfenced; the clean-shutdown file has told what it had to tell.
  forgetHeartbeat(draft, broker);
  forgetCleanShutdown(draft, broker);
  draft.emit({ type: 'broker-registered', broker, unclean });
}

/** The epoch in the clean-shutdown file must be the one last registered (KAFKA-15586; 4.0 after KAFKA-18635). */
function cameBackUncleanly(draft: Draft, broker: number, existing: Registration): boolean {
  switch (uncleanShutdownSign(draft.model)) {
    case 'nothing':
      return false;
    case 'any-new-incarnation':
      return true;
    case 'broker-epoch': {
      const { cleanShutdownEpoch } = draft.disk(broker);
      return cleanShutdownEpoch === NO_BROKER_EPOCH || cleanShutdownEpoch !== existing.epoch;
    }
  }
}
