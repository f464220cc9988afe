/**
 * Mutants of the protocol: one for every condition of a rule (clause) left out, and one for every older value of every
 * rule switch, all else as in the base. Each must be noticed by some property, or be listed with the reason why not.
 */
import {
  ACTIONS,
  allClauses,
  RELEASES,
  SWITCHES,
  SWITCH_NAMES,
  type ControllerKind,
  type Settings,
  type SwitchInfo,
} from '../model/index.ts';

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
  return allClauses()
    .filter(({ only }) => concerns(base, only))
    .map(({ id }) => ({
      id: `without: ${id}`,
      settings: { ...base, mutant: [...base.mutant, id] },
    }));
}

/** Whether a rule that only one kind of controller has is in force. */
const concerns = (base: Settings, only: ControllerKind | undefined): boolean =>
  only === undefined || only === (base.rules.controller ?? RELEASES[base.release].controller);

function withOlderRule(base: Settings): Mutant[] {
  return SWITCH_NAMES.flatMap((name) => {
    const { values, only }: SwitchInfo = SWITCHES[name];
    // Another kind of controller is another machine, not a change of a rule.
    if (name === 'controller' || !concerns(base, only)) return [];
    const inForce = base.rules[name] ?? RELEASES[base.release][name];
    const newest = values.indexOf(inForce);
    return values.slice(0, newest).map((value) => ({
      id: `${name}=${value}`,
      settings: { ...base, rules: { ...base.rules, [name]: value } },
    }));
  });
}
