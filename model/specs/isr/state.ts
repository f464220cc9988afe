/**
 * The state of the abstract ISR specs: one partition, no messages, no failures of processes. Replicas read each other's
 * logs, the quorum is what the controller has decided, and a leader-and-ISR request stays there for whoever takes it.
 */
import { int, list, struct, type Infer } from '../../protocol/base/shape.ts';
import {
  actorSet,
  declare,
  renameSet,
  slotAt,
  upTo,
  type Renaming,
  type Slot,
  type SlotDeclaration,
} from '../define.ts';
import type { Read } from '../space.ts';

/** Nobody leads, or nobody is known to. */
export const NO_LEADER = -1;

/** No leader epoch yet. */
export const NO_EPOCH = -1;

/** In place of the leader of a request that has not been issued. */
export const NO_REQUEST = -2;

/** How much there can be: these bounds define the space. */
export interface IsrBounds {
  readonly replicas: number;
  /** Records that a log has room for. */
  readonly logSize: number;
  /** Records that may be written, with ids from 0. */
  readonly records: number;
  /** The highest leader epoch; the first is 0. */
  readonly epochs: number;
}

const shapesOf = ({ replicas, logSize, records, epochs }: IsrBounds) => {
  const leader = int(NO_LEADER, replicas - 1);
  const epoch = int(NO_EPOCH, epochs);
  const isr = actorSet(replicas);
  return {
    log: list(struct({ record: int(0, records - 1), epoch: int(0, epochs) })),
    highWatermark: int(0, logSize),
    leadership: struct({ leader, epoch }),
    isr,
    requestedLeader: int(NO_REQUEST, replicas - 1),
    nextRecord: int(0, records),
  };
};
type Shapes = ReturnType<typeof shapesOf>;

export type Log = Infer<Shapes['log']>;
export type LogRecord = Log[number];
/** Who leads, and in which epoch. */
export type Leadership = Infer<Shapes['leadership']>;
/** What a replica has, and what it believes. */
export interface Replica {
  readonly log: Log;
  readonly highWatermark: number;
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: number;
}
/** What the controller, or a leader with its consent, has decided last. */
export interface Quorum extends Leadership {
  readonly isr: number;
}
/** A leader-and-ISR request of the controller. */
export interface Request {
  readonly leader: number;
  readonly isr: number;
}

/** All have several slots each, because rules look at parts: what they did with few is soon known. */
export const QUORUM = { leadership: slotAt<Leadership>(0), isr: slotAt<number>(1) };
export const NEXT_RECORD = slotAt<number>(2);

export interface ReplicaSlots {
  /** Who leads and who is in the ISR, as far as the replica knows. */
  readonly leadership: Slot<Leadership>;
  readonly isr: Slot<number>;
  readonly log: Slot<Log>;
  readonly highWatermark: Slot<number>;
}
const FIRST_OF_REPLICAS = 3;
const PER_REPLICA = 4;
const slotsFor = (id: number): ReplicaSlots => {
  const from = FIRST_OF_REPLICAS + PER_REPLICA * id;
  return {
    leadership: slotAt(from),
    isr: slotAt(from + 1),
    log: slotAt(from + 2),
    highWatermark: slotAt(from + 3),
  };
};
/** A broker set is a bit mask of 31 bits at the most; actions ask for these slots over and over. */
const REPLICAS: readonly ReplicaSlots[] = upTo(31).map(slotsFor);
export const replicaSlots = (id: number): ReplicaSlots => REPLICAS[id] ?? slotsFor(id);

/**
 * The requests issued so far, behind the replicas: each decision takes the next epoch, so there is one per epoch up to
 * that of the quorum, and a set of them has one form.
 */
export interface RequestSlots {
  readonly leader: Slot<number>;
  readonly isr: Slot<number>;
}
const PER_REQUEST = 2;
export function requestSlots({ replicas }: Pick<IsrBounds, 'replicas'>, epoch: number): RequestSlots {
  const from = FIRST_OF_REPLICAS + PER_REPLICA * replicas + PER_REQUEST * epoch;
  return { leader: slotAt(from), isr: slotAt(from + 1) };
}

/** A replica of some state; reads a slot only where it is asked for what is in there. */
class ReplicaView implements Replica {
  private readonly slots: ReplicaSlots;
  private readonly read: Read;

  constructor(slots: ReplicaSlots, read: Read) {
    this.slots = slots;
    this.read = read;
  }

  get log(): Log {
    return this.slots.log.get(this.read);
  }

