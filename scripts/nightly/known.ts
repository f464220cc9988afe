/** Which findings are no news: bugs with a saved trace, what newer rules cure, and what known.json mutes for a while. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { CATALOG, causeOf, savedRuns, type Trace } from '../../traces/index.ts';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../files.ts';
import { bucketOfTrace } from './bucket.ts';
import type { SmallLine } from './lines.ts';

export const KNOWN_FILE = path.join(import.meta.dirname, '..', '..', 'traces', 'known.json');

const mutedSchema = z.strictObject({
  /** As the report names it. */
  bucket: z.string().regex(/^[0-9a-f]{12}$/, 'must be 12 hexadecimal digits, as in the report'),
  property: z.string().min(1),
  reason: z.string().min(10, 'must say why, in 10 characters or more'),
  /** The last day on which it is muted. */
  expires: z.iso.date('must be a day, as in 2030-12-31'),
});
export type Muted = z.infer<typeof mutedSchema>;

/** The entries of such a file. Throws a UsageError that says which is wrong, and how. */
export function mutedIn(file: string): readonly Muted[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new UsageError(`${file}: ${thrown instanceof SyntaxError ? 'it is not JSON' : reasonOf(thrown)}`);
  }
  const parsed = z.array(mutedSchema, 'must be a list').safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no list of known findings'}`,
  );
}

/** A bug of the catalogue by its saved trace. */
interface Saved {
  readonly name: string;
  readonly bucket: string;
  readonly cause: string | undefined;
}

/** Why a finding is no news, or that it is. */
export type Standing =
  | { readonly kind: 'saved'; readonly name: string }
  | { readonly kind: 'cured'; readonly cause: string; readonly alike: readonly string[] }
  | { readonly kind: 'muted'; readonly reason: string; readonly expires: string }
  | { readonly kind: 'new' };

export class Known {
  private readonly saved: readonly Saved[];
  private readonly muted: readonly Muted[];
  private readonly today: string;

  constructor(muted: readonly Muted[], today: string, traces: readonly Trace[] = savedTraces()) {
    this.muted = muted;
    this.today = today;
    this.saved = traces.map((trace) => ({
      name: trace.name ?? '',
      bucket: bucketOfTrace(trace),
      cause: causeOf(trace),
    }));
  }

  /** Entries that mute nothing any more. */
  expired(): readonly Muted[] {
    return this.muted.filter(({ expires }) => expires < this.today);
  }

  standingOf({ bucket, cause }: Pick<SmallLine, 'bucket' | 'cause'>): Standing {
    const saved = this.saved.find((known) => known.bucket === bucket);
    if (saved !== undefined) return { kind: 'saved', name: saved.name };
    if (cause !== null) {
      return {
        kind: 'cured',
        cause,
        alike: this.saved.filter((one) => one.cause === cause).map(({ name }) => name),
      };
    }
    const muted = this.muted.find((entry) => entry.bucket === bucket && entry.expires >= this.today);
    return muted === undefined
      ? { kind: 'new' }
      : { kind: 'muted', reason: muted.reason, expires: muted.expires };
  }
}

/** The saved traces of the catalogue that break something. */
function savedTraces(): Trace[] {
  const names = new Set(
    CATALOG.filter(({ property }) => property !== null).map(({ name }) => `saved/${name}`),
  );
  return savedRuns().flatMap(({ name, trace }) => (names.has(name) ? [trace] : []));
}
