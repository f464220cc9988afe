/** What a campaign has come to, worked out from its journals: reports read this value and nothing else. */
import { ACTIONS, isKnownUnder, type Model } from '../../model/index.ts';
import { WITNESSES } from '../../properties/index.ts';
import { counted, machineOf } from '../../traces/index.ts';
import { worst, type Verdict } from '../exit.ts';
import { rank } from '../fuzz/outcome.ts';
import type { Shard } from './agenda.ts';
import type { Known, Muted, Standing } from './known.ts';
import type { BatchLine, CrashLine, DifferenceLine, Line, RawLine, RunName, SmallLine } from './lines.ts';
import type { Target } from './targets.ts';

/** Findings that break alike. */
export interface Bucket {
  readonly bucket: string;
  readonly property: string;
  readonly standing: Standing;
  /** The shortest of them. */
  readonly best: SmallLine;
  /** Trace of one of them, from the campaign's folder. */
  readonly file: string | undefined;
  readonly folder: string;
  /** Findings that were made small. */
  count: number;
  readonly targets: readonly string[];
}

export interface TargetSummary {
  readonly id: string;
  /** The release with its faults and settings, or the canary; each is run by several strategies. */
  readonly configuration: string;
  readonly strategy: string;
  readonly expects: Target['expects'];
  readonly property: string | undefined;
  readonly runs: number;
  readonly steps: number;
  readonly ms: number;
  readonly minimisingMs: number;
  readonly states: number;
  /** Runs that broke each property. */
  readonly brokenIn: Readonly<Record<string, number>>;
  readonly longestRunMs: number;
  readonly heapMb: number;
}

export interface CoverageSummary {
  /** Steps by kind of action, and the kinds that could have been taken and were not. */
  readonly taken: Readonly<Record<string, number>>;
  readonly neverTaken: readonly string[];
  readonly pairs: number;
  readonly guards: readonly string[];
  /** Conditions of rules that never refused anything where it was looked at. */
  readonly guardsNeverRefused: readonly string[];
  readonly witnesses: { readonly met: readonly string[]; readonly unmet: readonly string[] };
  readonly states: number;
}

export interface Reason {
  readonly verdict: Verdict;
  readonly says: string;
}

export interface Night {
  readonly verdict: Verdict;
  /** Why it is not as expected; what says most about the rest comes first. */
  readonly because: readonly Reason[];
  readonly seed: number;
  readonly began: string;
  readonly shards: readonly Shard[];
  readonly seconds: number;
  readonly runs: number;
  readonly steps: number;
  readonly repeated: number;
  readonly targets: readonly TargetSummary[];
  readonly coverage: CoverageSummary;
  readonly buckets: readonly Bucket[];
  /** Findings that were not made small. */
  readonly raw: readonly RawLine[];
  readonly crashes: readonly CrashLine[];
  readonly differences: readonly DifferenceLine[];
  readonly canaries: readonly { readonly id: string; readonly property: string; readonly finds: number }[];
  readonly expired: readonly Muted[];
}

/** One shard of a campaign. */
export interface Part {
  readonly folder: string;
  readonly seed: number;
  readonly began: string;
  readonly shard: Shard;
  readonly targets: readonly Target[];
  readonly lines: Iterable<Line>;
}

const keyOf = ({ target, batch, run }: RunName): string => `${target} ${batch} ${run}`;

/** What several shards have written, each thing once. */
class Sum {
  readonly batches = new Map<string, BatchLine>();
  readonly raw = new Map<string, RawLine>();
  readonly small = new Map<string, SmallLine & { readonly folder: string }>();
  readonly crashes = new Map<string, CrashLine>();
  readonly differences = new Map<string, DifferenceLine>();
  readonly news = { pairs: new Set<string>(), guards: new Set<string>(), witnesses: new Set<string>() };
  readonly states = new Map<string, Set<string>>();
  ms = 0;

