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
    replica: struct({
      log: list(struct({ record: int(0, records - 1), epoch: int(0, epochs) })),
      highWatermark: int(0, logSize),
      leaderEpoch: epoch,
      leader,
      isr,
    }),
    quorum: struct({ leader, epoch, isr }),
    requests: list(struct({ leader, isr })),
    nextRecord: int(0, records),
  };
};
type Shapes = ReturnType<typeof shapesOf>;

/** What a replica has, and what it believes. */
export type Replica = Infer<Shapes['replica']>;
export type LogRecord = Replica['log'][number];
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
/** A broker set is a bit mask of 31 bits at the most; actions ask for these slots over and over. */
const REPLICAS: readonly Slot<Replica>[] = upTo(31).map((id) => slotAt(3 + id));
export const replicaSlot = (id: number): Slot<Replica> => REPLICAS[id] ?? slotAt(3 + id);

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
    ...upTo(bounds.replicas).map((id) =>
      declare(replicaSlot(id), {
        name: `replica ${id}`,
        shape: shapes.replica,
        initial: { log: [], highWatermark: 0, leaderEpoch: NO_EPOCH, leader: NO_LEADER, isr: 0 },
        movesTo: (renaming) => replicaSlot(renaming[id] ?? id),
        renamed: (replica, renaming) => ({ ...replica, ...renamedLeadership(replica, renaming) }),
      }),
    ),
  ];
}

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
