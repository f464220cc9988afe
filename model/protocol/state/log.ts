/**
 * A replica's log on disk with what lies beside it: leader-epoch checkpoint, high-watermark checkpoint and
 * recovery point. Every end offset is exclusive.
 *
 * Kafka: UnifiedLog, LocalLog, LeaderEpochFileCache.
 */
import { int, list, optional, struct, wide, type Infer } from '../base/shape.ts';
import { NO_STAMP, STAMPS, type Stamp } from './stamp.ts';

const MAX_OFFSET = 0xffff;
const MAX_EPOCH = 0x7fff;

/**
 * One record in a log, packed into one number: its identity, the leader epoch it was appended in, whether the next one
 * is of the same batch, and the stamp that an idempotent producer put on it.
 */
export type Entry = number;
const EPOCHS = 0x4000;
const ENTRY_EPOCH = 0x4000;
const ENTRY_FOLLOWED = ENTRY_EPOCH * EPOCHS;
const ENTRY_STAMP = ENTRY_FOLLOWED * 2;
export const MAX_RECORDS = ENTRY_EPOCH - 1;

export function entry(record: number, epoch: number, stamped: Stamp = NO_STAMP, followed = false): Entry {
  if (epoch >= EPOCHS) throw new RangeError(`records know no leader epoch above ${EPOCHS - 1}`);
  return stamped * ENTRY_STAMP + (followed ? ENTRY_FOLLOWED : 0) + epoch * ENTRY_EPOCH + record;
}
export const recordOf = (packed: Entry): number => packed % ENTRY_EPOCH;
export const epochOf = (packed: Entry): number => Math.floor(packed / ENTRY_EPOCH) % EPOCHS;
export const stampOf = (packed: Entry): Stamp => Math.floor(packed / ENTRY_STAMP);
/** Whether its batch goes on with the next record. */
export const isFollowed = (packed: Entry): boolean => Math.floor(packed / ENTRY_FOLLOWED) % 2 === 1;

/** No record has this identity: what stood at the offset was deleted from the disk. Its stamp stays: producers are remembered. */
const DELETED_RECORD = MAX_RECORDS;
export const isDeleted = (packed: Entry): boolean => recordOf(packed) === DELETED_RECORD;
const deleted = (packed: Entry): Entry => entry(DELETED_RECORD, 0, stampOf(packed), isFollowed(packed));

export const entryShape = wide(STAMPS * ENTRY_STAMP - 1);

export const epochStartShape = struct({ epoch: int(0, MAX_EPOCH), start: int(0, MAX_OFFSET) });
/** One line of the leader-epoch checkpoint: `epoch` begins at offset `start`. */
export type EpochStart = Infer<typeof epochStartShape>;

/** What the file still holds from `start` on, as long as its truncation was not fsynced. */
const unsyncedTailShape = struct({ start: int(0, MAX_OFFSET), entries: list(entryShape) });

export const logShape = struct({
  entries: list(entryShape),
  /** Recovery point: everything below this offset was fsynced; kept only where power may be lost. */
  recoveryPoint: int(0, MAX_OFFSET),
  /** Leader-epoch checkpoint: epochs and start offsets both strictly increase. */
  epochs: list(epochStartShape),
  /** `replication-offset-checkpoint`: the high watermark that a restart begins with. */
  highWatermarkCheckpoint: int(0, MAX_OFFSET),
  /** Log start offset: the first offset that may be read. Absent while it is 0. */
  logStart: optional('log start', int(1, MAX_OFFSET)),
  /** `log-start-offset-checkpoint`. Absent while it is 0. */
  logStartCheckpoint: optional('log start checkpoint', int(1, MAX_OFFSET)),
  /** What a power loss may bring back of what was truncated. Only where files may be found as they were before. */
  unsyncedTail: optional('unsynced tail', unsyncedTailShape),
  /** Leader-epoch checkpoint as it stands on the disk, where a truncation has not written it yet. */
  staleEpochs: optional('stale leader-epoch checkpoint', list(epochStartShape)),
});
export type Log = Infer<typeof logShape>;

