import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TupleTable, tupleMemory } from './tuple-table.ts';

/** Few distinct values, so that tuples come again. */
const tuples = (width: number) =>
  fc.array(fc.array(fc.integer({ min: -2, max: 4 }), { minLength: width, maxLength: width }), {
    maxLength: 400,
  });

describe('a table of tuples', () => {
  it('is a map from tuples to the order in which they came, also while it grows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((width) => fc.tuple(fc.constant(width), tuples(width))),
        ([width, added]) => {
          const table = new TupleTable(tupleMemory(width, 400, 4));
          const model = new Map<string, number>();
          const out = new Int32Array(width + 1);
          for (const tuple of added) {
            if (!table.hasRoom(1)) table.grow();
            const known = model.get(tuple.join());
            const number = table.add(Int32Array.of(99, ...tuple), 1);
            expect(table.fresh).toBe(known === undefined);
            expect(number).toBe(known ?? model.size);
            model.set(tuple.join(), number);
            expect(table.count).toBe(model.size);
            table.copy(number, out, 1);
            expect([...out.subarray(1)]).toEqual(tuple);
            expect(table.part(number, width - 1)).toBe(tuple.at(-1));
          }
        },
      ),
    );
  });

  it('adds many together as one after the other, also where one comes twice', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }).chain((width) => fc.tuple(fc.constant(width), tuples(width))),
        ([width, added]) => {
          const [oneByOne, together] = [0, 1].map(() => new TupleTable(tupleMemory(width, 400, 400)));
          if (oneByOne === undefined || together === undefined) throw new Error('no tables');
          const all = Int32Array.from(added.flat());
          const numbers = new Int32Array(added.length);
          together.addAll(all, added.length, numbers);
          const expected = added.map((_, i) => {
            const number = oneByOne.add(all, i * width);
            return oneByOne.fresh ? -1 - number : number;
          });
          expect([...numbers]).toEqual(expected);
          expect(together.section(together.count)).toEqual(oneByOne.section(oneByOne.count));
        },
      ),
    );
  });

  it('says when it is full', () => {
    const table = new TupleTable(tupleMemory(1, 3));
    for (let i = 0; i < 3; i++) {
      expect(table.fits(3 - i)).toBe(true);
      expect(table.fits(4 - i)).toBe(false);
      table.add(Int32Array.of(i), 0);
    }
  });

  it('gives each tuple one number when threads add the same ones at the same time', async () => {
    const SPREAD = 5_000;
    const TOGETHER = 50;
    const memory = tupleMemory(2, SPREAD, SPREAD);
    /** Adds all tuples, beginning somewhere else in each thread, and tells how many were new to it. */
    const program = `
      const { parentPort, workerData } = require('node:worker_threads');
      (async () => {
        (await import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})).register();
        const { TupleTable } = await import(${JSON.stringify(new URL('tuple-table.ts', import.meta.url).href)});
        const table = new TupleTable(workerData.memory);
        const numbers = [];
        let fresh = 0;
        parentPort.once('message', () => {
          const tuples = new Int32Array(2 * ${TOGETHER});
          const added = new Int32Array(${TOGETHER});
          for (let from = 0; from < ${SPREAD}; from += ${TOGETHER}) {
            const valueOf = (i) => (from + i + workerData.from) % ${SPREAD};
            for (let i = 0; i < ${TOGETHER}; i++) tuples.set([valueOf(i) % 71, valueOf(i)], 2 * i);
            table.addAll(tuples, ${TOGETHER}, added);
            for (let i = 0; i < ${TOGETHER}; i++) {
              numbers[valueOf(i)] = added[i] < 0 ? -1 - added[i] : added[i];
              if (added[i] < 0) fresh++;
            }
          }
          parentPort.postMessage({ fresh, numbers });
        });
        parentPort.postMessage('ready');
      })();`;
    const threads = [0, 1, 1_700].map(
      (from) => new Worker(program, { eval: true, execArgv: [], workerData: { memory, from } }),
    );
    const heard = (worker: Worker): Promise<unknown> =>
      new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await Promise.all(threads.map(heard));
    const answers = Promise.all(threads.map(heard)) as Promise<{ fresh: number; numbers: number[] }[]>;
    for (const worker of threads) worker.postMessage('go');
    const told = await answers;
    expect(told.reduce((sum, { fresh }) => sum + fresh, 0)).toBe(SPREAD);
    expect(new TupleTable(memory).count).toBe(SPREAD);
    for (const { numbers } of told) expect(numbers).toEqual(told[0]!.numbers);
    expect(new Set(told[0]!.numbers).size).toBe(SPREAD);
    await Promise.all(threads.map((worker) => worker.terminate()));
  });
});
