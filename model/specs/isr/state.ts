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
    belief: struct({ leaderEpoch: epoch, leader, isr }),
    quorum: struct({ leader, epoch, isr }),
    requests: list(struct({ leader, isr })),
    nextRecord: int(0, records),
  };
};
type Shapes = ReturnType<typeof shapesOf>;

export type Log = Infer<Shapes['log']>;
export type LogRecord = Log[number];
/** Who leads in which epoch, and who is in the ISR, as far as a replica knows. */
export type Belief = Infer<Shapes['belief']>;
/** What a replica has, and what it believes. */
export interface Replica extends Belief {
  readonly log: Log;
  readonly highWatermark: number;
}
/** What the controller, or a leader with its consent, has decided last. */
export type Quorum = Infer<Shapes['quorum']>;
/**
 * The leader-and-ISR requests of the controller so far: that of epoch `e` is at index `e`, because each takes the next
 * epoch. So their number is the next epoch, and a set of them has one form.
 */
export type Requests = Infer<Shapes['requests']>;

export const QUORUM = slotAt<Quorum>(0);
export const REQUESTS = slotAt<Requests>(1);
export const NEXT_RECORD = slotAt<number>(2);

/** A replica has three slots, because most rules look at one of them; a rule that looks at few is soon known. */
export interface ReplicaSlots {
  readonly log: Slot<Log>;
  readonly highWatermark: Slot<number>;
  readonly belief: Slot<Belief>;
}
const FIRST_OF_REPLICAS = 3;
const slotsFor = (id: number): ReplicaSlots => {
  const from = FIRST_OF_REPLICAS + 3 * id;
  return { belief: slotAt(from), log: slotAt(from + 1), highWatermark: slotAt(from + 2) };
};
/** A broker set is a bit mask of 31 bits at the most; actions ask for these slots over and over. */
const REPLICAS: readonly ReplicaSlots[] = upTo(31).map(slotsFor);
export const replicaSlots = (id: number): ReplicaSlots => REPLICAS[id] ?? slotsFor(id);

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

  get leaderEpoch(): number {
    return this.slots.belief.get(this.read).leaderEpoch;
  }

  get leader(): number {
    return this.slots.belief.get(this.read).leader;
  }

  get isr(): number {
    return this.slots.belief.get(this.read).isr;
  }
}

export const replicaIn = (read: Read, id: number): Replica => new ReplicaView(replicaSlots(id), read);

export function slotsOf(bounds: IsrBounds): readonly SlotDeclaration[] {
  const shapes = shapesOf(bounds);
  return [
    declare(QUORUM, {
      name: 'quorum',
      shape: shapes.quorum,
      initial: { leader: NO_LEADER, epoch: NO_EPOCH, isr: (1 << bounds.replicas) - 1 },
      renamed: (quorum, renaming) => ({ ...quorum, ...renamedLeadership(quorum, renaming) }),
    }),
    declare(REQUESTS, {
      name: 'leader-and-ISR requests',
      shape: shapes.requests,
      initial: [],
      renamed: (requests, renaming) => requests.map((request) => renamedLeadership(request, renaming)),
    }),
    declare(NEXT_RECORD, { name: 'next record', shape: shapes.nextRecord, initial: 0 }),
    ...upTo(bounds.replicas).flatMap((id) => {
      const { belief, log, highWatermark } = replicaSlots(id);
      const of = (renaming: Renaming): ReplicaSlots => replicaSlots(renaming[id] ?? id);
      return [
        declare(belief, {
          name: `belief of replica ${id}`,
          shape: shapes.belief,
          initial: { leaderEpoch: NO_EPOCH, leader: NO_LEADER, isr: 0 },
          movesTo: (renaming) => of(renaming).belief,
          renamed: (known, renaming) => ({ ...known, ...renamedLeadership(known, renaming) }),
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
  ];
}

/** What is stored as one: a replica. */
export const groupsOf = (bounds: IsrBounds): readonly (readonly number[])[] => [
  [QUORUM.index],
  [REQUESTS.index],
  [NEXT_RECORD.index],
  ...upTo(bounds.replicas).map((id) => {
    const { belief, log, highWatermark } = replicaSlots(id);
    return [belief.index, log.index, highWatermark.index];
  }),
];

interface Leadership {
  readonly leader: number;
  readonly isr: number;
}

const renamedLeadership = ({ leader, isr }: Leadership, renaming: Renaming): Leadership => ({
  leader: renaming[leader] ?? NO_LEADER,
  isr: renameSet(isr, renaming),
});

export const logEnd = ({ log }: Replica): number => log.length;
export const hasOffset = ({ log }: Replica, offset: number): boolean => offset < log.length;
export const sameRecord = (a: LogRecord | undefined, b: LogRecord | undefined): boolean =>
  a !== undefined && b !== undefined && a.record === b.record && a.epoch === b.epoch;

/** Whether the replica believes that it is the leader. */
export const leads = (id: number, replica: Replica): boolean => replica.leader === id;

/** The leader that the quorum knows, in its epoch: only it may change the ISR. Both ISRs are the same then. */
export const isTrueLeader = (id: number, replica: Replica, quorum: Quorum): boolean =>
  leads(id, replica) && quorum.leader === id && quorum.epoch === replica.leaderEpoch;
