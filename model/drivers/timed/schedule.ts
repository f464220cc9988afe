/**
 * Fault schedules as data: what goes wrong, when, and for how long. Every fault carries its undo, so that whatever a
 * schedule does the cluster is whole again at its end.
 */
import { FAULT_KINDS, UNLIMITED, type FaultKind } from '../../protocol/state/environment.ts';
import type { LatencyRange } from './latency.ts';
import type { AbandonableKind, ControlRequest, Message } from '../../protocol/state/message.ts';
import type { ShapeName } from './shapes.ts';

/**
 * A broker by id, or by what it is when the fault begins: the leader, or the first other member of the ISR, of the partition
 * that the fault concerns, else of the first.
 */
export type Target = number | 'leader' | 'follower';

/** Kinds of message that a connection's death can take. */
export type LosableMessage = Exclude<Message['kind'], 'DelayedFetch' | ControlRequest>;
/** Requests whose sender can give up while they are under way. */
export type LatableMessage = AbandonableKind;

/** Faults that concern one partition, with several: the first where they name none. */
interface OfPartition {
  readonly partition?: number;
}

export type TimedFault =
  /** The process dies; it is started again afterwards. */
  | { readonly kind: 'kill'; readonly broker: Target }
  /** Power goes, and with it up to `lost` unflushed records; started again afterwards. */
  | { readonly kind: 'power-loss'; readonly broker: Target; readonly lost: number }
  /** It stops before a truncation is on the disk: up to `records` of what that took are there again; started again afterwards. */
  | ({ readonly kind: 'stale-file'; readonly broker: Target; readonly records: number } & OfPartition)
  /** A power loss of every broker in the rack that this one stands in. */
  | { readonly kind: 'rack'; readonly broker: Target; readonly lost: number }
  /** The disk is replaced by an empty one; started again afterwards. */
  | { readonly kind: 'wipe'; readonly broker: Target }
  /** Controlled shutdown; started again afterwards, at the earliest when it is down. */
  | { readonly kind: 'clean-stop'; readonly broker: Target }
  /** A garbage-collection stop. */
  | { readonly kind: 'pause'; readonly broker: Target }
  /** The disk answers nothing, without an error; it does again afterwards. */
  | { readonly kind: 'disk-stall'; readonly broker: Target }
  /** I/O errors, as when the disk is full: the log directory fails, or the whole broker where it has no other. Repaired afterwards. */
  | { readonly kind: 'disk-error'; readonly broker: Target }
  /** The first records of the broker's log are too old, or too many. */
  | ({ readonly kind: 'retention'; readonly broker: Target; readonly records: number } & OfPartition)
  /** An administrator has the first records deleted. */
  | ({ readonly kind: 'delete-records'; readonly records: number } & OfPartition)
  /** A named shape of broken network. */
  | { readonly kind: 'cut'; readonly shape: ShapeName }
  /** One link, by party numbers. */
  | { readonly kind: 'cut'; readonly from: number; readonly to: number; readonly both: boolean }
  /** Messages from one party to the other take `extra` ms longer. */
  | { readonly kind: 'slow'; readonly from: number; readonly to: number; readonly extra: number }
  /** Every link has this latency. */
  | { readonly kind: 'slow'; readonly network: LatencyRange }
  /** The broker's fetcher waits `extra` ms before each fetch. */
  | { readonly kind: 'slow'; readonly broker: Target; readonly extra: number }
  /** The broker fetches nothing, while it is well in all else: it drops behind, and out of the ISR. */
  | { readonly kind: 'shrink'; readonly broker: Target }
  /** The broker gets no metadata, and then all that it missed as one delta. */
  | { readonly kind: 'lag'; readonly broker: Target }
  /** The controller is lost; the next one is elected afterwards. */
  | { readonly kind: 'ctrl' }
  /** A client dies and is there again at once. */
  | { readonly kind: 'client-kill'; readonly client: 'producer' | 'consumer'; readonly id: number }
  /** The next record that an application hands over cannot be sent. */
  | { readonly kind: 'bad-record'; readonly producer: number }
  /** The next produce request is refused for good, with an error that is fatal or not. Armed for as long as the fault lasts. */
  | { readonly kind: 'refused'; readonly fatal: boolean }
  /** The controller declares the broker dead although it lives; the next heartbeat undoes it. */
  | { readonly kind: 'fence'; readonly broker: Target }
  /** Preferred leader election, of every partition: no damage, nothing to undo. */
  | { readonly kind: 'move' }
  /**
   * The partition is to have these replicas, the first preferred. Nothing undoes that, but for one that is to be cancelled
   * and has not completed by then.
   */
  | ({
      readonly kind: 'reassign';
      readonly replicas: readonly number[];
      readonly cancelled: boolean;
    } & OfPartition)
  /** An administrator adds the next partition; nothing undoes that. */
  | { readonly kind: 'add-partition' }
  /** The next message of this kind never arrives. Armed for as long as the fault lasts. */
  | { readonly kind: 'lost'; readonly message: LosableMessage }
  /** The sender of the next message of this kind gives up, and it arrives `late` ms later all the same. */
  | { readonly kind: 'lost'; readonly message: LatableMessage; readonly late: number };

