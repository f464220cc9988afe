/** What a search has shown, as data: the JSON document and the report read the same value. */
import { configOf, type RecoveryResult, type SearchTotals } from '../../model/index.ts';
import { PROPERTIES, WITNESSES } from '../../properties/index.ts';
import type { Trace } from '../../traces/index.ts';
import type { Calibration } from './calibrate.ts';
import { CAN_RECOVER, type Counterexample, type EngineResult } from './engine.ts';
import type { SweepResult } from './sweep.ts';
import type { Problem } from './problem.ts';

export type Verdict = 'proved' | 'violated' | 'incomplete';

/** A counterexample of the reference machine, as it was saved. */
export interface SavedCounterexample {
  readonly trace: Trace;
  readonly file: string;
}

export interface ExploreOutcome {
  readonly verdict: Verdict;
  /** Why the search is incomplete, in one line. */
  readonly because: string | undefined;
  readonly problem: Problem;
  readonly result: EngineResult;
  readonly finding: SavedCounterexample | undefined;
  /** Bytes that the search was allowed. */
  readonly memory: number;
  readonly symmetry: boolean;
  /** What was to be reached and was not: within these bounds it cannot be, where the search is complete. */
  readonly unmet: readonly string[];
  /** Where it was asked for. */
  readonly calibration: Calibration | undefined;
}

export function outcomeOf(
  known: Pick<ExploreOutcome, 'problem' | 'result' | 'finding' | 'memory' | 'symmetry' | 'calibration'>,
): ExploreOutcome {
  const { problem, result } = known;
  return { ...known, ...judge(result), unmet: unmetOf(problem, result) };
}

function judge({
  end,
  totals,
  sweep,
  recovery,
  closest,
  unreal,
}: EngineResult): Pick<ExploreOutcome, 'verdict' | 'because'> {
  const { frontier, depth } = totals;
  const left =
    `every run of up to ${depth} transitions is covered, ` +
    `${whole(frontier)} states were met and not expanded`;
  if (sweep !== undefined && end !== 'broken')
    return { verdict: 'incomplete', because: skipped(sweep, end, totals) };
  if (closest !== undefined && end !== 'broken')
    return { verdict: 'incomplete', because: undirected(end, totals) };
  if (recovery?.stuck !== undefined) return { verdict: 'violated', because: undefined };
  if (unreal !== undefined) {
    const { broken, labels } = unreal;
    const because =
      `${broken.join(', ')} breaks in ${labels.length} actions, but not where elections follow the assignment order; ` +
      `the same search without --election any goes on; ${left}`;
    return { verdict: 'incomplete', because };
  }
  switch (end) {
    case 'swept':
      throw new Error('only a bitstate search sweeps');
    case 'complete':
      return recovery === undefined || recovery.undecided === 0
        ? { verdict: 'proved', because: undefined }
        : {
            verdict: 'incomplete',
            because: `of ${whole(recovery.undecided)} states nothing can be said: what follows them is too much`,
          };
    case 'broken':
      return { verdict: 'violated', because: undefined };
    case 'states':
      return { verdict: 'incomplete', because: `stopped at --states; ${left}` };
    case 'depth':
      return { verdict: 'incomplete', because: `stopped at --depth; ${left}` };
    case 'time':
      return { verdict: 'incomplete', because: `stopped at --time; ${left}` };
    case 'memory':
      return { verdict: 'incomplete', because: `the memory is used up; ${left}` };
    case 'endless':
      return {
        verdict: 'incomplete',
        because: `an exchange does not come to rest: --grain message goes action by action; ${left}`,
      };
    case 'stopped':
      return { verdict: 'incomplete', because: `stopped by a signal; ${left}` };
  }
}

const whole = (count: number): string => Math.round(count).toLocaleString('en-US');

const ENDS: Readonly<Partial<Record<EngineResult['end'], string>>> = {
  states: 'stopped at --states',
  time: 'stopped at --time',
  memory: 'the memory is used up',
  stopped: 'stopped by a signal',
};

/** Why a search towards a property has proved nothing. */
function undirected(end: EngineResult['end'], { states, frontier }: SearchTotals): string {
  const reason = ENDS[end];
  return reason === undefined
    ? `all ${whole(states)} states were met; the same search without --towards says what that proves`
    : `${reason}; ${whole(frontier)} of ${whole(states)} states were met and not expanded`;
}

