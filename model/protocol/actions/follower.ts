/** What a broker does as follower. Kafka: AbstractFetcherThread. */
import { defineAction, ownBroker, world } from '../define-action.ts';
import { awaitsAnswer, brokerAwake, eachMessage, inFlight, processOf, reaches, replicaOf } from '../look.ts';
import { handleFetchResponse } from '../rules/follow.ts';
import { checksBrokerEpochOf } from '../rules/shared-switches.ts';
import { isAwake } from '../state/broker.ts';
import { latestEpoch, logEnd } from '../state/log.ts';

/** One request is outstanding per fetcher thread, that is, per leader. Broker epoch from 3.5 (KIP-903). */
export const sendFetch = defineAction({
  kind: 'send-fetch',
  reads: [],
  readsOwn: ['lives', 'roles', 'requests'],
  who: 'follower',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    world('the broker is awake', brokerAwake),
    world(
      'its fetcher has the partition',
      (_m, s, broker) => replicaOf(s, broker).fetcher?.state === 'fetching',
    ),
    world('no fetch to that leader is outstanding', (_m, s, broker) => {
      const { fetcher } = replicaOf(s, broker);
      const { incarnation } = processOf(s, broker);
      return fetcher !== null && !awaitsAnswer(s, 'Fetch', broker, fetcher.leader, incarnation);
    }),
  ],
  effect: (draft, broker) => {
    const { fetcher } = draft.replica(broker);
    if (fetcher === null) return;
    const process = draft.process(broker);
    const log = draft.log(broker);
    draft.send({
      kind: 'Fetch',
      from: broker,
      to: fetcher.leader,
      incarnation: process.incarnation,
      currentLeaderEpoch: fetcher.leaderEpoch,
      fetchOffset: logEnd(log),
      lastFetchedEpoch: latestEpoch(log),
      brokerEpoch: checksBrokerEpochOf(draft.model, 'isr-change') ? process.brokerEpoch : -1,
    });
  },
});

export const receiveFetchResponse = defineAction({
  kind: 'handle-fetch-response',
  reads: ['links', 'lives'],
  readsMessages: ['FetchResponse'],
  who: 'follower',
  role: 'protocol',
  params: ['from', 'to', 'nth'],
  choices: eachMessage('FetchResponse'),
  guards: [
    world('the response is in flight', inFlight('FetchResponse')),
    world('the link is not cut', (_m, s, from, to) => reaches(s, from, to)),
    world('the broker is awake', (_m, s, _from, to) => isAwake(processOf(s, to))),
  ],
  effect: (draft, from, to, nth) => {
    handleFetchResponse(draft, to, draft.receive('FetchResponse', from, to, nth));
  },
});
