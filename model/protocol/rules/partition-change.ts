/**
 * Every change of a partition goes through here: ELR upkeep, election, epochs.
 * Kafka: PartitionChangeBuilder.build, ReplicationControlManager.generateLeaderAndIsrUpdates.
 */
import { has, isSubset, NO_BROKERS, setOf, size, without, type BrokerSet } from '../base/broker-set.ts';
import { isOffline, type Model } from '../config.ts';
import { at } from '../draft.ts';
import type { ElectionKind } from '../events.ts';
import { isActive, type MetadataImage, type PartitionRegistration } from '../state/metadata.ts';
import { NO_LEADER } from '../state/replica.ts';
import { clause, holds, isLeftOut } from './clauses.ts';
import { controllerMinIsr } from './assignment.ts';
import { keepsDroppedEligible, keepsFencedOut, takesLastKnownLeaderBack } from './shared-switches.ts';

export type ElectionType = 'ONLINE' | 'PREFERRED' | 'UNCLEAN';

export interface PartitionChange {
  readonly targetIsr: BrokerSet;
  /** Brokers that came back from an unclean shutdown; they leave ISR and ELR. */
  readonly uncleanShutdown: BrokerSet;
  readonly acceptable: (broker: number) => boolean;
  readonly type: ElectionType;
  /** The change comes from the leader, which confirms its recovery with it. */
  readonly confirmsRecovery: boolean;
  /** Set where the change is about who holds a replica. */
  readonly assignment?: Assignment;
}

interface Assignment {
  readonly replicas: readonly number[];
  readonly adding: BrokerSet;
  readonly removing: BrokerSet;
}

export interface ChangedPartition {
  readonly partition: PartitionRegistration;
  /** Set where the leader changed. */
  readonly election: ElectionKind | undefined;
  /** The ISR was set to a replica from outside it, so that whoever is elected from it may lack what was committed. */
  readonly forcedIsr?: boolean;
}

const leaderFromIsr = clause('a clean leader comes from the ISR, or from the ELR when the ISR is empty');
const leaderAlive = clause('a clean leader is registered, unfenced and not shutting down');
const elrNeedsEmptyIsr = clause('the ELR elects only when the ISR is empty');
const elrDropsUnclean = clause('a broker that stopped uncleanly leaves the ELR');
const elrClearedAtMinIsr = clause('the ELR is emptied once the ISR reaches min.insync.replicas');
const lastMemberStays = clause('the last member of the ISR stays in it');
const someoneStaysInSync = clause('a reassignment completes only if a member of the ISR stays');
const targetInSync = clause('a reassignment completes only once what it asks for is in the ISR');
const directoryOnline = clause('a leader is elected only where its log directory is online', 'kraft');
const dropMovesEpoch = clause('a dropped replica moves the leader epoch');

/** Kafka: ReplicationControlManager.LeaderAcceptor (3.7). */
const hasDirectory = (model: Model, image: MetadataImage, broker: number, partition: number): boolean =>
  holds(
    model.leftOut,
    directoryOnline,
    !isOffline(model, at(image.registrations, broker).offline, partition, broker),
  );

/** Registered, its log directory online, not fenced and, from 3.3, not in controlled shutdown (KIP-841). */
export function acceptableLeader(
  model: Model,
  image: MetadataImage,
  broker: number,
  partition: number,
): boolean {
  if (!hasDirectory(model, image, broker, partition)) return false;
  const registration = at(image.registrations, broker);
  return keepsFencedOut(model) ? isActive(registration) : registration.epoch >= 0 && !registration.fenced;
}

/** The election that a partition change may run, as `unclean.leader.election.enable` has it (3.9, KAFKA-12670). */
export const configuredElection = (model: Model): ElectionType =>
  model.uncleanElection ? 'UNCLEAN' : 'ONLINE';

