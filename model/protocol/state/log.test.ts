import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  append,
  assignEpoch,
  deleteBelow,
  EMPTY_LOG,
  endOffsetFor,
  entry,
  entryShape,
  epochOf,
  flush,
  latestEpoch,
  load,
  isDeleted,
  logEnd,
  logShape,
  logStart,
  MAX_RECORDS,
  moveLogStart,
  NO_EPOCH,
  recordOf,
  restartAt,
  stampOf,
  truncate,
  truncateUnsynced,
  type Log,
} from './log.ts';
import { stamp } from './stamp.ts';

/** A log whose n-th record was written in the n-th of these epochs. */
const written = (...epochs: readonly number[]): Log =>
  epochs.reduce((log, epoch, i) => append(log, [entry(i, epoch)]), EMPTY_LOG);

const epochs = (log: Log): readonly (readonly [number, number])[] =>
  log.epochs.map(({ epoch, start }) => [epoch, start] as const);

const risingEpochs = fc
  .array(fc.nat({ max: 2 }), { maxLength: 8 })
  .map((steps) => steps.reduce<number[]>((all, step) => [...all, (all.at(-1) ?? 0) + step], []));

describe('an entry of the log', () => {
  it('carries its record and its leader epoch', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0x3ffe }), fc.nat({ max: 0x3fff }), (record, epoch) => {
        expect([recordOf(entry(record, epoch)), epochOf(entry(record, epoch))]).toEqual([record, epoch]);
      }),
    );
  });
});

describe('appending', () => {
  it('puts records at the end and enters each new epoch with the offset at which it starts', () => {
    fc.assert(
      fc.property(risingEpochs, (all) => {
        const log = written(...all);
        expect(log.entries.map(epochOf)).toEqual(all);
        const starts = [...new Set(all)].map((epoch) => [epoch, all.indexOf(epoch)]);
        expect(epochs(log)).toEqual(starts);
        expect(logShape.fault(log, 'log')).toBeUndefined();
      }),
    );
  });

  it('gives the same log in one piece and in several', () => {
    fc.assert(
      fc.property(risingEpochs, fc.nat({ max: 8 }), (all, at) => {
        const entries = all.map((epoch, i) => entry(i, epoch));
        expect(append(append(EMPTY_LOG, entries.slice(0, at)), entries.slice(at))).toEqual(
          append(EMPTY_LOG, entries),
        );
      }),
    );
  });

  it('leaves recovery point and checkpoint where they were', () => {
    const log = { ...written(0, 0), recoveryPoint: 1, highWatermarkCheckpoint: 1 };
    expect(append(log, [entry(9, 1)])).toMatchObject({ recoveryPoint: 1, highWatermarkCheckpoint: 1 });
  });
});

describe('the epoch cache', () => {
  it.each<readonly [string, Log, readonly [number, number], readonly (readonly [number, number])[]]>([
    ['a first epoch', EMPTY_LOG, [3, 0], [[3, 0]]],
    ['a higher epoch', written(1, 1), [2, 2], [[1, 0], [2, 2]]], // prettier-ignore
    ['a higher epoch, nothing written since the last', assignEpoch(written(1), 2, 1), [3, 1], [[1, 0], [3, 1]]], // prettier-ignore
    ['the newest epoch once more', written(1, 1), [1, 2], [[1, 0]]],
    ['the newest epoch, from an earlier offset on', written(1, 2), [2, 0], [[2, 0]]],
    ['a lower epoch, as a stale response may bring', assignEpoch(written(1), 3, 1), [2, 1], [[1, 0], [2, 1]]], // prettier-ignore
    ['a lower epoch that was known', assignEpoch(written(1), 3, 1), [1, 1], [[1, 1]]],
  ])('takes %s', (_, log, [epoch, start], after) => {
    expect(epochs(assignEpoch(log, epoch, start))).toEqual(after);
  });

  it('rises in epochs and in offsets, whatever is entered', () => {
    const moves = fc.array(fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })), { maxLength: 10 });
    fc.assert(
      fc.property(moves, (entered) => {
        const log = entered.reduce((before, [epoch, start]) => assignEpoch(before, epoch, start), EMPTY_LOG);
        for (const [i, known] of log.epochs.entries()) {
          const before = log.epochs[i - 1];
          if (before === undefined) continue;
          expect(before.epoch).toBeLessThan(known.epoch);
          expect(before.start).toBeLessThan(known.start);
        }
        const last = entered.at(-1);
        if (last !== undefined) expect(latestEpoch(log)).toBe(last[0]);
      }),
    );
  });

  it('is the same object where nothing is entered', () => {
    const log = written(1, 1);
    expect(assignEpoch(log, 1, 2)).toBe(log);
  });

  it('knows no epoch in an empty log', () => {
    expect(latestEpoch(EMPTY_LOG)).toBe(NO_EPOCH);
  });
});

