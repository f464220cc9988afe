/** Lemmas about logs and high watermarks. */
import {
  epochOf,
  imageLedBy,
  logEnd,
  logStart,
  newestImage,
  newestOffset,
  recordOf,
  setOf,
  type Log,
  type State,
} from '../../model/index.ts';
import { electable } from '../electable.ts';
import { hadRecord } from '../guarantees/commit-on-isr.ts';
import { at, type Evidence, type Moment, type Property } from '../property.ts';

/**
 * Where two logs differ below an offset from `from` on at which their epochs agree, or -1. Below `from` they were
 * compared when they were written, so that looking one entry back is enough. Below a log start nobody reads.
 */
function mismatch(a: Log, b: Log, from: number): number {
  const start = Math.max(logStart(a), logStart(b));
  const end = Math.min(logEnd(a), logEnd(b));
  for (let offset = Math.max(from, start); offset < end; offset++) {
    const one = at(a.entries, offset);
    const other = at(b.entries, offset);
    if (epochOf(one) !== epochOf(other)) continue;
    if (one !== other) return offset;
    if (offset > start && a.entries[offset - 1] !== b.entries[offset - 1]) return offset - 1;
  }
  return -1;
}

/** Shows divergence that truncation left behind. Breaks when an epoch's leader loses records and goes on in it. */
export const logMatching: Property = {
  id: 'log-matching',
  kind: 'lemma',
  promise: 'If two logs have the same leader epoch at an offset, they are equal up to there.',
  source: 'KIP-101, KIP-279',
  vacuousWithout: ['truncated'],
  onEvents: ['appended', 'replicated'],
  onChange: [],
  check: ({ events, after }) => {
    for (const event of events) {
      if (event.type !== 'appended' && event.type !== 'replicated') continue;
      const a = event.broker;
      for (let b = 0; b < after.logs.length; b++) {
        if (a === b) continue;
        const offset = mismatch(at(after.logs, a), at(after.logs, b), event.offset);
        if (offset < 0) continue;
        return {
          says: `the logs of brokers ${a} and ${b} differ at offset ${offset} in agreeing epochs`,
          offset,
        };
      }
    }
    return undefined;
  },
};

/** Shows a clean leader that lacks what was committed. */
export const leaderCompleteness: Property = {
  id: 'leader-completeness',
  kind: 'lemma',
  promise:
    'A cleanly elected leader has every committed record when it takes the role, unless its disk lost it.',
  source: 'Kip320.tla',
  vacuousWithout: ['leader-change', 'commit'],
  onEvents: ['became-leader'],
  onChange: [],
  check: ({ events, after, seen }) => {
    if (seen.uncleanElection) return undefined;
    for (const event of events) {
      if (event.type !== 'became-leader') continue;
      if (event.leaderEpoch !== at(newestImage(after.metadata).partitions, 0).leaderEpoch) continue;
      for (const commit of seen.commits) {
        if (hadRecord(after, seen, event.broker, commit.offset, commit.record)) continue;
        return {
          says:
            `broker ${event.broker} took leader epoch ${event.leaderEpoch} without record ${commit.record}, ` +
            `committed at offset ${commit.offset}`,
          offset: commit.offset,
          record: commit.record,
        };
      }
    }
    return undefined;
  },
};

/** Shows the same one step earlier: somebody may be elected who lacks a commit. */
export const candidatesComplete: Property = {
  id: 'candidates-complete',
  kind: 'lemma',
  promise: 'Every member of ISR and ELR has everything committed, unless its disk lost it.',
  source: 'KIP-966; Kip320.tla, StrongIsr',
  vacuousWithout: ['commit', 'isr-expanded'],
  onEvents: ['high-watermark-advanced', 'truncated', 'partition-changed'],
  onChange: [],
  check: ({ after, seen }) => {
    if (seen.uncleanElection) return undefined;
    const candidates = electable(at(newestImage(after.metadata).partitions, 0));
    for (let broker = 0; broker < after.logs.length; broker++) {
      if ((candidates & (1 << broker)) === 0) continue;
      for (const commit of seen.commits) {
        if (hadRecord(after, seen, broker, commit.offset, commit.record)) continue;
        return {
          says: `broker ${broker} may be elected but lacks record ${commit.record}, committed at offset ${commit.offset}`,
          offset: commit.offset,
          record: commit.record,
        };
      }
    }
    return undefined;
  },
};

