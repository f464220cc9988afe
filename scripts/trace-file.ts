/** Trace files as users name them. */
import { readFileSync, statSync } from 'node:fs';
import { readTrace, tooLarge, type Trace } from '../traces/index.ts';
import { UsageError } from './exit.ts';
import { reasonOf } from './files.ts';

/** The trace in `file`. Throws an UsageError that names the file. */
export function traceIn(file: string): Trace {
  const trace = readTrace(textOf(file));
  if ('error' in trace) throw new UsageError(`${file}: ${trace.error}`);
  return trace;
}

function textOf(file: string): string {
  try {
    const { size } = statSync(file);
    const large = tooLarge(size);
    if (large !== undefined) throw new UsageError(`${file}: ${large.error}`);
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw thrown instanceof UsageError ? thrown : new UsageError(`${file}: ${reasonOf(thrown)}`);
  }
}
