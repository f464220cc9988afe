/**
 * What the observer remembers of a run. No rule of the protocol can read it: nothing under protocol/ may import this
 * folder. Offsets are exclusive ends where they end something.
 */
import { bool, brokerSet, int, list, optional, struct, wide, type Infer } from '../protocol/base/shape.ts';

/** No record, no offset. */
export const NONE = -1;
/** The broker has not been damaged by a storage fault. */
export const UNDAMAGED = 0xffff;

const record = int(-1, 0x3fff);
const offset = int(-1, 0xffff);

export const commitShape = struct({
  record,
  offset,
  /** Leader epoch of the leader whose high watermark passed the record first. */
  leaderEpoch: int(0, 0x7fff),
  /** Brokers that had the record at this offset since the commit and lost it to no storage fault. */
  holders: brokerSet,
  /** At every moment since the commit some member of ISR or ELR ran whose log no fault had damaged up to here. */
  inSyncLived: bool,
  delivered: bool,
});
/** A committed record. */
export type Commit = Infer<typeof commitShape>;

const ackShape = struct({ record, offset, acks: int(-1, 1), holders: brokerSet });
/** An acknowledged record, with the brokers that had it since and lost it to no storage fault. */
export type Ack = Infer<typeof ackShape>;

export const observedShape = struct({
  /** By offset; never shrinks. Its length is the true high watermark. */
  commits: list(commitShape),
  /** Commits of another record at an offset that had one already; empty while agreement holds. */
  conflicts: list(commitShape),
  acks: list(ackShape),
  /** By consumer: the record last delivered at each offset, or NONE. */
  deliveries: list(list(record)),
  /** By consumer: offset delivered last since the last reset, or NONE. */
  lastDelivered: list(offset),
  /** By consumer and record: the offset at which it was first delivered, or NONE. */
  firstOffset: list(list(offset)),
  /** By broker: records from `damagedFrom` on that a storage fault took and no truncation of the protocol would have. */
  lostTails: list(list(wide(Number.MAX_SAFE_INTEGER))),
  /** By broker: lowest offset destroyed and not written again, or UNDAMAGED. */
  damagedFrom: list(int(0, UNDAMAGED)),
  /** Brokers that came back from a loss of records and have not had everything committed since. */
  incomplete: brokerSet,
  /** Some storage fault removed a record. */
  storageFault: bool,
  /** Some leader was elected from outside ISR and ELR. */
  uncleanElection: bool,
  /** Records whose producer was told of a failure. */
  failed: list(record),
  /** Retention or an administrator deleted everything below, which then counts as lost nowhere. Absent while it is 0. */
  deletedBelow: optional('deleted below', int(1, 0xffff)),
});
export type Observed = Infer<typeof observedShape>;
