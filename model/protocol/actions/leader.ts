/** What a broker does as leader of the partition. */
import { producerOf, CONTROLLER } from '../base/party.ts';
import { has } from '../base/broker-set.ts';
import { at } from '../draft.ts';
import {
  defineAction,
  ownBrokerIf,
  leaderAndPeer,
  rule,
  whereBudgeted,
  world,
  type ActionDefinition,
} from '../define-action.ts';
import {
  arrives,
  awake,
  receiverAwake,
  receiverServes,
  requestInFlight,
  responseInFlight,
} from '../guards.ts';
import {
  alterPartitionOf,
  awaitsAnswer,
  connected,
  eachMessage,
  firstOnConnection,
  hasLog,
  inFlight,
  logOf,
  messageAt,
  processOf,
  replicaOf,
} from '../look.ts';
import { handleAlterPartitionResponse } from '../rules/alter-partition.ts';
import { changeIsr, mayChangeIsr, reachesIsrController, sendAlterPartition } from '../rules/change-isr.ts';
import { isListening, readForFollower, recordFollowerProgress, respondToFetch } from '../rules/fetch.ts';
import { answerProduce } from '../rules/high-watermark.ts';
import { outOfSync } from '../rules/isr.ts';
import { handleProduce, refuse } from '../rules/produce.ts';
import { carriesLogStart } from '../rules/shared-switches.ts';
import { isAwake } from '../state/broker.ts';
import { logEnd, logStart } from '../state/log.ts';
import type { ErrorCode } from '../state/message.ts';
import { waitingAt, withWaiting } from '../state/replica.ts';
import type { State } from '../state/state.ts';

const leads = (s: State, broker: number): boolean => replicaOf(s, broker).leading !== null;
const hasWaiting = (s: State, broker: number): boolean => waitingAt(replicaOf(s, broker)).length > 0;

/**
 * Admission, append, first evaluation of acks=all. One request of a connection is handled at a time: the channel is
 * muted until the answer is out (SocketServer). Kafka: KafkaApis.handleProduceRequest.
 */
