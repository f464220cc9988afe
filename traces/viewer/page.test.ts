import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Trace } from '../format.ts';
import { readTrace } from '../read.ts';
import { replayTrace } from '../replay.ts';
import { htmlOf } from './build.ts';
import { pageOf } from './page-of.ts';
import { browserPath } from './browser.ts';
import { longRun } from './long-run.ts';
import { savedTrace } from './testing.ts';

const executablePath = browserPath();
if (executablePath === undefined) {
  const what = 'no Chromium: apt-get install chromium, or set HIGHWATER_BROWSER to one';
  if (process.env['HIGHWATER_NEEDS_BROWSER'] === '1') throw new Error(what);
  console.warn(`the tests of the trace viewer in a browser are skipped: ${what}`);
}

const FEW = { seed: 1, runs: 12, actions: 100, states: 80 };
/** A machine with much other work takes its time to start a browser. */
const STARTS_WITHIN_MS = 120_000;
const HOSTILE = '<script>alert(1)</script> \u202egnp.exe ' + 'long'.repeat(400);

describe.skipIf(executablePath === undefined)('the page in a browser', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'highwater-page-'));
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];

  const written = async (name: string, trace: Trace): Promise<string> => {
    const file = path.join(folder, `${name}.html`);
    writeFileSync(file, await htmlOf(pageOf(replayTrace(trace), 'replay', FEW)));
    return pathToFileURL(file).href;
  };
  /** One tab for all: a new one takes a while. */
  const opened = async (address: string): Promise<void> => {
    await page.goto('about:blank');
    await page.goto(address);
  };
  const step = (): Promise<string> => page.locator('.now .of').innerText();
  const current = () => page.locator('li[aria-current=step]');

  let standing = '';
  beforeAll(async () => {
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox'],
      timeout: STARTS_WITHIN_MS,
    });
    page = await browser.newPage({ viewport: { width: 1280, height: 720 }, acceptDownloads: true });
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) troubles.push(message.text());
    });
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('request', (request) => {
      if (!/^(?:file|data|blob|about):/.test(request.url())) troubles.push(`asks for ${request.url()}`);
    });
    standing = await written('standing', savedTrace('last-replica-standing'));
  }, STARTS_WITHIN_MS);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it('opens at the violation, and goes back and forth with keys and mouse', async () => {
    await opened(standing);
    expect(await step()).toBe('step 23 of 23');
    expect(await page.locator('.now').innerText()).toContain('durability/holder is broken');
    await page.keyboard.press('k');
    await page.keyboard.press('ArrowUp');
    expect(await step()).toBe('step 21 of 23');
    await page.keyboard.press('j');
    expect(await step()).toBe('step 22 of 23');
    await page.keyboard.press('Home');
    await page.keyboard.press('k');
    expect(await step()).toBe('step 0 of 23');
    await page.getByRole('button', { name: 'Next', exact: true }).click();
    expect(await current().innerText()).toContain('producer 0 sends record 0 to broker 0');
    await page.locator('.steps li').nth(3).getByRole('button').click();
    expect(await step()).toBe('step 3 of 23');
  });

  it('jumps to cause, point of no return and violation, and keeps the step in the address', async () => {
    await opened(`${standing}#step-2`);
    expect(await step()).toBe('step 2 of 23');
    await page.keyboard.press('c');
    expect(await step()).toBe('step 15 of 23');
    expect(page.url()).toMatch(/#step-15$/);
    await page.keyboard.press('r');
    expect(Number(/step (\d+)/.exec(await step())?.[1])).toBeGreaterThanOrEqual(15);
    await page.getByRole('button', { name: /Violation/ }).click();
    expect(page.url()).toMatch(/#step-23$/);
    await page.getByRole('button', { name: /^Durability: durability\/holder broken by step 23/ }).click();
    expect(await step()).toBe('step 23 of 23');
    await page.evaluate(() => (location.hash = '#step-7'));
    await page.locator('.now .of', { hasText: 'step 7 of 23' }).waitFor();
  });

  it('finds the next change of a field, and keeps a field in sight', async () => {
    await opened(`${standing}#step-0`);
    await page.keyboard.press('/');
    await page.keyboard.type('broker 0 highWatermark');
    await page.keyboard.press('Enter');
    expect(await step()).toBe('step 14 of 23');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    expect(await step()).toBe('step 15 of 23');
    await page.keyboard.press('n');
    expect(await page.locator('.search output').innerText()).toBe('no later step changes it');
    await page.keyboard.press('N');
    expect(await step()).toBe('step 14 of 23');
    await page.getByRole('button', { name: 'Pin broker 0 · replica · highWatermark' }).click();
    await page.keyboard.press('Home');
    expect(await page.locator('.pinned b').innerText()).toBe('0');
    await page.getByRole('button', { name: 'Next change of broker 0 · replica · highWatermark' }).click();
    expect(await step()).toBe('step 14 of 23');
    expect(await page.locator('.pinned b').innerText()).toBe('1');
  });

  it('hands out the picture, the story and a diagram', async () => {
    await opened(standing);
    const download = async (name: string): Promise<Buffer> => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name, exact: true }).click(),
      ]);
      return readFileSync(await file.path());
    };
    const svg = (await download('SVG')).toString();
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg).toContain('broker 0 loses power');
    expect((await download('PNG')).subarray(1, 4).toString()).toBe('PNG');
    await page.getByRole('button', { name: 'text', exact: true }).click();
    expect(await page.locator('dialog textarea').inputValue()).toContain('*** acked-durable is broken');
    await page.getByRole('button', { name: 'close' }).click();
    await page.getByRole('button', { name: 'Mermaid', exact: true }).click();
    expect(await page.locator('dialog textarea').inputValue()).toMatch(/^sequenceDiagram\n/);
  });

  it('has labels for those who do not see it, and fits a small screen', async () => {
    await opened(standing);
    for (const name of [
      'Steps in plain English',
      'Space-time lanes',
      'Logs of the replicas',
      'State changes of this step',
    ]) {
      expect(await page.getByRole('region', { name }).count()).toBe(1);
    }
    expect(
      await page
        .getByRole('listitem')
        .filter({ has: page.locator('.number') })
        .count(),
    ).toBe(24);
    const { wide, high } = await page.evaluate(() => ({
      wide: document.documentElement.scrollWidth,
      high: document.documentElement.scrollHeight,
    }));
    expect({ wide, high }).toEqual({ wide: 1280, high: 720 });
  });

  it('shows a healthy run of 5,000 steps', async () => {
    await opened(await written('long', longRun(5000)));
    await page.locator('.step').first().waitFor();
    await page.keyboard.press('End');
    expect(await step()).toBe('step 5000 of 5000');
    expect(await current().count()).toBe(1);
  });

  it('takes the runs of mutants again, which leave a clause out', async () => {
    const mutants = path.join(import.meta.dirname, '..', 'mutants');
    const file = readdirSync(mutants).find((name) => name.startsWith('without-')) ?? '';
    const trace = readTrace(readFileSync(path.join(mutants, file), 'utf8'));
    if ('error' in trace) throw new Error(`${file}: ${trace.error}`);
    expect(trace.settings.mutant).toHaveLength(1);
    await opened(await written('mutant', trace));
    expect(await step()).toBe(`step ${trace.brokenAt ?? 0} of ${trace.actions.length}`);
  });

  it('shows hostile text as text', async () => {
    const trace = { ...savedTrace('acks-1-loss'), name: HOSTILE.slice(0, 200), note: HOSTILE };
    await opened(await written('hostile', trace));
    expect(await page.locator('h1 bdi').first().textContent()).toBe(trace.name);
    expect(await page.locator('h1 .note').textContent()).toBe(HOSTILE);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(1280);
  });

  it('reads the saved pictures as XML to their end', async () => {
    const folderOfPictures = path.join(import.meta.dirname, '..', 'pictures');
    for (const file of readdirSync(folderOfPictures)) {
      await opened(pathToFileURL(path.join(folderOfPictures, file)).href);
      expect(await page.locator('parsererror').count(), file).toBe(0);
      expect(await page.locator('text').last().textContent(), file).toMatch(/★ leads$|there ·/);
    }
  });

  it('has asked for nothing, and complained of nothing', () => {
    expect(troubles).toEqual([]);
  });
});
