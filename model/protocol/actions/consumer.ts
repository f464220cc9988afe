/** An assigned consumer. Kafka: KafkaConsumer, Fetcher. */
import { consumerParty } from '../base/party.ts';
import { at } from '../draft.ts';
import type { Model } from '../config.ts';
import {
  defineAction,
  eachConsumer,
  eachConsumerAndBroker,
  rule,
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
import { logEnd, recordOf } from '../state/log.ts';
import type { State } from '../state/state.ts';
import { NO_LEADER } from '../state/replica.ts';
import { clause, isLeftOut } from '../rules/clauses.ts';

const consumerAt = (state: State, id: number): Consumer => at(state.consumers, id);
const readsBelowHighWatermark = clause('a consumer reads only below the high watermark');

/** Where a consumer's read ends: at the high watermark of the replica that serves it (exclusive). */
function readBound(model: Model, state: State, leader: number): number {
  const { highWatermark } = replicaOf(state, leader);
  return isLeftOut(model.leftOut, readsBelowHighWatermark) ? logEnd(logOf(state, leader)) : highWatermark;
}

/** Where `auto.offset.reset` sends a position out of range; undefined while the broker cannot say. */
function resetTarget(model: Model, state: State, id: number): number | undefined {
  const { leader } = consumerAt(state, id);
  const replica = replicaOf(state, leader);
  switch (at(model.config.consumers, id).autoOffsetReset) {
    case 'earliest':
      return 0;
    case 'latest':
      // OFFSET_NOT_AVAILABLE until the new leader's high watermark reaches its epoch start (KIP-207, 2.2).
      return replica.highWatermark < (replica.leading?.epochStart ?? 0) ? undefined : replica.highWatermark;
    case 'none':
      return -1;
  }
}

/** Fetch, answer and delivery in one step: what was committed when it was read is delivered at once. */
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
      const { leader, position } = consumerAt(s, id);
      if (position < readBound(m, s, leader)) return true;
      return position > logEnd(logOf(s, leader)) && resetTarget(m, s, id) !== undefined;
    }),
  ],
  effect: (draft, id) => {
    const consumer = draft.consumer(id);
    const { position, leader } = consumer;
    const log = draft.log(leader);
    if (position > logEnd(log)) {
      const target = resetTarget(draft.model, draft.base, id) ?? position;
      if (target < 0) {
        draft.setConsumer(id, { ...consumer, stopped: true });
        draft.emit({ type: 'consumer-stopped', consumer: id, position });
        return;
      }
      draft.setConsumer(id, { ...consumer, position: target });
      draft.emit({ type: 'offset-reset', consumer: id, from: position, to: target });
      return;
    }
    const bound = readBound(draft.model, draft.base, leader);
    for (let offset = position; offset < bound; offset++) {
      draft.emit({ type: 'delivered', consumer: id, offset, record: recordOf(at(log.entries, offset)) });
    }
    draft.setConsumer(id, { ...consumer, position: bound });
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