export const EMPTY_LOG: Log = { entries: [], recoveryPoint: 0, epochs: [], highWatermarkCheckpoint: 0 };

/** Log end offset (LEO): the offset that the next appended record gets. */
export const logEnd = (log: Log): number => log.entries.length;

/** Log start offset: what lies below it may not be read, though it may still be on the disk. */
export const logStart = (log: Log): number => log.logStart ?? 0;

/** Base offset of the first segment: below it nothing is on the disk any more. */
function firstOffset({ entries }: Log): number {
  const first = entries.findIndex((packed) => !isDeleted(packed));
  return first < 0 ? entries.length : first;
}

/** The log with other start offsets; 0 is told by absence. */
function withStarts(log: Log, start: number, checkpoint: number): Log {
  const { logStart: _start, logStartCheckpoint: _checkpoint, ...rest } = log;
  return {
    ...rest,
    ...(start > 0 ? { logStart: start } : {}),
    ...(checkpoint > 0 ? { logStartCheckpoint: checkpoint } : {}),
  };
}

/** The log once its leader-epoch checkpoint is written: fsynced, as a whole. */
function withEpochs(log: Log, epochs: readonly EpochStart[]): Log {
  const { staleEpochs: _, ...rest } = log;
  return { ...rest, epochs };
}

/** The log once its file is fsynced, length and all. */
function withoutTail(log: Log): Log {
  const { unsyncedTail: _, ...rest } = log;
  return rest;
}

export const NO_EPOCH = -1;

/** Epoch of the last entry of the epoch cache, or NO_EPOCH. It may lie above every record in the log. */
export function latestEpoch(log: Log): number {
  const last = log.epochs.at(-1);
  return last === undefined ? NO_EPOCH : last.epoch;
}

/**
 * The epoch cache once `epoch` starts at `start`: unchanged where the newest entry says as much, else without the
 * newest entries that contradict it, even if the epoch is lower. Kafka: LeaderEpochFileCache.assign.
 */
function withEpoch(epochs: readonly EpochStart[], epoch: number, start: number): readonly EpochStart[] {
  const newest = epochs.at(-1);
  if (newest !== undefined && epoch === newest.epoch && start >= newest.start) return epochs;
  let kept = epochs.length;
  for (; kept > 0; kept--) {
    const known = epochs[kept - 1];
    if (known === undefined || (known.epoch < epoch && known.start < start)) break;
  }
  return [...epochs.slice(0, kept), { epoch, start }];
}

/** Enters (epoch, start) into the cache. Kafka: UnifiedLog.maybeAssignEpochStartOffset. */
export function assignEpoch(log: Log, epoch: number, start: number): Log {
  const epochs = withEpoch(log.epochs, epoch, start);
  return epochs === log.epochs ? log : withEpochs(log, epochs);
}

/** Appends entries as they are; the epoch of each enters the cache. Kafka: UnifiedLog.append. */
export function append(log: Log, entries: readonly Entry[]): Log {
  let { epochs } = log;
  const end = log.entries.length;
  for (let i = 0; i < entries.length; i++) {
    const packed = entries[i];
    if (packed !== undefined) epochs = withEpoch(epochs, epochOf(packed), end + i);
  }
  const longer: Log = {
    entries: log.entries.concat(entries),
    recoveryPoint: log.recoveryPoint,
    epochs,
    highWatermarkCheckpoint: log.highWatermarkCheckpoint,
  };
  const { logStart: start, logStartCheckpoint, unsyncedTail, staleEpochs } = log;
  if (start === undefined && logStartCheckpoint === undefined && unsyncedTail === undefined) {
    if (staleEpochs === undefined) return longer;
  }
  const whole = { ...log, ...longer };
  return epochs === log.epochs ? whole : withEpochs(whole, epochs);
}

