/**
 * A small machine in the form that an exhaustive search reads: a state is a fixed row of slots, each with one value.
 * Everything that may happen is an action instance, everything that must hold an invariant instance.
 *
 * Instances are cut small on purpose: a search remembers what an instance made of the slots that it read, so one that
 * reads few slots is tried once for thousands of states. Hence one instance per actor, peer and index, and none that
 * asks "is there any".
 */
import type { Shape } from '../protocol/base/shape.ts';

/** The value of a slot in the state that the action is tried in; what the action has written meanwhile does not show. */
export type Read = (slot: number) => unknown;

/** The value of a slot in the next state. Slots that are not written keep their value. */
export type Write = (slot: number, value: unknown) => void;

export interface SpaceAction {
  /** What happens and to whom, as a step of a printed trace. No two actions of a space share one. */
  readonly label: string;
  /**
   * False, and nothing written, in a state in which the action is not enabled. Otherwise writes the slots that change:
   * each at most once, a value equal to the old one is allowed. The next state may equal the old one.
   *
   * A pure function of what `read` gives: the outcome is reused wherever the slots that were read hold the same values.
   * Which slot is read next may depend on what was read before.
   */
  take(read: Read, write: Write): boolean;
}

export interface SpaceInvariant {
  /** Instances that check one promise, each for other actors, share its id. */
  readonly id: string;
  /** What must hold, in one sentence. */
  readonly promise: string;
  /** What is wrong in this state, or undefined. A pure function of what `read` gives, as with actions. */
  check(read: Read): string | undefined;
}

/**
 * Actors that are interchangeable: renaming them turns behaviours into behaviours, the initial state into itself, and
 * keeps every invariant id true or false.
 *
 * The permutations are a group: composition and inverse of any are among them. Number 0 is the identity. Permuting a
 * state moves the value of each slot `s`, renamed by `value(permutation, s, …)`, into `slot(permutation, s)`.
 */
export interface Symmetry {
  readonly permutations: number;
  slot(permutation: number, slot: number): number;
  value(permutation: number, slot: number, value: unknown): unknown;
}

export interface SpaceSlot {
  readonly name: string;
  /** Of every value that the slot can hold: what is equal is encoded equally, and nothing else is. */
  readonly shape: Shape<unknown>;
}

export interface Space {
  readonly name: string;
  readonly slots: readonly SpaceSlot[];
  /** The value of each slot at the start. Values are immutable: an action writes a new one. */
  readonly initial: readonly unknown[];
  /** Slots that a search stores as one number; every slot is in one group. Left out where each is one of its own. */
  readonly groups?: readonly (readonly number[])[];
  readonly actions: readonly SpaceAction[];
  readonly invariants: readonly SpaceInvariant[];
  /** Absent where no two actors are interchangeable. */
  readonly symmetry?: Symmetry;
}
