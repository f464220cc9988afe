import { expect, it } from 'vitest';
import { RELEASE_NAMES } from '../../model/index.ts';
import { runsFor } from './batch.ts';
import { chosen, DEFAULT_TARGETS, targetsFrom } from './targets.ts';

const targets = targetsFrom(DEFAULT_TARGETS, 'targets.json');

it('every release is there under F0 and F1, the repaired one under F1e and F0, all by plain random too', () => {
  const ids = targets.map(({ id }) => id);
  for (const release of RELEASE_NAMES) {
    const classes = release === '4.1-repaired' ? ['F1e', 'F0'] : ['F0', 'F1'];
    for (const faults of classes) expect(ids).toContain(`${release}/${faults}/random`);
  }
});

it('every strategy has a canary of its own, so that one that finds nothing any more is noticed', () => {
  const sung = new Set(targets.filter(({ expects }) => expects === 'canary').map(({ strategy }) => strategy));
  expect([...sung].sort()).toEqual([...new Set(targets.map(({ strategy }) => strategy))].sort());
});

it('runs of a canary go on beyond what else breaks, until what it has to break is broken', () => {
  const [canary] = chosen(targets, ['canary/unclean-election/exchanges']);
  if (canary === undefined) throw new Error('no such canary');
  const runs = runsFor(canary, canary.settings, () => undefined);
  const found = Array.from({ length: 120 }, (_, run) => runs.runFrom(run, run)).filter(
    (one) => one !== undefined,
  );
  expect(found.length).toBeGreaterThan(0);
  for (const { findings } of found) {
    expect(findings.map(({ property }) => property)).toContain('agreement');
    expect(findings.map(({ property }) => property)).toContain('durability/holder');
  }
});

const one = { releases: ['4.1'], faults: ['F0'], expects: 'clean', weight: 1 };

it.each([
  [{ strategies: { walk: 1 } }, 'targets'],
  [{ strategies: { run: 1 }, targets: [one] }, 'strategies'],
  [{ strategies: { walk: 1 }, targets: [{ ...one, releases: ['9.9'] }] }, 'targets.0'],
  [{ strategies: { walk: 1 }, targets: [{ ...one, weight: 0 }] }, 'targets.0'],
  [
    { strategies: { walk: 1 }, targets: [{ canary: 'error-yet-visible', strategies: ['walk'], weight: 1 }] },
    'targets.0',
  ],
  [{ strategies: { walk: 1 }, targets: [one, one] }, 'twice'],
  [
    { strategies: { walk: 1 }, targets: [{ ...one, kafka: { 'default.replication.factor': 5 } }] },
    'only 3 brokers',
  ],
  ['nothing of the kind', 'mine.json'],
])('wrong data is refused in one line that says where: %j', (data, where) => {
  const attempt = (): unknown => targetsFrom(data, 'mine.json');
  expect(attempt).toThrow(where);
  expect(attempt).toThrow(/^mine\.json: [^\n]+$/);
});

it('a target may have several partitions, and every strategy runs it', () => {
  const data = {
    strategies: { walk: 1, timed: 1, pos: 1, exchanges: 1 },
    targets: [{ ...one, kafka: { 'num.partitions': 2, acks: '1' } }],
  };
  for (const target of targetsFrom(data, 'mine.json')) {
    const runs = runsFor(target, target.settings, () => undefined);
    const broken = Array.from({ length: target.strategy === 'walk' ? 8 : 1 }, (_, run) =>
      runs.runFrom(run, run),
    ).flatMap((found) => found?.findings ?? []);
    for (const { partition, says } of broken) expect(says).toMatch(`partition ${String(partition)}: `);
    if (target.strategy === 'walk') expect(broken.length).toBeGreaterThan(0);
  }
});

it('patterns choose; one that names nothing is a mistake', () => {
  expect(chosen(targets, ['4.1/*/walk']).map(({ id }) => id)).toEqual(['4.1/F0/walk', '4.1/F1/walk']);
  expect(() => chosen(targets, ['5.0/*'])).toThrow('no such target');
});