export interface ScheduledFault {
  /** When it begins (ms of virtual time). */
  readonly at: number;
  /** How long until it is undone (ms). */
  readonly for: number;
  readonly fault: TimedFault;
}

export type Schedule = readonly ScheduledFault[];

/** When the last fault is undone (ms); 0 for an empty schedule. */
export const scheduleEnd = (schedule: Schedule): number =>
  schedule.reduce((end, scheduled) => Math.max(end, scheduled.at + scheduled.for), 0);

/**
 * What clocks of a simulation draw on whatever its schedule: requests that time out and connections that break, a
 * follower or a heartbeat that comes too late although its broker runs, records of metadata that come together and are
 * applied as one delta, as those of one decision of the controller do (MetadataLoader.handleCommit).
 */
const CLOCKS: readonly FaultKind[] = ['lost', 'shrink', 'fence', 'lag'];

/**
 * Budgets of the machine for simulations under these: schedules bound how often a fault happens, so that the machine
 * allows each kind without bound or not at all. Limits of a fault class stay as they are, and the partitions that may be
 * added are counted, for each takes a place in the state from the start.
 */
export const timedBudgets = (
  budgets: Readonly<Record<FaultKind, number>>,
): Readonly<Record<FaultKind, number>> => {
  const mayHappen = (kind: FaultKind): number => (budgets[kind] > 0 || CLOCKS.includes(kind) ? UNLIMITED : 0);
  return Object.fromEntries(
    FAULT_KINDS.map((kind) => [kind, kind === 'add-partition' ? budgets[kind] : mayHappen(kind)]),
  ) as Record<FaultKind, number>;
};

/** The brokers are stopped cleanly and started again, one after the other. */
export const rollingRestart = (
  brokers: readonly number[],
  { at, down, every }: { readonly at: number; readonly down: number; readonly every: number },
): Schedule =>
  brokers.map((broker, nth) => ({
    at: at + nth * every,
    for: down,
    fault: { kind: 'clean-stop', broker },
  }));

/** The same, killed instead of asked. */
export const rollingKill = (
  brokers: readonly number[],
  { at, down, every }: { readonly at: number; readonly down: number; readonly every: number },
): Schedule =>
  brokers.map((broker, nth) => ({ at: at + nth * every, for: down, fault: { kind: 'kill', broker } }));

/** All brokers lose power at once, each up to `lost` records, and come back one `every` ms after the other. */
export const wholeClusterPowerLoss = (
  brokers: readonly number[],
  { at, lost, down, every }: Readonly<Record<'at' | 'lost' | 'down' | 'every', number>>,
): Schedule =>
  brokers.map((broker, nth) => ({
    at,
    for: down + nth * every,
    fault: { kind: 'power-loss', broker, lost },
  }));

/** Leadership moves away by a clean stop and back by preferred election, again and again. */
export const flappingLeader = (
  preferred: number,
  { at, down, every, times }: Readonly<Record<'at' | 'down' | 'every' | 'times', number>>,
): Schedule =>
  Array.from({ length: times }, (_, nth) => at + nth * every).flatMap((when): ScheduledFault[] => [
    { at: when, for: down, fault: { kind: 'clean-stop', broker: preferred } },
    { at: when + every - 1, for: 0, fault: { kind: 'move' } },
  ]);

/** A link comes and goes. */
export const flappingLink = (
  [from, to]: readonly [number, number],
  { at, down, every, times }: Readonly<Record<'at' | 'down' | 'every' | 'times', number>>,
): Schedule =>
  Array.from({ length: times }, (_, nth) => ({
    at: at + nth * every,
    for: down,
    fault: { kind: 'cut', from, to, both: true },
  }));

/**
 * Links are cut one by one and healed one by one in another order (swizzle-clogging, after FoundationDB): `healed` says
 * which is healed first, by its place among the links. With `both` unset only what goes from the first to the second
 * of a link is lost.
 */
export const swizzle = (
  links: readonly (readonly [number, number])[],
  healed: readonly number[],
  { at, down, every, both }: Readonly<Record<'at' | 'down' | 'every', number>> & { readonly both: boolean },
): Schedule =>
  links.map(([from, to], nth) => {
    const begins = at + nth * every;
    const ends = at + links.length * every + down + healed.indexOf(nth) * every;
    return { at: begins, for: ends - begins, fault: { kind: 'cut', from, to, both } };
  });

/** A shape of broken network for a while. */
export const partition = (shape: ShapeName, at: number, lasts: number): Schedule => [
  { at, for: lasts, fault: { kind: 'cut', shape } },
];
