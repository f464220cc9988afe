/** An assigned consumer. Kafka: KafkaConsumer, Fetcher. */
import { consumerParty } from '../base/party.ts';
import { at } from '../draft.ts';
import type { Model } from '../config.ts';
import type { Event } from '../events.ts';
import {
  defineAction,
  eachConsumer,
  eachConsumerAndBroker,
  rule,
  whereBudgeted,
  world,
  type Choices,
} from '../define-action.ts';
import {
  currentPartition,
  connected,
  logOf,
  partitionKnownTo,
  processOf,
  replicaOf,
  servesRequests,
} from '../look.ts';
import type { Consumer } from '../state/clients.ts';
import { endOffsetFor, epochOf, logEnd, NO_EPOCH, recordOf } from '../state/log.ts';
import type { State } from '../state/state.ts';
import { NO_LEADER } from '../state/replica.ts';
import { clause, isLeftOut } from '../rules/clauses.ts';
import { recordsOwnEpoch, validatesPosition } from '../rules/shared-switches.ts';

const consumerAt = (state: State, id: number): Consumer => at(state.consumers, id);
const readsBelowHighWatermark = clause('a consumer reads only below the high watermark');

/** Where a consumer's read ends: at the high watermark of the replica that serves it (exclusive). */
function readBound(model: Model, state: State, leader: number): number {
  const { highWatermark } = replicaOf(state, leader);
  return isLeftOut(model.leftOut, readsBelowHighWatermark) ? logEnd(logOf(state, leader)) : highWatermark;
}

type ResetReason = Extract<Event, { readonly type: 'offset-reset' }>['why'];

/** What a consumer finds when it asks its leader at its position. */
type Found =
  | { readonly kind: 'records'; readonly end: number }
  /** It goes on at another offset; `epoch` is that of the record before it. */
  | { readonly kind: 'reset'; readonly to: number; readonly epoch: number; readonly why: ResetReason }
  /** auto.offset.reset=none: the application gets an exception. */
  | { readonly kind: 'stopped' }
  | { readonly kind: 'nothing' };

const NOTHING: Found = { kind: 'nothing' };

