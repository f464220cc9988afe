/**
 * Mutants of the protocol: one for every condition of a rule (clause) left out, and one for every older value of every
 * rule switch, all else as in the base. Each must be noticed by some property, or be listed with the reason why not.
 */
import { ACTIONS, allClauses, RELEASES, SWITCHES, SWITCH_NAMES, type Settings } from '../model/index.ts';

export interface Mutant {
  /** `without <clause>` or `<rule>=<value>`. */
  readonly id: string;
  readonly settings: Settings;
}

/** File name of a mutant: its id in lower case with hyphens. */
export const slug = (id: string): string =>
  id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');

/** All mutants of the rules that `base` has in force. */
export function mutantsOf(base: Settings): Mutant[] {
  return [...withoutClause(base), ...withOlderRule(base)];
}

function withoutClause(base: Settings): Mutant[] {
  // Guards of actions are clauses too; naming the actions makes sure that all of them are declared.
  if (ACTIONS.length === 0) return [];
  return allClauses().map(({ id }) => ({
    id: `without: ${id}`,
    settings: { ...base, mutant: [...base.mutant, id] },
  }));
}

function withOlderRule(base: Settings): Mutant[] {
  return SWITCH_NAMES.flatMap((name) => {
    const { values } = SWITCHES[name];
    const inForce = base.rules[name] ?? RELEASES[base.release][name];
    const newest = (values as readonly string[]).indexOf(inForce);
    return values.slice(0, newest).map((value) => ({
      id: `${name}=${value}`,
      settings: { ...base, rules: { ...base.rules, [name]: value } },
    }));
  });
}
