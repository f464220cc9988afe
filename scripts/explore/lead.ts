/**
 * Runs a best-first search towards a property, within its memory, until it ends or is asked to. A break that greed has
 * found is a long one, so a shorter one is looked for in about as many states.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BestFirst, Hand, storeMemory } from '../../model/index.ts';
import { counterexample, cutsOf, roomForSearch, type EngineOptions, type EngineResult } from './engine.ts';
import { Heap } from './heap.ts';
import { explorableOf } from './problem.ts';

/** Of the memory, the part for the states; the rest is for what is remembered of them. */
const STATES_SHARE = 0.6;
const HEAP_SHARE = 0.4;

/** States in which a shorter break is looked for: so many times those in which the first one was, and at least these. */
const SHORTER_TIMES = 4;
const SHORTER_LEAST = 2000;

export async function lead(options: EngineOptions): Promise<EngineResult> {
  const found = await pass(options, false);
  if (found.end !== 'broken') return found;
  // What the first search has stored may still be in memory.
  if (found.bytes * SHORTER_TIMES > roomForSearch(options.memory, 1)) return found;
  const states = Math.max(SHORTER_TIMES * found.totals.states, SHORTER_LEAST);
  const ms = options.ms === undefined ? undefined : Math.max(0, options.ms - found.elapsedMs);
  const shorter = await pass({ ...options, ms, limits: { states } }, true);
  return shorter.end === 'broken' ? shorter : found;
}

async function pass(options: EngineOptions, countsWay: boolean): Promise<EngineResult> {
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
  const search = new BestFirst(hand, machine, { states: limits.states, countsWay });
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
        ? { ...counterexample(search.breaks, hand, machine), shortest: false }
        : undefined,
    bounds: cutsOf(machine.bounds, totals.cuts, machine.exchange?.detached),
    elapsedMs: elapsed(),
    bytes: hand.store.bytes,
    threads: 1,
    reduced: false,
    checkpoint: undefined,
    sweep: undefined,
    closest: search.closest,
  };
}
