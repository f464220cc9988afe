/** Folds the events of a step into what the observer remembers. */
import { setOf } from '../protocol/base/broker-set.ts';
import type { Config } from '../protocol/config.ts';
import type { Event } from '../protocol/events.ts';
import type { State } from '../protocol/state/state.ts';
import { NONE, UNDAMAGED, type Ack, type Commit, type Observed } from './observed.ts';

/** An entry packs leader epoch and record; see the log component. */
const recordOf = (entry: number): number => entry % 0x4000;
const isDeleted = (entry: number): boolean => recordOf(entry) === 0x3fff;

export function nothingObserved(config: Config): Observed {
  const records = config.producers.length * config.recordsPerProducer;
  return {
    commits: [],
    conflicts: [],
    acks: [],
    deliveries: config.consumers.map(() => []),
    lastDelivered: config.consumers.map(() => NONE),
    firstOffset: config.consumers.map(() => Array.from({ length: records }, () => NONE)),
    lostTails: Array.from({ length: config.brokers }, () => []),
    damagedFrom: Array.from({ length: config.brokers }, () => UNDAMAGED),
    incomplete: 0,
    storageFault: false,
    uncleanElection: false,
    failed: [],
  };
}

/** What is remembered after a step that led to `state`. The same object where nothing new was learnt. */
export function observe(before: Observed, previous: State, state: State, events: readonly Event[]): Observed {
  let seen = before;
  for (let i = 0; i < events.length; i++) {
    const event = events[i];
    if (event !== undefined) seen = fold(seen, state, event);
  }
  if (state.metadata !== previous.metadata || state.processes !== previous.processes || seen !== before) {
    seen = withInSyncPremise(seen, state);
  }
  return seen;
}

function fold(seen: Observed, state: State, event: Event): Observed {
  switch (event.type) {
    case 'high-watermark-advanced':
      return committed(seen, state, event.from, event.entries, event.leaderEpoch);
    case 'appended':
      return written(seen, event.broker, event.offset, [event.entry]);
    case 'replicated':
      return written(seen, event.broker, event.offset, event.entries);
    case 'truncated':
      // What a fault brought back is cut off again: what it took stays what it took.
      return at(seen.lostTails, event.broker).length === 0 || at(seen.damagedFrom, event.broker) <= event.to
        ? seen
        : { ...seen, lostTails: replaced(seen.lostTails, event.broker, []) };
    case 'log-start-moved':
      return event.to <= (seen.deletedBelow ?? 0) ? seen : { ...seen, deletedBelow: event.to };
    case 'log-restarted':
      return restarted(seen, event.broker, event.to);
    case 'destroyed':
      return destroyed(seen, state, event.broker, event.to, event.from, event.lost);
    case 'truncation-undone':
      return event.entries.length === 0 ? seen : undone(seen, event.broker, event.offset, event.entries);
    case 'acked':
      return acked(seen, state, event.record, event.offset, event.acks);
    case 'failed':
      return { ...seen, failed: [...seen.failed, event.record] };
    case 'delivered':
      return delivered(seen, event.consumer, event.offset, event.record);
    case 'offset-reset':
      return { ...seen, lastDelivered: replaced(seen.lastDelivered, event.consumer, NONE) };
    case 'log-deleted':
      return withoutHolders(seen, 1 << event.broker);
    case 'partition-changed': {
      const held =
        event.assignment === undefined ? seen : withoutHolders(seen, ~setOf(event.assignment.replicas));
      return event.election === 'unclean' ||
        event.election === 'last-known-leader' ||
        event.assignment?.forcedIsr === true
        ? { ...held, uncleanElection: true }
        : held;
    }
    default:
      return seen;
  }
}

/** The set of commits only grows; a second record at an offset is kept apart. */
function committed(
  seen: Observed,
  state: State,
  from: number,
  entries: readonly number[],
  leaderEpoch: number,
): Observed {
  let commits: Commit[] | undefined;
  let conflicts: Commit[] | undefined;
  for (let i = 0; i < entries.length; i++) {
    const offset = from + i;
    const record = recordOf(at(entries, i));
    const known = seen.commits[offset];
    if (known?.record === record || (known !== undefined && isDeleted(at(entries, i)))) continue;
    if (isConflict(seen, offset, record)) continue;
    const commit: Commit = {
      record,
      offset,
      leaderEpoch,
      holders: holdersOf(state, offset, record),
      inSyncLived: true,
      delivered: false,
    };
    if (known === undefined) (commits ??= seen.commits.slice()).push(commit);
    else (conflicts ??= seen.conflicts.slice()).push(commit);
  }
  if (commits === undefined && conflicts === undefined) return seen;
  return { ...seen, commits: commits ?? seen.commits, conflicts: conflicts ?? seen.conflicts };
}

