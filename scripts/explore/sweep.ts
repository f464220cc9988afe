/**
 * Runs a bitstate search. Within a limit of time many short passes, each with another seed and order, find more than a
 * long one that gets lost in a corner (Holzmann's swarm verification).
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BitSearch, type BitEnd } from '../../model/index.ts';
import { cutsOf, roomForSearch, type EngineOptions, type EngineResult } from './engine.ts';
import { Heap } from './heap.ts';
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
}

/** Longer runs are of little use to people, and a depth-first search finds long ones first. */
const DEPTH = 200;
/** States of the first pass where there is a limit of time; each further pass has twice as many. */
const FIRST_PASS = 50_000;
/** Parts of the memory for bits and for states to be expanded; values may take as much as these. */
const BITS_SHARE = 0.5;
const PENDING_SHARE = 0.1;
const HEAP_SHARE = 0.3;

export async function sweep(options: EngineOptions): Promise<EngineResult> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const { problem, symmetry, tolerated, limits, ms, stop } = options;
  const machine = explorableOf(problem);
  const left = roomForSearch(options.memory, 1);
  const depth = limits.depth ?? DEPTH;
  const mayContinue = (): boolean => !stop.requested && (ms === undefined || elapsed() < ms);
  for (let seed = 0; ; seed++) {
    const passLimit = ms === undefined ? undefined : FIRST_PASS * 2 ** seed;
    const states = Math.min(limits.states ?? Infinity, passLimit ?? Infinity);
    const search = new BitSearch(machine, {
      symmetry,
      tolerated,
      bitBytes: left * BITS_SHARE,
      pendingBytes: left * PENDING_SHARE,
      seed,
      depth,
      states,
    });
    const heap = new Heap(search, left * HEAP_SHARE);
    const run = search.run(mayContinue);
    let turn = run.next();
    while (turn.done !== true) {
      heap.keep();
      options.onProgress(search.totals(), elapsed(), search.totals().bits / 8);
      await nextTurn();
      turn = run.next();
    }
    const totals = search.totals();
    // With time left, another seed skips other states.
    if (turn.value !== 'broken' && turn.value !== 'stopped' && ms !== undefined && mayContinue()) continue;
    const { found } = search;
    const labels = found === undefined ? [] : (machine.runOf?.(found.actions) ?? found.actions);
    return {
      end: endOf(turn.value, stop.requested),
      totals,
      counterexample:
        found === undefined
          ? undefined
          : {
              labels,
              says: labels.map(machine.describe),
              broken: found.broken,
              shortest: false,
            },
      bounds: cutsOf(machine.bounds, totals.cuts, machine.exchange?.detached),
      elapsedMs: elapsed(),
      bytes: totals.bits / 8,
      threads: 1,
      reduced: false,
      checkpoint: undefined,
      sweep: {
        bits: totals.bits,
        fill: totals.fill,
        missed: totals.missed,
        passes: seed + 1,
        tooDeep: totals.tooDeep,
        depthLimit: depth,
      },
    };
  }
}

const endOf = (end: BitEnd, stopped: boolean): EngineResult['end'] =>
  end === 'stopped' && !stopped ? 'time' : end;
