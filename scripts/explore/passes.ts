/** Passes of a bitstate search, one after the other, each with another seed; several threads make them side by side. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BitSearch, type BitBreak, type BitEnd, type BitTotals, type Words } from '../../model/index.ts';
import { Heap } from './heap.ts';
import { explorableOf, type Problem } from './problem.ts';

export interface PassPlan {
  readonly problem: Problem;
  readonly symmetry: boolean;
  readonly tolerated: readonly string[];
  /** Bytes for the passes of one thread. */
  readonly bytes: number;
  /** Transitions from the first state. */
  readonly depth: number;
  /** Ends a pass after so many states. */
  readonly states: number | undefined;
  /** Milliseconds for all passes; undefined where there is one. */
  readonly ms: number | undefined;
  readonly threads: number;
  /** What threads share: the next seed, and 1 once they are to stop. */
  readonly control: Words;
}

/** The last pass of a thread. */
export interface LastPass {
  readonly end: BitEnd;
  readonly seed: number;
  readonly totals: BitTotals;
  readonly found: BitBreak | undefined;
}

const SEED = 0;
const STOP = 1;
/** States of the first passes where there is a limit of time; each further one has twice as many. */
const FIRST_PASS = 50_000;
/** Parts of the memory for bits and for states to be expanded; values may take as much as these. */
const BITS_SHARE = 0.5;
const PENDING_SHARE = 0.1;
const HEAP_SHARE = 0.3;

export const stopPasses = (control: Words): void => void Atomics.store(control, STOP, 1);
export const passesBegun = (control: Words): number => Atomics.load(control, SEED);

/** Makes passes until one breaks something, or there is no time. `onTurn` is told how far the present one has come. */
export async function makePasses(plan: PassPlan, onTurn: (totals: BitTotals) => void): Promise<LastPass> {
  const started = performance.now();
  const { problem, symmetry, tolerated, bytes, depth, ms, threads, control } = plan;
  const machine = explorableOf(problem);
  const mayContinue = (): boolean =>
    Atomics.load(control, STOP) === 0 && (ms === undefined || performance.now() - started < ms);
  for (;;) {
    const seed = Atomics.add(control, SEED, 1);
    const most = ms === undefined ? Infinity : FIRST_PASS * 2 ** Math.floor(seed / threads);
    const search = new BitSearch(machine, {
      symmetry,
      tolerated,
      bitBytes: bytes * BITS_SHARE,
      pendingBytes: bytes * PENDING_SHARE,
      seed,
      depth,
      states: Math.min(plan.states ?? Infinity, most),
    });
    const heap = new Heap(search, bytes * HEAP_SHARE);
    const run = search.run(mayContinue);
    let turn = run.next();
    while (turn.done !== true) {
      heap.keep();
      onTurn(search.totals());
      await nextTurn();
      turn = run.next();
    }
    const end = turn.value;
    if (end === 'broken') stopPasses(control);
    // With time left, another seed skips other states.
    else if (end !== 'stopped' && ms !== undefined && mayContinue()) continue;
    return { end, seed, totals: search.totals(), found: search.found };
  }
}
