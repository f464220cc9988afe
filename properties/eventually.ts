/**
 * What must come about once all faults are healed, all brokers run, messages arrive and timers fire: looked at when a
 * timed run has ended after its healing. A run that comes to rest cannot get any further; one that ran out of virtual
 * time had many times its longest timeout for it.
 */
import {
  alterPartitionOf,
  commitNeedsMinIsr,
  effectiveMinIsr,
  has,
  isAwake,
  isUp,
  logEnd,
  members,
  newestImage,
  newestOffset,
  NO_LEADER,
  NONE,
  recordOf,
  setOf,
  size,
  takesLastKnownLeaderBack,
  viewOf,
  type Model,
  type Observed,
  type Overdue,
  type PartitionRegistration,
  type State,
  type TimedRun,
} from '../model/index.ts';
import { at, type Evidence } from './property.ts';

/** The end of a timed run, as these properties see it. */
export interface EndOfRun {
  readonly model: Model;
  readonly state: State;
  readonly seen: Observed;
  readonly overdue: readonly Overdue[];
}

export interface EventualProperty {
  /** Used in traces, JSON and expectations. */
  readonly id: string;
  /** The promise in one sentence. */
  readonly promise: string;
  readonly source: string;
  /** When Kafka does not promise it either; none of these counts as broken. */
  readonly exceptions: readonly string[];
  /** What is still pending, or undefined. */
  readonly check: (end: EndOfRun) => Evidence | undefined;
}

const partitionOf = (state: State): PartitionRegistration => at(newestImage(state.metadata).partitions, 0);

const isAlive = (state: State, broker: number): boolean => isAwake(at(state.processes, broker));

const named = (brokers: readonly number[]): string =>
  brokers.length === 1 ? `broker ${String(brokers[0])}` : `brokers ${brokers.join(', ')}`;

const says = (sentence: string): Evidence => ({ says: sentence });

/** The broker that leads in the controller's eyes and its own, or NO_LEADER. */
function actualLeader(state: State): number {
  const { leader, leaderEpoch } = partitionOf(state);
  if (leader === NO_LEADER || !isAlive(state, leader)) return NO_LEADER;
  const replica = at(state.replicas, leader);
  return replica.leading !== null && replica.leaderEpoch === leaderEpoch ? leader : NO_LEADER;
}

/** Shows an election that does not happen, and a leader that nobody has told. */
export const leaderExists: EventualProperty = {
  id: 'eventually/leader',
  promise: 'The partition has a leader that knows it leads, if a broker that may lead is up.',
  source: 'ReplicationControlManager, PartitionChangeBuilder.electAnyLeader',
  exceptions: [
    'unclean election is off, and all members of ISR and ELR are down',
    'the same, ISR and ELR are empty, and the last known leader is down or may not be taken back ' +
      '(last-known-leader-election=if-unclean-allowed)',
    'up to 3.8 the KRaft controller ignores unclean.leader.election.enable (KAFKA-12670)',
  ],
  check: ({ model, state }) => {
    if (actualLeader(state) !== NO_LEADER) return undefined;
    const { leader, isr, elr, lastKnownLeader, replicas } = partitionOf(state);
    const lastHope = (isr | elr) === 0 && takesLastKnownLeaderBack(model) ? lastKnownLeader : NO_LEADER;
    const mayLead = (broker: number): boolean =>
      model.uncleanElection || has(isr | elr, broker) || broker === lastHope;
    const candidates = replicas.filter((broker) => isAlive(state, broker) && mayLead(broker));
    if (candidates.length === 0) return undefined;
    return says(
      leader === NO_LEADER
        ? `the partition has no leader, though ${named(candidates)} could lead`
        : `${named([leader])} is elected and does not lead`,
    );
  },
};

/** Kafka leaves a partition out of the fetcher that got FENCED_LEADER_EPOCH in the epoch it is in (failedPartitions). */
function isFailed(state: State, broker: number): boolean {
  const { fetcher, leaderEpoch } = at(state.replicas, broker);
  return fetcher?.state === 'failed' && fetcher.leaderEpoch === leaderEpoch;
}

/** Shows a follower that never catches up, an ISR change that is never proposed or always refused. */
export const isrIsWhole: EventualProperty = {
  id: 'eventually/isr',
  promise: 'The ISR is the set of live assigned replicas.',
  source: 'Partition.maybeExpandIsr, maybeShrinkIsr',
  exceptions: [
    'the partition has no leader',
    'a follower that got FENCED_LEADER_EPOCH in its own epoch waits for new metadata (failedPartitions)',
  ],
  check: ({ state }) => {
    const { isr, replicas, leader } = partitionOf(state);
    if (leader === NO_LEADER) return undefined;
    const live = setOf(replicas.filter((broker) => isAlive(state, broker)));
    const missing = members(live & ~isr).filter((broker) => !isFailed(state, broker));
    if (missing.length > 0) return says(`${named(missing)} is up and not in the ISR`);
    const dead = members(isr & ~live);
    return dead.length > 0 && size(isr) > 1 ? says(`${named(dead)} is down and in the ISR`) : undefined;
  },
};

