import { describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS, type Settings } from '../../model/index.ts';
import { calibrate } from './calibrate.ts';
import { ALONE } from './engine.ts';

const settings: Settings = {
  ...defaultSettings,
  release: '4.1-repaired',
  kafka: { ...defaultSettings.kafka, 'default.replication.factor': 2 },
  brokers: 2,
  records: 1,
  faults: { budgets: NO_FAULTS, maxLossyBrokers: 0, maxUncleanStops: 0 },
};
const dirty = {
  kind: 'bugs' as const,
  id: 'dirty reads',
  settings: { ...settings, mutant: ['a consumer reads only below the high watermark'] },
};
const idle = {
  kind: 'mutants' as const,
  id: 'nothing to break',
  settings: { ...settings, mutant: ['a proposed ISR member is not fenced'] },
};

const options = {
  ...ALONE,
  problem: {
    kind: 'machine' as const,
    settings,
    bounds: {},
    grain: { name: 'message' as const },
    properties: ['committed-reads'],
  },
  memory: 300 * 1024 * 1024,
};

describe('the calibration of a search', () => {
  it('tells what was found, what was not, and what was not searched to the end', async () => {
    const stop = { requested: false };
    const found = await calibrate({ ...options, stop }, 20_000, () => undefined, [dirty, idle]);
    expect(found).toEqual({
      bugs: {
        total: 1,
        caught: [{ id: 'dirty reads', property: 'committed-reads', steps: 3 }],
        missed: [],
        unfinished: [],
      },
      mutants: { total: 1, caught: [], missed: ['nothing to break'], unfinished: [] },
    });
    stop.requested = true;
    const stopped = await calibrate({ ...options, stop }, 20_000, () => undefined, [dirty]);
    expect(stopped.bugs).toEqual({ total: 1, caught: [], missed: [], unfinished: ['dirty reads'] });
    expect(stopped.mutants.total).toBe(0);
  });
});
