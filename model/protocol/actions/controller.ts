/** What the KRaft quorum's leader does. Kafka: QuorumController, ReplicationControlManager. */
import { has, members, NO_BROKERS, setOf, type BrokerSet } from '../base/broker-set.ts';
import { CONTROLLER } from '../base/party.ts';
import { at } from '../draft.ts';
import {
  defineAction,
  eachBroker,
  ownBroker,
  once,
  rule,
  whereBudgeted,
  world,
  onlyKraft,
  type Choices,
} from '../define-action.ts';
import { arrives, requestInFlight } from '../guards.ts';
import {
  connected,
  controllerActive,
  currentPartition,
  currentRegistration,
  eachMessage,
  processOf,
} from '../look.ts';
import { handleAlterPartition, refuseLateCopies } from '../rules/alter-partition.ts';
import { applyChange, fenceBroker } from '../rules/controller.ts';
import { acceptableLeader, changePartition, type ElectionType } from '../rules/partition-change.ts';
import { mayRevert, reassign, revert, targetOf } from '../rules/reassignment.ts';
import { isBeating } from '../state/broker.ts';
import { isActive, newestImage } from '../state/metadata.ts';
import { NO_LEADER } from '../state/replica.ts';
import { assignmentOf, type Model } from '../config.ts';
import type { State } from '../state/state.ts';

export const handleAlterPartitionRequest = defineAction({
  kind: 'handle-alter-partition',
  under: onlyKraft,
  reads: ['controller', 'links'],
  readsMessages: ['AlterPartition'],
  who: 'controller',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('AlterPartition'),
  guards: [requestInFlight('AlterPartition'), world('a controller is active', controllerActive), arrives],
  effect: (draft, from, to, nth) => {
    const request = draft.receive('AlterPartition', from, to, nth);
    refuseLateCopies(draft, from, nth);
    handleAlterPartition(draft, request);
  },
});

/** `broker.session.timeout.ms` passes without a heartbeat. It costs a fault where the broker could send one. */
export const expireSession = defineAction({
  kind: 'session-expires',
  under: onlyKraft,
  reads: ['controller', 'metadata', 'links'],
  readsOwn: ['lives'],
  who: 'controller',
  role: 'perturbation',
  fault: 'fence',
  costs: (_m, s, broker) => {
    const process = processOf(s, broker);
    const registered = process.brokerEpoch === currentRegistration(s, broker).epoch;
    return (
      registered && isBeating(process) && process.status !== 'stopping' && connected(s, broker, CONTROLLER)
    );
  },
  params: ['broker'],
  choices: ownBroker,
  guards: [
    world('a controller is active', controllerActive),
    world('the broker is unfenced', (_m, s, broker) => {
      const registration = currentRegistration(s, broker);
      return registration.epoch >= 0 && !registration.fenced;
    }),
    world('its session is valid', (_m, s, broker) => at(s.controller.heartbeats, broker).sessionValid),
  ],
  effect: (draft, broker) => {
    draft.setHeartbeat(broker, { ...draft.heartbeat(broker), sessionValid: false });
  },
});

/** One stale broker per step; a registration may come between expiry and this. Kafka: maybeFenceOneStaleBroker. */
export const fenceStaleBroker = defineAction({
  kind: 'fence-broker',
  under: onlyKraft,
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'protocol',
  params: ['broker'],
  choices: eachBroker,
  guards: [
    world('a controller is active', controllerActive),
    world('the broker is unfenced', (_m, s, broker) => {
      const registration = currentRegistration(s, broker);
      return registration.epoch >= 0 && !registration.fenced;
    }),
    rule('a broker is fenced only after its session has expired', (_m, s, broker) => {
      return !at(s.controller.heartbeats, broker).sessionValid;
    }),
  ],
  effect: (draft, broker) => {
    fenceBroker(draft, broker);
  },
});

function election(model: Model, state: State, type: ElectionType): ReturnType<typeof changePartition> {
  const image = newestImage(state.metadata);
  const partition = at(image.partitions, 0);
  return changePartition(model, partition, {
    targetIsr: partition.isr,
    uncleanShutdown: 0,
    acceptable: (broker) => acceptableLeader(model, image, broker, state.view?.partition ?? 0),
    type,
    confirmsRecovery: false,
  });
}

/** Periodic (`leader.imbalance.check.interval.seconds`) or by an admin. Kafka: maybeBalancePartitionLeaders. */
export const electPreferredLeader = defineAction({
  kind: 'elect-preferred-leader',
  under: onlyKraft,
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'perturbation',
  fault: 'move',
  ofPartition: true,
  params: [],
  choices: once,
  guards: [
    world('a controller is active', controllerActive),
    world('the preferred leader does not lead', (_m, s) => {
      const { leader, replicas } = currentPartition(s);
      return replicas.length > 0 && leader !== replicas[0];
    }),
    world('the election changes something', (m, s) => election(m, s, 'PREFERRED') !== undefined),
  ],
  effect: (draft) => {
    const changed = election(draft.model, draft.base, 'PREFERRED');
    draft.commit(applyChange(draft, draft.newestImage(), changed));
  },
});

/** The scan of leaderless partitions, `unclean.leader.election.interval.ms` (3.9). Kafka: maybeElectUncleanLeaders. */
export const electUncleanLeader = defineAction({
  kind: 'elect-unclean-leader',
  under: onlyKraft,
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'protocol',
  ofPartition: true,
  params: [],
  choices: once,
  guards: [
    world('a controller is active', controllerActive),
    rule('an unclean election needs unclean.leader.election.enable', (m) => m.uncleanElection),
    world('the partition has no leader', (_m, s) => currentPartition(s).leader === NO_LEADER),
    world('the election changes something', (m, s) => election(m, s, 'UNCLEAN') !== undefined),
  ],
  effect: (draft) => {
    const changed = election(draft.model, draft.base, 'UNCLEAN');
    draft.commit(applyChange(draft, draft.newestImage(), changed));
  },
});

