/**
 * Takes runs that are kept under other settings: what is not enabled there is left out. Where something breaks the
 * run is also varied, because what a loss does to readers and to what follows shows only where there are any.
 */
import seedrandom from 'seedrandom';
import {
  ACTIONS,
  createMachine,
  configOf,
  type Action,
  type ActionCode,
  type Machine,
  type Settings,
} from '../../model/index.ts';
import { Checker, drawWeights, PROPERTIES, type Finding } from '../../properties/index.ts';
import type { SavedRun } from './saved-runs.ts';

/** A run up to the step at which it breaks a property for the first time. */
export interface Sighting {
  readonly property: string;
  readonly says: string;
  readonly settings: Settings;
  /** Every one is enabled, and the property breaks with the last. */
  readonly actions: readonly ActionCode[];
  readonly of: string;
}

/** Random variations of a run that breaks a guarantee or promise, and how far they go beyond it. */
const VARIATIONS = 24;
const BEYOND = 120;

/** What consumers do changes nothing for anybody else: it may be done between any two steps of a run. */
const READERS = Int32Array.from(ACTIONS, ({ kind }) =>
  Number(kind.startsWith('poll') || kind === 'refresh-consumer-metadata'),
);
const FAULTS = [...ACTIONS.keys()].filter((index) => ACTIONS[index]?.role === 'perturbation');

const harms = (id: string): boolean =>
  PROPERTIES.some(({ id: known, kind }) => known === id && kind !== 'lemma');

/** The shortest sighting of each property that breaks, over all runs. */
export function replayUnder(settings: Settings, runs: readonly SavedRun[]): ReadonlyMap<string, Sighting> {
  const best = new Map<string, Sighting>();
  const benches = new Map<string, Bench>();
  for (const { name, trace } of runs) {
    const bench = benchFor({ ...settings, ...actorsOf(settings, trace.settings) }, benches);
    const note = (taken: readonly ActionCode[], findings: readonly Finding[]): void => {
      for (const { property, step, says } of findings) {
        if ((best.get(property)?.actions.length ?? Infinity) <= step) continue;
        const actions = taken.slice(0, step);
        best.set(property, { property, says, settings: bench.settings, actions, of: name });
      }
    };
    const codes = trace.actions.flatMap((action) => bench.machine.encode(allowed(action, settings)) ?? []);
    const taken = take(bench, codes);
    const broken = [...bench.checker.findings];
    note(taken, broken);
    if (!broken.some(({ property }) => harms(property))) continue;
    for (let nth = 0; nth < VARIATIONS; nth++) {
      note(vary(bench, taken, seedrandom(`${name}/${nth}`)), bench.checker.findings);
    }
  }
  return best;
}

/** Where power stays on and disks may be lost, a broker loses its disk in place of its power. */
function allowed(action: Action, { faults: { budgets } }: Settings): Action {
  return action.kind === 'power-loss' && budgets['power-loss'] === 0 && budgets.wipe > 0
    ? { kind: 'wipe-disk', broker: action.broker ?? 0 }
    : action;
}

interface Bench {
  readonly settings: Settings;
  readonly machine: Machine;
  readonly checker: Checker;
}

/** Who takes part: at least those of the run, and all that the settings ask for where they are of one kind. */
const actorsOf = (settings: Settings, of: Settings): Partial<Settings> => ({
  brokers: Math.max(of.brokers, settings.kafka['default.replication.factor'] as number),
  producers: Math.max(settings.producers, of.producers),
  consumers: Math.max(settings.consumers, of.consumers),
  records: Math.max(settings.records, of.records),
});

function benchFor(settings: Settings, known: Map<string, Bench>): Bench {
  const { brokers, producers, consumers, records } = settings;
  const key = [brokers, producers, consumers, records].join();
  const bench = known.get(key);
  if (bench !== undefined) return bench;
  const config = configOf(settings);
  if ('error' in config) throw new RangeError(config.error);
  const machine = createMachine(config);
  const made = { settings, machine, checker: new Checker(machine, PROPERTIES) };
  known.set(key, made);
  return made;
}

/** Takes what is enabled of a list of actions. */
function take({ machine, checker }: Bench, codes: readonly ActionCode[]): ActionCode[] {
  checker.restart();
  const taken: ActionCode[] = [];
  let state = machine.initial;
  for (const code of codes) {
    if (machine.refusal(state, code) !== undefined) continue;
    const step = machine.step(state, code);
    taken.push(code);
    checker.look(state, step);
    ({ state } = step);
  }
  return taken;
}

/**
 * Takes the run again with consumers that read along the way, then actions drawn at random; in every other variation
 * without further faults, so that what is lost shows.
 */
function vary(
  { machine, checker }: Bench,
  run: readonly ActionCode[],
  random: seedrandom.PRNG,
): ActionCode[] {
  checker.restart();
  const below = (bound: number): number => (random.int32() >>> 0) % bound;
  const weights = drawWeights({ below }, machine);
  if (below(2) === 0) for (const index of FAULTS) weights[index] = 0;
  const taken: ActionCode[] = [];
  const drawn: ActionCode[] = [];
  let state = machine.initial;
  const step = (code: ActionCode): void => {
    const done = machine.step(state, code);
    taken.push(code);
    checker.look(state, done);
    ({ state } = done);
  };
  for (const code of run) {
    if (below(2) === 0) {
      machine.draw(state, READERS, below, drawn);
      const read = drawn.pop();
      if (read !== undefined) step(read);
    }
    // What it reads itself may have been read by then.
    if (machine.refusal(state, code) === undefined) step(code);
  }
  for (let beyond = 0; beyond < BEYOND; beyond++) {
    machine.draw(state, weights, below, drawn);
    const code = drawn.pop();
    if (code === undefined) break;
    step(code);
  }
  return taken;
}