  add({ folder, lines }: Part): void {
    const sessions = new Map<number, number>();
    for (const line of lines) {
      switch (line.kind) {
        case 'batch':
          this.batch(line);
          break;
        case 'raw':
          this.raw.set(keyOf(line), line);
          break;
        case 'small': {
          const before = this.small.get(keyOf(line));
          this.small.set(keyOf(line), { ...line, file: line.file ?? before?.file ?? null, folder });
          break;
        }
        case 'crash':
          this.crashes.set(keyOf(line), line);
          break;
        case 'difference':
          this.differences.set(keyOf(line), line);
          break;
        case 'tick':
          sessions.set(line.session, line.ms);
          break;
      }
    }
    // Shards work at the same time.
    this.ms = Math.max(
      this.ms,
      [...sessions.values()].reduce((sum, ms) => sum + ms, 0),
    );
  }

  private batch(line: BatchLine): void {
    for (const pair of line.pairs) this.news.pairs.add(pair);
    for (const guard of line.guards) this.news.guards.add(guard);
    for (const witness of line.witnesses) this.news.witnesses.add(witness);
    const states = this.states.get(line.target) ?? new Set();
    for (const state of line.states) states.add(state);
    this.states.set(line.target, states);
    const key = `${line.target} ${line.batch}`;
    if (!this.batches.has(key)) this.batches.set(key, line);
  }
}

/** `interrupted` says why the campaign ended before its time, or what of it is not here. */
export function nightOf(parts: readonly Part[], known: Known, interrupted: string | undefined): Night {
  const [first] = parts;
  if (first === undefined) throw new Error('a night of no shard');
  const sum = new Sum();
  for (const part of parts) sum.add(part);
  const targets = first.targets.map((target) => summaryOf(target, sum));
  const buckets = bucketsOf(sum, known, first.targets);
  const crashes = [...sum.crashes.values()];
  const crashed = new Set(crashes.map(keyOf));
  const raw = [...sum.raw.values()].filter((line) => !sum.small.has(keyOf(line)));
  const differences = [...sum.differences.values()];
  const canaries = targets.flatMap(({ id, property, brokenIn }) =>
    property === undefined ? [] : [{ id, property, finds: brokenIn[property] ?? 0 }],
  );
  const idle = targets.filter(({ runs }) => runs === 0).map(({ id }) => id);
  const fresh = buckets.filter(({ standing }) => standing.kind === 'new');
  const silent = canaries.filter(({ finds }) => finds === 0);
  const rawNews = raw.filter(
    (line) => crashed.has(keyOf(line)) || sum.batches.has(`${line.target} ${line.batch}`),
  );
  const reasons: (readonly [Verdict, number, string])[] = [
    [
      'incomplete',
      silent.length,
      `no find of ${silent.map(({ id }) => id).join(', ')}: nothing else that is said of this night can be relied on`,
    ],
    ['incomplete', interrupted === undefined ? 0 : 1, interrupted ?? ''],
    ['incomplete', idle.length, `${idle.length} targets got no time: ${listed(idle)}`],
    [
      'unexpected',
      fresh.length,
      `${counted(fresh.length, 'new finding')}: ${fresh.map((one) => `${one.property} (${one.bucket})`).join(', ')}`,
    ],
    ['unexpected', rawNews.length, `${counted(rawNews.length, 'finding')} that could not be made small`],
    [
      'unexpected',
      crashes.length,
      `${counted(crashes.length, 'run')} ended the process or did not end: the engine broke`,
    ],
    [
      'unexpected',
      differences.length,
      `${counted(differences.length, 'run')} that ${differences.length === 1 ? 'was' : 'were'} not the same the second time`,
    ],
  ];
  const given = reasons.filter(([, count]) => count > 0);
  return {
    verdict: worst(['as-expected', ...given.map(([verdict]) => verdict)]),
    because: given.map(([verdict, , says]) => ({ verdict, says })),
    seed: first.seed,
    began: first.began,
    shards: parts.map(({ shard }) => shard),
    seconds: Math.round(sum.ms / 100) / 10,
    runs: targets.reduce((total, { runs }) => total + runs, 0),
    steps: targets.reduce((total, { steps }) => total + steps, 0),
    repeated: [...sum.batches.values()].reduce((total, { repeated }) => total + repeated, 0),
    targets,
    coverage: coverageOf(sum, first.targets),
    buckets,
    raw,
    crashes,
    differences,
    canaries,
    expired: known.expired(),
  };
}

const SHOWN = 5;
const listed = (ids: readonly string[]): string =>
  ids.slice(0, SHOWN).join(', ') + (ids.length > SHOWN ? ` and ${ids.length - SHOWN} more` : '');

