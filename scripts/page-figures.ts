/**
 * Measures pages of runs and writes the table in the README of traces: `npm run pages:measure`. The size of each saved
 * trace's page, and how long a page of 5,000 steps takes to open in Chromium.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { readTrace, replayTrace, type Trace } from '../traces/index.ts';
import { browserPath, htmlOf, longRun, pageOf } from '../traces/viewer/index.ts';

const folder = path.join(import.meta.dirname, '..', 'traces');
const readme = path.join(folder, 'README.md');
const BEGIN = '<!-- pages:begin -->';
const END = '<!-- pages:end -->';
const STEPS = 5000;
const ATTEMPTS = 9;

interface Row {
  readonly name: string;
  readonly steps: number;
  readonly kilobytes: number;
  /** Milliseconds to make the page, random continuations included. */
  readonly making: number;
}

async function rowOf(name: string, trace: Trace): Promise<Row & { readonly html: string }> {
  const start = performance.now();
  const html = await htmlOf(pageOf(replayTrace(trace), `npm run replay -- traces/saved/${name}.json`));
  const making = Math.round(performance.now() - start);
  return {
    name,
    steps: trace.actions.length,
    kilobytes: Math.ceil(Buffer.byteLength(html) / 1000),
    making,
    html,
  };
}

/** Milliseconds from the request to the first drawn content, the attempts in order. */
async function openingTimes(html: string): Promise<readonly number[]> {
  const executablePath = browserPath();
  if (executablePath === undefined) throw new Error('no Chromium; set HIGHWATER_BROWSER to one');
  const place = mkdtempSync(path.join(tmpdir(), 'highwater-figures-'));
  const file = path.join(place, 'long.html');
  writeFileSync(file, html);
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const times: number[] = [];
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      await page.goto('about:blank');
      await page.goto(pathToFileURL(file).href);
      await page.locator('.step').first().waitFor();
      const [paint] = await page.evaluate(() =>
        performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime),
      );
      if (paint !== undefined) times.push(Math.round(paint));
    }
    return times.sort((a, b) => a - b);
  } finally {
    await browser.close();
    rmSync(place, { recursive: true });
  }
}

function saved(file: string): Trace {
  const trace = readTrace(readFileSync(path.join(folder, 'saved', file), 'utf8'));
  if ('error' in trace) throw new Error(`${file}: ${trace.error}`);
  return trace;
}

// The first page pays for the bundler; its time is told of no trace.
await htmlOf(pageOf(replayTrace(longRun(1)), ''));
const rows: Row[] = [];
for (const file of readdirSync(path.join(folder, 'saved')).sort()) {
  const trace = saved(file);
  // Of several partitions a page draws one.
  if (trace.settings.kafka['num.partitions'] !== 1 || trace.settings.faults.budgets['add-partition'] > 0)
    continue;
  rows.push(await rowOf(path.basename(file, '.json'), trace));
}
const long = await rowOf('a long run', longRun(STEPS));
const times = await openingTimes(long.html);
const median = times[Math.floor(times.length / 2)] ?? 0;
const table = [
  '| page of | steps | kB | made in ms |',
  '| --- | --- | --- | --- |',
  ...[...rows, long].map((row) => `| ${row.name} | ${row.steps} | ${row.kilobytes} | ${row.making} |`),
  '',
  `The page of ${STEPS} steps shows its first content after ${median} ms in Chromium, median of ${times.length} (${times[0] ?? 0} to ${times.at(-1) ?? 0}).`,
].join('\n');
const before = readFileSync(readme, 'utf8');
const from = before.indexOf(BEGIN);
const to = before.indexOf(END);
if (from < 0 || to < from) throw new Error(`${readme} has no ${BEGIN} … ${END}`);
writeFileSync(readme, `${before.slice(0, from + BEGIN.length)}\n\n${table}\n\n${before.slice(to)}`);
console.log(table);
