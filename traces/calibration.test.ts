import { describe, expect, it } from 'vitest';
import { PROPERTIES } from '../properties/index.ts';
import {
  firstCatch,
  fingerprint,
  keptCalibration,
  MEASURED_EFFORT,
  MEASURED_SETTINGS,
  targetsOf,
  type Catch,
  type Target,
} from './calibration.ts';
import { FULL } from '../model/testing.ts';

const targets = targetsOf(MEASURED_SETTINGS);
const { mutants, bugs } = keptCalibration();
const kept = { ...mutants, ...bugs };

function caught(target: Target, runs: number): Catch | undefined {
  const search = firstCatch(target, { ...MEASURED_EFFORT, runs });
  let next = search.next(true);
  while (next.done !== true) next = search.next(true);
  return next.value;
}

function named(id: string): Target {
  const target = targets.find((one) => one.id === id);
  if (target === undefined) throw new Error(`no target ${id}`);
  return target;
}

describe('the kept figures', () => {
  const fresh = keptCalibration().fingerprint === fingerprint();
  const missing = targets.filter(({ id }) => !(id in kept)).map(({ id }) => id);

  // A change of the model makes them stale, and every pass says so, as it names what is missing; the full run demands
  // them fresh and complete.
  it('are those of the present model, and all of them', ({ skip }) => {
    if (!FULL) skip(!fresh || missing.length > 0, 'out of date or not complete: npm run calibrate');
    expect(fresh).toBe(true);
    expect(missing).toEqual([]);
  });

  it('name mutants and known bugs, in their order, each caught by a property that exists', ({ skip }) => {
    skip(!fresh, 'out of date: npm run calibrate');
    expect(Object.keys(kept)).toEqual(targets.map(({ id }) => id).filter((id) => id in kept));
    const ids = PROPERTIES.map(({ id }) => id);
    for (const found of Object.values(kept)) {
      if (found === null) continue;
      expect(found.run).toBeLessThanOrEqual(MEASURED_EFFORT.runs);
      if (!found.property.startsWith('eventually/')) expect(ids).toContain(found.property);
    }
  });

  it('are what the runs come to', ({ skip }) => {
    skip(!fresh, 'out of date: npm run calibrate');
    const cheap = targets.filter(({ id }) => (kept[id]?.run ?? Number.MAX_SAFE_INTEGER) <= 4);
    expect(cheap.length).toBeGreaterThan(5);
    for (const target of cheap) expect({ ...caught(target, 4) }).toEqual(kept[target.id]);
  });
});

describe('a catch', () => {
  const early = 'without: a clean leader is registered, unfenced and not shutting down';

  it('is the first run in which something breaks', () => {
    const found = caught(named(early), 20);
    expect(found).toBeDefined();
    expect(caught(named(early), (found?.run ?? 0) - 1)).toBeUndefined();
  });

  it('of a bug is a break of the property that it is known for', () => {
    const bug = named('acks-1-loss');
    expect(caught(bug, 200)?.property).toBe('acked-durable');
    expect(
      caught({ ...bug, properties: PROPERTIES.filter(({ id }) => id === 'no-skip') }, 20),
    ).toBeUndefined();
  });

  it('is given up when nobody wants it any more', () => {
    const search = firstCatch(named(early), MEASURED_EFFORT);
    search.next(true);
    expect(search.next(false)).toEqual({ done: true, value: undefined });
  });
});
