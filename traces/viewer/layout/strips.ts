/** The replicas' logs at a step, offset by offset, as a reader needs to compare them. */
import {
  epochOf,
  has,
  isDeleted,
  logEnd,
  logStart,
  members,
  newestImage,
  recordOf,
  type State,
} from '../../../model/index.ts';
import { seenAt, stateAt, type Film } from '../film.ts';

/**
 * `held`: the replica has it. `diverged`: it has another record there than what was committed, or than the leader
 * has. `lost`: it had a record there that was acknowledged or committed, and has it no more. `gone`: the same of a
 * record that nobody was promised. `missing`: it leads without a record that was acknowledged or committed.
 * `deleted`: its log starts behind the record, by retention or because an administrator wanted it so.
 */
export type CellFate = 'held' | 'diverged' | 'lost' | 'missing' | 'gone' | 'deleted';

export interface Cell {
  readonly offset: number;
  readonly record: number;
  readonly epoch: number;
  readonly fate: CellFate;
  /** Written, but a power loss would take it. */
  readonly unflushed: boolean;
  readonly acknowledged: boolean;
}

export interface Strip {
  readonly broker: number;
  /** What it is and does, in a few words. */
  readonly standing: string;
  readonly isUp: boolean;
  /** Epoch in which it leads, or -1. */
  readonly leads: number;
  /** What it counts as, in a word each: ISR, ELR, fenced; in ZooKeeper mode gone, and the controller with its epoch. */
  readonly counts: readonly string[];
  readonly cells: readonly Cell[];
  readonly logEnd: number;
  /** Undefined while the broker is down: a high watermark lives in memory. */
  readonly highWatermark: number | undefined;
}

export interface Committed {
  readonly offset: number;
  readonly record: number;
  readonly acknowledged: boolean;
  /** There is a leader, and it does not have it. */
  readonly lost: boolean;
}

export interface Strips {
  /** Offsets before this one are left out. */
  readonly start: number;
  /** Offsets from here on nobody has. */
  readonly end: number;
  readonly strips: readonly Strip[];
  /** What was committed, by offset: what every replica should come to have. */
  readonly committed: readonly Committed[];
  /** Who keeps the state of the partition, which follows. */
  readonly keeper: 'controller' | 'ZooKeeper';
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly elr: readonly number[];
}

/** A record that left a log, by truncation or by a storage fault. */
interface Departure {
  readonly step: number;
  readonly offset: number;
  readonly entry: number;
}

/** What left each broker's log along the run, oldest first. */
export type Departures = readonly (readonly Departure[])[];

export function departuresOf(film: Film): Departures {
  const departures: Departure[][] = Array.from({ length: film.machine.config.brokers }, () => []);
  for (const [index, { before, after }] of film.frames.entries()) {
    if (before.logs === after.logs) continue;
    for (const [broker, log] of before.logs.entries()) {
      const kept = after.logs[broker]?.entries ?? [];
      if (kept === log.entries) continue;
      for (const [offset, entry] of log.entries.entries()) {
        if (kept[offset] !== entry && !isDeleted(entry))
          departures[broker]?.push({ step: index + 1, offset, entry });
      }
    }
  }
  return departures;
}