/** Below a leader's high watermark some set of replicas agrees with it. */
function agreesBelow(
  { after, seen }: Moment,
  isrOf: (leader: number) => number,
  named: string,
): Evidence | undefined {
  for (let leader = 0; leader < after.replicas.length; leader++) {
    const { leading, highWatermark } = at(after.replicas, leader);
    if (leading === null) continue;
    const { entries } = at(after.logs, leader);
    const isr = isrOf(leader);
    for (let broker = 0; broker < after.logs.length; broker++) {
      if (broker === leader || (isr & (1 << broker)) === 0) continue;
      for (let offset = 0; offset < highWatermark && offset < entries.length; offset++) {
        const record = recordOf(at(entries, offset));
        if (hadRecord(after, seen, broker, offset, record)) continue;
        return {
          says: `broker ${broker}, in the ${named} of leader ${leader}, lacks record ${record} below its high watermark`,
          offset,
          record,
        };
      }
    }
  }
  return undefined;
}

const isrLemma = {
  kind: 'lemma',
  vacuousWithout: ['commit', 'isr-expanded'],
  onEvents: ['high-watermark-advanced', 'truncated', 'partition-changed', 'became-leader'],
  onChange: [],
} as const;

/**
 * Who has been a replica in all that the broker may not have heard of yet: who was dropped between may have deleted its
 * log.
 */
function assignedSince({ metadata, processes }: State, broker: number): number {
  let assigned = ~0;
  for (let offset = at(processes, broker).metadataOffset; offset <= newestOffset(metadata); offset++) {
    assigned &= setOf(at(imageLedBy(metadata, offset).partitions, 0).replicas);
  }
  return assigned;
}

export const weakIsr: Property = {
  ...isrLemma,
  id: 'weak-isr',
  promise:
    'Below the high watermark of whoever believes to lead, every member of its own ISR agrees with it.',
  source: 'KafkaReplication.tla, WeakIsr',
  check: (moment) => {
    if (moment.seen.uncleanElection) return undefined;
    return agreesBelow(
      moment,
      (leader) =>
        (at(moment.after.replicas, leader).leading?.committedIsr ?? 0) & assignedSince(moment.after, leader),
      'own ISR',
    );
  },
};

export const strongIsr: Property = {
  ...isrLemma,
  id: 'strong-isr',
  promise:
    'Below the high watermark of whoever believes to lead, every member of the current ISR agrees with it.',
  source: 'KafkaReplication.tla, StrongIsr',
  check: (moment) => {
    if (moment.seen.uncleanElection) return undefined;
    const { isr } = at(newestImage(moment.after.metadata).partitions, 0);
    return agreesBelow(moment, () => isr, 'current ISR');
  },
};

/** A follower's own high watermark may go down, legally; it must not exceed what was ever committed. */
export const highWatermarkBound: Property = {
  id: 'high-watermark-bound',
  kind: 'lemma',
  promise: 'No replica’s high watermark exceeds the highest that any leader ever had.',
  source: 'UnifiedLog.updateHighWatermark',
  vacuousWithout: ['commit'],
  onEvents: [],
  onChange: ['replicas'],
  check: ({ before, after, seen }) => {
    for (let broker = 0; broker < after.replicas.length; broker++) {
      const replica = at(after.replicas, broker);
      if (replica === before.replicas[broker] || replica.highWatermark <= seen.commits.length) continue;
      return {
        says: `broker ${broker} has high watermark ${replica.highWatermark}, but only ${seen.commits.length} offsets are committed`,
      };
    }
    return undefined;
  },
};
