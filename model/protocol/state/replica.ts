/** One replica of a partition in a running broker: everything here is lost when the process ends. */
import { bool, brokerSet, int, list, nullable, oneOf, optional, struct, type Infer } from '../base/shape.ts';
import { proposalShape } from './broker.ts';
import { epochStartShape } from './log.ts';

/** Log end offset of a follower that has not fetched in this epoch. Kafka: UNKNOWN_OFFSET_METADATA. */
export const UNKNOWN_OFFSET = -1;
/** No fetch has told a broker epoch yet. It differs from -1, which a fetch without broker epoch carries. */
export const UNSEEN_BROKER_EPOCH = -2;

/**
 * What a leader knows of a follower. Kafka: ReplicaState. Its two times are flags here: set by the event that
 * refreshes them, cleared when `replica.lag.time.max.ms` has passed.
 */
export const remoteShape = struct({
  logEndOffset: int(-1, 0xffff),
  /** The leader's log end at the previous fetch of this follower. */
  lastFetchLeaderLogEndOffset: int(-1, 0xffff),
  /** lastCaughtUpTimeMs lies within the lag limit. */
  caughtUpRecently: bool,
  /** lastFetchTimeMs lies within the lag limit. */
  fetchedRecently: bool,
  brokerEpoch: int(-2, 0xffff),
  /** The follower's log start offset, as its fetch tells it. Absent while it is 0. */
  logStart: optional('remote log start', int(1, 0xffff)),
});
export type Remote = Infer<typeof remoteShape>;

export const EMPTY_REMOTE: Remote = {
  logEndOffset: UNKNOWN_OFFSET,
  lastFetchLeaderLogEndOffset: 0,
  caughtUpRecently: false,
  fetchedRecently: false,
  brokerEpoch: UNSEEN_BROKER_EPOCH,
};

/** A produce request with acks=all that waits until the ISR has its record. Kafka: DelayedProduce. */
export const waitingProduceShape = struct({
  producer: int(0, 15),
  record: int(0, 0x3fff),
  /** The high watermark that completes the wait. */
  requiredOffset: int(0, 0xffff),
});
export type WaitingProduce = Infer<typeof waitingProduceShape>;

export const leadingShape = struct({
  /** Log end offset at the moment this leader took its epoch. */
  epochStart: int(0, 0xffff),
  /** The last ISR that this leader knows to be accepted (CommittedPartitionState). */
  committedIsr: brokerSet,
  /** The ISR change sent to the controller and not yet answered (PendingPartitionChange). */
  pending: nullable(proposalShape),
  /** By broker id; empty for the leader itself and for who is no replica. */
  remotes: list(remoteShape),
  /** Purgatory, oldest first. */
  waiting: list(waitingProduceShape),
});
export type Leading = Infer<typeof leadingShape>;

export const fetcherShape = struct({
  /**
   * `failed`: removed from the fetcher after FENCED_LEADER_EPOCH, until new metadata (failedPartitions). `truncating`:
   * asks where its latest epoch ends before it fetches (0.11 until 2.7); `truncating-further`: has cut once, and asks again;
   * `diverging`: an answer has told it where the logs part, and it has not truncated yet (2.8 until 3.4).
   */
  state: oneOf('fetching', 'failed', 'truncating', 'truncating-further', 'diverging'),
  leader: int(0, 31),
  /** currentLeaderEpoch of the fetch state. */
  leaderEpoch: int(0, 0x7fff),
  /** The leader’s life of which there is a fetch session; kept only where that hides something (up to 2.4). */
  session: optional('fetch session', int(0, 0x7fff)),
  /** What the answer told, while it is `diverging`. */
  divergence: optional('divergence', epochStartShape),
});
export type Fetcher = Infer<typeof fetcherShape>;

export const replicaShape = struct({
  /** The leader in this broker's eyes, or NO_LEADER. */
  leader: int(-1, 31),
  leaderEpoch: int(-1, 0x7fff),
  partitionEpoch: int(-1, 0x7fff),
  highWatermark: int(0, 0xffff),
  /** Present while this broker believes that it leads. */
  leading: nullable(leadingShape),
  /** Present while this broker follows. */
  fetcher: nullable(fetcherShape),
  /** Requests of a leadership that has ended, where they go on waiting (up to 0.9), oldest first. */
  outlived: optional('outlived purgatory', list(waitingProduceShape)),
});
export type Replica = Infer<typeof replicaShape>;

const NOTHING: readonly WaitingProduce[] = [];

/** Every request that waits at a replica, oldest first. */
export const waitingAt = ({ leading, outlived = NOTHING }: Replica): readonly WaitingProduce[] =>
  leading?.waiting ?? outlived;

/** With other requests that wait, where the replica leads or some outlived its leadership. */
export function withWaiting(replica: Replica, waiting: readonly WaitingProduce[]): Replica {
  const { leading } = replica;
  if (leading !== null) return { ...replica, leading: { ...leading, waiting } };
  const { outlived, ...rest } = replica;
  if (outlived === undefined) return replica;
  return waiting.length === 0 ? rest : { ...rest, outlived: waiting };
}

export const NO_LEADER = -1;

export const NO_REPLICA: Replica = {
  leader: NO_LEADER,
  leaderEpoch: -1,
  partitionEpoch: -1,
  highWatermark: 0,
  leading: null,
  fetcher: null,
};
