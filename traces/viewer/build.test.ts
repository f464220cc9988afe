import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { replayTrace } from '../replay.ts';
import { htmlOf } from './build.ts';
import { pageOf } from './page-of.ts';
import { longRun } from './long-run.ts';
import { savedTrace } from './testing.ts';

const FEW = { seed: 1, runs: 2, actions: 20, states: 4 };
const names = readdirSync(path.join(import.meta.dirname, '..', 'saved')).map((file) =>
  path.basename(file, '.json'),
);

const page = (name: string): Promise<string> => htmlOf(pageOf(replayTrace(savedTrace(name)), 'replay', FEW));

describe('a page', () => {
  it.each(names)('of %s is small and names nothing outside of itself', async (name) => {
    const html = await page(name);
    expect(Buffer.byteLength(html)).toBeLessThan(300_000);
    // What its program does, the browser's policy and its own test see to.
    const [before = ''] = html.split('<script>');
    expect(before.match(/<(?:link|iframe|img|base)\b|\bsrc=|@import|url\((?!#)/gi)).toBeNull();
  });

  it('of the same run is the same, byte for byte', async () => {
    expect(await page('acks-1-loss')).toBe(await page('acks-1-loss'));
  });

  it('of 5,000 steps has less than 2 MB', async () => {
    const html = await htmlOf(pageOf(replayTrace(longRun(5000)), 'replay'));
    expect(Buffer.byteLength(html)).toBeLessThan(2_000_000);
  });

  it('has hostile text as text', async () => {
    const note = '</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> \u202eabc & "quoted"';
    const trace = { ...savedTrace('acks-1-loss'), name: '</title><script>alert(2)</script>', note };
    const html = await htmlOf(pageOf(replayTrace(trace), '</noscript><script>alert(3)</script>', FEW));
    expect(html.match(/<script/g)).toHaveLength(2);
    expect(html.match(/<\/script>/g)).toHaveLength(2);
    expect(html.includes('<script>alert')).toBe(false);
    const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)?.[1] ?? '';
    expect(JSON.parse(json)).toMatchObject({ title: trace.name, note });
  });
});
