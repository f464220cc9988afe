/** Runs a campaign until its budget is used up, something breaks, or a signal asks to stop. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Turns, type RunSource, type Tally } from '../../properties/index.ts';
import { Ahead } from './ahead.ts';
import { sourcesOf, type CampaignPlan } from './plan.ts';
import { Reporter, Totals, type RunReport } from './reports.ts';

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

/** A run that broke something. */
export interface Broken {
  readonly source: RunSource;
  readonly run: number;
  readonly report: RunReport;
}

export interface EngineOptions {
  readonly plan: CampaignPlan;
  readonly threads: number;
  readonly budget: Budget;
  /** Told of each run that broke something, in the order of the runs; true ends the campaign. */
  readonly onBroken: (broken: Broken) => Promise<boolean>;
  readonly onProgress: (progress: Progress) => void;
  /** Told why other threads could not start; the campaign goes on without. */
  readonly onTrouble: (says: string) => void;
  /** Set from outside to end the campaign after the run in hand. */
  readonly stop: { readonly requested: boolean };
}

export interface EngineResult {
  readonly runs: number;
  readonly findings: number;
  readonly elapsedMs: number;
  /** Ended by `stop`, not by its budget or a finding. */
  readonly interrupted: boolean;
  /** By driver. */
  readonly tallies: readonly Tally[];
  readonly sources: readonly RunSource[];
}

/** How long runs go on before signals and timers get their turn, in ms. */
const TURN_MS = 100;
/** After so many ms the other threads begin: a campaign that ends sooner, as many do that break something, needs none. */
const OTHERS_AFTER_MS = 500;

export async function runCampaign(options: EngineOptions): Promise<EngineResult> {
  const { plan, threads, budget, stop } = options;
  const started = performance.now();
  const takers = sourcesOf(plan).map((source, who) => ({ who, source, runs: new Totals(source.runs) }));
  const ahead = new Ahead(
    plan,
    takers.map(({ source }) => new Reporter(source.runs)),
    { threads, limit: budget.runs, onTrouble: options.onTrouble },
  );
  const turns = new Turns(takers);
  let runs = 0;
  let findings = 0;
  let turnEnds = started + TURN_MS;
  const elapsed = (): number => performance.now() - started;
  const left = (): boolean =>
    (budget.runs === undefined || runs < budget.runs) && (budget.ms === undefined || elapsed() < budget.ms);

  let ended = false;
  try {
    while (left() && !stop.requested && !ended) {
      const {
        source: { who, source, runs: totals },
        run,
      } = turns.next();
      const report = await ahead.take(who, run);
      totals.add(report);
      runs++;
      if (report.broken.length > 0) {
        findings++;
        ended = await options.onBroken({ source, run, report });
      }
      if (performance.now() >= turnEnds) {
        if (elapsed() >= OTHERS_AFTER_MS) void ahead.begin();
        options.onProgress({ runs, findings, elapsedMs: elapsed() });
        await nextTurn();
        turnEnds = performance.now() + TURN_MS;
      }
    }
  } finally {
    await ahead.close();
  }
  return {
    runs,
    findings,
    elapsedMs: elapsed(),
    interrupted: stop.requested && left() && !ended,
    tallies: takers.map(({ runs: totals }) => totals.tally()),
    sources: takers.map(({ source }) => source),
  };
}
