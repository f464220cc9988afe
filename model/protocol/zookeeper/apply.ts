/** A broker gets a request of a controller. Kafka: KafkaApis, ReplicaManager.becomeLeaderOrFollower, stopReplicas. */
import { at, type Draft } from '../draft.ts';
import { clause, holds } from '../rules/clauses.ts';
import { applyPartitionMetadata } from '../rules/roles.ts';
import { fencesStopReplica, namesBrokerLives } from '../rules/shared-switches.ts';
import { NO_METADATA } from '../state/broker.ts';
import type { MessageOf } from '../state/message.ts';
import type { PartitionRegistration } from '../state/metadata.ts';
import { abandonIsrChange } from './isr-changes.ts';
import { imageTold } from './memory.ts';

const fromCurrentController = clause(
  'a request of a controller counts only if its controller epoch is not older',
  'zookeeper',
);
const forThisLife = clause('a request of a controller counts only for the life that it names', 'zookeeper');
const newerLeaderEpoch = clause('a LeaderAndIsr counts only with a newer leader epoch', 'zookeeper');
const leaderIsAlive = clause('a replica follows only a leader that it knows to be alive', 'zookeeper');

type ControlMessage = MessageOf<'LeaderAndIsr'> | MessageOf<'UpdateMetadata'> | MessageOf<'StopReplica'>;

/** STALE_BROKER_EPOCH (2.2, KIP-380), STALE_CONTROLLER_EPOCH; else the epoch of the controller is remembered. */
function accepts(draft: Draft, { to, controllerEpoch, brokerEpoch }: ControlMessage): boolean {
  const { leftOut } = draft.model;
  if (namesBrokerLives(draft.model)) {
    if (!holds(leftOut, forThisLife, brokerEpoch >= draft.process(to).brokerEpoch)) return false;
  }
  const cache = draft.cache(to);
  if (!holds(leftOut, fromCurrentController, controllerEpoch >= cache.controllerEpoch)) return false;
  if (controllerEpoch !== cache.controllerEpoch) draft.setCache(to, { ...cache, controllerEpoch });
  return true;
}

/** Leads or follows. A leader that is not known to be alive, or none, leaves everything as it is. */
export function applyLeaderAndIsr(draft: Draft, message: MessageOf<'LeaderAndIsr'>): void {
  if (!accepts(draft, message)) return;
  const { leftOut } = draft.model;
  const { to, leader, leaderEpoch, isr, partitionEpoch, decidedIn } = message;
  if (!holds(leftOut, newerLeaderEpoch, leaderEpoch > draft.replica(to).leaderEpoch)) return;
  const cache = draft.cache(to);
  const known = leader >= 0 && !at(cache.image.registrations, leader).fenced;
  if (leader !== to && (leader < 0 || !holds(leftOut, leaderIsAlive, known))) return;
  const partition: PartitionRegistration = {
    replicas: draft.model.config.assignment,
    isr,
    elr: 0,
    lastKnownLeader: -1,
    leader,
    leaderEpoch,
    partitionEpoch,
    leaderRecoveryState: 'RECOVERED',
  };
  draft.setCache(to, { ...cache, decidedIn });
  applyPartitionMetadata(draft, to, { ...cache.image, partitions: [partition] });
}

/** Who lives and who leads, for clients and for whom to follow. The sender is the controller from now on. */
export function applyUpdateMetadata(draft: Draft, message: MessageOf<'UpdateMetadata'>): void {
  if (!accepts(draft, message)) return;
  const { to, from } = message;
  const { brokers, assignment } = draft.model.config;
  const cache = draft.cache(to);
  if (cache.controller !== from) abandonIsrChange(draft, to);
  draft.setCache(to, { ...cache, controller: from, image: imageTold(assignment, brokers, message) });
  const process = draft.process(to);
  if (process.metadataOffset === NO_METADATA) draft.setProcess(to, { ...process, metadataOffset: 0 });
}

/** The replica fetches no more; from 2.6 on only if the request is of a newer leader epoch (KIP-570). */
export function applyStopReplica(draft: Draft, message: MessageOf<'StopReplica'>): void {
  if (!accepts(draft, message)) return;
  const replica = draft.replica(message.to);
  if (fencesStopReplica(draft.model) && message.leaderEpoch <= replica.leaderEpoch) return;
  draft.setReplica(message.to, { ...replica, fetcher: null });
}
