/**
 * Which change of the rules cures which break: the actions of a saved run taken again under other rules, disabled ones
 * left out. A run that breaks its property no longer says nothing of other runs.
 */
import { configOf, RELEASES, RELEASE_NAMES, SWITCHES, SWITCH_NAMES, type Settings } from '../model/index.ts';
import type { Trace } from './format.ts';
import { machineOf, propertyOf, runActions } from './run.ts';

export interface Cures {
  /** Releases under whose own rules the run still breaks its property. */
  readonly brokenIn: readonly string[];
  /** Single rules, moved to a newer value with all else as the run has it, under which it no longer does. */
  readonly curedBy: readonly string[];
}

export function curesOf(trace: Trace): Cures {
  const { settings } = trace;
  const brokenIn = RELEASE_NAMES.filter((release) => breaks(trace, { ...settings, release, rules: {} }));
  const curedBy = SWITCH_NAMES.flatMap((name) => {
    const values: readonly string[] = SWITCHES[name].values;
    const inForce = settings.rules[name] ?? RELEASES[settings.release][name];
    return values
      .slice(values.indexOf(inForce) + 1)
      .filter((value) => !breaks(trace, { ...settings, rules: { ...settings.rules, [name]: value } }))
      .map((value) => `${name}=${value}`);
  });
  return { brokenIn, curedBy };
}

function breaks({ property, actions }: Trace, settings: Settings): boolean {
  // What a release refuses, as idempotence before it was there, cannot break in it.
  if (property === null || 'error' in configOf(settings)) return false;
  const machine = machineOf(settings);
  const codes = actions.flatMap((action) => machine.encode(action) ?? []);
  return runActions(machine, codes, 'lenient', [propertyOf(property)]).findings.length > 0;
}
