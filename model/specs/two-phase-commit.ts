/**
 * Two-phase commit, the textbook example of a transaction protocol (Gray and Lamport, "Consensus on Transaction
 * Commit"): a transaction manager commits once every resource manager has prepared. A toy with a known number of
 * states, on which a search is tested. Messages are never lost and never consumed: a set that grows.
 */
import { bool, oneOf, struct, type Infer } from '../protocol/base/shape.ts';
import { has, setOf, withBroker } from '../protocol/base/broker-set.ts';
import { action, actorSet, declare, fullSymmetry, renameSet, slotAt, upTo, type Slot } from './define.ts';
import type { Space, SpaceAction, SpaceInvariant } from './space.ts';

const shapesOf = (resourceManagers: number) => ({
  manager: struct({
    decision: oneOf('none', 'committed', 'aborted'),
    /** Resource managers whose Prepared message it has received. */
    prepared: actorSet(resourceManagers),
  }),
  messages: struct({
    /** Resource managers that have sent Prepared. */
    prepared: actorSet(resourceManagers),
    commit: bool,
    abort: bool,
  }),
});
type Shapes = ReturnType<typeof shapesOf>;
type Manager = Infer<Shapes['manager']>;
type Messages = Infer<Shapes['messages']>;

const resourceShape = oneOf('working', 'prepared', 'committed', 'aborted');
type Resource = Infer<typeof resourceShape>;

const MANAGER = slotAt<Manager>(0);
const MESSAGES = slotAt<Messages>(1);
const resource = (id: number): Slot<Resource> => slotAt(2 + id);

export interface TwoPhaseCommitBounds {
  readonly resourceManagers: number;
}

export function createTwoPhaseCommit({ resourceManagers }: TwoPhaseCommitBounds): Space {
  const ids = upTo(resourceManagers);
  const shapes = shapesOf(resourceManagers);
  const slots = [
    declare(MANAGER, {
      name: 'transaction manager',
      shape: shapes.manager,
      initial: { decision: 'none', prepared: 0 },
      renamed: (manager, renaming) => ({ ...manager, prepared: renameSet(manager.prepared, renaming) }),
    }),
    declare(MESSAGES, {
      name: 'messages',
      shape: shapes.messages,
      initial: { prepared: 0, commit: false, abort: false },
      renamed: (messages, renaming) => ({ ...messages, prepared: renameSet(messages.prepared, renaming) }),
    }),
    ...ids.map((id) =>
      declare(resource(id), {
        name: `resource manager ${id}`,
        shape: resourceShape,
        initial: 'working',
        movesTo: (renaming) => resource(renaming[id] ?? id),
      }),
    ),
  ];
  return {
    name: 'two-phase-commit',
    slots,
    initial: slots.map(({ initial }) => initial),
    actions: [...managerDecides(setOf(ids)), ...ids.flatMap(resourceActions)],
    invariants: ids.flatMap((id) => ids.filter((other) => other !== id).map((other) => agreement(id, other))),
    symmetry: fullSymmetry(resourceManagers, slots),
  };
}

const managerDecides = (everyone: number): readonly SpaceAction[] => [
  action(
    'the transaction manager commits',
    (read) => {
      const { decision, prepared } = MANAGER.get(read);
      return decision === 'none' && prepared === everyone;
    },
    (read, write) => {
      MANAGER.set(write, { ...MANAGER.get(read), decision: 'committed' });
      MESSAGES.set(write, { ...MESSAGES.get(read), commit: true });
    },
  ),
  action(
    'the transaction manager aborts',
    (read) => MANAGER.get(read).decision === 'none',
    (read, write) => {
      MANAGER.set(write, { ...MANAGER.get(read), decision: 'aborted' });
      MESSAGES.set(write, { ...MESSAGES.get(read), abort: true });
    },
  ),
];

const resourceActions = (id: number): readonly SpaceAction[] => [
  action(
    `the transaction manager hears that resource manager ${id} has prepared`,
    (read) => MANAGER.get(read).decision === 'none' && has(MESSAGES.get(read).prepared, id),
    (read, write) => {
      const manager = MANAGER.get(read);
      MANAGER.set(write, { ...manager, prepared: withBroker(manager.prepared, id) });
    },
  ),
  action(
    `resource manager ${id} prepares`,
    (read) => resource(id).get(read) === 'working',
    (read, write) => {
      const messages = MESSAGES.get(read);
      resource(id).set(write, 'prepared');
      MESSAGES.set(write, { ...messages, prepared: withBroker(messages.prepared, id) });
    },
  ),
  action(
    `resource manager ${id} chooses to abort`,
    (read) => resource(id).get(read) === 'working',
    (_, write) => resource(id).set(write, 'aborted'),
  ),
  action(
    `resource manager ${id} is told to commit`,
    (read) => MESSAGES.get(read).commit,
    (_, write) => resource(id).set(write, 'committed'),
  ),
  action(
    `resource manager ${id} is told to abort`,
    (read) => MESSAGES.get(read).abort,
    (_, write) => resource(id).set(write, 'aborted'),
  ),
];

const agreement = (id: number, other: number): SpaceInvariant => ({
  id: 'agreement',
  promise: 'No resource manager commits while another aborts.',
  check: (read) =>
    resource(id).get(read) === 'committed' && resource(other).get(read) === 'aborted'
      ? `resource manager ${id} has committed, resource manager ${other} has aborted`
      : undefined,
});