describe('truncation', () => {
  it('keeps what lies below, in the log and in the epoch cache', () => {
    fc.assert(
      fc.property(risingEpochs, fc.nat({ max: 9 }), fc.nat({ max: 8 }), (all, to, flushed) => {
        const log = { ...written(...all), recoveryPoint: Math.min(flushed, all.length) };
        const end = Math.min(to, all.length);
        expect(truncate(log, end)).toEqual({ ...written(...all.slice(0, end)), recoveryPoint: Math.min(log.recoveryPoint, end) }); // prettier-ignore
      }),
    );
  });

  it('drops an epoch that starts at the log end even where no record goes', () => {
    const log = assignEpoch(written(1), 2, 1);
    expect(truncate(log, 1)).toEqual(written(1));
  });
});

describe('the end of an epoch', () => {
  /** By definition: the largest epoch not above the requested one, and the first offset of a larger one. */
  function naive(all: readonly number[], requested: number): readonly [number, number] | undefined {
    if (all.every((epoch) => epoch < requested)) return undefined;
    const known = all.filter((epoch) => epoch <= requested);
    const next = all.findIndex((epoch) => epoch > requested);
    return [known.at(-1) ?? requested, next < 0 ? all.length : next];
  }

  it('is the start of the next one, or the log end for the newest', () => {
    fc.assert(
      fc.property(risingEpochs, fc.nat({ max: 18 }), (all, requested) => {
        const { epoch, end } = endOffsetFor(written(...all), requested, true);
        expect(epoch === NO_EPOCH ? undefined : [epoch, end]).toEqual(naive(all, requested));
      }),
      { numRuns: 1000 },
    );
  });

  it.each<readonly [string, Log, number, boolean, readonly [number, number]]>([
    ['the newest epoch', written(1, 1, 3), 3, true, [3, 3]],
    ['an epoch before', written(1, 1, 3), 1, true, [1, 2]],
    ['a gap', written(1, 1, 3), 2, true, [1, 2]],
    ['an epoch never heard of', written(1, 1, 3), 4, true, [NO_EPOCH, -1]],
    ['an epoch before the first', written(3), 1, true, [1, 0]],
    [
      'an epoch before the first, in a leader that does not record its own',
      written(3),
      1,
      false,
      [NO_EPOCH, -1],
    ],
    ['any epoch of an empty log', EMPTY_LOG, 0, true, [NO_EPOCH, -1]],
    ['the epoch of a leader that has written nothing', assignEpoch(written(1), 4, 1), 4, true, [4, 1]],
    ['an epoch that such a leader overtook', assignEpoch(written(1), 4, 1), 3, true, [1, 1]],
  ])('of %s', (_, log, requested, answersBelowFirst, [epoch, end]) => {
    expect(endOffsetFor(log, requested, answersBelowFirst)).toEqual({ epoch, end });
  });
});

describe('a restart', () => {
  it('finds the log as it was when nothing was lost', () => {
    const log = { ...written(1, 2, 2), recoveryPoint: 1, highWatermarkCheckpoint: 2 };
    expect(load(log)).toBe(log);
  });

  it.each<readonly [string, Log, readonly (readonly [number, number])[]]>([
    ['epochs of records that are gone', { ...written(1, 2, 3), entries: [entry(0, 1)] }, [[1, 0]]],
    ['the epoch of a leader that had written nothing', assignEpoch(written(1), 2, 1), [[1, 0]]],
    ['everything with an empty log', assignEpoch(EMPTY_LOG, 0, 0), []],
  ])('forgets %s', (_, log, after) => {
    expect(epochs(load(log))).toEqual(after);
  });

  it('does not take for flushed what was not', () => {
    expect(load({ ...written(1, 1), recoveryPoint: 1 }).recoveryPoint).toBe(1);
  });

  it('is safe for everything that was flushed', () => {
    const log = flush(written(0, 1));
    expect(log.recoveryPoint).toBe(logEnd(log));
    expect(flush(log)).toBe(log);
  });
});

it('an entry with the largest stamp is encoded in words of 32 bits', () => {
  const words: number[] = [];
  const packed = entry(MAX_RECORDS, 0x3fff, stamp(127, 63, 2047), true);
  entryShape.encode(packed, words);
  for (const word of words) expect(word | 0).toBe(word);
  expect(entryShape.decode({ values: words, at: 0 })).toBe(packed);
});

