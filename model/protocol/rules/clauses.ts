/**
 * Conditions of rules that safety or liveness may rest on. Each can be taken out by name, which makes a mutant
 * of the protocol; the suite then has to notice. Guards of actions are clauses too (see define-action.ts).
 */
import type { ControllerKind } from './switches.ts';

export interface Clause {
  readonly id: string;
  readonly index: number;
  /** Set where only one kind of controller has the rule. */
  readonly only: ControllerKind | undefined;
}

const registry: Clause[] = [];

/** Declares a condition. `id` reads as a sentence after "only if". */
export function clause(id: string, only?: ControllerKind): Clause {
  if (registry.some((known) => known.id === id)) throw new Error(`two clauses named "${id}"`);
  const made = { id, index: registry.length, only };
  registry.push(made);
  return made;
}

/** Every clause, in the order of declaration. Complete once the model's door has been imported. */
export const allClauses = (): readonly Clause[] => registry;

/** The clauses that a mutant leaves out; none in the protocol itself. */
export type LeftOut = Uint8Array;

export function leaveOut(ids: readonly string[]): LeftOut {
  const out = new Uint8Array(registry.length);
  for (const id of ids) {
    const found = registry.find((known) => known.id === id);
    if (found === undefined) throw new Error(`no clause named "${id}"`);
    out[found.index] = 1;
  }
  return out;
}

/** Whether the condition holds, or the mutant at hand does not ask for it. */
export function holds(leftOut: LeftOut, asked: Clause, condition: boolean): boolean {
  return condition || leftOut[asked.index] === 1;
}

/** Whether the mutant at hand works without `asked`; for rules that act where a condition would only ask. */
export const isLeftOut = (leftOut: LeftOut, asked: Clause): boolean => leftOut[asked.index] === 1;
