/** What the matrix is expected to show, as data: each break with its reason, and each change of mind with what justifies it. */
import { z } from 'zod';
import {
  FAULT_CLASSES,
  KAFKA_KEY_NAMES,
  RELEASE_NAMES,
  SWITCH_NAMES,
  SWITCHES,
  type FaultClass,
  type KafkaSettings,
  type KafkaValue,
  type Rules,
} from '../../model/index.ts';
import { TRIED } from '../trial/stand.ts';
import data from './expectations.json' with { type: 'json' };

const text = z.string().min(10).max(500);
const name = z.string().regex(/^[a-z0-9-]+$/);
/** Where Kafka does it: a class and its method. */
const place = z
  .string()
  .regex(/^[A-Z]\w+\.[a-z]\w+/, 'must name a class and a method of Kafka, as in Partition.makeLeader');
/** A run that shows it, or the bounds within which there is none. */
const evidence = z.union([
  z.strictObject({ trace: z.string().regex(/^(saved|mutants|mutants\/together)\/[a-z0-9-]+$/) }),
  z.strictObject({ bounds: text }),
]);

const property = z.enum(TRIED as [string, ...string[]]);
const faults = z.enum(FAULT_CLASSES.filter((known) => known !== 'U') as [FaultClass, ...FaultClass[]]);
const kafkaValue = z.union([z.string(), z.number(), z.boolean()]);

const values = <K extends string, V extends z.ZodType>(keys: readonly K[], value: (key: K) => V) =>
  z.strictObject(
    Object.fromEntries(keys.map((key) => [key, z.array(value(key)).min(1).optional()])) as Record<
      K,
      z.ZodOptional<z.ZodArray<V>>
    >,
  );

/** All that is named must be so; of each list any one. Class U is F0 with unclean election allowed. */
const when = z.strictObject({
  releases: z
    .array(z.enum(RELEASE_NAMES as [string, ...string[]]))
    .min(1)
    .optional(),
  faults: z.array(faults).min(1).optional(),
  rules: values(SWITCH_NAMES, (key) =>
    z.enum(SWITCHES[key].values as unknown as [string, ...string[]]),
  ).optional(),
  kafka: values(KAFKA_KEY_NAMES, () => kafkaValue).optional(),
});

const expectation = z.strictObject({
  id: name,
  /** Why, in a sentence. */
  because: text,
  /** Kafka's issue, proposal or class. */
  source: z.string().min(3),
  when,
  /** What is found broken, whatever the number of runs: a name of a group, or of a property. */
  breaks: z.array(z.string()).default([]),
  /** What may follow from it and is not found by each number of runs. */
  mayBreak: z.array(z.string()).default([]),
  /** A run that shows it, or how many generated runs find it. */
  found: evidence.or(z.strictObject({ runs: z.int().min(1) })),
  /** Set where the search has decided otherwise than was expected at first. */
  changed: z.strictObject({ from: z.enum(['holds', 'broken']), source: place, evidence }).optional(),
});

/** Something that was expected to break and does not: takes away what stands before it. */
const holds = z.strictObject({
  id: name,
  because: text,
  when,
  holds: z.array(z.string()).min(1),
  changed: z.strictObject({ from: z.literal('broken'), source: place, evidence }),
});

const schema = z.strictObject({
  version: z.literal(1),
  /** Properties that break together. */
  groups: z.record(name, z.array(property).min(1)),
  expectations: z.array(z.union([expectation, holds])),
});

export type Expectations = z.infer<typeof schema>;
type When = z.infer<typeof when>;

/** Throws where the data are not what the schema asks for. */
export function expectationsIn(raw: unknown): Expectations {
  const read = schema.parse(raw);
  for (const entry of read.expectations) {
    const named = 'holds' in entry ? entry.holds : [...entry.breaks, ...entry.mayBreak];
    const unknown = named.find((id) => !Object.hasOwn(read.groups, id) && !TRIED.includes(id));
    if (unknown !== undefined)
      throw new RangeError(`${entry.id}: no property and no group is called ${unknown}`);
  }
  return read;
}

/** The configuration and faults of one cell; class U is given as F0 with unclean election allowed. */
export interface Cell {
  readonly release: string;
  readonly rules: Rules;
  readonly kafka: KafkaSettings;
  readonly faults: FaultClass;
}

export interface Expected {
  /** `either`: known to follow from something that breaks, and not found by each number of runs. */
  readonly is: 'holds' | 'broken' | 'either';
  /** Ids of the expectations that say so. */
  readonly by: readonly string[];
  /** They allow both: it is what was seen before. */
  readonly asSeen?: true;
}

/** What is expected of each property in a cell. */
export function expectedIn(
  cell: Cell,
  { groups, expectations }: Expectations,
): ReadonlyMap<string, Expected> {
  const expected = new Map<string, Expected>();
  const all = (ids: readonly string[]): readonly string[] => ids.flatMap((id) => groups[id] ?? [id]);
  for (const entry of expectations) {
    if (!matches(cell, entry.when)) continue;
    if ('holds' in entry) {
      for (const id of all(entry.holds)) expected.set(id, { is: 'holds', by: [entry.id] });
      continue;
    }
    const note = (id: string, is: 'broken' | 'either'): void => {
      const known = expected.get(id);
      const by = known === undefined || known.is === 'holds' ? [] : known.by;
      expected.set(id, { is: known?.is === 'broken' ? 'broken' : is, by: [...by, entry.id] });
    };
    for (const id of all(entry.mayBreak)) note(id, 'either');
    for (const id of all(entry.breaks)) note(id, 'broken');
  }
  return expected;
}

function matches(cell: Cell, { releases, faults: classes, rules, kafka }: When): boolean {
  const among = (
    wanted: Readonly<Record<string, readonly KafkaValue[] | undefined>>,
    has: Readonly<Record<string, unknown>>,
  ): boolean =>
    Object.entries(wanted).every(
      ([key, any]) => any === undefined || any.some((value) => value === has[key]),
    );
  return (
    (releases === undefined || releases.includes(cell.release)) &&
    (classes === undefined || classes.includes(cell.faults)) &&
    among(rules ?? {}, cell.rules) &&
    among(kafka ?? {}, cell.kafka)
  );
}

let read: Expectations | undefined;

/** Those of this repository. */
export function savedExpectations(): Expectations {
  read ??= expectationsIn(data);
  return read;
}