export const handleProduceRequest = defineAction({
  kind: 'handle-produce',
  reads: ['links', 'lives', 'replicas'],
  readsMessages: ['Produce'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('Produce'),
  guards: [
    requestInFlight('Produce'),
    arrives,
    receiverServes,
    world('no earlier request of its connection waits', (m, s, from, to, nth) =>
      firstOnConnection(m, s, 'Produce', from, to, nth),
    ),
    world('no request of its connection is in the purgatory', (_m, s, from, to) => {
      return !waitingAt(replicaOf(s, to)).some((w) => w.producer === producerOf(from));
    }),
  ],
  effect: (draft, from, to, nth) => {
    handleProduce(draft, to, draft.receive('Produce', from, to, nth));
  },
});

/** A broker refuses a produce request for good: nothing is written, and to send it again helps nothing. */
function refuseForGood(kind: string, error: ErrorCode): ActionDefinition {
  return defineAction({
    ...handleProduceRequest,
    kind,
    role: 'perturbation',
    fault: 'refused',
    under: whereBudgeted('refused'),
    effect: (draft, from, to, nth) => {
      refuse(draft, to, draft.receive('Produce', from, to, nth), error);
    },
  });
}

/** An administrator has taken the right to write away. Kafka: KafkaApis.handleProduceRequest, filterByAuthorized. */
export const refuseWrite = refuseForGood('refuse-write', 'TOPIC_AUTHORIZATION_FAILED');

/** The broker, an older one by now, does not know what the producer asks of it. Kafka: Sender.handleProduceResponse. */
export const refuseVersion = refuseForGood('refuse-version', 'UNSUPPORTED_VERSION');

/** Fencing, read, follower progress; an answer with nothing to say waits. Kafka: ReplicaManager.fetchMessages. */
export const handleFetch = defineAction({
  kind: 'handle-fetch',
  reads: ['links', 'lives'],
  readsMessages: ['Fetch'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('Fetch'),
  guards: [requestInFlight('Fetch'), arrives, receiverServes],
  effect: (draft, from, to, nth) => {
    const message = draft.receive('Fetch', from, to, nth);
    const result = readForFollower(draft, to, message);
    const counts = result.error === 'NONE' && result.diverging.length === 0;
    const error = counts ? recordFollowerProgress(draft, to, message, result.logEndOffset) : 'NONE';
    if (error !== 'NONE') {
      respondToFetch(draft, to, message, { ...result, error, entries: [], highWatermark: -1 });
    } else if (counts && result.entries.length === 0) {
      // What nobody waits for does not wait either: it would be read again, and the answer thrown away.
      if (isListening(draft, from, message.incarnation)) draft.send({ ...message, kind: 'DelayedFetch' });
    } else {
      respondToFetch(draft, to, message, result);
    }
  },
});

/**
 * A waiting fetch is answered when there is data, when the leadership changed, or after
 * `replica.fetch.wait.max.ms`; a high-watermark advance alone does not release it. It is read again, but does not
 * count as progress again. The wait is only let run out where the answer or the next fetch would tell something.
 */
export const answerDelayedFetch = defineAction({
  kind: 'answer-delayed-fetch',
  reads: ['lives', 'replicas', 'logs'],
  readsMessages: ['DelayedFetch'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('DelayedFetch'),
  guards: [
    world('the fetch waits', inFlight('DelayedFetch')),
    receiverServes,
    world('the answer or the next fetch changes something', (m, s, from, to, nth) => {
      const message = messageAt(s, 'DelayedFetch', from, to, nth);
      const replica = replicaOf(s, to);
      const { leading } = replica;
      if (leading === null || replica.leaderEpoch !== message.currentLeaderEpoch) return true;
      if (logEnd(logOf(s, to)) > message.fetchOffset) return true;
      if (replicaOf(s, from).highWatermark !== replica.highWatermark) return true;
      if (carriesLogStart(m) && logStart(logOf(s, to)) > logStart(logOf(s, from))) return true;
      if (!has(leading.committedIsr, from) && leading.pending === null) return true;
      const remote = at(leading.remotes, from);
      // An earlier fetch that was handled later has told less.
      if (remote.logEndOffset !== message.fetchOffset || remote.brokerEpoch !== message.brokerEpoch)
        return true;
      return !remote.caughtUpRecently;
    }),
  ],
  effect: (draft, from, to, nth) => {
    const message = draft.receive('DelayedFetch', from, to, nth);
    respondToFetch(draft, to, message, readForFollower(draft, to, message));
  },
});

/** The periodic check, each half of `replica.lag.time.max.ms`. Kafka: Partition.maybeShrinkIsr. */
export const shrinkIsr = defineAction({
  kind: 'shrink-isr',
  reads: ['links', 'zookeeper'],
  readsOwn: ['processes', 'replicas', 'logs'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['broker'],
  choices: ownBrokerIf(leads),
  guards: [
    awake,
    world('the broker believes that it leads', (_m, s, broker) => replicaOf(s, broker).leading !== null),
    rule('the ISR shrinks only by members that lag', (m, s, broker) => {
      const replica = replicaOf(s, broker);
      return outOfSync(m, replica, logEnd(logOf(s, broker)), broker) !== 0;
    }),
    world('no earlier ISR change waits for its answer', (_m, s, broker) => {
      const { leading } = replicaOf(s, broker);
      return leading?.pending === null && alterPartitionOf(s, broker) === null;
    }),
    world('the ISR has another member', (_m, s, broker) => {
      const { leading } = replicaOf(s, broker);
      return leading !== null && leading.committedIsr !== 1 << broker;
    }),
    world('the ISR can be written or asked for', (m, s, broker) => mayChangeIsr(m, s, broker)),
  ],
  effect: (draft, broker) => {
    const replica = draft.replica(broker);
    const { leading } = replica;
    if (leading === null) return;
    const lagging = outOfSync(draft.model, replica, logEnd(draft.log(broker)), broker);
    // Without the rule about lag, everybody but the leader goes.
    const out = lagging === 0 ? leading.committedIsr & ~(1 << broker) : lagging;
    changeIsr(draft, broker, leading.committedIsr & ~out);
  },
});

/** A request or answer was lost: the manager asks again, for ever. Kafka: DefaultAlterPartitionManager. */
export const retryAlterPartition = defineAction({
  kind: 'retry-alter-partition',
  reads: ['lives', 'caches'],
  readsOwn: ['processes', 'requests'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => alterPartitionOf(s, broker) !== null),
  guards: [
    awake,
    world('an ISR change is to be brought through', (_m, s, broker) => alterPartitionOf(s, broker) !== null),
    world('none is in flight', (_m, s, broker) => {
      const { incarnation } = processOf(s, broker);
      return !awaitsAnswer(s, 'AlterPartition', broker, CONTROLLER, incarnation);
    }),
    world('somebody can be asked', (_m, s, broker) => reachesIsrController(s, broker)),
  ],
  effect: (draft, broker) => {
    sendAlterPartition(draft, broker);
  },
});

export const receiveAlterPartitionResponse = defineAction({
  kind: 'handle-alter-partition-response',
  reads: ['links', 'lives'],
  readsMessages: ['AlterPartitionResponse'],
  who: 'leader',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('AlterPartitionResponse'),
  guards: [responseInFlight('AlterPartitionResponse'), arrives, receiverAwake],
  effect: (draft, from, to, nth) => {
    handleAlterPartitionResponse(draft, to, draft.receive('AlterPartitionResponse', from, to, nth));
  },
});

/** The `timeout` of the oldest waiting acks=all request elapses; its record stays. Kafka: DelayedProduce.onExpiration. */
export const expireProduce = defineAction({
  kind: 'expire-produce',
  reads: [],
  readsOwn: ['lives', 'replicas'],
  who: 'leader',
  role: 'perturbation',
  fault: 'lost',
  ofPartition: true,
  params: ['broker'],
  choices: ownBrokerIf(hasWaiting),
  guards: [awake, world('a request waits', (_m, s, broker) => hasWaiting(s, broker))],
  effect: (draft, broker) => {
    const replica = draft.replica(broker);
    const waiting = waitingAt(replica);
    draft.setReplica(broker, withWaiting(replica, waiting.slice(1)));
    answerProduce(draft, broker, at(waiting, 0), 'REQUEST_TIMED_OUT');
  },
});

/**
 * `replica.lag.time.max.ms` passes: first since the follower was last caught up, then since its last fetch. It
 * costs a fault where nothing keeps the follower from fetching.
 */
export const lagElapses = defineAction({
  kind: 'lag-elapses',
  reads: ['lives', 'links', 'controller'],
  readsOwn: ['replicas'],
  who: 'leader',
  role: 'perturbation',
  fault: 'shrink',
  costs: (m, s, leader, follower) =>
    isAwake(processOf(s, follower)) &&
    hasLog(m, s, follower, 0, 0) &&
    connected(s, leader, follower) &&
    connected(s, follower, CONTROLLER) &&
    s.controller.active,
  ofPartition: true,
  params: ['leader', 'follower'],
  choices: leaderAndPeer,
  guards: [
    world('the broker believes that it leads', (_m, s, leader) => replicaOf(s, leader).leading !== null),
    world('time has something to take away', (_m, s, leader, follower) => {
      const { leading } = replicaOf(s, leader);
      if (leading === null) return false;
      const remote = at(leading.remotes, follower);
      return remote.caughtUpRecently || remote.fetchedRecently;
    }),
  ],
  effect: (draft, leader, follower) => {
    const replica = draft.replica(leader);
    const { leading } = replica;
    if (leading === null) return;
    const remotes = leading.remotes.slice();
    const remote = at(remotes, follower);
    remotes[follower] = remote.caughtUpRecently
      ? { ...remote, caughtUpRecently: false }
      : { ...remote, fetchedRecently: false };
    draft.setReplica(leader, { ...replica, leading: { ...leading, remotes } });
  },
});
