/** The work of one worker: batches of runs, each the same whoever makes it and whenever. */
import path from 'node:path';
import type { Settings, State, Step } from '../../model/index.ts';
import {
  PROPERTIES,
  runSeed,
  STRATEGIES,
  STRATEGY_INFO,
  strategyRuns,
  timedSettings,
  type Found,
  type StrategyRuns,
} from '../../properties/index.ts';
import { repaired, startsUnder, writeTrace } from '../../traces/index.ts';
import { writeAtomically } from '../files.ts';
import { foremost } from '../fuzz/outcome.ts';
import { made, whole } from './bucket.ts';
import { Coverage } from './coverage.ts';
import type { Journal } from './journal.ts';
import { REPEATED_ONE_IN, RUNS_A_BATCH, SAMPLED_APART, SAMPLED_ONE_IN } from './limits.ts';
import type { BatchLine, RunName } from './lines.ts';
import { Comparison } from './repeat.ts';
import type { Target } from './targets.ts';

export interface Order {
  readonly target: Target;
  readonly batch: number;
  /** Runs that ended the process before. */
  readonly skip: readonly number[];
}

export interface Desk {
  /** Seed of the campaign. */
  readonly seed: number;
  /** Where traces go. */
  readonly folder: string;
  readonly journal: Journal;
  /** The day of the campaign, ISO 8601. */
  readonly today: string;
  /** Hears what is in hand, before it is begun and while it is made small. */
  readonly onRun: (name: RunName) => void;
  /** Milliseconds since whenever. */
  readonly now: () => number;
  /** Milliseconds of processor time that this process has had. */
  readonly processor: () => number;
}

/** Seed of a batch: it depends on nothing but the campaign's seed and these two. */
export function batchSeed(seed: number, target: string, batch: number): number {
  let mixed = 0x811c_9dc5 ^ seed;
  for (let i = 0; i < target.length; i++) mixed = Math.imul(mixed ^ target.charCodeAt(i), 0x0100_0193);
  return runSeed(mixed, batch);
}

/**
 * Whether findings of a batch are made small. Where known bugs break all the time, a sample is enough to see what else
 * there is; strategies take turns, for the first batches of all of them would break the same over and over.
 */
export function isSampled({ expects, strategy }: Target, batch: number): boolean {
  return expects === 'clean' || batch % SAMPLED_ONE_IN === STRATEGIES.indexOf(strategy) * SAMPLED_APART;
}

/** What is made once per target and used for all of its batches. */
interface Bench {
  readonly runs: StrategyRuns;
  readonly coverage: Coverage;
  /** Set while a run is taken twice. */
  comparison: Comparison | undefined;
}

/** Benches are large: only those used last are kept. */
const BENCHES = 100;

export class Worker {
  private readonly desk: Desk;
  private readonly benches = new Map<string, Bench>();
  /** Buckets and causes of which this process has written a trace. */
  private readonly written = new Set<string>();

  constructor(desk: Desk) {
    this.desk = desk;
  }

  /** Takes one batch to its end, and writes down what came of it. */
  run(order: Order): BatchLine {
    const { desk } = this;
    const { target, batch } = order;
    const bench = this.bench(target);
    const seed = batchSeed(desk.seed, target.id, batch);
    const keeps = isSampled(target, batch);
    const started = desk.now();
    const processorBefore = desk.processor();
    const brokenIn: Record<string, number> = {};
    let minimisingMs = 0;
    let longestRunMs = 0;
    let repeated = 0;
    for (let run = 0; run < RUNS_A_BATCH; run++) {
      if (order.skip.includes(run)) continue;
      const name = { target: target.id, batch, run, seed: runSeed(seed, run) };
      const began = desk.now();
      desk.onRun(name);
      const isRepeated = (name.seed >>> 4) % REPEATED_ONE_IN === 0;
      const found = isRepeated ? this.twice(bench, name) : this.once(bench, name);
      if (isRepeated) repeated++;
      longestRunMs = Math.max(longestRunMs, desk.now() - began);
      if (found === undefined) continue;
      const broken = found.findings.map((finding) => finding.property);
      const property = foremost(broken) ?? '';
      const isFirst = brokenIn[property] === undefined;
      for (const id of new Set(broken)) brokenIn[id] = (brokenIn[id] ?? 0) + 1;
      // What a canary breaks has a saved trace: that it broke is all there is to know.
      if (!keeps || target.expects === 'canary') continue;
      if (!isFirst && target.expects !== 'clean') continue;
      const from = desk.now();
      this.keep(target, name, found, property);
      minimisingMs += desk.now() - from;
    }
    const line: BatchLine = {
      kind: 'batch',
      target: target.id,
      batch,
      runs: RUNS_A_BATCH - order.skip.length,
      ms: round(desk.now() - started),
      processorMs: round(desk.processor() - processorBefore),
      minimisingMs: round(minimisingMs),
      brokenIn,
      repeated,
      longestRunMs: round(longestRunMs),
      heapMb: Math.round(process.memoryUsage().heapUsed / 2 ** 20),
      ...bench.coverage.tell(bench.runs.tally().witnesses.met),
    };
    desk.journal.append(line);
    return line;
  }

