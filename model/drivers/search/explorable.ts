/**
 * A machine in the form that the exhaustive search explores. A state is one value per slot. Everything a machine is
 * asked, it answers through `read`: the search remembers which slots an answer looked at, and gives the same answer
 * again wherever these slots hold the same values. So most transitions cost a few table look-ups.
 */
import type { Shape } from '../../protocol/base/shape.ts';

/** The value in a slot of the state in question. */
export type Read = (slot: number) => unknown;
/** Replaces the value in a slot of the next state. */
export type Write = (slot: number, value: unknown) => void;

export interface Slot {
  readonly name: string;
  /** Encodes, decodes and compares the values; slots with the same shape share their values. */
  readonly shape: Shape<unknown>;
}

/** What a transition did besides changing slots, where something has to be said about it. */
export interface Happening {
  /** Tells happenings apart. */
  readonly key: string;
  readonly value: unknown;
}

/** Actors that are interchangeable: a permutation moves values to other slots and renames inside them. */
export interface Symmetry {
  /** Number 0 changes nothing. */
  readonly permutations: number;
  /** Where the value of a slot goes. */
  slot(permutation: number, slot: number): number;
  value(permutation: number, slot: number, value: unknown): unknown;
}

/** By scale: what to write for each number in use that does not stay as it is. */
export type Renumbering = readonly ReadonlyMap<number, number>[];

/** Numbers that a machine only compares, on several scales: of states that differ in nothing else, one stands for all. */
export interface Ranking {
  readonly scales: number;
  /** Whether values in this slot have such numbers. */
  concerns(slot: number): boolean;
  /** Sets a bit of a scale's mask for each number of a value. False where one is too large to be told by a bit. */
  uses(slot: number, value: unknown, masks: number[]): boolean;
  /** Undefined where every number in these masks stays. */
  plan(masks: ArrayLike<number>): Renumbering | undefined;
  renumber(slot: number, value: unknown, plan: Renumbering): unknown;
}

/** A part of a slot's value that nobody will read any more once other slots say so. */
export interface DeadPart {
  readonly slot: number;
  /** All of these have to hold. */
  readonly whenever: readonly { readonly slot: number; readonly holds: (value: unknown) => boolean }[];
  /** The value with that part as it is where nothing happened. */
  without(value: unknown): unknown;
}

/** A limit on the shape of states: a transition that leads beyond it is not followed, but counted. */
export interface ShapeBound {
  readonly name: string;
  readonly limit: number;
  /** Slots that count; the sum of their weights must not exceed the limit. */
  readonly slots: readonly number[];
  weight(value: unknown): number;
}

/** What the exchange grain has to know of what is under way. */
export interface Exchange {
  /** How often in a run something may be left under way at the end of a transition: a message, or an owed step. */
  readonly detached: number;
  /** The slot that counts how often that was done; no action reads it. */
  readonly splits: number;
  /** Slots that hold messages. */
  readonly slots: readonly number[];
  /** Messages under way in the value of such a slot; what waits at a server is not under way. */
  underWay(value: unknown): number;
  /** Families of actions that are owed: an actor does them next, unless it is late. */
  readonly owed: readonly number[];
  /** Families of actions that can continue an exchange: those that are owed, and those that handle a message. */
  readonly continuing: readonly number[];
  /** The slot whose message an action handles, or −1. Losing a message does not handle it. */
  consumes(label: number): number;
  /** Who owes an action, as a number below 31, or −1. */
  settles(label: number): number;
}

/** What a search has to know to say whether all can become well again once nothing goes wrong any more. */
export interface Recovery {
  /** The label of the transition with which all that goes wrong ends; it is no action of the machine. */
  readonly calms: number;
  /** Whether it has ended. */
  isCalm(read: Read): boolean;
  /** Whether all is well. */
  isWell(read: Read): boolean;
  /** What being well takes, and whether each of it holds. */
  readonly wants: readonly { readonly says: string; readonly holds: (read: Read) => boolean }[];
  /** The same machine from a calm state on, action by action and without bounds: `well` breaks where all is well. */
  from(values: readonly unknown[]): Explorable;
}

/** What is said of a transition or a state. */
export interface Judgement {
  /** Ids of properties that it breaks. */
  readonly broken: readonly string[];
  /** Ids of witnesses that it meets. */
  readonly met: readonly string[];
}

export interface Explorable {
  readonly slots: readonly Slot[];
  readonly initial: readonly unknown[];
  /** Slots that are stored as one number; every slot is in one group. */
  readonly groups: readonly (readonly number[])[];
  /** Actions come in families: what a family offers is worked out together. */
  readonly families: number;
  /** Whether everything offered is enabled; otherwise `take` has the last word. */
  readonly offersAreEnabled: boolean;
  /** Calls `offer` with each action of the family that is enabled, or may be. */
  choices(family: number, read: Read, offer: (label: number) => void): void;
  /** Takes an action. False where it is not enabled after all; else what happened, or nothing to speak of. */
  take(label: number, read: Read, write: Write): Happening | undefined | false;
  /** The happening that has this key, made anew; where threads may tell each other what they have worked out. */
  readonly happeningOf?: (key: string) => Happening | undefined;
  /** Looks at a transition. May write what is remembered of it: slots that no action reads. */
  judge(happening: Happening, before: Read, after: Read, write: Write): Judgement;
  /** Conditions on single states, each looked at by itself. */
  readonly checks: readonly { readonly id: string; readonly check: (read: Read) => boolean }[];
  readonly bounds: readonly ShapeBound[];
  readonly symmetry?: Symmetry;
  readonly ranking?: Ranking | undefined;
  readonly dead?: readonly DeadPart[];
  /** Absent in message grain. */
  readonly exchange?: Exchange;
  /** Only where it is asked for. */
  readonly recovery?: Recovery;
  /** How far a state seems to be from a break, as a small whole number; where a search is led towards one. */
  readonly towards?: (read: Read) => number;
  /** The actions that the labels of a run stand for, where some are left out; as many as the labels otherwise. */
  readonly runOf?: (labels: readonly number[]) => readonly number[];
  /** How people call an action. */
  describe(label: number): string;
}