  get highWatermark(): number {
    return this.slots.highWatermark.get(this.read);
  }

  get leader(): number {
    return this.slots.leadership.get(this.read).leader;
  }

  get leaderEpoch(): number {
    return this.slots.leadership.get(this.read).epoch;
  }

  get isr(): number {
    return this.slots.isr.get(this.read);
  }
}

export const replicaIn = (read: Read, id: number): Replica => new ReplicaView(replicaSlots(id), read);

export function slotsOf(bounds: IsrBounds): readonly SlotDeclaration[] {
  const shapes = shapesOf(bounds);
  return [
    declare(QUORUM.leadership, {
      name: 'leadership of the quorum',
      shape: shapes.leadership,
      initial: { leader: NO_LEADER, epoch: NO_EPOCH },
      renamed: renamedLeadership,
    }),
    declare(QUORUM.isr, {
      name: 'ISR of the quorum',
      shape: shapes.isr,
      initial: (1 << bounds.replicas) - 1,
      renamed: renameSet,
    }),
    declare(NEXT_RECORD, { name: 'next record', shape: shapes.nextRecord, initial: 0 }),
    ...upTo(bounds.replicas).flatMap((id) => {
      const { leadership, isr, log, highWatermark } = replicaSlots(id);
      const of = (renaming: Renaming): ReplicaSlots => replicaSlots(renaming[id] ?? id);
      return [
        declare(leadership, {
          name: `leadership that replica ${id} believes in`,
          shape: shapes.leadership,
          initial: { leader: NO_LEADER, epoch: NO_EPOCH },
          movesTo: (renaming) => of(renaming).leadership,
          renamed: renamedLeadership,
        }),
        declare(isr, {
          name: `ISR that replica ${id} believes in`,
          shape: shapes.isr,
          initial: 0,
          movesTo: (renaming) => of(renaming).isr,
          renamed: renameSet,
        }),
        declare(log, {
          name: `log of replica ${id}`,
          shape: shapes.log,
          initial: [],
          movesTo: (renaming) => of(renaming).log,
        }),
        declare(highWatermark, {
          name: `high watermark of replica ${id}`,
          shape: shapes.highWatermark,
          initial: 0,
          movesTo: (renaming) => of(renaming).highWatermark,
        }),
      ];
    }),
    ...upTo(bounds.epochs + 1).flatMap((epoch) => {
      const { leader, isr } = requestSlots(bounds, epoch);
      return [
        declare(leader, {
          name: `leader in the request of epoch ${epoch}`,
          shape: shapes.requestedLeader,
          initial: NO_REQUEST,
          renamed: (requested, renaming) => renaming[requested] ?? requested,
        }),
        declare(isr, {
          name: `ISR in the request of epoch ${epoch}`,
          shape: shapes.isr,
          initial: 0,
          renamed: renameSet,
        }),
      ];
    }),
  ];
}

/** What is stored as one. */
export const groupsOf = (bounds: IsrBounds): readonly (readonly number[])[] => [
  [QUORUM.leadership.index, QUORUM.isr.index],
  [NEXT_RECORD.index],
  ...upTo(bounds.replicas).map((id) => {
    const { leadership, isr, log, highWatermark } = replicaSlots(id);
    return [leadership.index, isr.index, log.index, highWatermark.index];
  }),
  upTo(bounds.epochs + 1).flatMap((epoch) => {
    const { leader, isr } = requestSlots(bounds, epoch);
    return [leader.index, isr.index];
  }),
];

const renamedLeader = (leader: number, renaming: Renaming): number => renaming[leader] ?? NO_LEADER;
const renamedLeadership = ({ leader, epoch }: Leadership, renaming: Renaming): Leadership => ({
  leader: renamedLeader(leader, renaming),
  epoch,
});

export const logEnd = ({ log }: Replica): number => log.length;
export const hasOffset = ({ log }: Replica, offset: number): boolean => offset < log.length;
export const sameRecord = (a: LogRecord | undefined, b: LogRecord | undefined): boolean =>
  a !== undefined && b !== undefined && a.record === b.record && a.epoch === b.epoch;

/** Whether the replica believes that it is the leader. */
export const leads = (id: number, replica: Replica): boolean => replica.leader === id;

/** The leader that the quorum knows, in its epoch: only it may change the ISR. Both ISRs are the same then. */
export const isTrueLeader = (id: number, replica: Replica, quorum: Leadership): boolean =>
  leads(id, replica) && quorum.leader === id && quorum.epoch === replica.leaderEpoch;
