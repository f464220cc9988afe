/** A small exhaustive search beside the runs of a trial: what it proves, it proves within bounds that are said. */
import { NO_FAULTS, type FaultClass, type FaultKind, type Settings } from '../../model/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { recordTrace, replayTrace, type Break } from '../../traces/index.ts';
import { ALONE, explore, leastMemory } from '../explore/engine.ts';
import type { MachineProblem } from '../explore/problem.ts';

export interface SearchPlan {
  readonly problem: MachineProblem;
  readonly bounds: string;
  readonly grain: string;
  readonly tolerated: readonly string[];
}

/** How such a search may end: nobody stops it, and it has no limit of time or depth. */
export const SEARCHED_TO = ['complete', 'broken', 'states', 'memory', 'endless'] as const;
type SearchedTo = (typeof SEARCHED_TO)[number];
const isSearchedTo = (end: string): end is SearchedTo => SEARCHED_TO.some((known) => known === end);

export interface Search {
  readonly end: SearchedTo;
  readonly bounds: string;
  readonly grain: string;
  readonly states: number;
  /** Properties whose breaks were not looked for. */
  readonly tolerated: readonly string[];
}

/** Budgets small enough to be searched to the end; each lies within its class. */
const BUDGETS: Readonly<Record<FaultClass, Partial<Record<FaultKind, number>>>> = {
  F0: { kill: 1, fence: 1 },
  U: { kill: 1, fence: 1 },
  F1e: { 'power-loss': 1, fence: 1 },
  F1: { 'power-loss': 1, fence: 1 },
  F2: { 'power-loss': 2 },
  F3: { wipe: 1, fence: 1 },
};
const RECORDS = 1;
const MOST_STATES = 60_000;
const MIB = 1024 * 1024;

export function searchPlan(settings: Settings, faults: FaultClass, tolerated: readonly string[]): SearchPlan {
  const budgets = BUDGETS[faults];
  const kinds = Object.entries(budgets).map(([kind, budget]) => `${kind}:${budget}`);
  return {
    problem: {
      kind: 'machine',
      settings: {
        ...settings,
        records: RECORDS,
        faults: { ...settings.faults, budgets: { ...NO_FAULTS, ...budgets } },
      },
      bounds: {},
      grain: { name: 'exchange', detached: 0 },
      properties: PROPERTIES.map(({ id }) => id),
    },
    bounds: `${RECORDS} record, ${kinds.join(', ')}`,
    grain: 'exchange grain, k=0',
    tolerated,
  };
}

/** Repeatable: what ends it early is a number of states, not a time. Gives what it broke as well. */
export async function searchThrough({
  problem,
  bounds,
  grain,
  tolerated,
}: SearchPlan): Promise<{ readonly search: Search; readonly breaks: readonly Break[] }> {
  const result = await explore({
    ...ALONE,
    problem,
    memory: leastMemory(1) + 256 * MIB,
    tolerated,
    limits: { states: MOST_STATES },
  });
  const { end, totals, counterexample } = result;
  if (!isSearchedTo(end)) throw new Error(`a search that ended by ${end}`);
  const search: Search = { end, bounds, grain, states: totals.states, tolerated };
  if (counterexample === undefined) return { search, breaks: [] };
  const trace = recordTrace(problem.settings, counterexample.labels, { schedule: { driver: 'explore' } });
  const { run } = replayTrace(trace);
  return {
    search,
    breaks: run.findings.map(({ property, step, says }) => ({
      property,
      says,
      steps: step,
      trace,
      found: { by: 'explore' },
    })),
  };
}