function summaryOf({ id, strategy, expects, property }: Target, sum: Sum): TargetSummary {
  const batches = [...sum.batches.values()].filter(({ target }) => target === id);
  const total = (of: (line: BatchLine) => number): number => batches.reduce((all, line) => all + of(line), 0);
  const brokenIn: Record<string, number> = {};
  for (const batch of batches) {
    for (const [name, runs] of Object.entries(batch.brokenIn)) brokenIn[name] = (brokenIn[name] ?? 0) + runs;
  }
  return {
    id,
    configuration: id.slice(0, -strategy.length - 1),
    strategy,
    expects,
    property,
    runs: total(({ runs }) => runs),
    steps: total(({ steps }) => steps),
    ms: Math.round(total(({ ms }) => ms)),
    minimisingMs: Math.round(total(({ minimisingMs }) => minimisingMs)),
    states: sum.states.get(id)?.size ?? 0,
    brokenIn,
    longestRunMs: Math.max(0, ...batches.map(({ longestRunMs }) => longestRunMs)),
    heapMb: Math.max(0, ...batches.map(({ heapMb }) => heapMb)),
  };
}

function bucketsOf(sum: Sum, known: Known, targets: readonly Target[]): Bucket[] {
  const byBucket = new Map<string, (SmallLine & { readonly folder: string })[]>();
  const canaries = new Map(targets.map(({ id, property }) => [id, property]));
  for (const line of sum.small.values()) {
    // What a canary breaks is wanted.
    if (canaries.get(line.target) !== undefined) continue;
    byBucket.set(line.bucket, [...(byBucket.get(line.bucket) ?? []), line]);
  }
  return [...byBucket.values()]
    .flatMap((lines): Bucket[] => {
      const [best] = lines.toSorted((a, b) => a.steps - b.steps);
      if (best === undefined) return [];
      const written = lines.find(({ file }) => file !== null);
      return [
        {
          bucket: best.bucket,
          property: best.property,
          standing: known.standingOf(best),
          best,
          file: written?.file ?? undefined,
          folder: written?.folder ?? best.folder,
          count: lines.length,
          targets: [...new Set(lines.map(({ target }) => target))].sort(),
        },
      ];
    })
    .sort(
      (a, b) => gravity(a) - gravity(b) || rank(a.property) - rank(b.property) || a.best.steps - b.best.steps,
    );
}

const GRAVITY: readonly Standing['kind'][] = ['new', 'muted', 'saved', 'cured'];
const gravity = ({ standing }: Bucket): number => GRAVITY.indexOf(standing.kind);

function coverageOf(sum: Sum, targets: readonly Target[]): CoverageSummary {
  const taken: Record<string, number> = {};
  for (const batch of sum.batches.values()) {
    for (const [kind, count] of Object.entries(batch.taken)) taken[kind] = (taken[kind] ?? 0) + count;
  }
  const models = targets.map(({ settings }) => machineOf(settings).model);
  const possible = WITNESSES.filter((witness) => models.some(({ config }) => witness.possible(config))).map(
    ({ id }) => id,
  );
  const allowed = ACTIONS.filter((action) => models.some((model) => isPossible(model, action)));
  const { pairs, guards, witnesses } = sum.news;
  const rules = allowed.flatMap((action) =>
    action.guards.filter(({ clause }) => clause !== undefined).map(({ says }) => says),
  );
  return {
    taken: Object.fromEntries(Object.entries(taken).sort(([, a], [, b]) => b - a)),
    neverTaken: allowed.map(({ kind }) => kind).filter((kind) => (taken[kind] ?? 0) === 0),
    pairs: pairs.size,
    guards: [...guards].sort(),
    guardsNeverRefused: [...new Set(rules)].filter((says) => !guards.has(says)).sort(),
    witnesses: { met: [...witnesses].sort(), unmet: possible.filter((id) => !witnesses.has(id)) },
    states: [...sum.states.values()].reduce((total, states) => total + states.size, 0),
  };
}

/** Whether the configuration has it, and gives a fault of its kind a budget. */
const isPossible = (model: Model, action: (typeof ACTIONS)[number]): boolean =>
  isKnownUnder(model, action) &&
  (action.fault === undefined || action.costs !== undefined || model.config.faults.budgets[action.fault] > 0);