/** Shows a reassignment that nothing ends. */
export const reassignmentEnds: EventualProperty = {
  id: 'eventually/reassignment',
  promise: 'A reassignment completes: what it adds joins the ISR, and what it removes is gone.',
  source: 'PartitionReassignmentReplicas.maybeCompleteReassignment',
  exceptions: [
    'the partition has no leader',
    'a follower that got FENCED_LEADER_EPOCH in its own epoch waits for new metadata (failedPartitions)',
  ],
  check: ({ state }) => {
    const { leader, replicas, reassignment } = partitionOf(state);
    if (leader === NO_LEADER || reassignment === undefined) return undefined;
    if (replicas.some((broker) => !isAlive(state, broker) || isFailed(state, broker))) return undefined;
    return says(`a reassignment still adds ${named(members(reassignment.adding))}`);
  },
};

/** Shows a high watermark that waits for somebody who never comes, or that followers are never told. */
export const highWatermarkReachesEnd: EventualProperty = {
  id: 'eventually/high-watermark',
  promise: 'The high watermark reaches the log end on the leader, then on the followers.',
  source: 'Partition.maybeIncrementLeaderHW, KAFKA-15583',
  exceptions: [
    'the partition has no leader',
    'the ISR is below min.insync.replicas and the release holds the high watermark then (3.7)',
    'a follower that got FENCED_LEADER_EPOCH in its own epoch waits for new metadata (failedPartitions)',
  ],
  check: ({ model, state }) => {
    const leader = actualLeader(state);
    if (leader === NO_LEADER) return undefined;
    const { highWatermark, leading } = at(state.replicas, leader);
    const end = logEnd(at(state.logs, leader));
    const isr = leading?.committedIsr ?? 0;
    const gated =
      commitNeedsMinIsr(model) && size(isr) < effectiveMinIsr(model, partitionOf(state).replicas.length);
    if (gated) return undefined;
    if (highWatermark < end) {
      return says(`the high watermark of leader ${leader} is ${highWatermark}, its log ends at ${end}`);
    }
    const behind = members(isr).filter((broker) => {
      const { highWatermark: told } = at(state.replicas, broker);
      return isAlive(state, broker) && told !== end && !isFailed(state, broker);
    });
    return behind.length > 0
      ? says(`${named(behind)} has not learnt of the high watermark ${end} of leader ${leader}`)
      : undefined;
  },
};

/** Shows an ISR change that the leader waits for and nobody will answer. */
export const isrChangesEnd: EventualProperty = {
  id: 'eventually/isr-change',
  promise: 'No ISR change of a leader stays pending for ever.',
  source: 'DefaultAlterPartitionManager, KIP-497',
  exceptions: ['a change whose outcome the leader does not know waits for metadata'],
  check: ({ state }) => {
    for (let broker = 0; broker < state.processes.length; broker++) {
      const pending = at(state.replicas, broker).leading?.pending ?? alterPartitionOf(state, broker);
      if (pending === null || !isAlive(state, broker)) continue;
      return says(
        `leader ${broker} still waits for the ISR change to ${members(pending.isr).join(', ')} that it proposed ` +
          `at partition epoch ${pending.partitionEpoch}`,
      );
    }
    return undefined;
  },
};

/** Shows a broker that metadata does not reach, or that refuses what it is told. */
export const metadataArrives: EventualProperty = {
  id: 'eventually/metadata',
  promise: "All brokers reach the controller's state.",
  source: 'MetadataLoader, Partition.makeLeader, Partition.makeFollower',
  exceptions: [
    'a broker that is not registered reads no metadata',
    'in ZooKeeper mode brokers take no notice of a partition without leader',
  ],
  check: ({ state }) => {
    const newest = newestOffset(state.metadata);
    const { leader, leaderEpoch, replicas } = partitionOf(state);
    for (let broker = 0; broker < state.processes.length; broker++) {
      if (!isAlive(state, broker)) continue;
      const { metadataOffset } = at(state.processes, broker);
      if (metadataOffset < newest) {
        return says(`broker ${broker} has applied metadata up to ${metadataOffset} of ${newest}`);
      }
      if (!replicas.includes(broker)) continue;
      const replica = at(state.replicas, broker);
      if (replica.leader === leader && replica.leaderEpoch === leaderEpoch) continue;
      if (state.zookeeper !== undefined && leader === NO_LEADER) continue;
      return says(
        `broker ${broker} takes broker ${replica.leader} for the leader in epoch ${replica.leaderEpoch}, ` +
          `the controller broker ${leader} in epoch ${leaderEpoch}`,
      );
    }
    return undefined;
  },
};