  private once({ runs, coverage }: Bench, { seed, run }: RunName): Found | undefined {
    coverage.begin(seed);
    return runs.runFrom(seed, run);
  }

  /** The self-check: the same seed has to give the same run. The second one counts for nothing. */
  private twice(bench: Bench, name: RunName): Found | undefined {
    const comparison = new Comparison();
    bench.comparison = comparison;
    const first = this.once(bench, name);
    comparison.again();
    const second = bench.runs.runFrom(name.seed, name.run);
    bench.comparison = undefined;
    const difference = comparison.verdict(first, second);
    if (difference !== undefined) {
      this.desk.journal.appendSafely({ kind: 'difference', ...name, ...difference });
    }
    return first;
  }

  /** The raw finding is on the disk before anything else is done with it. */
  private keep(target: Target, name: RunName, found: Found, property: string): void {
    const { desk } = this;
    const finding = found.findings.find((one) => one.property === property);
    if (finding === undefined) throw new Error('a finding that breaks no property');
    const actions = found.actions.slice(0, finding.step);
    desk.journal.appendSafely({ kind: 'raw', ...name, property, says: finding.says, actions });
    this.makeSmall(target, name, { ...found, actions }, finding);
  }

  /** Makes a raw finding small and writes down what it is like. */
  makeSmall(
    target: Target,
    name: RunName,
    found: Pick<Found, 'settings' | 'actions'>,
    { property, says }: { readonly property: string; readonly says: string },
  ): void {
    const { desk } = this;
    const about = {
      seed: desk.seed,
      schedule: { driver: STRATEGY_INFO[target.strategy].driver, seed: name.seed, run: name.run },
      found: { by: `nightly, ${target.id}, batch ${name.batch}`, at: desk.today },
    };
    const isStep = PROPERTIES.some(({ id }) => id === property);
    const small = isStep
      ? made(found.settings, found.actions, property, about, () => desk.onRun(name))
      : {
          ...whole(found, { property, says }, about),
          cause: this.causeOfUndone(target, name, property),
          minimal: false,
        };
    const { trace, bucket, cause, minimal } = small;
    const alike = `${property} ${cause ?? bucket}`;
    const file = this.written.has(alike) ? null : `${property.replaceAll('/', '-')}-${bucket}.json`;
    if (file !== null) {
      writeAtomically(path.join(desk.folder, 'findings', file), writeTrace(trace));
      this.written.add(alike);
    }
    desk.journal.appendSafely({
      kind: 'small',
      ...name,
      property,
      says,
      broken: [...trace.broken],
      bucket,
      cause: cause ?? null,
      steps: trace.actions.length,
      stepsBefore: found.actions.length,
      minimal,
      file,
    });
  }

  /** Whether the same seed leaves nothing undone with every repair. */
  private causeOfUndone(target: Target, { seed, run }: RunName, property: string): string | undefined {
    const settings = repaired(target.settings);
    if (settings === undefined) return undefined;
    const found = runsFor(target, settings, () => undefined).runFrom(seed, run);
    const isCured = found?.findings.every((finding) => finding.property !== property) ?? true;
    return isCured ? 'every repair that is known' : undefined;
  }

  /** The settings under which runs of this target replay. */
  settingsOf({ settings, strategy }: Target): Settings {
    return STRATEGY_INFO[strategy].driver === 'timed' ? timedSettings(settings) : settings;
  }

  private bench(target: Target): Bench {
    const known = this.benches.get(target.id);
    if (known !== undefined) return known;
    const coverage = new Coverage(target.settings);
    const bench: Bench = {
      runs: runsFor(target, target.settings, (code, before, step) => {
        const { comparison } = bench;
        if (comparison === undefined || !comparison.isSecond) coverage.look(code, before, step);
        comparison?.look(code, before, step);
      }),
      coverage,
      comparison: undefined,
    };
    if (this.benches.size >= BENCHES) {
      const [oldest] = this.benches.keys();
      if (oldest !== undefined) this.benches.delete(oldest);
    }
    this.benches.set(target.id, bench);
    return bench;
  }
}

/** Runs of a target, under its settings or others. Those of a canary go on until what it has to break is broken. */
export const runsFor = (
  { strategy, actions, property }: Target,
  settings: Target['settings'],
  onStep: (code: number, before: State, step: Step) => void,
): StrategyRuns =>
  strategyRuns(
    strategy,
    { settings, properties: PROPERTIES, seed: 0, actions, tolerated: allBut(property), onStep },
    strategy === 'seeded' ? startsUnder(settings).map(({ codes }) => codes) : [],
  );

const allBut = (property: string | undefined): ReadonlySet<string> =>
  new Set(property === undefined ? [] : PROPERTIES.map(({ id }) => id).filter((id) => id !== property));

/** Milliseconds of processor time, of the program and of the system for it. */
export const processorOf = ({ user, system }: NodeJS.CpuUsage): number => (user + system) / 1000;

const round = (ms: number): number => Math.round(ms * 10) / 10;
