/** An assigned consumer. Kafka: KafkaConsumer, Fetcher. */
import { consumerParty } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import type { Model } from '../config.ts';
import {
  defineAction,
  eachConsumer,
  eachConsumerAndBroker,
  rule,
  whereBudgeted,
  world,
  type Choices,
  type Guard,
} from '../define-action.ts';
import {
  currentPartition,
  connected,
  partitionKnownTo,
  processOf,
  replicaOf,
  servesRequests,
} from '../look.ts';
import { consumerAt, findAtLeader, takeUp, withoutPreferred } from '../rules/consume.ts';
import { findAtFollower, findAtLeaderOrRedirect } from '../rules/read-replica.ts';
import { consumersNameLeaderEpoch, followersServeAnybody } from '../rules/shared-switches.ts';
import type { Consumer } from '../state/clients.ts';
import { viewsOf } from '../state/partitions.ts';
import { NO_LEADER } from '../state/replica.ts';

const asksLeader: readonly Guard[] = [
  world('it knows a leader and has not stopped', (_m, s, id) => {
    const consumer = consumerAt(s, id);
    return !consumer.stopped && consumer.leader !== NO_LEADER;
  }),
  world('the broker serves requests and is reached', (_m, s, id) => {
    const { leader } = consumerAt(s, id);
    return servesRequests(processOf(s, leader)) && connected(s, consumerParty(id), leader);
  }),
  rule('a consumer is served by a leader of the epoch that it knows', (m, s, id) => {
    const consumer = consumerAt(s, id);
    const replica = replicaOf(s, consumer.leader);
    if (replica.leading === null) return followersServeAnybody(m) && replica.leaderEpoch >= 0;
    return !consumersNameLeaderEpoch(m) || replica.leaderEpoch === consumer.leaderEpoch;
  }),
];
const findsSomething = 'there is something to deliver, or the position is out of range';

/** Query for the end of an epoch, fetch, answer and delivery in one step: what was committed when it was read is delivered. */
export const poll = defineAction({
  kind: 'poll',
  reads: ['consumers', 'lives', 'links', 'roles', 'highWatermarks', 'logs'],
  who: 'consumer',
  role: 'protocol',
  under: ({ readsFollowers }) => !readsFollowers,
  ofPartition: true,
  params: ['consumer'],
  choices: eachConsumer,
  guards: [...asksLeader, world(findsSomething, (m, s, id) => findAtLeader(m, s, id).kind !== 'nothing')],
  effect: (draft, id) => {
    takeUp(draft, id, findAtLeader(draft.model, draft.base, id));
  },
});

const whereFollowersServe = ({ readsFollowers }: Model): boolean => readsFollowers;
const readsFromFollower = world('it has a preferred read replica', (_m, s, id) => {
  return consumerAt(s, id).preferredReadReplica !== undefined;
});

/** The same where the leader may name a nearer replica in place of an answer (KIP-392, 2.4). */
export const pollLeader = defineAction({
  kind: 'poll-leader',
  reads: ['consumers', 'processes', 'links', 'replicas', 'logs', 'metadata', 'caches'],
  who: 'consumer',
  role: 'protocol',
  under: whereFollowersServe,
  ofPartition: true,
  params: ['consumer'],
  choices: eachConsumer,
  guards: [
    world('it has no preferred read replica', (_m, s, id) => {
      return consumerAt(s, id).preferredReadReplica === undefined;
    }),
    ...asksLeader,
    world(findsSomething, (m, s, id) => findAtLeaderOrRedirect(m, s, id).kind !== 'nothing'),
  ],
  effect: (draft, id) => {
    takeUp(draft, id, findAtLeaderOrRedirect(draft.model, draft.base, id));
  },
});

export const pollFollower = defineAction({
  kind: 'poll-follower',
  reads: ['consumers', 'lives', 'links', 'roles', 'highWatermarks', 'logs', 'metadata'],
  who: 'consumer',
  role: 'protocol',
  under: whereFollowersServe,
  ofPartition: true,
  params: ['consumer'],
  choices: eachConsumer,
  guards: [
    readsFromFollower,
    world('the follower has something for it, or does not serve it', (m, s, id) => {
      return findAtFollower(m, s, id).kind !== 'nothing';
    }),
  ],
  effect: (draft, id) => {
    takeUp(draft, id, findAtFollower(draft.model, draft.base, id));
  },
});

/**
 * After `metadata.max.age.ms` a consumer asks the leader again where to read. Only where the follower has nothing for it:
 * else it would be sent back there, or read the same. Kafka: SubscriptionState.preferredReadReplica.
 */
export const expirePreferredReadReplica = defineAction({
  kind: 'expire-preferred-read-replica',
  reads: ['consumers', 'lives', 'links', 'roles', 'highWatermarks', 'logs', 'metadata'],
  who: 'consumer',
  role: 'protocol',
  under: whereFollowersServe,
  ofPartition: true,
  params: ['consumer'],
  choices: eachConsumer,
  guards: [
    readsFromFollower,
    world('there it gets nothing', (m, s, id) => findAtFollower(m, s, id).kind === 'nothing'),
    world('its leader may have more', (_m, s, id) => {
      const { leader, position } = consumerAt(s, id);
      return replicaOf(s, leader).highWatermark > position;
    }),
  ],
  effect: (draft, id) => {
    draft.setConsumer(id, withoutPreferred(draft.consumer(id)));
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
    world('it has a position to lose', (m, s, id) =>
      viewsOf(s).some((view) => {
        const { unset, position, stopped, offsetEpoch } = consumerAt(view, id);
        if (unset === true) return false;
        const earliest = at(m.config.consumers, id).autoOffsetReset === 'earliest';
        return !earliest || position > 0 || stopped || offsetEpoch !== undefined;
      }),
    ),
  ],
  effect: (draft, id) => {
    draft.forEachPartition(() => {
      beginAgain(draft, id);
    });
  },
});

function beginAgain(draft: Draft, id: number): void {
  const { leader, leaderEpoch, position } = draft.consumer(id);
  const fresh: Consumer = { leader, leaderEpoch, position: 0, stopped: false };
  const earliest = at(draft.model.config.consumers, id).autoOffsetReset === 'earliest';
  draft.setConsumer(id, earliest ? fresh : { ...fresh, unset: true });
  draft.emit({ type: 'offset-reset', consumer: id, from: position, to: 0, why: 'restarted' });
}

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
  ofPartition: true,
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
    // Kafka: SubscriptionState.maybeValidatePosition.
    draft.setConsumer(id, { ...withoutPreferred(draft.consumer(id)), leader, leaderEpoch });
  },
});
