/**
 * Reading from followers (KIP-392, 2.4): a leader sends a consumer to the replica that its selector chooses, and whoever
 * leads or follows in the consumer's epoch serves it. Kafka: ReplicaManager.findPreferredReadReplica,
 * RackAwareReplicaSelector, FetchCollector.handleInitializeErrors.
 */
import { has } from '../base/broker-set.ts';
import { consumerParty } from '../base/party.ts';
import type { Model } from '../config.ts';
import { at } from '../draft.ts';
import {
  connected,
  currentRegistration,
  isUnfencedTo,
  logOf,
  processOf,
  replicaOf,
  servesRequests,
} from '../look.ts';
import type { Remote } from '../state/replica.ts';
import type { State } from '../state/state.ts';
import { clause, holds } from './clauses.ts';
import {
  preferredReplicaIsInSync,
  preferredReplicaIsUnfenced,
  validatesPosition,
} from './shared-switches.ts';
import { consumerAt, findAtLeader, isInRange, NOTHING, recordsAt, type Found } from './consume.ts';

const hasPosition = clause('a consumer is sent only to a replica whose log reaches its position');
const sameEpoch = clause('a follower serves a consumer only in the leader epoch that it knows');

/** The follower that the leader names, or undefined where the consumer is to read from the leader. */
export function preferredReadReplica(
  model: Model,
  state: State,
  leader: number,
  rack: number,
  position: number,
): number | undefined {
  const { config, leftOut } = model;
  const { leading } = replicaOf(state, leader);
  if (leading === null || at(config.racks, leader) === rack) return undefined;
  const mustBeInSync = preferredReplicaIsInSync(model);
  const mustBeUnfenced = preferredReplicaIsUnfenced(model);
  let best: number | undefined;
  for (let broker = 0; broker < config.brokers; broker++) {
    if (at(config.racks, broker) !== rack || broker === leader) continue;
    if (mustBeInSync && !has(leading.committedIsr, broker)) continue;
    if (mustBeUnfenced && !isUnfencedTo(state, leader, broker)) continue;
    const { logEndOffset, logStart = 0 } = at(leading.remotes, broker);
    if (!holds(leftOut, hasPosition, logEndOffset >= position && logStart <= position)) continue;
    if (best === undefined || isFurther(at(leading.remotes, broker), at(leading.remotes, best)))
      best = broker;
  }
  return best;
}

/** The most caught up wins, of equals the last. Kafka: ReplicaView.comparator. */
const isFurther = (one: Remote, other: Remote): boolean =>
  one.logEndOffset !== other.logEndOffset
    ? one.logEndOffset > other.logEndOffset
    : one.caughtUpRecently || !other.caughtUpRecently;

/** What a consumer gets that asks its leader: where there are records for it, perhaps the replica to read them from. */
export function findAtLeaderOrRedirect(model: Model, state: State, id: number): Found {
  const found = findAtLeader(model, state, id);
  if (found.kind !== 'records') return found;
  const { leader, position } = consumerAt(state, id);
  const { rack } = at(model.config.consumers, id);
  const to = preferredReadReplica(model, state, leader, rack, position);
  return to === undefined ? found : { kind: 'redirected', to };
}

/** What a consumer gets that asks its preferred read replica; one of before KIP-320 (2.3) names no leader epoch. */
export function findAtFollower(model: Model, state: State, id: number): Found {
  const { position, preferredReadReplica: broker = -1, leaderEpoch } = consumerAt(state, id);
  const answers = servesRequests(processOf(state, broker)) && connected(state, consumerParty(id), broker);
  const replica = replicaOf(state, broker);
  const namesEpoch = validatesPosition(model);
  const isAhead = replica.leaderEpoch < 0 || (namesEpoch && replica.leaderEpoch > leaderEpoch);
  // NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH; with UNKNOWN_LEADER_EPOCH it asks there again.
  if (!answers || (isAhead && !holds(model.leftOut, sameEpoch, false))) {
    const anyError = model.rules['preferred-replica-given-up-on'] === 'any-error';
    // It asks for metadata as well, and turns away from a replica that is offline there.
    return anyError || currentRegistration(state, broker).fenced ? { kind: 'given-up' } : NOTHING;
  }
  if (namesEpoch && !holds(model.leftOut, sameEpoch, replica.leaderEpoch >= leaderEpoch)) return NOTHING;
  if (!isInRange(logOf(state, broker), position)) {
    const asks = model.rules['out-of-range-at-a-follower'] === 'asks-the-leader';
    return { kind: asks ? 'given-up' : 'position-lost' };
  }
  return recordsAt(model, state, broker, position);
}
