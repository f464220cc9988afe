import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import seedrandom from 'seedrandom';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Agenda } from './agenda.ts';
import { Worker } from './batch.ts';
import { findingsFolder } from './campaign-folder.ts';
import { Journal, journalFile, journalFolder, linesOf } from './journal.ts';
import { killAndResume } from './kills.ts';
import { Known } from './known.ts';
import { nightOf } from './night.ts';
import { targetsFrom } from './targets.ts';
import { FULL } from '../../model/testing.ts';

const DATA = {
  strategies: { random: 1 },
  targets: [
    { canary: 'acks-1-loss', strategies: ['walk'], weight: 1 },
    { releases: ['3.6'], faults: ['F0'], expects: 'known-bugs', weight: 1 },
  ],
};
const SEED = 3;
const BATCHES = FULL ? 2 : 1;
const targets = targetsFrom(DATA, 'a test');

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'kills-'));
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a night came to, without what depends on how fast it was and on which process met what first. */
function outcome(folder: string): unknown {
  const part = {
    folder,
    seed: SEED,
    began: '2030-01-01',
    shard: { part: 1, of: 1 },
    targets,
    lines: linesOf(folder),
  };
  const { verdict, coverage, buckets, raw, crashes, ...night } = nightOf(
    [part],
    new Known([], '2030-01-01'),
    undefined,
  );
  return {
    verdict,
    coverage,
    raw,
    crashes,
    buckets: buckets.map(({ bucket, count, best: { steps } }) => ({ bucket, count, steps })),
    targets: night.targets.map(({ id, runs, steps, brokenIn, states }) => ({
      id,
      runs,
      steps,
      brokenIn,
      states,
    })),
  };
}

/** The same campaign in one process that nobody kills. */
function leftAlone(folder: string): void {
  for (const place of [journalFolder(folder), findingsFolder(folder)]) mkdirSync(place, { recursive: true });
  const journal = new Journal(journalFile(folder, 0, 'w0'));
  const worker = new Worker({
    seed: SEED,
    folder,
    journal,
    today: '2030-01-01',
    now: () => 0,
    processor: () => 0,
    onRun: () => undefined,
  });
  const agenda = new Agenda(targets, { part: 1, of: 1 }, BATCHES);
  for (let order = agenda.next(); order !== undefined; order = agenda.next()) agenda.learn(worker.run(order));
  journal.close();
}

it('a campaign that is killed and resumed has lost nothing, and comes to the same as one that was left alone', async () => {
  const campaign = path.join(scratch, 'mine.json');
  writeFileSync(campaign, JSON.stringify(DATA));
  const killed = path.join(scratch, 'killed');
  const random = seedrandom('here and there');
  const result = await killAndResume({
    folder: killed,
    args: ['--campaign', campaign, '--seed', String(SEED), '--batches', String(BATCHES), '--workers', '1'],
    kills: FULL ? 4 : 1,
    random: () => random() / 4,
  });
  expect(result).toMatchObject({ lost: [], code: 0 });
  expect(result.kills).toBeGreaterThan(0);

  const whole = path.join(scratch, 'whole');
  leftAlone(whole);
  expect(outcome(killed)).toEqual(outcome(whole));
}, 300_000);
