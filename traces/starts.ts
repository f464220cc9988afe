/** Saved runs as something to begin from under other settings. */
import type { ActionCode, Settings } from '../model/index.ts';
import { strangerIn } from './params.ts';
import { machineOf } from './run.ts';
import { savedRuns } from './trial/saved-runs.ts';

export interface Start {
  /** As in `saved/unclean-election`. */
  readonly name: string;
  /** What of the run names only parties that there are; not all of it need be enabled. */
  readonly codes: readonly ActionCode[];
}

export function startsUnder(settings: Settings): readonly Start[] {
  const machine = machineOf(settings);
  return savedRuns().map(({ name, trace }) => ({
    name,
    codes: trace.actions
      .filter((action) => strangerIn(action, settings) === undefined)
      .flatMap((action) => machine.encode(action) ?? []),
  }));
}
