/** What a consumer finds at its position, and what it makes of it. Kafka: FetchCollector, OffsetFetcherUtils, SubscriptionState. */
import { at, type Draft } from '../draft.ts';
import type { Model } from '../config.ts';
import type { Event } from '../events.ts';
import { logOf, replicaOf } from '../look.ts';
import { readsFrom, type Consumer } from '../state/clients.ts';
import { endOffsetFor, epochOf, logEnd, logStart, NO_EPOCH, recordOf, type Log } from '../state/log.ts';
import type { State } from '../state/state.ts';
import { clause, isLeftOut } from './clauses.ts';
import { recordsOwnEpoch, validatesPosition } from './shared-switches.ts';

export const consumerAt = (state: State, id: number): Consumer => at(state.consumers, id);
const readsBelowHighWatermark = clause('a consumer reads only below the high watermark');

/** Where a consumer's read ends: at the high watermark of the replica that serves it (exclusive). */
function readBound(model: Model, state: State, broker: number): number {
  const { highWatermark } = replicaOf(state, broker);
  return isLeftOut(model.leftOut, readsBelowHighWatermark) ? logEnd(logOf(state, broker)) : highWatermark;
}

type ResetReason = Extract<Event, { readonly type: 'offset-reset' }>['why'];

/** What a consumer finds when it asks a broker at its position. */
export type Found =
  | { readonly kind: 'records'; readonly end: number }
  /** It goes on at another offset; `epoch` is that of the record before it. */
  | { readonly kind: 'reset'; readonly to: number; readonly epoch: number; readonly why: ResetReason }
  /** auto.offset.reset=none: the application gets an exception. */
  | { readonly kind: 'stopped' }
  /** The leader names the replica to read from. */
  | { readonly kind: 'redirected'; readonly to: number }
  /** The consumer gives its preferred read replica up. */
  | { readonly kind: 'given-up' }
  /** A follower told it that its position is out of range, and it takes that for the leader's word. */
  | { readonly kind: 'position-lost' }
  | { readonly kind: 'nothing' };

export const NOTHING: Found = { kind: 'nothing' };

/** The earliest offset, with the epoch of what stood before it where the log knows that. Kafka: UnifiedLog.fetchOffsetByTimestamp. */
function earliest(log: Log): { readonly to: number; readonly epoch: number } {
  const to = logStart(log);
  const first = log.epochs[0];
  return { to, epoch: to > 0 && first !== undefined && first.start <= to ? first.epoch : 0 };
}

/** Whether the log reaches the position, and still does. */
export function isInRange(log: Log, position: number): boolean {
  return position >= logStart(log) && position <= logEnd(log);
}

/** Where `auto.offset.reset` sends a consumer. Kafka: OffsetFetcherUtils, SubscriptionState.requestOffsetReset. */
function resetBy(model: Model, state: State, id: number): Found {
  const { leader, unset } = consumerAt(state, id);
  const why = unset === true ? 'no-position' : 'out-of-range';
  const replica = replicaOf(state, leader);
  switch (at(model.config.consumers, id).autoOffsetReset) {
    case 'earliest':
      return { kind: 'reset', ...earliest(logOf(state, leader)), why };
    case 'latest': {
      // OFFSET_NOT_AVAILABLE: clients would see an offset that they know to be passed (KIP-207).
      const waits = model.rules['latest-offset-waits-for-epoch-start'] === 'yes';
      if (waits && replica.highWatermark < (replica.leading?.epochStart ?? 0)) return NOTHING;
      return { kind: 'reset', to: replica.highWatermark, epoch: replica.leaderEpoch, why };
    }
    case 'none':
      return { kind: 'stopped' };
  }
}

/**
 * What became of the position in this leader's log: it may end before it, or have ended the epoch of the record before it
 * earlier. A leader does not truncate, so that asking with each poll is the same as asking once after each change of
 * leader. Kafka: OffsetsForLeaderEpochClient, SubscriptionState.maybeCompleteValidation (KIP-320).
 */
function validated(model: Model, state: State, id: number): Found | undefined {
  const { leader, position, offsetEpoch = 0 } = consumerAt(state, id);
  if (position === 0 || !validatesPosition(model)) return undefined;
  const { epoch, end } = endOffsetFor(logOf(state, leader), offsetEpoch, recordsOwnEpoch(model));
  if (epoch === NO_EPOCH) return resetBy(model, state, id);
  if (end >= position) return undefined;
  return at(model.config.consumers, id).autoOffsetReset === 'none'
    ? { kind: 'stopped' }
    : { kind: 'reset', to: end, epoch, why: 'truncated' };
}

/** What it finds at its leader. One that follows by now serves reads, and no queries for offsets. */
export function findAtLeader(model: Model, state: State, id: number): Found {
  const { leader, position, unset } = consumerAt(state, id);
  if (replicaOf(state, leader).leading === null) {
    return unset === true ? NOTHING : recordsAt(model, state, leader, position);
  }
  if (unset === true) return resetBy(model, state, id);
  const moved = validated(model, state, id);
  if (moved !== undefined) return moved;
  if (!isInRange(logOf(state, leader), position)) return resetBy(model, state, id);
  return recordsAt(model, state, leader, position);
}

export function recordsAt(model: Model, state: State, broker: number, position: number): Found {
  const end = readBound(model, state, broker);
  return position < end ? { kind: 'records', end } : NOTHING;
}

/** The consumer at another position; `epoch` is that of the record before it. */
function movedTo(consumer: Consumer, position: number, epoch: number): Consumer {
  const { leader, leaderEpoch, stopped, preferredReadReplica } = consumer;
  return {
    ...{ leader, leaderEpoch, position, stopped },
    ...(epoch > 0 ? { offsetEpoch: epoch } : {}),
    ...(preferredReadReplica === undefined ? {} : { preferredReadReplica }),
  };
}

/** The same without a preferred read replica: it asks the leader next. */
export function withoutPreferred(consumer: Consumer): Consumer {
  const { preferredReadReplica: _, ...rest } = consumer;
  return rest;
}

/** What the consumer does about what it found. */
export function takeUp(draft: Draft, id: number, found: Found): void {
  const consumer = draft.consumer(id);
  const { position } = consumer;
  switch (found.kind) {
    case 'nothing':
      return;
    case 'stopped':
      draft.setConsumer(id, { ...consumer, stopped: true });
      draft.emit({ type: 'consumer-stopped', consumer: id, position });
      return;
    case 'redirected':
      draft.setConsumer(id, { ...consumer, preferredReadReplica: found.to });
      return;
    case 'given-up':
      draft.setConsumer(id, withoutPreferred(consumer));
      return;
    case 'position-lost':
      draft.setConsumer(id, { ...withoutPreferred(consumer), unset: true });
      return;
    case 'reset': {
      const { to, epoch, why } = found;
      draft.setConsumer(id, movedTo(consumer, to, epoch));
      draft.emit({ type: 'offset-reset', consumer: id, from: position, to, why });
      return;
    }
    case 'records': {
      const { entries } = draft.log(readsFrom(consumer));
      for (let offset = position; offset < found.end; offset++) {
        draft.emit({ type: 'delivered', consumer: id, offset, record: recordOf(at(entries, offset)) });
      }
      draft.setConsumer(id, movedTo(consumer, found.end, epochOf(at(entries, found.end - 1))));
    }
  }
}
