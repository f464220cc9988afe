/**
 * What a pass is worth: the same budget spent on every mutant of the rules in force, and how many of them it catches.
 * Mutants are conditions left out and older values of rules, so most known bugs are among them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Settings } from '../../model/index.ts';
import { mutantsOf, PROPERTIES, WalkCampaign } from '../../properties/index.ts';
import type { Calibration } from './outcome.ts';

export interface CalibrateOptions {
  readonly settings: Settings;
  readonly seed: number;
  readonly actions: number;
  /** Walks that each mutant gets. */
  readonly runs: number;
  /** Breaks of these do not count: the rules themselves break them here. */
  readonly tolerated: ReadonlySet<string>;
  readonly stop: { readonly requested: boolean };
  readonly onProgress: (done: number, total: number, caught: number) => void;
}

/** Walks between two looks at signals. */
const TURN_RUNS = 50;

/** Mutants that were not got to because of a signal count as missed. */
export async function calibrate(options: CalibrateOptions): Promise<Calibration> {
  const mutants = mutantsOf(options.settings);
  const caught: { id: string; run: number; property: string }[] = [];
  const missed: string[] = [];
  for (const [done, { id, settings }] of mutants.entries()) {
    const campaign = new WalkCampaign({
      settings,
      properties: PROPERTIES,
      seed: options.seed,
      actions: options.actions,
      tolerated: options.tolerated,
    });
    let found: string | undefined;
    let run = 0;
    while (found === undefined && run < options.runs && !options.stop.requested) {
      found = campaign
        .run(run++)
        ?.findings.find(({ property }) => !options.tolerated.has(property))?.property;
      if (run % TURN_RUNS === 0) {
        options.onProgress(done, mutants.length, caught.length);
        await nextTurn();
      }
    }
    if (found === undefined) missed.push(id);
    else caught.push({ id, run, property: found });
  }
  return { total: mutants.length, runs: options.runs, caught, missed };
}
