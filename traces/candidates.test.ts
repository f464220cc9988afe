import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { brokenIds, readTrace, replayTrace } from './index.ts';

const folder = path.join(import.meta.dirname, 'candidates');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));

it.each(files)('%s, which has no repair yet, replays exactly', (file) => {
  const trace = readTrace(readFileSync(path.join(folder, file), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);
  const { verdict, run } = replayTrace(trace, { exact: true });
  expect({ verdict, broken: brokenIds(run.findings) }).toEqual({
    verdict: 'reproduced',
    broken: trace.broken,
  });
});
