/** The exhaustive search as `explore` does it, over all cores: a whole small space, and the beginning of a large one. */
import { defaultSettings, parseFaults, type Settings } from '../../model/index.ts';
import { PROPERTIES } from '../../properties/index.ts';
import { ALONE, defaultThreads, explore } from '../explore/engine.ts';
import type { Problem } from '../explore/problem.ts';

export interface SearchBench {
  readonly name: string;
  readonly about: string;
  readonly problem: Problem;
  readonly symmetry: boolean;
  /** Where the search is cut off; the space of a small machine is searched to its end. */
  readonly states: number | undefined;
}

export interface SearchMeasured {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  readonly bytesPerState: number;
  readonly threads: number;
  /** Of each run, in rising order. */
  readonly seconds: readonly number[];
  readonly statesPerSecond: number;
}

const RUNS = 3;
const MEMORY = 2 * 1024 ** 3;

/** One kill anywhere: with three brokers and one record already more states than are looked at here. */
function settings(): Settings {
  const faults = parseFaults('kill:1', 2, 1);
  if ('error' in faults) throw new Error(faults.error);
  return { ...defaultSettings, release: '4.1-repaired', records: 1, faults };
}

export const searchBenches = (): readonly SearchBench[] => [
  {
    name: 'isr-kip-320',
    about: 'abstract ISR spec with KIP-320 fencing, 3 replicas, to the end',
    problem: { kind: 'spec', name: 'isr-kip-320', bounds: { replicas: 3 } },
    symmetry: false,
    states: undefined,
  },
  {
    name: 'isr-kip-320, symmetry',
    about: 'the same up to renaming of replicas',
    problem: { kind: 'spec', name: 'isr-kip-320', bounds: { replicas: 3 } },
    symmetry: true,
    states: undefined,
  },
  {
    name: 'reference machine',
    about: '3 brokers, 1 record, kill:1, message grain, guarantees and promises, the first 1,500,000 states',
    problem: {
      kind: 'machine',
      settings: settings(),
      bounds: {},
      grain: { name: 'message' },
      properties: PROPERTIES.filter(({ kind }) => kind !== 'lemma').map(({ id }) => id),
    },
    symmetry: false,
    states: 1_500_000,
  },
];

export async function measureSearch(bench: SearchBench): Promise<SearchMeasured> {
  const results = [];
  for (let run = 0; run < RUNS; run++) {
    results.push(
      await explore({
        ...ALONE,
        problem: bench.problem,
        memory: MEMORY,
        threads: defaultThreads(),
        symmetry: bench.symmetry,
        limits: { states: bench.states },
      }),
    );
  }
  const [fastest, ...others] = results.toSorted((a, b) => a.elapsedMs - b.elapsedMs);
  const median = others[0] ?? fastest;
  if (fastest === undefined || median === undefined) throw new Error('nothing was measured');
  const { totals, bytes, threads } = median;
  return {
    states: totals.states,
    transitions: totals.transitions,
    depth: totals.depth,
    bytesPerState: Math.round((bytes / totals.states) * 10) / 10,
    threads,
    seconds: results.map(({ elapsedMs }) => Math.round(elapsedMs) / 1000).sort((a, b) => a - b),
    statesPerSecond: Math.round((totals.states * 1000) / median.elapsedMs),
  };
}