/** Where `auto.offset.reset` sends a consumer. Kafka: OffsetFetcherUtils, SubscriptionState.requestOffsetReset. */
function resetBy(model: Model, state: State, id: number): Found {
  const { leader, unset } = consumerAt(state, id);
  const why = unset === true ? 'no-position' : 'out-of-range';
  const replica = replicaOf(state, leader);
  switch (at(model.config.consumers, id).autoOffsetReset) {
    case 'earliest':
      return { kind: 'reset', to: 0, epoch: 0, why };
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

function find(model: Model, state: State, id: number): Found {
  const { leader, position, unset } = consumerAt(state, id);
  if (unset === true) return resetBy(model, state, id);
  const moved = validated(model, state, id);
  if (moved !== undefined) return moved;
  if (position > logEnd(logOf(state, leader))) return resetBy(model, state, id);
  const end = readBound(model, state, leader);
  return position < end ? { kind: 'records', end } : NOTHING;
}

/** The consumer at another position; `epoch` is that of the record before it. */
function movedTo(consumer: Consumer, position: number, epoch: number): Consumer {
  const { leader, leaderEpoch, stopped } = consumer;
  return { leader, leaderEpoch, position, stopped, ...(epoch > 0 ? { offsetEpoch: epoch } : {}) };
}

/** Query for the end of an epoch, fetch, answer and delivery in one step: what was committed when it was read is delivered. */
export const poll = defineAction({
  kind: 'poll',
  reads: ['consumers', 'lives', 'links', 'roles', 'highWatermarks', 'logs'],
  who: 'consumer',
  role: 'protocol',
  params: ['consumer'],
  choices: eachConsumer,
  guards: [
    world('it knows a leader and has not stopped', (_m, s, id) => {
      const consumer = consumerAt(s, id);
      return !consumer.stopped && consumer.leader !== NO_LEADER;
    }),
    world('the broker serves requests and is reached', (_m, s, id) => {
      const { leader } = consumerAt(s, id);
      return servesRequests(processOf(s, leader)) && connected(s, consumerParty(id), leader);
    }),
    rule('a consumer is served by a leader of the epoch that it knows', (_m, s, id) => {
      const consumer = consumerAt(s, id);
      const replica = replicaOf(s, consumer.leader);
      return replica.leading !== null && replica.leaderEpoch === consumer.leaderEpoch;
    }),
    world('there is something to deliver, or the position is out of range', (m, s, id) => {
      return find(m, s, id).kind !== 'nothing';
    }),
  ],
  effect: (draft, id) => {
    const consumer = draft.consumer(id);
    const { position } = consumer;
    const found = find(draft.model, draft.base, id);
    switch (found.kind) {
      case 'nothing':
        return;
      case 'stopped':
        draft.setConsumer(id, { ...consumer, stopped: true });
        draft.emit({ type: 'consumer-stopped', consumer: id, position });
        return;
      case 'reset': {
        const { to, epoch, why } = found;
        draft.setConsumer(id, movedTo(consumer, to, epoch));
        draft.emit({ type: 'offset-reset', consumer: id, from: position, to, why });
        return;
      }
      case 'records': {
        const { entries } = draft.log(consumer.leader);
        for (let offset = position; offset < found.end; offset++) {
          draft.emit({ type: 'delivered', consumer: id, offset, record: recordOf(at(entries, offset)) });
        }
        draft.setConsumer(id, movedTo(consumer, found.end, epochOf(at(entries, found.end - 1))));
      }
    }
  },
});

/** Killed and started again: without a committed offset it begins where auto.offset.reset says. */
export const restartConsumer = defineAction({
  kind: 'restart-consumer',
  reads: ['consumers'],
  who: 'consumer',
  role: 'perturbation',
  fault: 'client-kill',
  under: whereBudgeted('client-kill'),
  params: ['consumer'],
  choices: eachConsumer,
  guards: [
    world('it has a position to lose', (m, s, id) => {
      const { unset, position, stopped, offsetEpoch } = consumerAt(s, id);
      if (unset === true) return false;
      const earliest = at(m.config.consumers, id).autoOffsetReset === 'earliest';
      return !earliest || position > 0 || stopped || offsetEpoch !== undefined;
    }),
  ],
  effect: (draft, id) => {
    const { leader, leaderEpoch, position } = draft.consumer(id);
    const fresh: Consumer = { leader, leaderEpoch, position: 0, stopped: false };
    const earliest = at(draft.model.config.consumers, id).autoOffsetReset === 'earliest';
    draft.setConsumer(id, earliest ? fresh : { ...fresh, unset: true });
    draft.emit({ type: 'offset-reset', consumer: id, from: position, to: 0, why: 'restarted' });
  },
});

/** Nobody knows a newer leader epoch than the controller. */
const eachBrokerIfOutdated: Choices = (model, state, visit, own) => {
  const newest = currentPartition(state).leaderEpoch;
  if (state.consumers.some((consumer) => consumer.leaderEpoch < newest)) {
    eachConsumerAndBroker(model, state, visit, own);
  }
};

export const refreshConsumerMetadata = defineAction({
  kind: 'refresh-consumer-metadata',
  reads: ['consumers', 'processes', 'links', 'metadata', 'caches'],
  who: 'consumer',
  role: 'protocol',
  params: ['consumer', 'broker'],
  choices: eachBrokerIfOutdated,
  guards: [
    world('the broker serves requests', (_m, s, _id, broker) => servesRequests(processOf(s, broker))),
    world('the links are not cut', (_m, s, id, broker) => connected(s, consumerParty(id), broker)),
    world('the broker knows a newer leader epoch', (_m, s, id, broker) => {
      const known = partitionKnownTo(s, broker);
      return known !== undefined && known.leaderEpoch > consumerAt(s, id).leaderEpoch;
    }),
  ],
  effect: (draft, id, broker) => {
    const { leader, leaderEpoch } = at(draft.imageOf(broker).partitions, 0);
    draft.setConsumer(id, { ...draft.consumer(id), leader, leaderEpoch });
  },
});
