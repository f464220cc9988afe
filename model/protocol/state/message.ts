/** Requests and responses in flight, under Kafka's names and with Kafka's error codes. */
import { brokerSet, int, list, oneOf, optional, struct, union, type Infer } from '../base/shape.ts';
import { proposalShape } from './broker.ts';
import { entryShape, epochStartShape } from './log.ts';
import { STAMPS } from './stamp.ts';

export const ERRORS = [
  'NONE',
  'FENCED_LEADER_EPOCH',
  'UNKNOWN_LEADER_EPOCH',
  'NOT_LEADER_OR_FOLLOWER',
  'OFFSET_OUT_OF_RANGE',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'STALE_BROKER_EPOCH',
  'NOT_CONTROLLER',
  'INVALID_REQUEST',
  'INVALID_UPDATE_VERSION',
  'INELIGIBLE_REPLICA',
  'OPERATION_NOT_ATTEMPTED',
  'OFFSET_NOT_AVAILABLE',
  'NEW_LEADER_ELECTED',
  'INVALID_PRODUCER_EPOCH',
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'DUPLICATE_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'KAFKA_STORAGE_ERROR',
  'MESSAGE_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'UNSUPPORTED_VERSION',
] as const;
export type ErrorCode = (typeof ERRORS)[number];

const error = oneOf(...ERRORS);
const party = int(0, 31);
const leaderEpoch = int(-1, 0x7fff);
const controllerEpoch = int(-1, 0x7fff);
/** The requester’s life that sent this; ABANDONED once the requester has given the connection up. */
const incarnation = int(-1, 0x7fff);
export const ABANDONED = -1;

const fetch = struct({
  from: party,
  to: party,
  incarnation,
  currentLeaderEpoch: int(-1, 0x7fff),
  fetchOffset: int(0, 0xffff),
  lastFetchedEpoch: int(-1, 0x7fff),
  brokerEpoch: int(-1, 0xffff),
  /** The follower's log start offset, from 0.11 on (KIP-107). Absent while it is 0. */
  logStart: optional('follower log start', int(1, 0xffff)),
  /** The leader’s life whose fetch session it goes on with (up to 2.4). */
  session: optional('session of a fetch', int(0, 0x7fff)),
});

export const messageShape = union({
  Fetch: fetch,
  /** A fetch that was handled and waits at the leader for data. Kafka: DelayedFetch. */
  DelayedFetch: fetch,
  FetchResponse: struct({
    from: party,
    to: party,
    error,
    /** fetchOffset and currentLeaderEpoch of the request. */
    requestOffset: int(0, 0xffff),
    requestEpoch: int(-1, 0x7fff),
    entries: list(entryShape),
    highWatermark: int(-1, 0xffff),
    /** The leader's. */
    logStart: optional('leader log start', int(1, 0xffff)),
    /** divergingEpoch: at most one; its `start` is the end offset. */
    diverging: list(epochStartShape),
    session: optional('session of a fetch response', int(0, 0x7fff)),
  }),
  AlterPartition: struct({
    from: party,
    to: party,
    incarnation,
    brokerEpoch: int(-1, 0xffff),
    proposal: proposalShape,
  }),
  AlterPartitionResponse: struct({
    from: party,
    to: party,
    error,
    isr: brokerSet,
    leaderEpoch: int(-1, 0x7fff),
    partitionEpoch: int(-1, 0x7fff),
  }),
  Produce: struct({
    from: party,
    to: party,
    incarnation,
    /** The first of the batch. */
    record: int(0, 0x3fff),
    /** What an idempotent producer put on the batch. */
    stamp: optional('produce stamp', int(1, STAMPS - 1)),
    /** Its other records. */
    more: optional('more records of a request', list(int(0, 0x3fff))),
  }),
  /**
   * `record` is the first of the batch, `offset` that of its last record (Kafka tells that of the first). `logStart` stands
   * only where the producer looks at it: with UNKNOWN_PRODUCER_ID.
   */
  ProduceResponse: struct({
    from: party,
    to: party,
    error,
    record: int(0, 0x3fff),
    offset: int(-1, 0xffff),
    logStart: optional('log start of a refusal', int(0, 0xffff)),
  }),
  /** Where does `leaderEpoch` end? From 2.1 on with the epoch in which the follower asks. */
  OffsetsForLeaderEpoch: struct({
    from: party,
    to: party,
    incarnation,
    currentLeaderEpoch: int(-1, 0x7fff),
    leaderEpoch: int(0, 0x7fff),
  }),
  OffsetsForLeaderEpochResponse: struct({
    from: party,
    to: party,
    error,
    /** currentLeaderEpoch of the request. */
    requestEpoch: int(-1, 0x7fff),
    /** Empty where the leader cannot tell, else one; its `start` is the end offset. */
    epochEnd: list(epochStartShape),
  }),
  /** The three requests of a controller in ZooKeeper mode. A broker epoch of -1 is none (before 2.2). */
  LeaderAndIsr: struct({
    from: party,
    to: party,
    incarnation,
    controllerEpoch,
    brokerEpoch: int(-1, 0xffff),
    leader: int(-1, 31),
    leaderEpoch,
    isr: brokerSet,
    /** Version of the znode. */
    partitionEpoch: int(-1, 0x7fff),
    /** Epoch of the controller that decided this, which need not be the sender. */
    decidedIn: controllerEpoch,
  }),
  UpdateMetadata: struct({
    from: party,
    to: party,
    incarnation,
    controllerEpoch,
    brokerEpoch: int(-1, 0xffff),
    live: brokerSet,
    leader: int(-1, 31),
    leaderEpoch,
  }),
  StopReplica: struct({
    from: party,
    to: party,
    incarnation,
    controllerEpoch,
    brokerEpoch: int(-1, 0xffff),
    /** From 2.6 on (KIP-570), else -1. */
    leaderEpoch,
  }),
});
export type Message = Infer<typeof messageShape>;
/** Requests whose sender may give up while they are under way. */
export type AbandonableKind = 'Fetch' | 'AlterPartition' | 'Produce' | 'OffsetsForLeaderEpoch';
/** What a controller sends to brokers in ZooKeeper mode. */
export const CONTROL_REQUESTS = ['LeaderAndIsr', 'UpdateMetadata', 'StopReplica'] as const;
export type ControlRequest = (typeof CONTROL_REQUESTS)[number];
export const isControlRequest = (kind: Message['kind']): kind is ControlRequest =>
  kind === 'LeaderAndIsr' || kind === 'UpdateMetadata' || kind === 'StopReplica';
export type MessageOf<K extends Message['kind']> = Extract<Message, { readonly kind: K }>;

/** By sender, the set of parties that nothing of it reaches. */
export const linksShape = struct({ cut: list(int(0, 0xffff)) });
export type Links = Infer<typeof linksShape>;
