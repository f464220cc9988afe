/** What a step caused, as the observer, the drivers and people need to know it. Offsets are exclusive ends. */
import type { ErrorCode } from './state/message.ts';
import type { Entry } from './state/log.ts';

export type ElectionKind = 'clean' | 'elr' | 'last-known-leader' | 'unclean' | 'none-electable';

export interface AssignmentChange {
  readonly replicas: readonly number[];
  readonly adding: number;
  readonly removing: number;
  /** A replica from outside the ISR is the ISR now. */
  readonly forcedIsr: boolean;
}

/** With several partitions, `partition` names the one of an event that is of one partition, but for the first. */
export type Event = PlainEvent & { readonly partition?: number };

/** What happens to brokers and the controller, and so to every partition. */
const OF_ALL: readonly Event['type'][] = [
  'broker-stopped',
  'directory-failed',
  'broker-started',
  'broker-registered',
  'broker-fenced',
  'broker-unfenced',
  'metadata-skipped',
  'controller-elected',
];

/** Of the events of a step, those that concern a partition of so many. */
export const eventsOf = (
  events: readonly Event[],
  partition: number,
  partitions: number,
): readonly Event[] =>
  partitions === 1
    ? events
    : events.filter((event) => OF_ALL.includes(event.type) || (event.partition ?? 0) === partition);

type PlainEvent =
  | { readonly type: 'sent'; readonly producer: number; readonly record: number; readonly broker: number }
  | { readonly type: 'appended'; readonly broker: number; readonly offset: number; readonly entry: Entry }
  | {
      readonly type: 'replicated';
      readonly broker: number;
      readonly offset: number;
      readonly entries: readonly Entry[];
    }
  | { readonly type: 'truncated'; readonly broker: number; readonly from: number; readonly to: number }
  | {
      readonly type: 'destroyed';
      readonly broker: number;
      readonly from: number;
      readonly to: number;
      readonly lost: readonly Entry[];
    }
  /** What lies below `to` may not be read any more: an administrator or retention deletes it, or the leader has. */
  | {
      readonly type: 'log-start-moved';
      readonly broker: number;
      readonly to: number;
      readonly why: 'delete-records' | 'retention' | 'leader';
    }
  /** The log ended at `from`, before everything that the leader or the checkpoint still has: it goes on at `to`, empty. */
  | { readonly type: 'log-restarted'; readonly broker: number; readonly from: number; readonly to: number }
  /** The broker holds no replica any more; its log ended at `to`. */
  | { readonly type: 'log-deleted'; readonly broker: number; readonly to: number }
  /** A stop left files as they were before a truncation: `entries` are there again from `offset` on. */
  | {
      readonly type: 'truncation-undone';
      readonly broker: number;
      readonly offset: number;
      readonly entries: readonly Entry[];
    }
  | {
      readonly type: 'high-watermark-advanced';
      readonly broker: number;
      readonly leaderEpoch: number;
      readonly from: number;
      readonly to: number;
      /** What the leader's log holds in [from, to): these records are committed now. */
      readonly entries: readonly Entry[];
    }
  | {
      readonly type: 'became-leader';
      readonly broker: number;
      readonly leaderEpoch: number;
      readonly missedEpochs: boolean;
    }
  | {
      readonly type: 'became-follower';
      readonly broker: number;
      readonly leader: number;
      readonly leaderEpoch: number;
    }
  | {
      readonly type: 'partition-changed';
      readonly leader: number;
      readonly leaderEpoch: number;
      readonly isrBefore: number;
      readonly isr: number;
      readonly elr: number;
      /** Set where replicas moved, or begin to. */
      readonly assignment: AssignmentChange | undefined;
      /** Set where the leader changed. */
      readonly election: ElectionKind | undefined;
    }
  | {
      readonly type: 'acked';
      readonly producer: number;
      readonly record: number;
      readonly acks: number;
      readonly offset: number;
    }
  | { readonly type: 'failed'; readonly producer: number; readonly record: number; readonly error: ErrorCode }
  | {
      readonly type: 'delivered';
      readonly consumer: number;
      readonly offset: number;
      readonly record: number;
    }
  | {
      readonly type: 'offset-reset';
      readonly consumer: number;
      readonly from: number;
      readonly to: number;
      /** `truncated`: the consumer noticed that the log no longer holds what it read (KIP-320). */
      readonly why: 'out-of-range' | 'truncated' | 'restarted' | 'no-position';
    }
  | { readonly type: 'consumer-stopped'; readonly consumer: number; readonly position: number }
  | {
      readonly type: 'fetch-refused';
      readonly broker: number;
      readonly follower: number;
      readonly error: ErrorCode;
    }
  | {
      readonly type: 'isr-change-proposed';
      readonly broker: number;
      readonly isrBefore: number;
      readonly isr: number;
    }
  | { readonly type: 'isr-change-refused'; readonly broker: number; readonly error: ErrorCode }
  | { readonly type: 'stale-response-dropped'; readonly broker: number }
  | {
      readonly type: 'broker-stopped';
      readonly broker: number;
      readonly how: 'kill' | 'power-loss' | 'wipe' | 'clean' | 'exit' | 'disk-error';
    }
  /** The broker lives on without the replica. */
  | { readonly type: 'directory-failed'; readonly broker: number }
  | { readonly type: 'broker-started'; readonly broker: number }
  | { readonly type: 'broker-registered'; readonly broker: number; readonly unclean: boolean }
  | { readonly type: 'broker-fenced'; readonly broker: number }
  | { readonly type: 'broker-unfenced'; readonly broker: number }
  | { readonly type: 'metadata-skipped'; readonly broker: number; readonly versions: number }
  | { readonly type: 'controller-elected' };
