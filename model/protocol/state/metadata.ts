/**
 * The metadata log of the KRaft quorum: one linear history that brokers replay at their own pace. Each record is
 * kept as the image after it, because a broker that applies several records as one delta sees only the last image.
 * In ZooKeeper mode it has one image, of what the znodes hold.
 */
import {
  bool,
  brokerSet,
  directorySet,
  type Infer,
  int,
  list,
  oneOf,
  optional,
  struct,
} from '../base/shape.ts';

/** Kafka: BrokerRegistration. */
export const registrationShape = struct({
  /** Broker epoch: offset of the registration's record, or -1 for a broker that never registered. */
  epoch: int(-1, 0xffff),
  incarnation: int(-1, 0x7fff),
  fenced: bool,
  inControlledShutdown: bool,
  /** Log directories that the controller knows to have failed, if any (KIP-858). */
  offline: optional('registered directory offline', directorySet),
});
export type Registration = Infer<typeof registrationShape>;

/** Replicas that come and go. Kafka: addingReplicas, removingReplicas (KIP-455). */
const reassignmentShape = struct({ adding: brokerSet, removing: brokerSet });
export type Reassignment = Infer<typeof reassignmentShape>;

/** Kafka: PartitionRegistration. */
export const partitionShape = struct({
  /** Assignment; its head is the preferred leader. */
  replicas: list(int(0, 31)),
  isr: brokerSet,
  /** Eligible leader replicas (KIP-966). */
  elr: brokerSet,
  /** lastKnownElr of Kafka, which only ever holds the last known leader; -1 for none. */
  lastKnownLeader: int(-1, 31),
  leader: int(-1, 31),
  leaderEpoch: int(0, 0x7fff),
  partitionEpoch: int(0, 0x7fff),
  leaderRecoveryState: oneOf('RECOVERED', 'RECOVERING'),
  /** Present while a reassignment is under way. */
  reassignment: optional('reassignment', reassignmentShape),
});
export type PartitionRegistration = Infer<typeof partitionShape>;

export const imageShape = struct({
  registrations: list(registrationShape),
  partitions: list(partitionShape),
});
export type MetadataImage = Infer<typeof imageShape>;

export const metadataShape = struct({
  /** Offset of the first record kept; older ones every broker has applied. */
  start: int(0, 0xffff),
  /** The image after each record, from offset `start` on. Never empty. */
  images: list(imageShape),
});
export type MetadataLog = Infer<typeof metadataShape>;

/** Offset of the newest record (inclusive). */
export const newestOffset = (metadata: MetadataLog): number => metadata.start + metadata.images.length - 1;

/** The image after the record at `offset`. */
export function imageAt(metadata: MetadataLog, offset: number): MetadataImage {
  const image = metadata.images[offset - metadata.start];
  if (image === undefined) throw new RangeError(`no metadata image at offset ${offset}`);
  return image;
}

/** What a leader that has applied `offset` goes by; in ZooKeeper mode one may lead before it was told anything else. */
export const imageLedBy = (metadata: MetadataLog, offset: number): MetadataImage =>
  imageAt(metadata, Math.max(offset, metadata.start));

export const newestImage = (metadata: MetadataLog): MetadataImage =>
  imageAt(metadata, newestOffset(metadata));

/** Registered, not fenced, not in controlled shutdown. Kafka: ClusterControlManager.isActive. */
export const isActive = (registration: Registration): boolean =>
  registration.epoch >= 0 && !registration.fenced && !registration.inControlledShutdown;
