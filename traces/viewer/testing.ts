/** What the viewer's tests share. Only tests import it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Trace } from '../format.ts';
import { readTrace } from '../read.ts';

export function savedTrace(name: string): Trace {
  const trace = readTrace(
    readFileSync(path.join(import.meta.dirname, '..', 'saved', `${name}.json`), 'utf8'),
  );
  if ('error' in trace) throw new Error(`${name}: ${trace.error}`);
  return trace;
}