/** The partition after a change, or undefined when the change comes to nothing. */
export function changePartition(
  model: Model,
  before: PartitionRegistration,
  change: PartitionChange,
): ChangedPartition | undefined {
  const { targetIsr, replicas, adding, removing } = completed(model, before, change);
  let isr = targetIsr;
  let elr = eligibleLeaders(model, before, replicas, isr, change.uncleanShutdown);

  const elected = elect(model, before, replicas, isr, elr, change);
  const leaderChanged = elected.leader !== before.leader;
  let isrForced = false;
  if (leaderChanged) {
    if (elected.unclean) {
      isr = setOf([elected.leader]);
      isrForced = true;
    } else if (elected.leader !== NO_LEADER && has(elr, elected.leader)) {
      isr = setOf([elected.leader]);
      elr = without(elr, elected.leader);
    }
  }
  // An unclean election throws the ELR away; without the feature there is none.
  if (isrForced || !model.elr) elr = NO_BROKERS;

  // The last in-sync replica is retained: it is the only one known to be complete. With ELR the ISR may be empty.
  if (!isrForced && isr === NO_BROKERS && !model.elr && retainsLastMember(model)) isr = before.isr;

  // Compared with the ISR aimed at: even where the last member is retained the epoch moves.
  const bumpForShrink =
    model.rules['isr-shrink-bumps-leader-epoch'] === 'yes' && !isSubset(before.isr, targetIsr);
  const dropped =
    !isSubset(setOf(before.replicas), setOf(replicas)) && !isLeftOut(model.leftOut, dropMovesEpoch);
  const leaderSet = leaderChanged || bumpForShrink || dropped;
  const lastKnownLeader = nextLastKnownLeader(model, before, isr, leaderSet ? elected.leader : undefined);
  const recovery = recoveryState(before, leaderChanged && elected.unclean, change.confirmsRecovery);

  if (
    !leaderSet &&
    isr === before.isr &&
    elr === before.elr &&
    lastKnownLeader === before.lastKnownLeader &&
    recovery === before.leaderRecoveryState &&
    replicas === before.replicas &&
    adding === (before.reassignment?.adding ?? NO_BROKERS) &&
    removing === (before.reassignment?.removing ?? NO_BROKERS)
  ) {
    return undefined;
  }
  return {
    partition: {
      replicas,
      isr,
      elr,
      lastKnownLeader,
      leader: elected.leader,
      leaderEpoch: leaderSet ? before.leaderEpoch + 1 : before.leaderEpoch,
      partitionEpoch: before.partitionEpoch + 1,
      leaderRecoveryState: recovery,
      ...((adding | removing) === NO_BROKERS ? {} : { reassignment: { adding, removing } }),
    },
    election: leaderChanged ? elected.kind : undefined,
  };
}

interface Completed extends Assignment {
  readonly targetIsr: BrokerSet;
}

/**
 * A reassignment is done as soon as the ISR allows it, whatever the change was about: then what was to leave is gone.
 * Up to 3.7 it was enough that what was added is in sync (KAFKA-15665). Kafka: maybeCompleteReassignment.
 */
function completed(model: Model, before: PartitionRegistration, change: PartitionChange): Completed {
  const { targetIsr, assignment } = change;
  const replicas = assignment?.replicas ?? before.replicas;
  const adding = assignment?.adding ?? before.reassignment?.adding ?? NO_BROKERS;
  const removing = assignment?.removing ?? before.reassignment?.removing ?? NO_BROKERS;
  const asBefore =
    replicas.length === before.replicas.length && replicas.every((id, i) => id === before.replicas[i]);
  const pending = { targetIsr, replicas: asBefore ? before.replicas : replicas, adding, removing };
  if ((adding | removing) === NO_BROKERS) return pending;
  const isr = targetIsr & ~removing;
  const left = removing === NO_BROKERS ? pending.replicas : replicas.filter((id) => !has(removing, id));
  const wanted = model.rules['reassignment-completes-when'] === 'adding-in-isr' ? adding : setOf(left);
  if (!holds(model.leftOut, someoneStaysInSync, isr !== NO_BROKERS)) return pending;
  if (left.length === 0 || !holds(model.leftOut, targetInSync, isSubset(wanted, isr))) return pending;
  return { targetIsr: isr, replicas: left, adding: NO_BROKERS, removing: NO_BROKERS };
}

/** ELR upkeep. Kafka: PartitionChangeBuilder.maybePopulateTargetElr (KIP-966, 4.0). */
function eligibleLeaders(
  model: Model,
  before: PartitionRegistration,
  replicas: readonly number[],
  targetIsr: BrokerSet,
  uncleanShutdown: BrokerSet,
): BrokerSet {
  if (!model.elr) return before.elr;
  const enough = size(targetIsr) >= controllerMinIsr(model, before.replicas.length);
  if (enough && !isLeftOut(model.leftOut, elrClearedAtMinIsr)) return NO_BROKERS;
  const kept = keepsDroppedEligible(model) ? ~NO_BROKERS : setOf(replicas);
  const grown = (before.elr | before.isr) & ~targetIsr & kept;
  return isLeftOut(model.leftOut, elrDropsUnclean) ? grown : grown & ~uncleanShutdown;
}

interface Elected {
  readonly leader: number;
  readonly unclean: boolean;
  readonly kind: ElectionKind;
}

/** Who leads now. Kafka: PartitionChangeBuilder.electAnyLeader, electPreferredLeader. */
function elect(
  model: Model,
  before: PartitionRegistration,
  replicas: readonly number[],
  isr: BrokerSet,
  elr: BrokerSet,
  change: PartitionChange,
): Elected {
  const { leftOut } = model;
  const valid = (broker: number): boolean =>
    holds(
      leftOut,
      leaderFromIsr,
      has(isr, broker) || (holds(leftOut, elrNeedsEmptyIsr, isr === NO_BROKERS) && has(elr, broker)),
    ) && holds(leftOut, leaderAlive, change.acceptable(broker));
  const clean = (leader: number): Elected => ({
    leader,
    unclean: false,
    kind: has(elr, leader) ? 'elr' : 'clean',
  });

  if (change.type === 'PREFERRED') {
    const preferred = at(replicas, 0);
    if (valid(preferred)) return clean(preferred);
  }
  if (before.leader !== NO_LEADER && valid(before.leader)) return clean(before.leader);
  // Assignment order decides, not the order in which replicas joined the ISR.
  for (const replica of replicas) if (valid(replica)) return clean(replica);
  if (mayElectLastKnownLeader(model, before, isr, elr, change)) {
    return { leader: before.lastKnownLeader, unclean: true, kind: 'last-known-leader' };
  }
  if (change.type === 'UNCLEAN') {
    for (const replica of replicas) {
      if (change.acceptable(replica)) return { leader: replica, unclean: true, kind: 'unclean' };
    }
  }
  return { leader: NO_LEADER, unclean: false, kind: 'none-electable' };
}

