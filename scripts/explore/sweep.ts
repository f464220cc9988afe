/**
 * Runs a bitstate search. Within a limit of time many short passes, each with another seed and order, find more than a
 * long one that gets lost in a corner (Holzmann's swarm verification); threads make them side by side. Without one there
 * is one pass, which has all the memory.
 */
import { Worker } from 'node:worker_threads';
import { words, type BitEnd } from '../../model/index.ts';
import { programFile } from '../program/bundle.ts';
import { cutsOf, roomForSearch, type EngineOptions, type EngineResult } from './engine.ts';
import { makePasses, passesBegun, stopPasses, type LastPass, type PassPlan } from './passes.ts';
import { explorableOf } from './problem.ts';

/** What an exact search has no use for. */
export interface SweepResult {
  readonly bits: number;
  /** Share of the bits that were set at the end of the last pass. */
  readonly fill: number;
  /** States of the last pass that are expected to have been taken for known when they were met first. */
  readonly missed: number;
  readonly passes: number;
  /** States that were not expanded because they lay deeper than this. */
  readonly tooDeep: number;
  readonly depthLimit: number;
  /** Exchanges that were given up because they do not come to rest. */
  readonly endless: number;
}

/** Longer runs are of little use to people, and a depth-first search finds long ones first. */
const DEPTH = 200;

export async function sweep(options: EngineOptions): Promise<EngineResult> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const { problem, symmetry, tolerated, limits, ms, stop } = options;
  const threads = ms === undefined ? 1 : options.threads;
  const depth = limits.depth ?? DEPTH;
  const control = words(2);
  const plan: PassPlan = {
    ...{ problem, symmetry, tolerated, depth, ms, threads, control },
    bytes: roomForSearch(options.memory, threads) / threads,
    states: limits.states,
  };
  const others = hire(plan, threads - 1, options.onTrouble);
  const own = await makePasses(plan, (totals) => {
    if (stop.requested) stopPasses(control);
    options.onProgress(totals, elapsed(), totals.bits / 8);
  });
  stopPasses(control);
  const ended = [own, ...(await others)];
  const broken = ended.filter(({ found }) => found !== undefined).toSorted((a, b) => a.seed - b.seed);
  const { end, totals, found } = broken[0] ?? own;
  const machine = explorableOf(problem);
  const labels = found === undefined ? [] : (machine.runOf?.(found.actions) ?? found.actions);
  return {
    end: endOf(end, stop.requested),
    totals,
    counterexample:
      found === undefined
        ? undefined
        : { labels, says: labels.map(machine.describe), broken: found.broken, shortest: false },
    bounds: cutsOf(machine.bounds, totals.cuts, machine.exchange?.detached),
    elapsedMs: elapsed(),
    bytes: totals.bits / 8,
    threads: ended.length,
    reduced: false,
    checkpoint: undefined,
    sweep: {
      bits: totals.bits,
      fill: totals.fill,
      missed: totals.missed,
      passes: passesBegun(control),
      tooDeep: totals.tooDeep,
      depthLimit: depth,
      endless: totals.endless,
    },
  };
}

/** Resolves to the last pass of each other thread, once they have ended; of one that failed nothing is known. */
async function hire(
  plan: PassPlan,
  count: number,
  onTrouble: (says: string) => void,
): Promise<readonly LastPass[]> {
  if (count < 1) return [];
  let file: string;
  try {
    file = await programFile('pass-worker');
  } catch (thrown) {
    onTrouble(`no other thread could start: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return [];
  }
  const passes = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<LastPass | undefined>((resolve) => {
          const worker = new Worker(file, { workerData: plan, execArgv: [] });
          worker.on('message', resolve);
          worker.on('error', (error) => {
            onTrouble(`a thread has failed: ${error.message}`);
            resolve(undefined);
          });
        }),
    ),
  );
  return passes.filter((pass) => pass !== undefined);
}

const endOf = (end: BitEnd, stopped: boolean): EngineResult['end'] =>
  end === 'stopped' && !stopped ? 'time' : end;
