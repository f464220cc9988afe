/** Drivers that take turns within one campaign. */
import type { Driver, Runs } from './campaign.ts';

/** One way to make runs. */
export interface RunSource {
  readonly driver: Driver;
  readonly runs: Runs;
}

/** All that is asked of who takes turns: how many actions its runs have taken so far. */
export interface TurnTaker {
  readonly runs: Pick<Runs, 'actions'>;
}

export interface Turn<Source extends TurnTaker = RunSource> {
  readonly source: Source;
  /** Number of the run among those of its driver. */
  readonly run: number;
}

/**
 * Whoever has taken the fewest actions so far is next, the first of them where several have: each driver gets about as
 * much time, however long its runs are, and the same seed gives the same runs in the same order.
 */
export class Turns<Source extends TurnTaker = RunSource> {
  private readonly sources: readonly Source[];
  private readonly runs: number[];

  constructor(sources: readonly Source[]) {
    this.sources = sources;
    this.runs = sources.map(() => 0);
  }

  next(): Turn<Source> {
    let chosen = 0;
    for (const [i, { runs }] of this.sources.entries()) {
      if (runs.actions < (this.sources[chosen]?.runs.actions ?? 0)) chosen = i;
    }
    const source = this.sources[chosen];
    if (source === undefined) throw new Error('a campaign needs a driver');
    const run = this.runs[chosen] ?? 0;
    this.runs[chosen] = run + 1;
    return { source, run };
  }
}
