import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { main } from '../main.ts';
import { begin } from './campaign-folder.ts';

let scratch: string;
const places = (...names: readonly string[]): string[] => names.map((name) => path.join(scratch, name));

beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'shards-'));
  for (const part of [1, 2]) {
    begin(path.join(scratch, String(part)), {
      seed: 3,
      shard: { part, of: 2 },
      began: '2030-01-01',
      fingerprint: 'of a test',
      targets: {
        strategies: { walk: 1 },
        targets: [{ canary: 'acks-1-loss', strategies: ['walk'], weight: 1 }],
      },
      chosen: ['canary/acks-1-loss/walk'],
    });
  }
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Merges and gives what stdout and stderr were told, with the exit code. */
async function merge(...args: readonly string[]): Promise<{ readonly said: string; readonly code: number }> {
  const said: string[] = [];
  const hear = (chunk: unknown): boolean => said.push(String(chunk)) > 0;
  const spies = [process.stdout, process.stderr].map((to) => vi.spyOn(to, 'write').mockImplementation(hear));
  const code = await main(['nightly', 'merge', ...args]);
  for (const spy of spies) spy.mockRestore();
  process.exitCode = undefined;
  return { said: said.join(''), code };
}

it('shards make a report in a folder that is made for it', async () => {
  const [one = '', two = '', out = ''] = places('1', '2', 'new/report');
  const { said, code } = await merge(one, two, '--out', out);
  expect(said).toContain('shard 1 of 2, 2 of 2');
  expect(said).not.toContain('not here');
  expect(code).toBe(3);
  expect(readFileSync(path.join(out, 'report.md'), 'utf8')).toContain('canary/acks-1-loss/walk');
});

it('a shard that was lost is named, and costs nobody the report of the others', async () => {
  const [two = '', lost = '', out = ''] = places('2', 'lost', 'other');
  const { said, code } = await merge(two, lost, '--out', out);
  expect(said).toContain(`shards that are not here: 1; ${lost}: no campaign is there`);
  expect(code).toBe(3);
  expect(await merge(lost, '--out', out)).toMatchObject({ code: 2 });
});

it('a folder that cannot be read is named even where no shard is missing', async () => {
  const [one = '', two = '', broken = '', out = ''] = places('1', '2', 'broken', 'third');
  mkdirSync(broken);
  writeFileSync(path.join(broken, 'campaign.json'), '{"format":');
  const { said, code } = await merge(one, two, broken, '--out', out);
  expect(said).toContain(`${broken}: campaign.json is not JSON`);
  expect(code).toBe(3);
});

it('a campaign that names a target which there is not, or has lost its journal, is refused', async () => {
  const [one = '', other = '', out = ''] = places('1', 'changed', 'fourth');
  cpSync(one, other, { recursive: true });
  const file = path.join(other, 'campaign.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('"canary/acks-1-loss/walk"\n', '"canary/acks-1-loss/run"\n'));
  expect(await merge(other, '--out', out)).toMatchObject({
    said: expect.stringContaining('there is no target canary/acks-1-loss/run') as string,
    code: 2,
  });
  writeFileSync(file, text);
  rmSync(path.join(other, 'journal'), { recursive: true });
  expect(await merge(other, '--out', out)).toMatchObject({
    said: expect.stringContaining('journal: cannot be read') as string,
    code: 2,
  });
});

it('strangers and twins are refused', async () => {
  const [one = '', out = ''] = places('1', 'none');
  expect(await merge(one, one, '--out', out)).toMatchObject({
    said: expect.stringContaining('shard 1 is there twice') as string,
    code: 2,
  });
  expect(await merge(one, '--out', one)).toMatchObject({ code: 2 });
});