const isConflict = (seen: Observed, offset: number, record: number): boolean =>
  seen.conflicts.some((commit) => commit.offset === offset && commit.record === record);

/** Who is no replica any more holds nothing that counts, and what it lost before counts no more either. */
function withoutHolders(seen: Observed, gone: number): Observed {
  const hit = ({ holders }: { readonly holders: number }): boolean => (holders & gone) !== 0;
  const without = <T extends { readonly holders: number }>(held: T): T => ({
    ...held,
    holders: held.holders & ~gone,
  });
  const isGone = (broker: number): boolean => (gone & (1 << broker)) !== 0;
  const lostTails = seen.lostTails.some((tail, broker) => tail.length > 0 && isGone(broker))
    ? seen.lostTails.map((tail, broker) => (isGone(broker) ? [] : tail))
    : seen.lostTails;
  const acks = seen.acks.some(hit) ? seen.acks.map((ack) => (hit(ack) ? without(ack) : ack)) : seen.acks;
  const held = changeCommits(seen, hit, without);
  return held === seen && lostTails === seen.lostTails && acks === seen.acks
    ? seen
    : { ...held, lostTails, acks };
}

/** Replaces the commits, first ones and conflicting ones, that `matches` and `change` concern. */
function changeCommits(
  seen: Observed,
  matches: (commit: Commit) => boolean,
  change: (commit: Commit) => Commit,
): Observed {
  const changed = (commits: readonly Commit[]): readonly Commit[] =>
    commits.some(matches) ? commits.map((commit) => (matches(commit) ? change(commit) : commit)) : commits;
  const commits = changed(seen.commits);
  const conflicts = changed(seen.conflicts);
  return commits === seen.commits && conflicts === seen.conflicts ? seen : { ...seen, commits, conflicts };
}

function holdersOf(state: State, offset: number, record: number): number {
  let holders = 0;
  for (let broker = 0; broker < state.logs.length; broker++) {
    const entry = at(state.logs, broker).entries[offset];
    if (entry !== undefined && recordOf(entry) === record) holders |= 1 << broker;
  }
  return holders;
}

/** A broker wrote `entries` from `offset` on: it holds them, and what it wrote again is whole again. */
function written(seen: Observed, broker: number, offset: number, entries: readonly number[]): Observed {
  let next = seen;
  const flag = 1 << broker;
  for (let i = 0; i < entries.length; i++) {
    const where = offset + i;
    const record = recordOf(at(entries, i));
    const commit = next.commits[where];
    if (commit !== undefined && commit.record === record && (commit.holders & flag) === 0) {
      const commits = replaced(next.commits, where, { ...commit, holders: commit.holders | flag });
      next = { ...next, commits };
    }
    if (next.conflicts.length > 0) {
      next = changeCommits(
        next,
        (known) => known.offset === where && known.record === record && (known.holders & flag) === 0,
        (known) => ({ ...known, holders: known.holders | flag }),
      );
    }
    next = ackHeld(next, where, record, flag);
  }
  const end = offset + entries.length;
  const damaged = at(next.damagedFrom, broker);
  if (damaged >= offset && damaged < end) {
    const { lostTails, damagedFrom } = next;
    const tail = at(lostTails, broker);
    next = {
      ...next,
      lostTails: tail.length === 0 ? lostTails : replaced(lostTails, broker, tail.slice(end - damaged)),
      damagedFrom: replaced(damagedFrom, broker, end),
    };
  }
  return completed(next, broker, end);
}

/** What a truncation took is there again: held, but nothing that a fault took is whole by that. */
function undone(seen: Observed, broker: number, offset: number, entries: readonly number[]): Observed {
  const { damagedFrom, incomplete, lostTails } = seen;
  const damaged = at(damagedFrom, broker);
  return {
    ...written(seen, broker, offset, entries),
    storageFault: true,
    lostTails,
    damagedFrom: damaged <= offset ? damagedFrom : replaced(damagedFrom, broker, offset),
    incomplete: offset < seen.commits.length ? incomplete | (1 << broker) : incomplete,
  };
}

function ackHeld(seen: Observed, offset: number, record: number, flag: number): Observed {
  const { acks } = seen;
  for (let i = 0; i < acks.length; i++) {
    const ack = at(acks, i);
    if (ack.record === record && ack.offset === offset && (ack.holders & flag) === 0) {
      return { ...seen, acks: replaced(acks, i, { ...ack, holders: ack.holders | flag }) };
    }
  }
  return seen;
}

