import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { begin, targetsOfHeader } from './campaign-folder.ts';
import { Crew, type CrewOptions, type Work } from './crew.ts';
import { inHandIn } from './in-hand.ts';
import { journalFile, journalFolder } from './journal.ts';
import type { BatchLine, CrashLine } from './lines.ts';
import { batchSeed, type Order } from './batch.ts';
import { runSeed } from '../../properties/index.ts';
import type { Target } from './targets.ts';

let folder: string;
let target: Target;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'crew-'));
  const header = begin(folder, {
    seed: 5,
    shard: { part: 1, of: 1 },
    began: '2030-01-01',
    fingerprint: '',
    targets: {
      strategies: { walk: 1 },
      targets: [{ canary: 'acks-1-loss', strategies: ['walk'], weight: 1 }],
    },
    chosen: ['canary/acks-1-loss/walk'],
  });
  target = targetsOfHeader(header, folder)[0]!;
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Gives a crew of one these batches, and tells what it hears. */
async function crewOver(
  orders: Order[],
  options: Partial<CrewOptions>,
): Promise<{ done: BatchLine[]; crashes: CrashLine[]; trouble: string[] }> {
  const heard = { done: [] as BatchLine[], crashes: [] as CrashLine[], trouble: [] as string[] };
  const crew = new Crew({
    folder,
    session: 0,
    workers: 1,
    memory: 256,
    runLimit: 120_000,
    next: (): Work | undefined => {
      const order = orders.shift();
      return order === undefined ? undefined : { kind: 'batch', order };
    },
    onDone: (line) => heard.done.push(line),
    onCrash: (line) => {
      heard.crashes.push(line);
      if (heard.crashes.length === 1) orders.unshift({ target, batch: line.batch, skip: [line.run] });
    },
    onTrouble: (says) => heard.trouble.push(says),
    ...options,
  });
  await crew.work();
  return heard;
}

const inHand = (): ReturnType<typeof inHandIn> => inHandIn(path.join(journalFolder(folder), 'in-hand-0'));

it.each(['SIGKILL', 'SIGSTOP'] as const)(
  'a worker that gets %s is a finding with the run that it had in hand, and the work goes on without that run',
  async (signal) => {
    const orders = Array.from({ length: 12 }, (_, batch): Order => ({ target, batch, skip: [] }));
    let hit = false;
    const look = setInterval(() => {
      const now = inHand();
      if (hit || now === undefined || now.turn < 3) return;
      hit = true;
      process.kill(now.pid, signal);
    }, 1);
    const { done, crashes } = await crewOver(orders, signal === 'SIGSTOP' ? { runLimit: 3000 } : {});
    clearInterval(look);
    expect(crashes.length).toBe(1);
    const [crash] = crashes as [CrashLine];
    expect(crash.says).toMatch(signal === 'SIGKILL' ? 'SIGKILL' : 'more than 3 s');
    expect(crash.seed).toBe(runSeed(batchSeed(5, target.id, crash.batch), crash.run));
    const again = done.find(({ batch }) => batch === crash.batch);
    expect(again?.runs).toBe(done.find(({ batch }) => batch !== crash.batch)!.runs - 1);
  },
  120_000,
);

it('a full disk is told of at once, and ends the work', async () => {
  symlinkSync('/dev/full', journalFile(folder, 0, 'w0'));
  const orders = Array.from({ length: 50 }, (_, batch): Order => ({ target, batch, skip: [] }));
  const { done, trouble } = await crewOver(orders, {});
  expect(done).toEqual([]);
  expect(trouble).toEqual([`${folder}: no space is left on the disk`]);
  expect(orders.length).toBe(49);
}, 120_000);
