/** Repeats some work for a while and says how fast it was, each sample by the clock of the process. */

/** What one portion of work came to. */
export interface Portion {
  readonly steps: number;
  readonly commits: number;
}

export interface Measured {
  /** Machine steps per second: each sample's, in rising order. */
  readonly perSecond: readonly number[];
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly commitsPerSecond: number;
  readonly steps: number;
}

const WARM_UP_MS = 3000;
const SAMPLES = 7;

/** Seven samples of `sampleMs` each after a warm-up, in which the engine compiles what runs often. */
export function measure(work: () => Portion, sampleMs: number): Measured {
  runFor(work, WARM_UP_MS);
  const samples = Array.from({ length: SAMPLES }, () => runFor(work, sampleMs));
  const perSecond = samples.map(({ steps, ms }) => (steps / ms) * 1000).sort((a, b) => a - b);
  const steps = samples.reduce((sum, sample) => sum + sample.steps, 0);
  const commits = samples.reduce((sum, sample) => sum + sample.commits, 0);
  const ms = samples.reduce((sum, sample) => sum + sample.ms, 0);
  return {
    perSecond,
    median: perSecond[Math.floor(SAMPLES / 2)] ?? 0,
    least: perSecond[0] ?? 0,
    most: perSecond.at(-1) ?? 0,
    commitsPerSecond: (commits / ms) * 1000,
    steps,
  };
}

function runFor(work: () => Portion, limit: number): { steps: number; commits: number; ms: number } {
  const started = performance.now();
  let steps = 0;
  let commits = 0;
  let ms = 0;
  while (ms < limit) {
    const portion = work();
    steps += portion.steps;
    commits += portion.commits;
    ms = performance.now() - started;
  }
  return { steps, commits, ms };
}
