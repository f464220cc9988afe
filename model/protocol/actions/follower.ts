/** What a broker does as follower. Kafka: AbstractFetcherThread. */
import { defineAction, ownBroker, world } from '../define-action.ts';
import {
  arrives,
  awake,
  receiverAwake,
  receiverServes,
  requestInFlight,
  responseInFlight,
} from '../guards.ts';
import { awaitsAnswer, eachMessage, processOf, replicaOf } from '../look.ts';
import { sessionWith } from '../rules/fetch-session.ts';
import { handleFetchResponse, truncateWhereToldTo } from '../rules/follow.ts';
import {
  asksForEpochEnd,
  carriesLogStart,
  checksBrokerEpochOf,
  truncatesBy,
} from '../rules/shared-switches.ts';
import {
  askForEpochEnd,
  handleEpochEndRequest,
  handleEpochEndResponse,
  isTruncating,
} from '../rules/truncate.ts';
import { latestEpoch, logEnd, NO_EPOCH } from '../state/log.ts';

const waitsForNone = world('no fetch to that leader is outstanding', (_m, s, broker) => {
  const { fetcher } = replicaOf(s, broker);
  const { incarnation } = processOf(s, broker);
  return fetcher !== null && !awaitsAnswer(s, 'Fetch', broker, fetcher.leader, incarnation);
});

/**
 * One request is outstanding per fetcher thread, that is, per leader. Up to 3.4 the thread first truncates where the last answer
 * told it to. Epoch of the last record from 2.8 (KIP-595),
 * broker epoch from 3.5 (KIP-903).
 */
export const sendFetch = defineAction({
  kind: 'send-fetch',
  reads: [],
  readsOwn: ['lives', 'roles', 'requests'],
  who: 'follower',
  role: 'protocol',
  ofPartition: true,
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    world('its fetcher has the partition', (_m, s, broker) => {
      const { fetcher } = replicaOf(s, broker);
      return fetcher?.state === 'fetching' || fetcher?.state === 'diverging';
    }),
    waitsForNone,
  ],
  effect: (draft, broker) => {
    truncateWhereToldTo(draft, broker);
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
      lastFetchedEpoch: truncatesBy(draft.model) === 'on-fetch' ? latestEpoch(log) : NO_EPOCH,
      brokerEpoch: checksBrokerEpochOf(draft.model, 'isr-change') ? process.brokerEpoch : -1,
      ...sessionWith(fetcher, fetcher.leader),
      ...(log.logStart !== undefined && carriesLogStart(draft.model) ? { logStart: log.logStart } : {}),
    });
  },
});

export const receiveFetchResponse = defineAction({
  kind: 'handle-fetch-response',
  reads: ['links', 'lives'],
  readsMessages: ['FetchResponse'],
  who: 'follower',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('FetchResponse'),
  guards: [responseInFlight('FetchResponse'), arrives, receiverAwake],
  effect: (draft, from, to, nth) => {
    handleFetchResponse(draft, to, draft.receive('FetchResponse', from, to, nth));
  },
});

/** A follower that starts over asks where its latest epoch ends, and fetches once it has cut its log (KIP-101, 0.11). */
export const sendOffsetsForLeaderEpoch = defineAction({
  kind: 'send-offsets-for-leader-epoch',
  under: asksForEpochEnd,
  reads: [],
  readsOwn: ['lives', 'roles', 'requests'],
  who: 'follower',
  role: 'protocol',
  ofPartition: true,
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    world('its fetcher truncates', (_m, s, broker) => isTruncating(replicaOf(s, broker).fetcher)),
    waitsForNone,
  ],
  effect: (draft, broker) => {
    askForEpochEnd(draft, broker);
  },
});

export const handleOffsetsForLeaderEpoch = defineAction({
  kind: 'handle-offsets-for-leader-epoch',
  under: asksForEpochEnd,
  reads: ['links', 'lives'],
  readsMessages: ['OffsetsForLeaderEpoch'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('OffsetsForLeaderEpoch'),
  guards: [requestInFlight('OffsetsForLeaderEpoch'), arrives, receiverServes],
  effect: (draft, from, to, nth) => {
    handleEpochEndRequest(draft, to, draft.receive('OffsetsForLeaderEpoch', from, to, nth));
  },
});

export const receiveOffsetsForLeaderEpochResponse = defineAction({
  kind: 'handle-offsets-for-leader-epoch-response',
  under: asksForEpochEnd,
  reads: ['links', 'lives'],
  readsMessages: ['OffsetsForLeaderEpochResponse'],
  who: 'follower',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('OffsetsForLeaderEpochResponse'),
  guards: [responseInFlight('OffsetsForLeaderEpochResponse'), arrives, receiverAwake],
  effect: (draft, from, to, nth) => {
    handleEpochEndResponse(draft, to, draft.receive('OffsetsForLeaderEpochResponse', from, to, nth));
  },
});