const eachTarget: Choices = ({ config }, _state, visit) => {
  for (let replicas = 1; replicas < 1 << config.brokers; replicas++) {
    for (const preferred of members(replicas)) visit(preferred, replicas, 0);
  }
};

const partitionExists = world('there is the partition', (_m, s) => currentPartition(s).replicas.length > 0);

const reassigned = (model: Model, state: State, preferred: number, replicas: number) =>
  reassign(
    model,
    newestImage(state.metadata),
    targetOf(preferred, replicas, model.config.brokers),
    state.view?.partition ?? 0,
  );

/** An administrator asks for other replicas, in this order: the preferred one, then the others by id (KIP-455). */
export const reassignPartition = defineAction({
  kind: 'reassign-partition',
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'perturbation',
  fault: 'reassign',
  under: ({ reassigns }) => reassigns,
  ofPartition: true,
  params: ['preferred', 'replicas'],
  choices: eachTarget,
  guards: [
    world('a controller is active', controllerActive),
    partitionExists,
    world(
      'the target names brokers that there are, the preferred one among them',
      (m, _s, preferred, replicas) => has(replicas, preferred) && replicas < 1 << m.config.brokers,
    ),
    world(
      'the reassignment changes something',
      (m, s, preferred, replicas) => reassigned(m, s, preferred, replicas) !== undefined,
    ),
  ],
  effect: (draft, preferred, replicas) => {
    const changed = reassigned(draft.model, draft.base, preferred, replicas);
    draft.commit(applyChange(draft, draft.newestImage(), changed));
  },
});

export const cancelReassignment = defineAction({
  kind: 'cancel-reassignment',
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'perturbation',
  fault: 'reassign',
  under: ({ reassigns }) => reassigns,
  ofPartition: true,
  params: [],
  choices: once,
  guards: [
    world('a controller is active', controllerActive),
    world('a reassignment is under way', (_m, s) => currentPartition(s).reassignment !== undefined),
    world('the old replicas may be had again', (m, s) => mayRevert(m, currentPartition(s))),
  ],
  effect: (draft) => {
    const image = draft.newestImage();
    draft.commit(applyChange(draft, image, revert(draft.model, image, draft.partition)));
  },
});

/**
 * An administrator adds the next partition (CreatePartitions): where its replicas go is decided as for the others, and
 * those of them that are active are its first ISR. Kafka: ReplicationControlManager.createPartitions.
 */
export const addPartition = defineAction({
  kind: 'add-partition',
  under: (model) => onlyKraft(model) && whereBudgeted('add-partition')(model),
  reads: ['controller', 'metadata'],
  who: 'controller',
  role: 'perturbation',
  fault: 'add-partition',
  params: [],
  choices: once,
  guards: [
    world('a controller is active', controllerActive),
    world('a partition is left to be added', (_m, s) => nextPartition(s) >= 0),
    world('one of its replicas is active', (m, s) => initialIsr(m, s) !== NO_BROKERS),
  ],
  effect: (draft) => {
    const replicas = assignmentOf(draft.model.config, nextPartition(draft.base));
    const isr = initialIsr(draft.model, draft.base);
    draft.focus(nextPartition(draft.base));
    const image = draft.newestImage();
    const leader = replicas.find((broker) => has(isr, broker)) ?? NO_LEADER;
    const partition = { ...at(image.partitions, 0), replicas, isr, leader };
    draft.commit(applyChange(draft, image, { partition, election: 'clean' }));
  },
});

/** The first partition without replicas, or -1. */
const nextPartition = (state: State): number =>
  newestImage(state.metadata).partitions.findIndex(({ replicas }) => replicas.length === 0);

function initialIsr({ config }: Model, state: State): BrokerSet {
  const { registrations } = newestImage(state.metadata);
  const replicas = assignmentOf(config, nextPartition(state));
  return setOf(replicas.filter((broker) => isActive(at(registrations, broker))));
}

/** The quorum loses its leader: committed records stay, memory and requests in hand go (in doubt for the sender). */
export const loseController = defineAction({
  kind: 'lose-controller',
  under: onlyKraft,
  reads: ['controller'],
  who: 'machine',
  role: 'perturbation',
  fault: 'ctrl',
  params: [],
  choices: once,
  guards: [world('a controller is active', controllerActive)],
  effect: (draft) => {
    draft.controller = {
      active: false,
      heartbeats: draft.controller.heartbeats.map(() => ({
        sessionValid: false,
        metadataOffset: -1,
        controlledShutdownOffset: -1,
      })),
    };
    draft.disconnect(CONTROLLER);
  },
});

/** Every registered broker gets a full new session. Kafka: ClusterControlManager.activate. */
export const electController = defineAction({
  kind: 'elect-controller',
  under: onlyKraft,
  reads: ['controller'],
  who: 'machine',
  role: 'healing',
  params: [],
  choices: once,
  guards: [world('no controller is active', (_m, s) => !s.controller.active)],
  effect: (draft) => {
    const image = draft.newestImage();
    draft.controller = {
      active: true,
      heartbeats: draft.controller.heartbeats.map((heartbeat, broker) => ({
        ...heartbeat,
        sessionValid: !at(image.registrations, broker).fenced,
      })),
    };
    draft.emit({ type: 'controller-elected' });
  },
});
