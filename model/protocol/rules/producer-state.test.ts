import { describe, expect, it } from 'vitest';
import { configFor } from '../../testing.ts';
import { compile } from '../config.ts';
import {
  append,
  EMPTY_LOG,
  entry,
  epochOf,
  isFollowed,
  moveLogStart,
  recordOf,
  stampOf,
  truncate,
} from '../state/log.ts';
import { MAX_SEQUENCE, stamp, stampAfter } from '../state/stamp.ts';
import { admit } from './producer-state.ts';
import type { Rules } from './switches.ts';

const ID = 3;
const model = (rules: Partial<Rules> = {}) => compile(configFor({ rules }));

/**
 * A log of batches, each `epoch/sequence` of the producer or `epoch/first-last` where it has several records, or `-` for
 * somebody else’s.
 */
const logOf = (text: string) =>
  append(
    EMPTY_LOG,
    text
      .split(' ')
      .filter((batch) => batch !== '')
      .flatMap((batch, n) => {
        if (batch === '-') return [entry(n, 0, stamp(9, 0, n))];
        const records = recordsIn(batch);
        return Array.from({ length: records }, (_, i) =>
          entry(n, 0, stampAfter(batchOf(batch), i), i < records - 1),
        );
      }),
  );
const batchOf = (text: string): number => {
  const [epoch = 0, sequence = 0] = text.split(/[/-]/).map(Number);
  return stamp(ID, epoch, sequence);
};
function recordsIn(text: string): number {
  const [, first = 0, last = first] = text.split(/[/-]/).map(Number);
  return last - first + 1;
}
const said = (log: string, batch: string, rules: Partial<Rules> = {}): string => {
  const admission = admit(model(rules), logOf(log), batchOf(batch), recordsIn(batch));
  if (admission.kind === 'duplicate') return `stands at ${admission.offset}`;
  return admission.kind === 'refuse' ? admission.error : 'appended';
};

describe('a leader makes of a batch of an idempotent producer', () => {
  it.each([
    ['the first', '', '0/0', 'appended'],
    ['the next', '0/0 0/1', '0/2', 'appended'],
    ['the next, behind others', '0/0 - -', '0/1', 'appended'],
    ['the first after the largest sequence', `0/${MAX_SEQUENCE}`, '0/0', 'appended'],
    ['the last again', '0/0 0/1', '0/1', 'stands at 1'],
    ['one of the last five again', '0/0 0/1 0/2 0/3 0/4', '0/0', 'stands at 0'],
    ['an older one again', '0/0 0/1 0/2 0/3 0/4 0/5', '0/0', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one after a gap', '0/0', '0/2', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the first of a new epoch', '0/0 0/1', '1/0', 'appended'],
    ['another of a new epoch', '0/0 0/1', '1/1', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one of an old epoch', '0/0 1/0', '0/1', 'INVALID_PRODUCER_EPOCH'],
    ['one of an old epoch again', '0/0 1/0', '0/0', 'INVALID_PRODUCER_EPOCH'],
  ])('%s: log [%s], batch %s', (_, log, batch, expected) => {
    expect(said(log, batch)).toBe(expected);
  });

  it.each([
    ['the first', '', '0/0-2', 'appended'],
    ['the next', '0/0-2', '0/3-4', 'appended'],
    ['one that begins at a number of the last', '0/0-2', '0/2-3', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one that leaves a number out', '0/0-2', '0/4-5', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the last again', '0/0 0/1-3', '0/1-3', 'stands at 3'],
    ['the last again, behind others', '0/0 0/1-3 - -', '0/1-3', 'stands at 3'],
    ['the last with fewer records', '0/0 0/1-3', '0/1-2', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['a part of the last', '0/0 0/1-3', '0/3', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['two of the last in one', '0/0-1 0/2-3', '0/0-3', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['one of the last five again', '0/0-1 0/2 0/3-4 0/5 0/6-7', '0/0-1', 'stands at 1'],
    ['an older one again', '0/0-1 0/2 0/3-4 0/5 0/6-7 0/8', '0/0-1', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['the first of a new epoch', '0/0-1', '1/0-1', 'appended'],
  ])('%s, of several records: log [%s], batch %s', (_, log, batch, expected) => {
    expect(said(log, batch)).toBe(expected);
  });

  it.each([
    ['out-of-order', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
    ['unknown-producer-id', 'UNKNOWN_PRODUCER_ID'],
    ['accepted', 'appended'],
    ['refused', 'OUT_OF_ORDER_SEQUENCE_NUMBER'],
  ] as const)('a later one of a producer that it does not know, by rule %s: %s', (value, expected) => {
    expect(said('- -', '0/1', { 'unknown-producer-with-sequence': value })).toBe(expected);
    expect(said('- -', '0/0', { 'unknown-producer-with-sequence': value })).toBe('appended');
  });

  it.each([
    ['yes', ['stands at 1', 'stands at 1']],
    ['no', ['stands at 1', 'appended']],
  ] as const)(
    'the last again, where the log starts behind it: by rule %s %j (KAFKA-7190)',
    (value, expected) => {
      const rules: Partial<Rules> = { 'deleted-batches-leave-producer-state': value };
      const log = logOf('- 0/0 -');
      const after = [1, 2].map((start) => admit(model(rules), moveLogStart(log, start), batchOf('0/0')));
      expect(after.map((is) => (is.kind === 'duplicate' ? `stands at ${is.offset}` : 'appended'))).toEqual(
        expected,
      );
    },
  );

  it('in 0.11 the last again, and older ones, without telling where it stands', () => {
    const rules: Partial<Rules> = { 'producer-batches-remembered': '1' };
    expect(said('0/0 0/1', '0/1', rules)).toBe('DUPLICATE_SEQUENCE_NUMBER');
    expect(said('0/0 0/1', '0/0', rules)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER');
  });

  it('what follows from the log once it is truncated', () => {
    const log = truncate(logOf('0/0 0/1 1/0'), 2);
    expect(admit(model(), log, batchOf('0/2'))).toEqual({ kind: 'append' });
    expect(admit(model(), log, batchOf('0/1'))).toEqual({ kind: 'duplicate', offset: 1 });
  });
});

it.each([false, true])('an entry keeps record, leader epoch, stamp and batch apart', (followed) => {
  const packed = entry(0x3fff, 0x3fff, stamp(127, 63, MAX_SEQUENCE), followed);
  expect([recordOf(packed), epochOf(packed), stampOf(packed), isFollowed(packed)]).toEqual([
    0x3fff,
    0x3fff,
    stamp(127, 63, MAX_SEQUENCE),
    followed,
  ]);
  expect(() => entry(0, 0x4000)).toThrow('leader epoch');
});
