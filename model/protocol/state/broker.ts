/** A broker process and what of it outlives the process. Kafka: BrokerServer, BrokerLifecycleManager. */
import {
  bool,
  brokerSet,
  directorySet,
  type Infer,
  int,
  list,
  nullable,
  oneOf,
  optional,
  struct,
} from '../base/shape.ts';

export const NO_BROKER_EPOCH = -1;
/** The broker has applied no metadata yet. */
export const NO_METADATA = -1;

/** An ISR change as its leader proposes it. Kafka: AlterPartitionItem, LeaderAndIsr. */
export const proposalShape = struct({
  leaderEpoch: int(0, 0x7fff),
  partitionEpoch: int(0, 0x7fff),
  isr: brokerSet,
  /** Broker epoch of each broker as last seen in its fetch, by broker id; -1 where none was seen or asked. */
  brokerEpochs: list(int(-1, 0xffff)),
});
export type Proposal = Infer<typeof proposalShape>;

export const sameProposal = (a: Proposal | null, b: Proposal | null): boolean =>
  a === b || (a !== null && b !== null && proposalShape.equal(a, b));

export const processShape = struct({
  /**
   * `starting`: logs loaded, not yet unfenced by the controller. `stopping`: the controller has agreed to the
   * controlled shutdown. Kafka: BrokerState.
   */
  status: oneOf('down', 'starting', 'running', 'pending-controlled-shutdown', 'stopping'),
  /** A garbage-collection stop: the process does nothing and its messages wait. */
  paused: bool,
  /** Present while the disk does not answer, nor fail: who touches a log hangs, and only heartbeats go on. */
  stalled: optional('stalled', bool),
  /** Log directories that have failed, if any: until its next start the broker has none of the replicas in them. */
  offline: optional('directory offline', directorySet),
  /** Counts the lives of this broker; stands for the incarnation id (UUID) that registration sends. */
  incarnation: int(0, 0x7fff),
  /** Broker epoch of the current registration: metadata offset of its record, or NO_BROKER_EPOCH. */
  brokerEpoch: int(-1, 0xffff),
  /** Offset of the last metadata record applied, or NO_METADATA. */
  metadataOffset: int(-1, 0xffff),
  /** The one ISR change that AlterPartitionManager still has to bring through, pending or given up by then. */
  alterPartition: nullable(proposalShape),
});
export type Process = Infer<typeof processShape>;

export const diskShape = struct({
  /** Broker epoch in `.kafka_cleanshutdown`, or NO_BROKER_EPOCH when the last stop was not clean. */
  cleanShutdownEpoch: int(-1, 0xffff),
});
export type Disk = Infer<typeof diskShape>;

export const isUp = (process: Process): boolean => process.status !== 'down';
/** The process runs and is not in a pause: it can send heartbeats. */
export const isBeating = (process: Process): boolean => process.status !== 'down' && !process.paused;
/** And its disk answers: it can do anything. */
export const isAwake = (process: Process): boolean => isBeating(process) && process.stalled !== true;
