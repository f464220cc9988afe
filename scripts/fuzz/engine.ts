/** Runs a campaign until its budget is used up, something breaks, or a signal asks to stop. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns, type Driver, type Found, type RunSource } from '../../properties/index.ts';

export interface Budget {
  /** Runs in all, or undefined when time decides. */
  readonly runs: number | undefined;
  /** Milliseconds, or undefined when the number of runs decides. */
  readonly ms: number | undefined;
}

export interface Progress {
  readonly runs: number;
  readonly findings: number;
  readonly elapsedMs: number;
}

export interface EngineOptions {
  readonly sources: readonly RunSource[];
  readonly budget: Budget;
  /** Told of each run that broke something, before the next one begins; true ends the campaign. */
  readonly onFound: (found: Found, driver: Driver) => Promise<boolean>;
  readonly onProgress: (progress: Progress) => void;
  /** Set from outside to end the campaign after the run in hand. */
  readonly stop: { readonly requested: boolean };
}

export interface EngineResult {
  readonly runs: number;
  readonly findings: number;
  readonly elapsedMs: number;
  /** Ended by `stop`, not by its budget or a finding. */
  readonly interrupted: boolean;
}

/** How long runs go on before signals and timers get their turn, in ms. */
const TURN_MS = 100;

export async function runCampaign(options: EngineOptions): Promise<EngineResult> {
  const { sources, budget, stop } = options;
  const started = performance.now();
  const turns = new Turns(sources);
  let runs = 0;
  let findings = 0;
  let turnEnds = started + TURN_MS;
  const elapsed = (): number => performance.now() - started;
  const left = (): boolean =>
    (budget.runs === undefined || runs < budget.runs) && (budget.ms === undefined || elapsed() < budget.ms);

  let ended = false;
  while (left() && !stop.requested && !ended) {
    const { source, run } = turns.next();
    const found = source.runs.run(run);
    runs++;
    if (found !== undefined) {
      findings++;
      ended = await options.onFound(found, source.driver);
    }
    if (performance.now() >= turnEnds) {
      options.onProgress({ runs, findings, elapsedMs: elapsed() });
      await nextTurn();
      turnEnds = performance.now() + TURN_MS;
    }
  }
  return { runs, findings, elapsedMs: elapsed(), interrupted: stop.requested && left() && !ended };
}
