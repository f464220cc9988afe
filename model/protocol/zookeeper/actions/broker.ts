/** The life of a broker in ZooKeeper mode: its session, its znode, what controllers tell it, its clean stop. */
import { CONTROLLER } from '../../base/party.ts';
import {
  defineAction,
  ownBroker,
  ownBrokerIf,
  world,
  zookeeperRule,
  type ActionDefinition,
  onlyZooKeeper,
} from '../../define-action.ts';
import { arrives, awake, receiverServes, requestInFlight } from '../../guards.ts';
import {
  channelBetween,
  connected,
  currentRegistration,
  eachMessage,
  messageAt,
  processOf,
} from '../../look.ts';
import { stopFlushed } from '../../actions/broker.ts';
import { forgetCleanShutdown } from '../../rules/process.ts';
import { isAwake, isBeating } from '../../state/broker.ts';
import { ABANDONED, CONTROL_REQUESTS, type ControlRequest, type MessageOf } from '../../state/message.ts';
import type { Draft } from '../../draft.ts';
import type { State } from '../../state/state.ts';
import { applyLeaderAndIsr, applyStopReplica, applyUpdateMetadata } from '../apply.ts';
import { resign } from '../controller.ts';
import { closeSession, registerBroker } from '../sessions.ts';
import { isRegistered, shutdownController } from '../look.ts';
import { NO_CONTROLLER } from '../state.ts';

const reachesZooKeeper = world('the broker and ZooKeeper reach each other', (_m, s, broker) =>
  connected(s, broker, CONTROLLER),
);

/**
 * A broker that starts, or that lost its session, creates its znode; in the same step it opens its sockets. One that took
 * itself for the controller hears of its expiry first. Kafka: KafkaZkClient.registerBroker, KafkaController.Expire,
 * RegisterBrokerAndReelect.
 */
export const register = defineAction({
  kind: 'register-in-zookeeper',
  under: onlyZooKeeper,
  reads: ['metadata', 'links'],
  readsOwn: ['lives'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    world('it has no znode of its own', (_m, s, broker) => !isRegistered(s, broker)),
    reachesZooKeeper,
    zookeeperRule('a broker registers only once the znode of its former life is gone', (_m, s, broker) => {
      return currentRegistration(s, broker).fenced;
    }),
  ],
  effect: (draft, broker) => {
    if (draft.context(broker).active) resign(draft, broker);
    registerBroker(draft, broker);
    forgetCleanShutdown(draft, broker);
  },
});

/** `zookeeper.session.timeout.ms` passes: ephemeral znodes go. It costs a fault where the broker could keep its session. */
export const expireSession = defineAction({
  kind: 'zookeeper-session-expires',
  under: onlyZooKeeper,
  reads: ['metadata', 'links'],
  readsOwn: ['lives'],
  who: 'machine',
  role: 'perturbation',
  fault: 'fence',
  costs: (_m, s, broker) =>
    isRegistered(s, broker) && isBeating(processOf(s, broker)) && connected(s, broker, CONTROLLER),
  params: ['broker'],
  choices: ownBroker,
  guards: [world('the broker has a znode', (_m, s, broker) => !currentRegistration(s, broker).fenced)],
  effect: (draft, broker) => {
    closeSession(draft, broker);
  },
});

/** Requests of a controller are handled in their order; a copy that its sender has given up arrives at any time. */
function handleControlRequest<K extends ControlRequest>(
  kind: K,
  apply: (draft: Draft, message: MessageOf<K>) => void,
): ActionDefinition {
  const name = kind.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  return defineAction({
    kind: `handle-${name}`,
    under: onlyZooKeeper,
    reads: ['links', 'lives'],
    readsMessages: CONTROL_REQUESTS.toSorted((a, b) => Number(b === kind) - Number(a === kind)),
    who: 'broker',
    role: 'protocol',
    params: ['from', 'to', 'nth'],
    choices: eachMessage(kind),
    guards: [
      requestInFlight(kind),
      arrives,
      receiverServes,
      world('its sender has sent it: it is awake, or the request was on its way', (_m, s, from, to, nth) => {
        return isCopy(s, kind, from, to, nth) || isAwake(processOf(s, from));
      }),
      world('no earlier request of that controller waits', (_m, s, from, to, nth) => {
        return isCopy(s, kind, from, to, nth) || firstOfQueue(s, kind, from, to, nth);
      }),
    ],
    effect: (draft, from, to, nth) => {
      apply(draft, draft.receive(kind, from, to, nth));
    },
  });
}

const isCopy = (s: State, kind: ControlRequest, from: number, to: number, nth: number): boolean =>
  messageAt(s, kind, from, to, nth).incarnation === ABANDONED;

function firstOfQueue(s: State, kind: ControlRequest, from: number, to: number, nth: number): boolean {
  const message = messageAt(s, kind, from, to, nth);
  const queue = channelBetween(s, kind, from, to);
  return queue.find((queued) => 'incarnation' in queued && queued.incarnation !== ABANDONED) === message;
}

export const handleLeaderAndIsr = handleControlRequest('LeaderAndIsr', applyLeaderAndIsr);
export const handleUpdateMetadata = handleControlRequest('UpdateMetadata', applyUpdateMetadata);
export const handleStopReplica = handleControlRequest('StopReplica', applyStopReplica);

/** The connection breaks while a request is under way: it is sent again, and the first copy may arrive at any time. */
function repeat(kind: ControlRequest): ActionDefinition {
  const name = kind.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
  return defineAction({
    kind: `repeat-${name}`,
    under: onlyZooKeeper,
    reads: [],
    readsMessages: CONTROL_REQUESTS.toSorted((a, b) => Number(b === kind) - Number(a === kind)),
    who: 'network',
    role: 'perturbation',
    fault: 'lost',
    params: ['from', 'to', 'nth'],
    choices: eachMessage(kind),
    guards: [
      requestInFlight(kind),
      world('its sender still waits', (_m, s, from, to, nth) => !isCopy(s, kind, from, to, nth)),
      world('no earlier request of that controller waits', (_m, s, from, to, nth) =>
        firstOfQueue(s, kind, from, to, nth),
      ),
    ],
    effect: (draft, from, to, nth) => {
      draft.send({ ...messageAt(draft.base, kind, from, to, nth), incarnation: ABANDONED });
    },
  });
}
export const repeats: readonly ActionDefinition[] = CONTROL_REQUESTS.map(repeat);

/**
 * The controller agreed, or all `controlled.shutdown.max.retries` were in vain: the broker stops in either case, and
 * closes its session if it can. Kafka: KafkaServer.shutdown.
 */
export const stopCleanly = defineAction({
  kind: 'stop-and-close-session',
  under: onlyZooKeeper,
  reads: ['controllers', 'zookeeper', 'links', 'lives', 'metadata'],
  readsOwn: ['lives'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBrokerIf((s, broker) => processOf(s, broker).status !== 'running'),
  guards: [
    awake,
    world('it is to stop, and nothing is left to ask for', (m, s, broker) => {
      const { status } = processOf(s, broker);
      if (status === 'stopping') return true;
      return status === 'pending-controlled-shutdown' && shutdownController(m, s, broker) === NO_CONTROLLER;
    }),
  ],
  effect: (draft, broker) => {
    const closes = connected(draft.base, broker, CONTROLLER) && isRegistered(draft.base, broker);
    stopFlushed(draft, broker);
    if (closes) closeSession(draft, broker);
  },
});