/** Why a bitstate search has proved nothing. */
function skipped(
  { missed, fill, tooDeep, depthLimit, endless }: SweepResult,
  end: EngineResult['end'],
  { states, frontier }: SearchTotals,
): string {
  const chance = missed / (states + missed);
  const parts = [
    ...(ENDS[end] === undefined ? [] : [`${ENDS[end]}, ${whole(frontier)} states were met and not expanded`]),
    ...(tooDeep === 0 ? [] : [`${whole(tooDeep)} states lay at the depth limit of ${depthLimit}`]),
    ...(endless === 0
      ? []
      : [`${whole(endless)} exchanges did not come to rest: --grain message goes action by action`]),
    `bitstate skips states: about ${missed < 10 ? missed.toPrecision(2) : whole(missed)} were taken for known ` +
      `(${chance.toExponential(1)} of all, ${(fill * 100).toFixed(1)} % of the bits set), and what only these lead to`,
  ];
  return parts.join('; ');
}

function unmetOf(problem: Problem, { totals }: EngineResult): readonly string[] {
  if (problem.kind === 'spec' || problem.recovery !== undefined) return [];
  const config = configOf(problem.settings);
  if ('error' in config) return [];
  return WITNESSES.filter(({ id, possible }) => possible(config) && !totals.met.includes(id)).map(
    ({ id }) => id,
  );
}

/** `exchange grain, k=1` and the like; nothing for a machine without messages. */
export function grainOf(problem: Problem): string | undefined {
  if (problem.kind === 'spec') return undefined;
  const { grain } = problem;
  return grain.name === 'message' ? 'message' : `exchange, k=${grain.detached}`;
}

/** The broken property to name first, in the order of the suite. */
export function foremost(broken: readonly string[]): string | undefined {
  const known = PROPERTIES.map(({ id }) => id).find((id) => broken.includes(id));
  return known ?? broken[0];
}

/** States on the way, the first included, as other model checkers count a trace. */
const statesOn = ({ labels }: Counterexample): number => labels.length + 1;

export function jsonOf(outcome: ExploreOutcome): object {
  const { verdict, because, problem, result, finding } = outcome;
  const { totals, counterexample } = result;
  const grain = grainOf(problem);
  return {
    verdict,
    ...(because === undefined ? {} : { because }),
    ...(counterexample === undefined
      ? {}
      : {
          property: foremost(brokenIn(outcome)),
          broken: brokenIn(outcome),
          steps: finding?.trace.actions.length ?? counterexample.labels.length,
          ...(finding === undefined
            ? { traceStates: statesOn(counterexample), actions: counterexample.says }
            : { trace: finding.file, minimal: finding.trace.minimal }),
        }),
    distinctStates: totals.states,
    transitions: totals.transitions,
    depth: totals.depth,
    frontier: totals.frontier,
    ...(grain === undefined ? {} : { grain }),
    ...(problem.kind === 'machine' ? { election: problem.election ?? 'assignment-order' } : {}),
    symmetry: outcome.symmetry,
    ...(problem.kind === 'machine' ? { reduced: result.reduced } : {}),
    bounds: result.bounds,
    ...subjectOf(problem),
    ...(result.closest === undefined ? {} : { closest: result.closest }),
    ...(result.recovery === undefined ? {} : { recovery: recoveryJson(result.recovery) }),
    ...(problem.kind === 'machine' && problem.recovery === undefined
      ? { witnesses: { met: totals.met, unmet: outcome.unmet }, tolerated: totals.brokenTolerated }
      : {}),
    ...(outcome.calibration === undefined ? {} : { calibration: outcome.calibration }),
    seconds: Math.round(result.elapsedMs) / 1000,
    threads: result.threads,
    memory: outcome.memory,
    ...(result.sweep === undefined ? {} : { bitstate: result.sweep }),
    ...(result.checkpoint === undefined ? {} : { checkpoint: result.checkpoint }),
    bytesPerState: Math.round((result.bytes / Math.max(totals.states, 1)) * 10) / 10,
  };
}

/** All that the counterexample breaks, in the order of the suite. */
export function brokenIn({ result, finding }: ExploreOutcome): readonly string[] {
  const broken = result.counterexample?.broken ?? [];
  return broken.includes(CAN_RECOVER) ? broken : (finding?.trace.broken ?? broken);
}

function recoveryJson({ calm, stuck, undecided }: RecoveryResult): object {
  return {
    calm,
    undecided,
    ...(stuck === undefined ? {} : { reachable: stuck.reachable, lacks: stuck.lacks }),
  };
}

function subjectOf(problem: Problem): object {
  if (problem.kind === 'spec') return { spec: problem.name, parameters: problem.bounds };
  const { release, rules, kafka, faults, records } = problem.settings;
  const asks =
    problem.recovery === undefined ? { properties: problem.properties } : { canRecover: problem.recovery };
  return { release, rules, kafka, faults, records, ...asks };
}
