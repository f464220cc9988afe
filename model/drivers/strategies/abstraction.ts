/**
 * A state as seen from afar: roles, epochs by rank, logs by their relation to the leader's, ISR and ELR. Runs differ
 * in countless states; they do something new where this differs.
 */
import type { Process } from '../../protocol/state/broker.ts';
import { logEnd, type Log } from '../../protocol/state/log.ts';
import { newestImage } from '../../protocol/state/metadata.ts';
import type { State } from '../../protocol/state/state.ts';

const NO_LEADER_LOG = 4;
const STATUSES: readonly Process['status'][] = [
  'down',
  'starting',
  'running',
  'pending-controlled-shutdown',
  'stopping',
];

/** A number for each abstract state, below 2^53: two 32-bit hashes, the first cut to 21 bits. */
export function abstractionOf(state: State): number {
  const [partition] = newestImage(state.metadata).partitions;
  if (partition === undefined) return 0;
  let high = 0x811c_9dc5;
  let low = 0x9747_b28c;
  const add = (value: number): void => {
    high = Math.imul(high ^ value, 0x0100_0193);
    low = Math.imul(low ^ (value + 0x9e37), 0x85eb_ca6b);
    low ^= low >>> 13;
  };
  add(partition.leader + 1);
  add(partition.isr);
  add(partition.elr);
  const leaderLog = partition.leader < 0 ? undefined : state.logs[partition.leader];
  for (const [broker, replica] of state.replicas.entries()) {
    const process = state.processes[broker];
    const log = state.logs[broker];
    if (process === undefined || log === undefined) continue;
    add(STATUSES.indexOf(process.status) * 2 + (process.paused ? 1 : 0));
    add(rankOf(replica.leaderEpoch, partition.leaderEpoch));
    add(replica.leading === null ? 0 : replica.leading.pending === null ? 1 : 2);
    add(leaderLog === undefined ? NO_LEADER_LOG : relationOf(log, leaderLog));
    add(Math.sign(replica.highWatermark - logEnd(log)) + 1);
  }
  return (high >>> 11) * 0x1_0000_0000 + (low >>> 0);
}

/** Up to date, one behind, or further. */
const rankOf = (epoch: number, newest: number): number => Math.min(newest - epoch, 2);

/** Equal, a prefix, longer, or parted from it. */
function relationOf(log: Log, leader: Log): number {
  const end = Math.min(logEnd(log), logEnd(leader));
  if (end > 0 && log.entries[end - 1] !== leader.entries[end - 1]) return 3;
  return Math.sign(logEnd(log) - logEnd(leader)) + 1;
}
