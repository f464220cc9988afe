/** Earlier nights, from the JSON that they left. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../files.ts';

const MAX_BYTES = 64 * 1024 * 1024;

const earlierSchema = z.object({
  began: z.iso.date(),
  verdict: z.string().max(40),
  runs: z.number(),
  steps: z.number(),
  seconds: z.number(),
  coverage: z.object({ states: z.number(), pairs: z.number() }),
  buckets: z.array(z.object({ standing: z.object({ kind: z.string().max(20) }) })),
});
export type Earlier = z.infer<typeof earlierSchema>;

/** The nights in these files, oldest first. Throws a UsageError for a file that is no report of a night. */
export function earlierNights(files: readonly string[]): readonly Earlier[] {
  return files.map(nightIn).sort((a, b) => (a.began < b.began ? -1 : a.began > b.began ? 1 : 0));
}

function nightIn(file: string): Earlier {
  let value: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    if (text.length > MAX_BYTES)
      throw new UsageError(`--earlier ${file}: it is too large for the report of a night`);
    value = JSON.parse(text);
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    throw new UsageError(
      `--earlier ${file}: ${thrown instanceof SyntaxError ? 'it is not JSON' : reasonOf(thrown)}`,
    );
  }
  const parsed = earlierSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `--earlier ${file}: it is no report of a night, ${[...(issue?.path ?? []), issue?.message].join(': ')}`,
  );
}
