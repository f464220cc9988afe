/**
 * When a record is lost: some broker leads in the current epoch and does not have it at its offset. A state, not
 * only the moment of taking the role, or what a zombie commits after the new leader started would never count.
 */
import { newestImage, recordOf, setOf, type Commit, type Observed, type State } from '../model/index.ts';
import { at, type Moment } from './property.ts';

/** The broker that leads in the controller's epoch, or -1. */
export function currentLeader(state: State): number {
  const partition = at(newestImage(state.metadata).partitions, 0);
  if (partition.leader < 0) return -1;
  const replica = at(state.replicas, partition.leader);
  return replica.leading !== null && replica.leaderEpoch === partition.leaderEpoch ? partition.leader : -1;
}

/** Whether the log of the current leader lacks `record` at `offset`. */
export function lacks(state: State, leader: number, offset: number, record: number): boolean {
  const packed = at(state.logs, leader).entries[offset];
  return packed === undefined || recordOf(packed) !== record;
}

/** Several properties ask the same of one moment. */
let asked: Moment | undefined;
let answer = false;

/**
 * Whether a record can have become lost in this step at all: the same broker leads with the same log, and what is
 * remembered is the same. What was lost before was found before.
 */
export function mayBeLost(moment: Moment): boolean {
  if (moment !== asked) {
    asked = moment;
    answer = leaderMayLack(moment);
  }
  return answer;
}

function leaderMayLack({ before, after, seenBefore, seen }: Moment): boolean {
  if (seen.commits !== seenBefore.commits || seen.conflicts !== seenBefore.conflicts) return true;
  if (seen.acks !== seenBefore.acks) return true;
  if (seen.commits.length === 0 && seen.acks.length === 0) return false;
  const leader = currentLeader(after);
  return leader >= 0 && (after.logs[leader] !== before.logs[leader] || currentLeader(before) !== leader);
}

/** The first commit, conflicting ones included, that the current leader lacks and that `concerns` holds for. */
export function firstLost(
  state: State,
  seen: Observed,
  concerns: (commit: Commit) => boolean,
): { readonly leader: number; readonly commit: Commit } | undefined {
  if (seen.commits.length === 0) return undefined;
  const { deletedBelow = 0 } = seen;
  const leader = currentLeader(state);
  if (leader < 0) return undefined;
  for (const commits of [seen.commits, seen.conflicts]) {
    for (let i = 0; i < commits.length; i++) {
      const commit = at(commits, i);
      if (commit.offset < deletedBelow) continue;
      if (lacks(state, leader, commit.offset, commit.record) && concerns(commit)) return { leader, commit };
    }
  }
  return undefined;
}

/** Those of the holders that still are replicas: what was moved elsewhere counts no more. */
export const assigned = (state: State, holders: number): number =>
  holders & setOf(at(newestImage(state.metadata).partitions, 0).replicas);

export const holdersNamed = (holders: number): string =>
  [0, 1, 2, 3, 4].filter((broker) => (holders & (1 << broker)) !== 0).join(', ');

/** Whether this record was ever committed at this offset. */
export const wasCommitted = (seen: Observed, offset: number, record: number): boolean =>
  seen.commits[offset]?.record === record ||
  seen.conflicts.some((commit) => commit.offset === offset && commit.record === record);
