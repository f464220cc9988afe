/** Runs an exhaustive search over all threads, within its memory, until it ends or is asked to. */
import { availableParallelism, freemem, totalmem } from 'node:os';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  answersMemory,
  control as newControl,
  Hand,
  RecoveryCheck,
  maySleep,
  Search,
  sleepMemory,
  storeMemory,
  type Break,
  type Explorable,
  type RecoveryResult,
  type SearchEnd,
  type SearchLimits,
  type SearchTotals,
} from '../../model/index.ts';
import { UsageError } from '../exit.ts';
import { inTurns } from '../turns.ts';
import { loadCheckpoint, mustBeWritable, saveCheckpoint } from './checkpoint.ts';
import { Crew } from './crew.ts';
import { Heap } from './heap.ts';
import type { SweepResult } from './sweep.ts';
import { explorableOf, type Problem } from './problem.ts';
import { isReal } from './real.ts';

export interface EngineOptions {
  readonly problem: Problem;
  /** Bytes for the whole search, all threads and the program itself included. */
  readonly memory: number;
  readonly threads: number;
  readonly symmetry: boolean;
  /** Whether actions that leave each other alone are taken in one order only, where that can be; unless this is false. */
  readonly reduces?: boolean | undefined;
  readonly tolerated: readonly string[];
  readonly limits: SearchLimits;
  /** Milliseconds of this session, or undefined without a limit of time. */
  readonly ms: number | undefined;
  /** Set from outside to end the search. */
  readonly stop: { readonly requested: boolean };
  /** Where the search is written from time to time, and when it ends early. */
  readonly checkpoint: string | undefined;
  /** A search written earlier, which goes on. */
  readonly resume: string | undefined;
  /** Told what went wrong with a checkpoint while the search goes on. */
  readonly onTrouble: (says: string) => void;
  /** Told from time to time; `elapsedMs` counts all sessions of a search, `bytes` are those in use by what is stored. */
  readonly onProgress: (totals: SearchTotals, elapsedMs: number, bytes: number) => void;
}

/** A search on one thread that only memory ends, and that nobody watches. */
export const ALONE: Omit<EngineOptions, 'problem' | 'memory'> = {
  threads: 1,
  symmetry: false,
  tolerated: [],
  limits: {},
  ms: undefined,
  stop: { requested: false },
  checkpoint: undefined,
  resume: undefined,
  onTrouble: () => undefined,
  onProgress: () => undefined,
};

export interface Counterexample {
  /** Actions, as the machine numbers them. */
  readonly labels: readonly number[];
  readonly says: readonly string[];
  readonly broken: readonly string[];
  /** Whether no run with fewer transitions breaks anything. */
  readonly shortest: boolean;
}

export interface EngineResult {
  readonly end: SearchEnd | 'time' | 'swept';
  readonly totals: SearchTotals;
  readonly counterexample: Counterexample | undefined;
  /** Where any eligible replica may be elected: a run that breaks something and that the machine does not take. */
  readonly unreal?: Counterexample | undefined;
  readonly bounds: readonly { readonly name: string; readonly limit: number; readonly cut: number }[];
  /** Of all sessions of a search that was resumed. */
  readonly elapsedMs: number;
  /** Bytes that the stored states take. */
  readonly bytes: number;
  readonly threads: number;
  /** Whether actions that leave each other alone were taken in one order only. */
  readonly reduced: boolean;
  /** Where the search can be resumed from, if it can. */
  readonly checkpoint: string | undefined;
  /** Of a bitstate search. */
  readonly sweep: SweepResult | undefined;
  /** Of a search towards a property: the least distance of a state that was met. */
  readonly closest?: number | undefined;
  /** Where it was asked whether all can become well again, and the search was not ended by a signal. */
  readonly recovery?: RecoveryResult | undefined;
}

/** So many runs that may be none of the machine's are taken again. */
const MOST_TRIED = 100;

/** What a state from which nothing leads back to where all is well breaks. */
export const CAN_RECOVER = 'can-recover';