/** The strips after `step`; of longer logs the newest `width` offsets. */
export function stripsAt(film: Film, departures: Departures, step: number, width: number): Strips {
  const state = stateAt(film, step);
  const { commits, acks, deletedBelow = 0 } = seenAt(film, step);
  const partition = newestImage(state.metadata).partitions[0];
  const acknowledged = new Map(acks.map(({ offset, record }) => [offset, record]));
  const promised = new Map([
    ...acknowledged,
    ...commits.map(({ offset, record }) => [offset, record] as const),
  ]);
  const leader = presentLeader(state);
  const leaderEntries = state.logs[leader]?.entries ?? [];
  const hasIt = (entries: readonly number[], offset: number, record: number): boolean => {
    const entry = entries[offset];
    return entry !== undefined && recordOf(entry) === record;
  };

  const gone = departures.map(
    (all) => new Map(all.filter((left) => left.step <= step).map((left) => [left.offset, left.entry])),
  );
  const end = Math.max(
    0,
    ...state.logs.map(logEnd),
    ...[...promised.keys()].map((offset) => offset + 1),
    ...gone.flatMap((left) => [...left.keys()].map((offset) => offset + 1)),
  );
  const start = Math.max(0, end - width);

  const cellAt = (broker: number, offset: number): Cell | undefined => {
    const log = state.logs[broker];
    const entry = log?.entries[offset];
    const want = promised.get(offset);
    const isAcknowledged = (record: number): boolean => acknowledged.get(offset) === record;
    const left = gone[broker]?.get(offset);
    if (log !== undefined && offset < logStart(log)) {
      const was = entry === undefined || isDeleted(entry) ? left : entry;
      const record = was === undefined ? want : recordOf(was);
      if (record === undefined) return undefined;
      const epoch = was === undefined ? -1 : epochOf(was);
      const deleted = { offset, record, epoch, fate: 'deleted', unflushed: false } as const;
      return { ...deleted, acknowledged: isAcknowledged(record) };
    }
    if (log !== undefined && entry !== undefined) {
      const record = recordOf(entry);
      const rival = leaderEntries[offset];
      const differs = want === undefined ? rival !== undefined && rival !== entry : want !== record;
      return {
        offset,
        record,
        epoch: epochOf(entry),
        fate: differs ? 'diverged' : 'held',
        unflushed: offset >= log.recoveryPoint,
        acknowledged: isAcknowledged(record),
      };
    }
    const isMissing = want !== undefined && broker === leader && offset >= deletedBelow;
    if (left === undefined && !isMissing) return undefined;
    const record = isMissing || left === undefined ? (want ?? 0) : recordOf(left);
    return {
      offset,
      record,
      epoch: left === undefined ? -1 : epochOf(left),
      fate: want === record ? (left === undefined ? 'missing' : 'lost') : 'gone',
      unflushed: false,
      acknowledged: isAcknowledged(record),
    };
  };

  const offsets = Array.from({ length: end - start }, (_, i) => start + i);
  const strips = state.processes.map((_, broker): Strip => {
    const replica = state.replicas[broker];
    const isUp = state.processes[broker]?.status !== 'down';
    return {
      broker,
      standing: standingOf(state, broker),
      isUp,
      leads: isUp && replica !== undefined && replica.leading !== null ? replica.leaderEpoch : -1,
      counts: countsAs(state, broker),
      cells: offsets.flatMap((offset) => cellAt(broker, offset) ?? []),
      logEnd: state.logs[broker]?.entries.length ?? 0,
      highWatermark: isUp ? replica?.highWatermark : undefined,
    };
  });
  return {
    start,
    end,
    strips,
    committed: commits
      .filter(({ offset }) => offset >= start)
      .map(({ offset, record }) => ({
        offset,
        record,
        acknowledged: acknowledged.get(offset) === record,
        lost: leader >= 0 && offset >= deletedBelow && !hasIt(leaderEntries, offset, record),
      })),
    keeper: state.zookeeper === undefined ? 'controller' : 'ZooKeeper',
    leader: partition?.leader ?? -1,
    leaderEpoch: partition?.leaderEpoch ?? 0,
    isr: members(partition?.isr ?? 0),
    elr: members(partition?.elr ?? 0),
  };
}

/** The broker that leads as the partition's state has it, or -1 while nobody does. */
function presentLeader({ metadata, processes, replicas }: State): number {
  const { leader = -1, leaderEpoch = -1 } = newestImage(metadata).partitions[0] ?? {};
  const replica = replicas[leader];
  const leads = replica !== undefined && replica.leading !== null && replica.leaderEpoch === leaderEpoch;
  return leads && processes[leader]?.status !== 'down' ? leader : -1;
}

function countsAs({ metadata, controllers }: State, broker: number): readonly string[] {
  const { partitions, registrations } = newestImage(metadata);
  const context = controllers?.[broker];
  return [
    ...(has(partitions[0]?.isr ?? 0, broker) ? ['ISR'] : []),
    ...(has(partitions[0]?.elr ?? 0, broker) ? ['ELR'] : []),
    ...(registrations[broker]?.fenced === true ? [controllers === undefined ? 'fenced' : 'gone'] : []),
    ...(context?.active === true ? [`ctrl ${context.epoch}`] : []),
  ];
}

function standingOf(state: State, broker: number): string {
  const process = state.processes[broker];
  const replica = state.replicas[broker];
  if (process === undefined || replica === undefined || process.status === 'down') return 'down';
  const role =
    replica.leading !== null
      ? `leads, epoch ${replica.leaderEpoch}`
      : replica.fetcher !== null
        ? `follows ${replica.fetcher.leader}, epoch ${replica.fetcher.leaderEpoch}`
        : 'no role';
  const stage =
    process.status === 'running' ? '' : process.status === 'starting' ? ', starting' : ', stopping';
  return `${role}${stage}${process.paused ? ', paused' : ''}${process.stalled === true ? ', disk stalled' : ''}${process.offline !== undefined ? ', directory offline' : ''}`;
}
