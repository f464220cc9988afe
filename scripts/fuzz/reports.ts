/** What single runs came to, told so that it does not matter which thread made them. */
import type { Found, Runs, Tally } from '../../properties/index.ts';

/** One run. A thread can tell it to another. */
export interface RunReport {
  readonly actions: number;
  /** By kind of action. */
  readonly taken: Readonly<Record<string, number>>;
  /** Witnesses that whoever made it had not met before with this driver. */
  readonly met: readonly string[];
  /** All that broke; empty where that is nothing, or only what is tolerated. */
  readonly broken: readonly string[];
}

const NONE: readonly string[] = [];

/** Makes runs and reports each of them alone. */
export class Reporter {
  private readonly runs: Runs;

  constructor(runs: Runs) {
    this.runs = runs;
  }

  make(run: number): RunReport {
    const before = this.runs.tally();
    const found = this.runs.run(run);
    const after = this.runs.tally();
    const known = new Set(before.witnesses.met);
    const taken: Record<string, number> = {};
    for (const [kind, count] of Object.entries(after.taken)) {
      const more = count - (before.taken[kind] ?? 0);
      if (more > 0) taken[kind] = more;
    }
    return {
      actions: after.actions - before.actions,
      taken,
      met: after.witnesses.met.filter((id) => !known.has(id)),
      broken: found === undefined ? NONE : brokenBy(found),
    };
  }
}

const brokenBy = ({ findings }: Found): readonly string[] => [
  ...new Set(findings.map(({ property }) => property)),
];

/** Adds up the reports of one driver, in whichever threads its runs were made. */
export class Totals {
  private readonly possible: readonly string[];
  private readonly taken: Record<string, number> = {};
  private readonly met = new Set<string>();
  private made = 0;
  private steps = 0;

  /** Of runs of which none has been made yet. */
  constructor(runs: Runs) {
    const { met, unmet } = runs.tally().witnesses;
    this.possible = [...met, ...unmet].sort();
  }

  add({ actions, taken, met }: RunReport): void {
    this.made++;
    this.steps += actions;
    for (const [kind, count] of Object.entries(taken)) this.taken[kind] = (this.taken[kind] ?? 0) + count;
    for (const id of met) this.met.add(id);
  }

  /** Taken in all runs so far. */
  get actions(): number {
    return this.steps;
  }

  tally(): Tally {
    return {
      runs: this.made,
      actions: this.steps,
      taken: { ...this.taken },
      witnesses: { met: [...this.met].sort(), unmet: this.possible.filter((id) => !this.met.has(id)) },
    };
  }
}