/** A broker that came back incomplete is complete again once it has written up to the true high watermark. */
function completed(seen: Observed, broker: number, end: number): Observed {
  const flag = 1 << broker;
  if ((seen.incomplete & flag) === 0 || end < seen.commits.length) return seen;
  return { ...seen, incomplete: seen.incomplete & ~flag };
}

/** The log goes on at `to`: what a fault had taken below that was deleted everywhere. */
function restarted(seen: Observed, broker: number, to: number): Observed {
  const tail = at(seen.lostTails, broker);
  const damaged = at(seen.damagedFrom, broker);
  return completed(
    {
      ...seen,
      lostTails:
        tail.length === 0
          ? seen.lostTails
          : replaced(seen.lostTails, broker, tail.slice(Math.max(0, to - damaged))),
      damagedFrom: damaged < to ? replaced(seen.damagedFrom, broker, to) : seen.damagedFrom,
    },
    broker,
    to,
  );
}

function destroyed(
  seen: Observed,
  state: State,
  broker: number,
  to: number,
  from: number,
  lost: readonly number[],
): Observed {
  const flag = 1 << broker;
  const hit = (held: { readonly offset: number }): boolean => held.offset >= to && held.offset < from;
  const without = <T extends { readonly holders: number }>(held: T): T => ({
    ...held,
    holders: held.holders & ~flag,
  });
  const damaged = Math.min(at(seen.damagedFrom, broker), to);
  const tail = at(seen.lostTails, broker);
  // What stands between the two was brought back over what an earlier fault had taken.
  const between = tail.slice(0, to - damaged);
  const kept = [...between, ...at(state.logs, broker).entries.slice(damaged + between.length, to)];
  return {
    ...changeCommits(seen, hit, without),
    storageFault: true,
    acks: seen.acks.map((ack) => (hit(ack) ? without(ack) : ack)),
    lostTails: replaced(seen.lostTails, broker, [...kept, ...lost, ...tail.slice(between.length)]),
    damagedFrom: replaced(seen.damagedFrom, broker, damaged),
    incomplete: to < seen.commits.length ? seen.incomplete | flag : seen.incomplete,
  };
}

function acked(seen: Observed, state: State, record: number, offset: number, acks: number): Observed {
  if (offset < 0) return seen;
  const ack: Ack = { record, offset, acks, holders: ackHolders(seen, state, offset, record) };
  return { ...seen, acks: [...seen.acks, ack] };
}

/** Where the record is committed, whoever held it since then counts: the answer may have been long under way. */
function ackHolders(seen: Observed, state: State, offset: number, record: number): number {
  const commit = [seen.commits[offset], ...seen.conflicts].find(
    (known) => known?.offset === offset && known.record === record,
  );
  return commit === undefined ? holdersOf(state, offset, record) : commit.holders;
}

function delivered(seen: Observed, consumer: number, offset: number, record: number): Observed {
  const row = at(seen.deliveries, consumer).slice();
  while (row.length < offset) row.push(NONE);
  row[offset] = record;
  const first = at(seen.firstOffset, consumer);
  const read = (commit: Commit): boolean =>
    commit.offset === offset && commit.record === record && !commit.delivered;
  return {
    ...changeCommits(seen, read, (commit) => ({ ...commit, delivered: true })),
    deliveries: replaced(seen.deliveries, consumer, row),
    lastDelivered: replaced(seen.lastDelivered, consumer, offset),
    firstOffset:
      first[record] === NONE
        ? replaced(seen.firstOffset, consumer, replaced(first, record, offset))
        : seen.firstOffset,
  };
}

/** The premise of the documentation ends for offsets that no running member of ISR or ELR holds undamaged. */
function withInSyncPremise(seen: Observed, state: State): Observed {
  if (!seen.commits.some(hasPremise) && !seen.conflicts.some(hasPremise)) return seen;
  const image = state.metadata.images[state.metadata.images.length - 1];
  const partition = image?.partitions[0];
  if (partition === undefined) return seen;
  const candidates = (partition.isr | partition.elr) & setOf(partition.replicas);
  let intactBelow = 0;
  for (let broker = 0; broker < state.processes.length; broker++) {
    if ((candidates & (1 << broker)) === 0 || at(state.processes, broker).status === 'down') continue;
    intactBelow = Math.max(intactBelow, at(seen.damagedFrom, broker));
  }
  if (intactBelow >= seen.commits.length) return seen;
  return changeCommits(
    seen,
    (commit) => commit.offset >= intactBelow && commit.inSyncLived,
    (commit) => ({ ...commit, inSyncLived: false }),
  );
}

const hasPremise = ({ inSyncLived }: Commit): boolean => inSyncLived;

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}

function replaced<T>(values: readonly T[], index: number, value: T): readonly T[] {
  const copy = values.slice();
  copy[index] = value;
  return copy;
}