/** Where the log can be cut: at `end`, or where the batch begins that stands there. Kafka: LogSegment.truncateTo. */
export function endOfBatches({ entries }: Log, end: number): number {
  let cut = end;
  while (cut > 0 && cut < entries.length && isFollowed(entries[cut - 1] ?? 0)) cut--;
  return cut;
}

/**
 * Cuts the log to `end`, between batches. Entries of the epoch cache that start at or after `end` go, even when no record
 * does (KAFKA-10706). Kafka: UnifiedLog.truncateTo, LeaderEpochFileCache.truncateFromEnd.
 */
export function truncate(log: Log, end: number): Log {
  const cut: Log = {
    ...log,
    entries: end < log.entries.length ? log.entries.slice(0, end) : log.entries,
    recoveryPoint: Math.min(log.recoveryPoint, end),
    epochs: log.epochs.filter((known) => known.start < end),
  };
  return end < logStart(log) ? withStarts(cut, end, log.logStartCheckpoint ?? 0) : cut;
}

/**
 * Cuts the log to `end` as `truncate` does, and keeps what a stop may bring back: the file is not fsynced, and the
 * leader-epoch checkpoint only where `syncsEpochs`. Kafka: LocalLog.truncateTo, truncateFromEndAsyncFlush.
 */
export function truncateUnsynced(log: Log, end: number, syncsEpochs: boolean): Log {
  const cut = truncate(log, end);
  const { unsyncedTail, staleEpochs } = log;
  const tail = tailAfter(log, end);
  const stale = staleEpochs ?? (cut.epochs.length < log.epochs.length ? log.epochs : undefined);
  return {
    ...cut,
    ...(tail === undefined || tail === unsyncedTail ? {} : { unsyncedTail: tail }),
    ...(stale === undefined || syncsEpochs ? {} : { staleEpochs: stale }),
  };
}

/** Of what was written over what an earlier truncation had cut, nothing need have reached the disk. */
function tailAfter({ entries, unsyncedTail: earlier }: Log, end: number): Log['unsyncedTail'] {
  if (earlier === undefined)
    return end < entries.length ? { start: end, entries: entries.slice(end) } : undefined;
  if (end >= earlier.start) return earlier;
  return { start: end, entries: [...entries.slice(end, earlier.start), ...earlier.entries] };
}

/**
 * Moves the log start up to `start`. Entries of the epoch cache that start at or before it go, but for the newest of
 * them, which starts there now. Kafka: UnifiedLog.maybeIncrementLogStartOffset, LeaderEpochFileCache.truncateFromStart.
 */
export function moveLogStart(log: Log, start: number): Log {
  if (start <= logStart(log)) return log;
  const first = log.epochs.findLast((known) => known.start <= start);
  const epochs =
    first === undefined
      ? log.epochs
      : [{ epoch: first.epoch, start }, ...log.epochs.filter((known) => known.start > start)];
  return { ...log, epochs, logStart: start };
}

/**
 * Deletes what lies below `start` from the disk. Whole segments go, and each was flushed once it was rolled. Kafka:
 * UnifiedLog.deleteOldSegments.
 */
export function deleteBelow(log: Log, start: number): Log {
  const moved = moveLogStart(log, start);
  return {
    ...moved,
    entries: log.entries.map((packed, offset) => (offset < start ? deleted(packed) : packed)),
    recoveryPoint: Math.max(log.recoveryPoint, start),
  };
}

/** Deletes everything; the log goes on at `start`. Kafka: UnifiedLog.truncateFullyAndStartAt. */
export function restartAt(log: Log, start: number): Log {
  const nothing = Array.from({ length: start }, () => deleted(0));
  const empty = { ...EMPTY_LOG, entries: nothing, recoveryPoint: start };
  return withStarts(
    { ...empty, highWatermarkCheckpoint: log.highWatermarkCheckpoint },
    start,
    log.logStartCheckpoint ?? 0,
  );
}