const MIB = 1024 * 1024;
/** The program itself, and each further thread, before there is a state. */
const PROGRAM = 128 * MIB;
const THREAD = 48 * MIB;
/** Of what is left, the part for the states; the rest is for what the threads remember. */
const STATES_SHARE = 0.5;
/** Of that, for what sleeps in the states of two levels. */
const SLEEP_SHARE = 1 / 32;
/** A search that is over before so many states needs no other threads. */
const WORTH_THREADS = 20_000;
const CHECKPOINT_EVERY_MS = 3 * 60_000;
/** And for what threads tell each other. */
const ANSWERS_SHARE = 1 / 32;
/** Of what is left, the part for the search from one state that may be stuck, and states of all these together. */
const RECOVERY_SHARE = 0.25;
const RECOVERY_STATES = 500_000;
const LEAST_MEMORY = PROGRAM + 32 * MIB;

export const leastMemory = (threads: number): number => LEAST_MEMORY + (threads - 1) * THREAD;

/** What a search may take, of so many bytes for everything. */
export const roomForSearch = (memory: number, threads: number): number =>
  memory - PROGRAM - (threads - 1) * THREAD;

/** What is taken when nobody says: half of what is free, on the machine and in the container that it may be. */
export const defaultMemory = (threads: number): number =>
  Math.max(leastMemory(threads), Math.floor(Math.min(freemem(), process.availableMemory()) / 2));

export const defaultThreads = (): number => availableParallelism();

export async function explore(options: EngineOptions): Promise<EngineResult> {
  const started = performance.now();
  const elapsed = (): number => performance.now() - started;
  const { problem, threads, stop } = options;
  if (threads > 1 && options.memory > totalmem() / 2) Crew.prepare();
  const machine = explorableOf(problem);
  const left = roomForSearch(options.memory, threads);
  const memory = storeMemory(machine, left * (STATES_SHARE - SLEEP_SHARE - ANSWERS_SHARE));
  const recoveryShare = machine.recovery === undefined ? 0 : RECOVERY_SHARE;
  const heapShare = (left * (1 - STATES_SHARE - recoveryShare)) / threads;
  // Specs are checked against published figures, transitions included.
  const reduced =
    problem.kind === 'machine' && options.reduces !== false && maySleep(machine, options.symmetry);
  const sleeps = reduced ? sleepMemory(left * SLEEP_SHARE) : undefined;
  const answers = threads > 1 ? answersMemory(threads, left * ANSWERS_SHARE) : undefined;
  const handOptions = { symmetry: options.symmetry, tolerated: options.tolerated, sleeps };
  const control = newControl();
  const hand = new Hand(machine, memory, { ...handOptions, shares: answers && { memory: answers, own: 0 } });
  const heap = new Heap(hand, heapShare);
  const start = { problem, memory, control, options: handOptions, heapShare, answers };
  const crew = new Crew(start, options.onTrouble);
  const search = new Search(hand, control, options.limits, crew);
  const subject = { problem, symmetry: options.symmetry, tolerated: options.tolerated };
  if (options.checkpoint !== undefined) mustBeWritable(options.checkpoint);
  let spentBefore = 0;
  const spent = (): number => spentBefore + elapsed();
  if (options.resume !== undefined) {
    const stored = loadCheckpoint(options.resume, subject, machine, hand);
    spentBefore = stored.elapsedMs;
    search.resume(stored.progress);
  }
  let saved = started;
  const save = (file: string): string | undefined => {
    try {
      saveCheckpoint(file, subject, machine, hand, { progress: search.progress(), elapsedMs: spent() });
      return file;
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      options.onTrouble(thrown.message);
      return undefined;
    }
  };
  let hired = threads === 1;
  const inTime = (): boolean => options.ms === undefined || elapsed() < options.ms;
  try {
    const run = search.run(() => !stop.requested && inTime());
    let turn = run.next();
    while (turn.done !== true) {
      if (!hired && hand.store.count > WORTH_THREADS) {
        hired = true;
        crew.hire(threads - 1);
      }
      heap.keep();
      options.onProgress(search.totals(), spent(), hand.store.bytes);
      if (options.checkpoint !== undefined && performance.now() - saved > CHECKPOINT_EVERY_MS) {
        saved = performance.now();
        search.rest();
      }
      if (turn.value === 'resting' && options.checkpoint !== undefined) save(options.checkpoint);
      if (turn.value === 'waiting') await crew.wait();
      else await nextTurn();
      turn = run.next();
    }
    const searched = turn.value === 'stopped' && !stop.requested ? 'time' : turn.value;
    const totals = search.totals();
    const check =
      machine.recovery === undefined || stop.requested
        ? undefined
        : new RecoveryCheck(hand, machine.recovery, {
            bytes: left * RECOVERY_SHARE,
            states: RECOVERY_STATES,
            expanded: searched === 'complete' ? hand.store.count : search.progress().next,
          });
    if (check !== undefined) heap.watch(check);
    const recovery =
      check === undefined
        ? undefined
        : await inTurns(check.run(), stop, () => {
            heap.keep();
            options.onProgress(totals, spent(), hand.store.bytes);
          });
    const end = stop.requested ? 'stopped' : searched;
    const found = end === 'broken' ? firstReal(search.breaks, hand, machine, problem) : undefined;
    return {
      end,
      totals,
      counterexample:
        end === 'broken' ? found?.real : stuckRun(recovery, machine.exchange === undefined, machine.describe),
      unreal: found?.real === undefined ? found?.unreal : undefined,
      recovery,
      bounds: cutsOf(machine.bounds, totals.cuts, machine.exchange?.detached),
      elapsedMs: spent(),
      bytes: hand.store.bytes,
      threads: crew.size + 1,
      reduced,
      sweep: undefined,
      checkpoint:
        options.checkpoint === undefined || end === 'complete' || end === 'broken'
          ? undefined
          : save(options.checkpoint),
    };
  } finally {
    await crew.dismiss();
  }
}

