/** What the viewer's tests share: saved runs, a long healthy one, and a browser. Only tests import it. */
import { accessSync, constants, readFileSync } from 'node:fs';
import path from 'node:path';
import seedrandom from 'seedrandom';
import { ACTIONS, defaultSettings, faultsOfClass, walk, type Settings } from '../../model/index.ts';
import type { Trace } from '../format.ts';
import { readTrace } from '../read.ts';
import { recordTrace } from '../record.ts';
import { machineOf } from '../run.ts';

export function savedTrace(name: string): Trace {
  const trace = readTrace(
    readFileSync(path.join(import.meta.dirname, '..', 'saved', `${name}.json`), 'utf8'),
  );
  if ('error' in trace) throw new Error(`${name}: ${trace.error}`);
  return trace;
}

const WEIGHTS = { protocol: 60, healing: 30, perturbation: 1 };

/** A random run of so many actions that breaks nothing. */
export function longTrace(actions: number): Trace {
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
  const weights = Int32Array.from(ACTIONS, ({ role }) => WEIGHTS[role]);
  const taken = walk(machine, { below }, { weights, actions }, () => false);
  return recordTrace(settings, taken, { name: 'a long run' });
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where the browser is: HIGHWATER_BROWSER, or one of the usual names on the path. */
export function browserPath(): string | undefined {
  const { HIGHWATER_BROWSER: given, PATH = '' } = process.env;
  const candidates = PATH.split(path.delimiter).flatMap((folder) =>
    NAMES.map((name) => path.join(folder, name)),
  );
  return [...(given === undefined || given === '' ? [] : [given]), ...candidates].find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
