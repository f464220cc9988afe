import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  control,
  defaultSettings,
  Hand,
  NO_FAULTS,
  Search,
  storeMemory,
  type SpecName,
} from '../../model/index.ts';
import { UsageError } from '../exit.ts';
import { saveCheckpoint } from './checkpoint.ts';
import { ALONE, explore, type EngineOptions, type EngineResult } from './engine.ts';
import { explorableOf, type Problem } from './problem.ts';

const folder = mkdtempSync(join(tmpdir(), 'highwater-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const spec = (name: SpecName): Problem => ({ kind: 'spec', name, bounds: { replicas: 2 } });

const run = (problem: Problem, more: Partial<EngineOptions> = {}): Promise<EngineResult> =>
  explore({
    ...ALONE,
    problem,
    memory: 256 * 1024 * 1024,
    ...more,
  });

const complaint = async (resume: string, problem = spec('isr-kip-320')): Promise<string> => {
  try {
    await run(problem, { resume });
  } catch (thrown) {
    if (thrown instanceof UsageError) return thrown.message.replace(`${resume}: `, '');
    throw thrown;
  }
  return 'accepted';
};

describe('a search that is resumed', () => {
  it.each([
    ['isr-kip-320', { states: 2500 }],
    ['isr-kip-320', { depth: 7 }],
    ['isr-truncate-to-high-watermark', { depth: 5 }],
  ] as const)('%s: ends as one that was never stopped, at %o', async (name, limits) => {
    const whole = await run(spec(name));
    const checkpoint = join(folder, 'search');
    const first = await run(spec(name), { limits, checkpoint });
    expect([first.checkpoint, first.counterexample]).toEqual([checkpoint, undefined]);
    expect(first.totals.states).toBeLessThan(whole.totals.states);
    const second = await run(spec(name), { resume: checkpoint });
    expect(second.totals).toEqual(whole.totals);
    expect([second.end, second.counterexample?.labels.length]).toEqual([
      whole.end,
      whole.counterexample?.labels.length,
    ]);
  });

  it('goes on in exchange grain, where some values are entered before there is a state', async () => {
    const machine: Problem = {
      kind: 'machine',
      settings: {
        ...defaultSettings,
        ...{ consumers: 0, records: 1 },
        faults: { ...defaultSettings.faults, budgets: { ...NO_FAULTS, fence: 1 } },
      },
      bounds: {},
      grain: { name: 'exchange', detached: 1 },
      properties: ['agreement'],
    };
    const whole = await run(machine, { limits: { depth: 2 } });
    const checkpoint = join(folder, 'exchanges');
    await run(machine, { limits: { depth: 1 }, checkpoint });
    const second = await run(machine, { limits: { depth: 2 }, resume: checkpoint });
    expect(second.totals).toEqual(whole.totals);
  });

  it('counts the time of earlier sessions', async () => {
    const HOUR_MS = 60 * 60 * 1000;
    const problem = spec('isr-kip-320');
    const machine = explorableOf(problem);
    const hand = new Hand(machine, storeMemory(machine, 1 << 24), { symmetry: false, tolerated: [] });
    const search = new Search(hand, control(), { depth: 3 });
    expect(search.run(() => true).next().value).toBe('depth');
    const file = join(folder, 'long');
    const progress = search.progress();
    saveCheckpoint(file, { problem, symmetry: false, tolerated: [] }, machine, hand, {
      progress,
      elapsedMs: HOUR_MS,
    });
    const { elapsedMs, end } = await run(problem, { resume: file });
    expect(end).toBe('complete');
    expect(elapsedMs).toBeGreaterThan(HOUR_MS);
    expect(elapsedMs).toBeLessThan(1.1 * HOUR_MS);
  });

  it('rests in the middle when it is asked to', () => {
    const machine = explorableOf(spec('isr-kip-320'));
    const hand = new Hand(machine, storeMemory(machine, 1 << 24), { symmetry: false, tolerated: [] });
    const search = new Search(hand, control(), {});
    search.rest();
    const turns = [...search.run(() => true)];
    expect(turns.filter((turn) => turn === 'resting')).toHaveLength(1);
    expect(search.totals().states).toBe(5973);
  });
});

describe('a checkpoint that cannot be trusted', () => {
  const written = async (): Promise<Buffer> => {
    const file = join(folder, 'good');
    await run(spec('isr-kip-320'), { limits: { depth: 6 }, checkpoint: file });
    return readFileSync(file);
  };
  const variant = (bytes: Uint8Array): string => {
    const file = join(folder, 'bad');
    writeFileSync(file, bytes);
    return file;
  };

  it('is refused with one line', async () => {
    const good = await written();
    expect(await complaint(variant(good))).toBe('accepted');
    const flipped = Buffer.from(good);
    flipped[good.length - 5000] = (flipped[good.length - 5000] ?? 0) ^ 4;
    expect(await complaint(variant(flipped))).toBe('its checksum is wrong; it is damaged');
    expect(await complaint(variant(good.subarray(0, -7)))).toContain('cut off or damaged');
    expect(await complaint(variant(good.subarray(0, 40)))).toContain('cut off within its header');
    expect(await complaint(variant(Buffer.from('{"states": 1}')))).toBe('no checkpoint of a search');
    const huge = Buffer.from(good);
    huge.writeUInt32LE(0xffff_ffff, 8);
    expect(await complaint(variant(huge))).toContain('header is too long');
    expect(await complaint(variant(good), spec('isr-kip-279'))).toContain('a search with other --spec');
    expect(await complaint(join(folder, 'none'))).toBe('there is no such file');
  });

  it('is refused where sizes, tables or words were made up and the checksum is right', async () => {
    const good = await written();
    const signed = (bytes: Buffer): string =>
      variant(Buffer.concat([bytes, createHash('sha256').update(bytes).digest()]));
    const body = good.subarray(0, -32);
    expect(await complaint(signed(body))).toBe('accepted');
    const headerEnd = 12 + good.readUInt32LE(8);
    const words = (body.length - headerEnd) / 4;
    const faults = new Set<string>();
    for (let i = 0; i < 40; i++) {
      const forged = Buffer.from(body);
      const at = headerEnd + Math.floor((words * i) / 40) * 4;
      forged.writeInt32LE(forged.readInt32LE(at) + 1 + i * 1000, at);
      faults.add(await complaint(signed(forged)));
    }
    expect(faults).not.toContain('accepted');
    const sized = body.toString('latin1').replace(/"states":\d/, '"states":9');
    expect(await complaint(signed(Buffer.from(sized, 'latin1')))).toContain('not as long as its header says');
  });
});

it('keeps the older file where a new one cannot be written', async () => {
  const checkpoint = join(folder, 'kept');
  await run(spec('isr-kip-320'), { limits: { depth: 4 }, checkpoint });
  const before = readFileSync(checkpoint);
  mkdirSync(`${checkpoint}.${process.pid}.tmp`);
  await expect(run(spec('isr-kip-320'), { checkpoint })).rejects.toThrow(/cannot be written/);
  expect(readFileSync(checkpoint).equals(before)).toBe(true);
  expect(readdirSync(folder)).toContain('kept');
  await expect(run(spec('isr-kip-320'), { checkpoint: join(folder, 'no', 'such') })).rejects.toThrow(
    /there is no such folder/,
  );
});
