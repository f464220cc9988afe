/** A long run that breaks nothing, for measurements: every kind of traffic and fault, the same on every machine. */
import seedrandom from 'seedrandom';
import {
  ACTIONS,
  defaultSettings,
  faultsOfClass,
  isKnownUnder,
  walk,
  type Settings,
} from '../../model/index.ts';
import type { Trace } from '../format.ts';
import { recordTrace } from '../record.ts';
import { machineOf } from '../run.ts';

const WEIGHTS = { protocol: 60, healing: 30, perturbation: 1 };

/** A run of so many actions. */
export function longRun(actions: number): Trace {
  const settings: Settings = {
    ...defaultSettings,
    release: '4.1-repaired',
    producers: 2,
    consumers: 2,
    records: 1000,
    faults: faultsOfClass('F0', 2, 500),
  };
  const draw = seedrandom('a long run');
  const below = (bound: number): number => (draw.int32() >>> 0) % bound;
  const machine = machineOf(settings);
  const weights = Int32Array.from(ACTIONS, (action) =>
    isKnownUnder(machine.model, action) ? WEIGHTS[action.role] : 0,
  );
  const taken = walk(machine, { below }, { weights, actions }, () => false);
  return recordTrace(settings, taken, { name: 'a long run' });
}