describe('a log that starts later', () => {
  it('keeps of the epochs that start before only the newest, which starts there now', () => {
    const log = written(1, 1, 2, 3);
    expect(epochs(moveLogStart(log, 1))).toEqual([[1, 1], [2, 2], [3, 3]]); // prettier-ignore
    expect(epochs(moveLogStart(log, 2))).toEqual([[2, 2], [3, 3]]); // prettier-ignore
    expect(epochs(moveLogStart(log, 4))).toEqual([[3, 4]]);
    expect(moveLogStart(moveLogStart(log, 2), 1)).toEqual(moveLogStart(log, 2));
  });

  it('answers for an epoch before its first with where that starts', () => {
    expect(endOffsetFor(moveLogStart(written(1, 2, 3), 2), 1, true)).toEqual({ epoch: 1, end: 2 });
  });

  it('has on the disk what retention has not deleted, and remembers the producers of the rest', () => {
    const stamped = stamp(1, 0, 0);
    const log = deleteBelow(append(EMPTY_LOG, [entry(0, 1, stamped), entry(1, 1)]), 1);
    expect(log.entries.map(isDeleted)).toEqual([true, false]);
    expect(log.entries.map(stampOf)).toEqual([stamped, 0]);
    expect([logStart(log), logEnd(log), log.recoveryPoint]).toEqual([1, 2, 1]);
    expect(logShape.fault(log, 'log')).toBeUndefined();
  });

  it('is appended to and truncated as any other, and cut below its start it starts where it ends', () => {
    const log = deleteBelow(written(1, 1, 1), 2);
    expect(append(log, [entry(7, 1)])).toMatchObject({ logStart: 2 });
    expect(truncate(log, 2)).toMatchObject({ logStart: 2, epochs: [] });
    expect(logStart(truncate(log, 1))).toBe(1);
    expect(truncate(log, 0)).toEqual(EMPTY_LOG);
  });

  it('drops everything where it has to go on beyond its end', () => {
    const log = restartAt(written(1, 1), 4);
    expect([logStart(log), logEnd(log), log.epochs, log.entries.every(isDeleted)]).toEqual([4, 4, [], true]);
  });

  it('forgets on loading what no checkpoint and no segment tells', () => {
    expect(load(moveLogStart(written(1, 1), 1)).logStart).toBeUndefined();
    expect(load(deleteBelow(written(1, 1), 1)).logStart).toBe(1);
  });
});

describe('files that are older than a truncation', () => {
  const log = append(EMPTY_LOG, [entry(0, 0), entry(1, 1), entry(2, 1)]);

  it('keeps what was cut off, and the checkpoint of before, until each is written', () => {
    const cut = truncateUnsynced(log, 1, false);
    expect(cut.entries).toEqual([entry(0, 0)]);
    expect(cut.unsyncedTail).toEqual({ start: 1, entries: [entry(1, 1), entry(2, 1)] });
    expect(cut.staleEpochs).toEqual(log.epochs);
    expect(truncateUnsynced(log, 1, true).staleEpochs).toBeUndefined();

    const longer = append(cut, [entry(3, 2)]);
    expect(longer.unsyncedTail).toEqual(cut.unsyncedTail);
    expect(longer.staleEpochs).toBeUndefined();
    expect(flush(longer).unsyncedTail).toBeUndefined();
  });

  it('counts from the first truncation, however often what was written over it is cut again', () => {
    const again = truncateUnsynced(append(truncateUnsynced(log, 1, true), [entry(3, 2)]), 0, true);
    expect(again.unsyncedTail).toEqual({ start: 0, entries: log.entries });
  });

  it.each([
    [
      'epoch-checkpoint',
      false,
      [
        { epoch: 0, start: 0 },
        { epoch: 2, start: 1 },
      ],
    ],
    [
      'batches',
      true,
      [
        { epoch: 0, start: 0 },
        { epoch: 1, start: 1 },
      ],
    ],
  ] as const)(
    'recovery that believes %s gives a batch of epoch 1 that epoch',
    (_believed, batches, epochs) => {
      const found = {
        ...log,
        epochs: [
          { epoch: 0, start: 0 },
          { epoch: 2, start: 1 },
        ],
      };
      expect(load(found, batches).epochs).toEqual(epochs);
    },
  );

  it('recovery enters an epoch that the checkpoint lacks', () => {
    expect(load({ ...log, epochs: [{ epoch: 0, start: 0 }] }).epochs).toEqual(log.epochs);
  });
});