/**
 * With ELR on, the last leader is taken back when nobody in ISR or ELR is left, whatever the unclean setting says.
 * Up to 4.0 a dead broker is taken as well (KAFKA-19522). Kafka: PartitionChangeBuilder.canElectLastKnownLeader.
 */
function mayElectLastKnownLeader(
  model: Model,
  before: PartitionRegistration,
  isr: BrokerSet,
  elr: BrokerSet,
  change: PartitionChange,
): boolean {
  if (!model.elr || isr !== NO_BROKERS || elr !== NO_BROKERS) return false;
  if (before.lastKnownLeader === NO_LEADER) return false;
  if (!takesLastKnownLeaderBack(model) && change.type !== 'UNCLEAN') return false;
  return model.rules['last-known-leader-must-be-alive'] === 'no' || change.acceptable(before.lastKnownLeader);
}

/** Kafka: PartitionChangeBuilder.maybeUpdateLastKnownLeader. `leaderSet` is undefined where the record leaves it. */
function nextLastKnownLeader(
  model: Model,
  before: PartitionRegistration,
  isr: BrokerSet,
  leaderSet: number | undefined,
): number {
  if (!model.elr) return before.lastKnownLeader;
  if (isr !== before.isr && isr === NO_BROKERS && before.lastKnownLeader !== before.leader) {
    return before.leader;
  }
  const hasLeader = leaderSet === undefined ? before.leader !== NO_LEADER : leaderSet !== NO_LEADER;
  return hasLeader ? NO_LEADER : before.lastKnownLeader;
}

/** KIP-704: an unclean leader starts as RECOVERING and confirms with its next AlterPartition. */
function recoveryState(
  before: PartitionRegistration,
  electedUncleanly: boolean,
  confirmed: boolean,
): PartitionRegistration['leaderRecoveryState'] {
  if (confirmed && before.leaderRecoveryState === 'RECOVERING') return 'RECOVERED';
  return electedUncleanly ? 'RECOVERING' : before.leaderRecoveryState;
}

/** 0.11–1.0 kept the last member only while unclean election was off. */
export function retainsLastMember(model: Model): boolean {
  const retained =
    model.rules['last-isr-member-retained'] === 'always' || !model.config.uncleanLeaderElection;
  return retained && !isLeftOut(model.leftOut, lastMemberStays);
}

/** Why the controller goes over its partitions. */
export interface BrokerChange {
  /** Leaves every ISR and may not be elected, or NO_LEADER. */
  readonly remove: number;
  /** May be elected although its registration still says fenced, or NO_LEADER. */
  readonly add: number;
  /** Leaves every ISR and ELR because it stopped uncleanly, or NO_LEADER. */
  readonly unclean: number;
}

/**
 * The change that a change of a broker brings to the first partition of the image, if any; `which` is its number.
 * Kafka: ReplicationControlManager.generateLeaderAndIsrUpdates.
 */
export function brokerChangesPartition(
  model: Model,
  image: MetadataImage,
  { remove, add, unclean }: BrokerChange,
  which = 0,
): ChangedPartition | undefined {
  const partition = at(image.partitions, 0);
  const concerned = remove !== NO_LEADER || unclean !== NO_LEADER;
  const member = (broker: number): boolean =>
    broker !== NO_LEADER && (has(partition.isr, broker) || has(partition.elr, broker));
  if (concerned && !(member(unclean) || (remove !== NO_LEADER && has(partition.isr, remove))))
    return undefined;
  if (!concerned && partition.leader !== NO_LEADER) return undefined;
  let targetIsr = partition.isr;
  if (remove !== NO_LEADER) targetIsr = without(targetIsr, remove);
  if (unclean !== NO_LEADER) targetIsr = without(targetIsr, unclean);
  return changePartition(model, partition, {
    targetIsr,
    uncleanShutdown: unclean === NO_LEADER ? NO_BROKERS : setOf([unclean]),
    acceptable: (broker) =>
      broker !== remove &&
      broker !== unclean &&
      (broker === add
        ? hasDirectory(model, image, broker, which)
        : acceptableLeader(model, image, broker, which)),
    type: configuredElection(model),
    confirmsRecovery: false,
  });
}