/** A break of the last level: the shortest, then the one that breaks most, then the one met earliest. */
export function counterexample(
  breaks: readonly Break[],
  hand: Hand,
  { runOf, describe }: Explorable,
): Counterexample {
  const [first] = inOrder(breaks);
  if (first === undefined) throw new Error('a search that broke nothing');
  const { actions, row } = hand.pathTo(first.from);
  const { path, broken } = hand.breakFrom(row, first);
  const taken = [...actions, ...path];
  const labels = runOf?.(taken) ?? taken;
  return { labels, says: labels.map(describe), broken, shortest: true };
}

/** Where more happens than can, the first break that can happen; else the first. */
function firstReal(
  breaks: readonly Break[],
  hand: Hand,
  machine: Explorable,
  problem: Problem,
): { readonly real?: Counterexample; readonly unreal?: Counterexample } {
  if (problem.kind === 'spec' || problem.election === undefined)
    return { real: counterexample(breaks, hand, machine) };
  let unreal: Counterexample | undefined;
  for (const one of inOrder(breaks).slice(0, MOST_TRIED)) {
    const run = counterexample([one], hand, machine);
    if (isReal(problem, run)) return { real: run };
    unreal ??= run;
  }
  return unreal === undefined ? {} : { unreal };
}

const inOrder = (breaks: readonly Break[]): Break[] =>
  breaks.toSorted(
    (a, b) => a.path.length - b.path.length || b.broken.length - a.broken.length || a.from - b.from,
  );

function stuckRun(
  recovery: RecoveryResult | undefined,
  byActions: boolean,
  describe: (label: number) => string,
): Counterexample | undefined {
  if (recovery?.stuck === undefined) return undefined;
  const { actions } = recovery.stuck;
  return {
    labels: actions,
    says: actions.map(describe),
    broken: [CAN_RECOVER],
    shortest: byActions && recovery.undecided === 0,
  };
}

/** By name: bounds that count components one by one are one bound to whoever set them. */
export function cutsOf(
  bounds: readonly { readonly name: string; readonly limit: number }[],
  cuts: readonly number[],
  detached: number | undefined,
): EngineResult['bounds'] {
  const byName = new Map<string, { name: string; limit: number; cut: number }>();
  for (const [i, { name, limit }] of bounds.entries()) {
    const known = byName.get(name);
    if (known === undefined) byName.set(name, { name, limit, cut: cuts[i] ?? 0 });
    else known.cut += cuts[i] ?? 0;
  }
  const all = [...byName.values()];
  return detached === undefined
    ? all
    : [...all, { name: 'detached', limit: detached, cut: cuts.at(-1) ?? 0 }];
}
