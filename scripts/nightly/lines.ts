/** The lines of a journal. They may come from another machine: the schema is the format's only description. */
import { z } from 'zod';
import { MAX_ACTIONS, MAX_STATES_A_LINE } from './limits.ts';

const count = z.int().min(0);
const ms = z.number().min(0);
const text = z.string().max(20_000);
const word = z.string().max(300);

/** Names a run for ever: the same target, batch and number give the same run. */
const runName = { target: word, batch: count, run: count, seed: z.int() };

/** A run that broke something, as it was found: `actions` as the machine numbers them, up to the break. */
const raw = z.strictObject({
  kind: z.literal('raw'),
  ...runName,
  /** The foremost property that broke, and how. */
  property: word,
  says: text,
  actions: z.array(count).max(MAX_ACTIONS),
});

/** The same run made small. */
const small = z.strictObject({
  kind: z.literal('small'),
  ...runName,
  property: word,
  says: text,
  broken: z.array(word),
  /** Runs that break alike have the same: a digest of property and skeleton. */
  bucket: word,
  /** What takes the break away, where something known does. */
  cause: word.nullable(),
  steps: count,
  stepsBefore: count,
  minimal: z.boolean(),
  /** Name of its trace in the campaign's folder; null where one like it was written before. */
  file: z
    .string()
    .regex(/^[\w.+-]{1,250}\.json$/)
    .nullable(),
});

/** A number of runs that is through. */
const batch = z.strictObject({
  kind: z.literal('batch'),
  target: word,
  batch: count,
  runs: count,
  steps: count,
  ms,
  /** Processor time of its process meanwhile. */
  processorMs: ms,
  /** The part of the time which went into making findings small. */
  minimisingMs: ms,
  /** Runs that broke each property. */
  brokenIn: z.record(word, count),
  /** Steps by kind of action. */
  taken: z.record(word, count),
  /** What its process had not met before under this target. */
  pairs: z.array(word),
  guards: z.array(text),
  witnesses: z.array(word),
  states: z.array(word).max(MAX_STATES_A_LINE),
  /** Runs that were taken twice and compared. */
  repeated: count,
  longestRunMs: ms,
  heapMb: count,
});

/** A run that ended its process, or went on for too long. */
const crash = z.strictObject({ kind: z.literal('crash'), ...runName, says: text });

/** Two runs of one seed that were not the same. */
const difference = z.strictObject({
  kind: z.literal('difference'),
  ...runName,
  step: count,
  field: word,
  says: text,
});

/** How long the campaign has gone on in one of its sessions. */
const tick = z.strictObject({ kind: z.literal('tick'), session: count, ms });

export const lineSchema = z.discriminatedUnion('kind', [raw, small, batch, crash, difference, tick]);
export type Line = z.infer<typeof lineSchema>;
export type RawLine = z.infer<typeof raw>;
export type SmallLine = z.infer<typeof small>;
export type BatchLine = z.infer<typeof batch>;
export type CrashLine = z.infer<typeof crash>;
export type DifferenceLine = z.infer<typeof difference>;
export type RunName = Pick<RawLine, 'target' | 'batch' | 'run' | 'seed'>;
