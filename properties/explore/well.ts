/**
 * What it takes that all is well: looked at where a search asks whether that can always be reached again. Stricter than
 * what must come about of itself (`eventually.ts`), for it is enough here that there is a way.
 */
import {
  commitNeedsMinIsr,
  effectiveMinIsr,
  isAwake,
  isUp,
  logEnd,
  newestImage,
  NO_LEADER,
  setOf,
  size,
  viewOf,
  type Model,
  type PartitionRegistration,
  type Replica,
  type State,
} from '../../model/index.ts';
import { at } from '../property.ts';

/** Whether brokers that are down come back, or the others have to do without them. */
export const RECOVERIES = ['everyone', 'survivors'] as const;
export type RecoveryBy = (typeof RECOVERIES)[number];

export interface Want {
  readonly says: string;
  readonly holds: (state: State) => boolean;
}

const partitionOf = ({ metadata }: State): PartitionRegistration => at(newestImage(metadata).partitions, 0);

const isAlive = (state: State, broker: number): boolean => isAwake(at(state.processes, broker));

const liveReplicas = (state: State): number[] =>
  partitionOf(state).replicas.filter((broker) => isAlive(state, broker));

/** The replica that leads in the controller's eyes and its own. */
function leaderOf(state: State): Replica | undefined {
  const { leader, leaderEpoch } = partitionOf(state);
  if (leader === NO_LEADER || !isAlive(state, leader)) return undefined;
  const replica = at(state.replicas, leader);
  return replica.leading !== null && replica.leaderEpoch === leaderEpoch ? replica : undefined;
}

const followersOf = (state: State): readonly Replica[] =>
  liveReplicas(state)
    .filter((broker) => broker !== partitionOf(state).leader)
    .map((broker) => at(state.replicas, broker));

/** Nobody who may lead without loss is left: survivors can do nothing then. */
function isOrphaned(state: State): boolean {
  const { isr, elr } = partitionOf(state);
  return ((isr | elr) & setOf(liveReplicas(state))) === 0;
}

export function wantsOf(model: Model, by: RecoveryBy): readonly Want[] {
  const { otherAssignments } = model.config;
  const others = otherAssignments.flatMap((_, i) =>
    ofPartition(model, by).map(({ says, holds }): Want => ({
      says: `partition ${i + 1}: ${says}`,
      // One that is added in the run need not be there yet.
      holds: (state) => {
        const seen = viewOf(state, i + 1);
        return partitionOf(seen).replicas.length === 0 || holds(seen);
      },
    })),
  );
  return [ofBrokers(by), ...ofPartition(model, by), ...others];
}

function ofBrokers(by: RecoveryBy): Want {
  const isWaitedFor = (state: State, broker: number): boolean =>
    by === 'everyone' || isUp(at(state.processes, broker));
  return {
    says: `every broker${by === 'everyone' ? '' : ' that is up'} runs, registered and unfenced`,
    holds: (state) =>
      state.processes.every((process, broker) => {
        if (!isWaitedFor(state, broker)) return true;
        const { epoch, fenced } = at(newestImage(state.metadata).registrations, broker);
        return isAwake(process) && process.status === 'running' && process.brokerEpoch === epoch && !fenced;
      }),
  };
}

function ofPartition(model: Model, by: RecoveryBy): readonly Want[] {
  const unless = ({ says, holds }: Want): Want =>
    by === 'everyone' ? { says, holds } : { says, holds: (state) => isOrphaned(state) || holds(state) };
  return [
    unless({
      says: 'the partition has a leader that knows it leads',
      holds: (state) => leaderOf(state) !== undefined,
    }),
    unless({
      says: 'the ISR is the set of live replicas, and the leader knows',
      holds: (state) => {
        const { isr } = partitionOf(state);
        const leading = leaderOf(state)?.leading;
        return (
          isr === setOf(liveReplicas(state)) && leading?.committedIsr === isr && leading.pending === null
        );
      },
    }),
    unless({
      says: 'every live follower fetches from the leader',
      holds: (state) => {
        const { leader, leaderEpoch } = partitionOf(state);
        return followersOf(state).every(
          ({ fetcher }) =>
            fetcher?.state === 'fetching' && fetcher.leader === leader && fetcher.leaderEpoch === leaderEpoch,
        );
      },
    }),
    unless({
      says: 'what the leader has is committed, and its followers know',
      holds: (state) => {
        const { leader, isr, replicas } = partitionOf(state);
        const replica = leaderOf(state);
        if (replica === undefined) return false;
        if (commitNeedsMinIsr(model) && size(isr) < effectiveMinIsr(model, replicas.length)) return true;
        const end = logEnd(at(state.logs, leader));
        return [replica, ...followersOf(state)].every(({ highWatermark }) => highWatermark === end);
      },
    }),
  ];
}
