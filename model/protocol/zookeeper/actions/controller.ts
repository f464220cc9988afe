/** What brokers do as controllers in ZooKeeper mode, one event a step. Kafka: KafkaController. */
import { CONTROLLER } from '../../base/party.ts';
import { defineAction, once, ownBroker, world, type Guard, onlyZooKeeper } from '../../define-action.ts';
import { arrives, awake, receiverServes, requestInFlight } from '../../guards.ts';
import { connected, eachMessage, processOf } from '../../look.ts';
import { newestImage } from '../../state/metadata.ts';
import { handleAlterIsr } from '../alter-isr.ts';
import { handleEvent, resign } from '../controller.ts';
import {
  actsAsController,
  canElectPreferred,
  contextOf,
  isRegistered,
  shutdownController,
  zookeeperOf,
} from '../look.ts';
import { brokerChanges, liveBrokers } from '../live.ts';
import { NO_CONTROLLER } from '../state.ts';

const acts: Guard = world('it takes itself for the controller, and reaches ZooKeeper', (m, s, controller) =>
  actsAsController(m, s, controller),
);

/**
 * The first to create `/controller`; whoever it is increments the epoch, reads everything and tells everybody. Kafka:
 * KafkaController.elect, onControllerFailover.
 */
export const becomeController = defineAction({
  kind: 'become-controller',
  under: onlyZooKeeper,
  reads: ['zookeeper', 'metadata', 'links'],
  readsOwn: ['lives'],
  who: 'controller',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    world('nobody is the controller', (_m, s) => zookeeperOf(s).controller === NO_CONTROLLER),
    world('it is registered', (_m, s, broker) => isRegistered(s, broker)),
    world('the broker and ZooKeeper reach each other', (_m, s, broker) => connected(s, broker, CONTROLLER)),
  ],
  effect: (draft, broker) => {
    if (draft.context(broker).active) resign(draft, broker);
    handleEvent(draft, broker, (event) => {
      event.takeOver();
    });
  },
});

/** `/controller` names another broker. Kafka: KafkaController.processControllerChange. */
export const resignController = defineAction({
  kind: 'resign-as-controller',
  under: onlyZooKeeper,
  reads: ['zookeeper', 'controllers', 'metadata', 'links'],
  readsOwn: ['lives'],
  who: 'controller',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    acts,
    world('another broker is the controller', (_m, s, broker) => {
      const { controller } = zookeeperOf(s);
      return controller !== broker && controller !== NO_CONTROLLER;
    }),
  ],
  effect: (draft, broker) => {
    resign(draft, broker);
  },
});

/** The watch on `/brokers/ids`: what has become of the brokers since it was last read. */
export const noticeBrokerChange = defineAction({
  kind: 'notice-broker-change',
  under: onlyZooKeeper,
  reads: ['controllers', 'metadata', 'links'],
  readsOwn: ['lives'],
  who: 'controller',
  role: 'protocol',
  params: ['controller'],
  choices: ownBroker,
  guards: [
    acts,
    world('brokers have come or gone', (m, s, controller) => {
      const { live } = contextOf(s, controller);
      const { started, bounced, gone } = brokerChanges(m, live, liveBrokers(newestImage(s.metadata)));
      return started.length + bounced.length + gone.length > 0;
    }),
  ],
  effect: (draft, controller) => {
    handleEvent(draft, controller, (event) => {
      event.brokersChanged();
    });
  },
});

/** Periodic (`leader.imbalance.check.interval.seconds`) or by an admin. Kafka: checkAndTriggerAutoLeaderRebalance. */
export const movePreferred = defineAction({
  kind: 'move-to-preferred-leader',
  under: onlyZooKeeper,
  reads: ['controllers', 'zookeeper', 'metadata', 'links'],
  readsOwn: ['lives'],
  who: 'controller',
  role: 'perturbation',
  fault: 'move',
  params: ['controller'],
  choices: ownBroker,
  guards: [
    acts,
    world('the preferred leader does not lead and may', (m, s, controller) =>
      canElectPreferred(m, s, controller),
    ),
  ],
  effect: (draft, controller) => {
    handleEvent(draft, controller, (event) => {
      event.electPreferred();
    });
  },
});

/**
 * A broker that stops asks the controller to take its leaderships and its places in ISRs; request, handling and answer
 * are one step. Kafka: KafkaServer.controlledShutdown, KafkaController.doControlledShutdown.
 */
export const controlledShutdown = defineAction({
  kind: 'ask-for-controlled-shutdown',
  under: onlyZooKeeper,
  reads: ['controllers', 'zookeeper', 'metadata', 'links', 'lives'],
  readsOwn: ['lives'],
  who: 'broker',
  role: 'protocol',
  params: ['broker'],
  choices: ownBroker,
  guards: [
    awake,
    world('it is to stop', (_m, s, broker) => processOf(s, broker).status === 'pending-controlled-shutdown'),
    world('a controller answers, and something changes', (m, s, broker) => {
      return shutdownController(m, s, broker) !== NO_CONTROLLER;
    }),
  ],
  effect: (draft, broker) => {
    const controller = shutdownController(draft.model, draft.base, broker);
    const done = handleEvent(draft, controller, (event) => event.shutDown(broker));
    if (done) draft.setProcess(broker, { ...draft.process(broker), status: 'stopping' });
  },
});

/** An ISR change that was asked for (2.7): whoever it was sent to answers, controller or not. */
export const handleIsrChange = defineAction({
  kind: 'handle-alter-isr',
  under: onlyZooKeeper,
  reads: ['controllers', 'metadata', 'links', 'lives'],
  readsMessages: ['AlterPartition'],
  who: 'controller',
  role: 'protocol',
  params: ['from', 'to', 'nth'],
  choices: eachMessage('AlterPartition'),
  guards: [
    requestInFlight('AlterPartition'),
    arrives,
    receiverServes,
    world('a controller reaches ZooKeeper', (m, s, _from, to) => {
      return !contextOf(s, to).active || actsAsController(m, s, to);
    }),
  ],
  effect: (draft, from, to, nth) => {
    const request = draft.receive('AlterPartition', from, to, nth);
    handleEvent(draft, to, (event) => {
      handleAlterIsr(draft, event, request);
    });
  },
});

/** `/controller` is deleted, as operators do to have another controller: the brokers race for it. */
export const deleteController = defineAction({
  kind: 'delete-controller-znode',
  under: onlyZooKeeper,
  reads: ['zookeeper'],
  who: 'machine',
  role: 'perturbation',
  fault: 'ctrl',
  params: [],
  choices: once,
  guards: [world('somebody is the controller', (_m, s) => zookeeperOf(s).controller !== NO_CONTROLLER)],
  effect: (draft) => {
    draft.zookeeper = { ...draft.zookeeper, controller: NO_CONTROLLER };
  },
});
