/** The rules that settings have in force, with their sources: what `--explain` prints. Rules of the other kind of controller are left out. */
import { rulesOf, SWITCH_NAMES, SWITCHES, type Settings, type SwitchInfo } from '../model/index.ts';
import type { Paint } from '../traces/index.ts';

/** One rule and where it comes from. */
export interface ExplainedRule {
  readonly rule: string;
  readonly value: string;
  /** All values, oldest first. */
  readonly values: readonly string[];
  readonly asks: string;
  readonly source: string;
  /** Why nobody could read it in a released tag, where that is so. */
  readonly unverified?: string;
}

export function explained(settings: Settings): ExplainedRule[] {
  const rules = rulesOf(settings.release, settings.rules);
  if ('error' in rules) throw new Error(rules.error);
  return SWITCH_NAMES.filter((rule) => {
    const { only }: SwitchInfo = SWITCHES[rule];
    return only === undefined || only === rules.controller;
  }).map((rule) => {
    const { values, asks, source, unverified }: SwitchInfo = SWITCHES[rule];
    return {
      rule,
      value: rules[rule],
      values,
      asks,
      source,
      ...(unverified === undefined ? {} : { unverified }),
    };
  });
}

export function explanation(settings: Settings, paint: Paint): string {
  return explained(settings)
    .map(({ rule, value, values, asks, source, unverified }) =>
      [
        `${paint.bold(`${rule}=${value}`)}  (${values.join(' → ')})`,
        `  ${asks}`,
        `  ${source}`,
        ...(unverified === undefined ? [] : [`  not verified: ${unverified}`]),
      ].join('\n'),
    )
    .join('\n');
}