/** Writes `log-start-offset-checkpoint`; a start that the first segment tells stands in no file. */
export function checkpointLogStart(log: Log): Log {
  const start = logStart(log);
  const written = start > 0 && start > firstOffset(log) ? start : 0;
  return written === (log.logStartCheckpoint ?? 0) ? log : withStarts(log, start, written);
}

/** Nothing is done where the recovery point is the log end. Kafka: UnifiedLog.flush. */
export function flush(log: Log): Log {
  if (log.recoveryPoint === log.entries.length) return log;
  const flushed = { ...log, recoveryPoint: log.entries.length };
  return log.unsyncedTail === undefined ? flushed : withoutTail(flushed);
}

/** What stands on the disk is what there is: everything was written out, or found so. */
export const synced = (log: Log): Log =>
  log.unsyncedTail === undefined && log.staleEpochs === undefined
    ? log
    : withEpochs(withoutTail(log), log.epochs);

/** Where an epoch ends in this log; `epoch` is NO_EPOCH where the log cannot tell. */
export interface EpochEnd {
  readonly epoch: number;
  readonly end: number;
}

const UNDEFINED_END: EpochEnd = { epoch: NO_EPOCH, end: -1 };

/**
 * The largest epoch not above `requested`, and where it ends: the start of the next epoch, or the log end for the
 * newest. An epoch below the first known one is answered with that one's start (KAFKA-7415).
 * Kafka: LeaderEpochFileCache.endOffsetFor.
 */
export function endOffsetFor(log: Log, requested: number, answersBelowFirst: boolean): EpochEnd {
  const { epochs } = log;
  const newest = epochs.at(-1);
  if (newest === undefined || requested > newest.epoch) return UNDEFINED_END;
  if (requested === newest.epoch) return { epoch: requested, end: logEnd(log) };
  const next = epochs.findIndex((known) => known.epoch > requested);
  const following = epochs[next];
  if (following === undefined) return UNDEFINED_END;
  const floor = epochs[next - 1];
  if (floor !== undefined) return { epoch: floor.epoch, end: following.start };
  return answersBelowFirst ? { epoch: requested, end: following.start } : UNDEFINED_END;
}

/**
 * The scan of what lies above the recovery point. A batch of a newer epoch than all that are known enters the cache, and
 * what the cache says of the others stands; where batches are `believed`, it is made anew from them. Kafka:
 * LogSegment.recover.
 */
function recovered(log: Log, believed: boolean): Log {
  let epochs = believed ? log.epochs.filter(({ start }) => start < log.recoveryPoint) : log.epochs;
  for (let offset = log.recoveryPoint; offset < log.entries.length; offset++) {
    const packed = log.entries[offset];
    if (packed === undefined || isDeleted(packed)) continue;
    const epoch = epochOf(packed);
    const latest = epochs.at(-1)?.epoch ?? NO_EPOCH;
    if (epoch > latest || (believed && epoch < latest)) epochs = withEpoch(epochs, epoch, offset);
  }
  return epochs === log.epochs ? log : { ...log, epochs };
}

/**
 * The log as it is found when the broker comes up: epochs that start at the log end or beyond are forgotten, also
 * the one a leader entered before it appended anything. It starts where the checkpoint or the first segment says, and
 * anew where it ends before. Kafka: LogLoader.load.
 */
export function load(found: Log, believesBatches = false): Log {
  const log = recovered(synced(found), believesBatches);
  const end = logEnd(log);
  const { logStartCheckpoint = 0 } = log;
  if (end < logStartCheckpoint) return restartAt(log, logStartCheckpoint);
  const newest = log.epochs.at(-1);
  const loaded =
    newest === undefined || newest.start < end
      ? log
      : { ...log, epochs: log.epochs.filter((known) => known.start < end) };
  if (log.logStart === undefined && logStartCheckpoint === 0) return loaded;
  const start = Math.max(logStartCheckpoint, firstOffset(log));
  return start === logStart(log) ? loaded : withStarts(loaded, start, logStartCheckpoint);
}
