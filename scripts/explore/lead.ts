/** Runs a best-first search towards a property, within its memory, until it ends or is asked to. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BestFirst, Hand, storeMemory } from '../../model/index.ts';
import { counterexample, cutsOf, roomForSearch, type EngineOptions, type EngineResult } from './engine.ts';
import { Heap } from './heap.ts';
import { explorableOf } from './problem.ts';

/** Of the memory, the part for the states; the rest is for what is remembered of them. */
const STATES_SHARE = 0.6;
const HEAP_SHARE = 0.4;

export async function lead(options: EngineOptions): Promise<EngineResult> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const { problem, limits, ms, stop } = options;
  const machine = explorableOf(problem);
  const left = roomForSearch(options.memory, 1);
  const hand = new Hand(machine, storeMemory(machine, left * STATES_SHARE), {
    symmetry: false,
    tolerated: [],
  });
  const heap = new Heap(hand, left * HEAP_SHARE);
  const search = new BestFirst(hand, machine, limits.states);
  const run = search.run(() => !stop.requested && (ms === undefined || elapsed() < ms));
  let turn = run.next();
  while (turn.done !== true) {
    heap.keep();
    options.onProgress(search.totals(), elapsed(), hand.store.bytes);
    await nextTurn();
    turn = run.next();
  }
  const totals = search.totals();
  return {
    end: turn.value === 'stopped' && !stop.requested ? 'time' : turn.value,
    totals,
    counterexample:
      turn.value === 'broken'
        ? { ...counterexample(search.breaks, hand, machine.describe), shortest: false }
        : undefined,
    bounds: cutsOf(machine.bounds, totals.cuts, machine.exchange?.detached),
    elapsedMs: elapsed(),
    bytes: hand.store.bytes,
    threads: 1,
    checkpoint: undefined,
    sweep: undefined,
    closest: search.closest,
  };
}
