import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings, RELEASES } from '../../model/index.ts';
import { expectationsIn, expectedIn, savedExpectations } from './schema.ts';

const cell = {
  release: '4.0',
  rules: RELEASES['4.0'],
  kafka: defaultSettings.kafka,
  faults: 'F1',
} as const;

const broken = {
  id: 'last-replica-standing',
  because: 'the last in-sync replica comes back without what others have',
  source: 'KIP-966',
  when: { faults: ['F1', 'F2'], rules: { 'eligible-leader-replicas': ['off'] } },
  breaks: ['loss'],
  mayBreak: ['no-skip'],
  found: { trace: 'saved/last-replica-standing' },
};
const changed = {
  from: 'broken',
  source: 'PartitionChangeBuilder.electLeader',
  evidence: { bounds: 'one record, one power loss, exchange grain' },
};
const holds = {
  id: 'not-with-acks-1',
  because: 'nothing was acknowledged that could be lost',
  when: { kafka: { acks: ['1'] } },
  holds: ['acked-durable'],
  changed,
};
const data = (...expectations: readonly object[]) => ({
  version: 1,
  groups: { loss: ['durability/holder', 'acked-durable'] },
  expectations,
});

describe('expectations', () => {
  it('say what is broken where all their conditions are met, and that all else holds', () => {
    const read = expectationsIn(data(broken));
    const expected = expectedIn(cell, read);
    expect(expected.get('durability/holder')).toEqual({ is: 'broken', by: ['last-replica-standing'] });
    expect(expected.get('no-skip')).toEqual({ is: 'either', by: ['last-replica-standing'] });
    expect(expected.get('ordering')).toBeUndefined();
    expect(expectedIn({ ...cell, faults: 'F0' }, read).size).toBe(0);
    expect(expectedIn({ ...cell, rules: RELEASES['4.1'] }, read).size).toBe(0);
  });

  it('may be taken back by a later one', () => {
    const read = expectationsIn(data(broken, holds));
    const kafka = { ...defaultSettings.kafka, acks: '1' };
    expect(expectedIn({ ...cell, kafka }, read).get('acked-durable')).toEqual({
      is: 'holds',
      by: ['not-with-acks-1'],
    });
    expect(expectedIn(cell, read).get('acked-durable')?.is).toBe('broken');
  });

  const without = (entry: object, key: string): object =>
    Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key));

  it.each([
    ['a break without a reason', without(broken, 'because')],
    ['a break that nothing shows', without(broken, 'found')],
    ['a change of mind without what justifies it', without(holds, 'changed')],
    ['a change without Kafka’s source', { ...holds, changed: without(changed, 'source') }],
    ['a change whose source names no method', { ...holds, changed: { ...changed, source: 'KIP-966' } }],
    ['a change without trace or bounds', { ...holds, changed: without(changed, 'evidence') }],
    ['an unknown property', { ...broken, breaks: ['durabilty'] }],
    ['an unknown rule', { ...broken, when: { rules: { elr: ['off'] } } }],
    ['an unknown value of a rule', { ...broken, when: { rules: { 'eligible-leader-replicas': ['no'] } } }],
  ])('are refused: %s', (_name, entry) => {
    expect(() => expectationsIn(data(entry))).toThrow();
  });
});

describe('the saved expectations', () => {
  const { expectations } = savedExpectations();

  it('name kept runs that exist, and each has a name of its own', () => {
    expect(new Set(expectations.map(({ id }) => id)).size).toBe(expectations.length);
    const named = expectations.flatMap((entry) =>
      'found' in entry && 'trace' in entry.found ? [entry.found.trace] : [],
    );
    for (const name of named)
      expect(existsSync(new URL(`../${name}.json`, import.meta.url)), name).toBe(true);
  });
});