/** Shows a send that neither succeeds nor fails. */
export const sendsEnd: EventualProperty = {
  id: 'eventually/produce',
  promise: 'Each send ends in success or error within delivery.timeout.ms.',
  source: 'KIP-91, RecordAccumulator',
  exceptions: [],
  check: ({ overdue }) => {
    const [first] = overdue;
    if (first === undefined) return undefined;
    const { producer, record, since } = first;
    return {
      says: `producer ${producer} does not know what became of record ${record}, sent at ${since} ms`,
      record,
    };
  },
};

/** Shows a consumer that stands still, or that lost its leader for good. */
export const commitsAreConsumed: EventualProperty = {
  id: 'eventually/consume',
  promise: 'Each committed readable record is delivered to an active consumer.',
  source: 'KafkaConsumer, KIP-320',
  exceptions: [
    'the partition has no leader, or the record is no longer in its log',
    'a consumer with auto.offset.reset=none stopped out of range',
    'offsets that auto.offset.reset=latest jumped over, or that were delivered before they held another record',
  ],
  check: ({ state, seen }) => {
    const leader = actualLeader(state);
    if (leader === NO_LEADER) return undefined;
    const { highWatermark } = at(state.replicas, leader);
    const { entries } = at(state.logs, leader);
    for (const [id, { stopped, position }] of state.consumers.entries()) {
      if (stopped) continue;
      const got = at(seen.deliveries, id);
      for (let offset = position; offset < highWatermark; offset++) {
        const record = recordOf(at(entries, offset));
        if (seen.commits[offset]?.record !== record || (got[offset] ?? NONE) === record) continue;
        return {
          says: `consumer ${id} stands at offset ${position} and has not got record ${record}, committed at ${offset}`,
          offset,
          record,
        };
      }
    }
    return undefined;
  },
};

/** Shows a broker that the controller never takes back, or never gives up. */
export const fencingFollowsLife: EventualProperty = {
  id: 'eventually/fencing',
  promise: 'Each live broker ends unfenced, each dead one fenced.',
  source: 'BrokerHeartbeatManager, KIP-631',
  exceptions: [],
  check: ({ state }) => {
    const { registrations } = newestImage(state.metadata);
    for (const [broker, registration] of registrations.entries()) {
      const process = at(state.processes, broker);
      if (!isUp(process)) {
        if (!registration.fenced) return says(`broker ${broker} is down and not fenced`);
      } else if (process.brokerEpoch !== registration.epoch) {
        return says(`broker ${broker} is up and its life is not registered`);
      } else if (registration.fenced || process.status !== 'running') {
        return says(`broker ${broker} is up and ${registration.fenced ? 'fenced' : process.status}`);
      }
    }
    return undefined;
  },
};

/** All of them, in the order in which one rests on the other: without metadata no leader, without leader no ISR. */
export const EVENTUALLY: readonly EventualProperty[] = [
  fencingFollowsLife,
  metadataArrives,
  leaderExists,
  isrChangesEnd,
  isrIsWhole,
  reassignmentEnds,
  highWatermarkReachesEnd,
  sendsEnd,
  commitsAreConsumed,
];

export interface Unmet extends Evidence {
  readonly property: string;
}

/**
 * What had to come about in this run and did not. Undefined where the run says nothing about that: it ended before
 * it was healed, ran out of actions, or was stopped. `seen` is by partition, and so is what is looked at.
 */
export function unmet(model: Model, run: TimedRun, seen: readonly Observed[]): readonly Unmet[] | undefined {
  if (run.healedAt === undefined || run.ended === 'actions' || run.ended === 'stopped') return undefined;
  const still = run.pending === undefined ? 'the run has come to rest' : run.pending;
  return EVENTUALLY.flatMap(({ id, check }): readonly Unmet[] => {
    for (const [partition, observed] of seen.entries()) {
      const state = viewOf(run.state, partition);
      const evidence = check({ model, state, seen: observed, overdue: run.overdue });
      if (evidence === undefined) continue;
      const where = seen.length === 1 ? '' : `partition ${partition}: `;
      return [{ ...evidence, property: id, says: `${where}${evidence.says}; ${still}` }];
    }
    return [];
  });
}
