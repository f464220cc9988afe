/**
 * The trace file: a run as its settings and its list of actions, with what it breaks. The schema is the format's
 * only description; `trace.schema.json` is made from it.
 */
import { z } from 'zod';
import {
  ACTIONS,
  AFTER_FAILURE,
  MAX_CONSUMERS,
  MAX_PRODUCERS,
  CONTROLLER,
  FAULT_KINDS,
  KAFKA_KEY_NAMES,
  KAFKA_KEYS,
  RELEASE_NAMES,
  SWITCH_NAMES,
  SWITCHES,
  UNLIMITED,
  type Action,
  type KafkaKey,
  type KafkaValue,
  type Settings,
} from '../model/index.ts';
import { PROPERTIES } from '../properties/index.ts';
import { largest } from './params.ts';

export const FORMAT = 'highwater-trace';
export const VERSION = 1;
/** A larger file is not looked at. */
export const MAX_BYTES = 16 * 1024 * 1024;
/** A run of more actions is not looked at. */
export const MAX_ACTIONS = 100_000;

/** What chose the actions of a run; `hand` is a person. */
const DRIVERS = ['walk', 'pos', 'exchanges', 'timed', 'explore', 'hand'] as const;
/** `1-minimal`: without any one action nothing breaks. `shortest`: a finished search found nothing shorter. */
const MINIMALITY = ['no', '1-minimal', 'shortest'] as const;
export type Minimality = (typeof MINIMALITY)[number];

/** Where a run came from; nothing needs it to replay. */
export interface Origin {
  readonly driver: (typeof DRIVERS)[number];
  /** Seed of the campaign that the run belongs to. */
  readonly seed?: number | string | undefined;
  /** Which run of the campaign, counted from 0. */
  readonly run?: number | undefined;
}

/** Who or what found a run, and when (ISO 8601, a day or an instant). */
export interface Found {
  readonly by: string;
  readonly at?: string | undefined;
}

/** A run that can be replayed on its own. */
export interface Trace {
  readonly name?: string | undefined;
  readonly note?: string | undefined;
  readonly settings: Settings;
  /** Id of the property that the run is about, or null for a run that is to break nothing. */
  readonly property: string | null;
  /** Ids of all properties that break along the run, in the order in which the suite lists them. */
  readonly broken: readonly string[];
  /** Actions taken when `property` broke; 0 is the first state. Null where `property` is. */
  readonly brokenAt: number | null;
  readonly schedule?: Origin | undefined;
  /** The seed that the command was given, or took. */
  readonly seed?: number | string | undefined;
  readonly actions: readonly Action[];
  /** Digest of the state after each action; absent where none were recorded. */
  readonly digests?: readonly string[] | undefined;
  readonly found?: Found | undefined;
  readonly minimal: Minimality;
  /** How far a search for a shorter run came, where there was one: beyond that, nobody knows. */
  readonly searched?: Searched | undefined;
}

/** What a search for shorter runs has covered. */
export interface Searched {
  /** Every run of up to so many actions was looked at. */
  readonly upTo: number;
  /** Distinct states that were met. */
  readonly states: number;
}

const whole = (min: number, max: number): z.ZodInt => {
  const error = `must be a whole number, ${min} to ${max}`;
  return z.int(error).min(min, error).max(max, error);
};

const oneOf = <const V extends string>(values: readonly V[]): z.ZodEnum<{ [K in V]: K }> =>
  z.enum(values, `must be one of ${values.join(', ')}`);

/** Text that a terminal may be shown: no control characters. */
const line = (max: number): z.ZodString => {
  const error = `must be one line of at most ${max} printable characters`;
  return z
    .string(error)
    .max(max, error)
    .regex(/^\P{Cc}*$/u, error);
};

const strict = <S extends z.core.$ZodLooseShape>(shape: S): z.ZodObject<S, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'invalid_type' ? 'must be an object' : undefined),
  });

const actionSchemas = ACTIONS.map(({ kind, params, ofPartition, severalParams = [] }) => {
  const shape = params.map((param) => [param, whole(0, largest(param))] as const);
  // Absent where they are 0, as they are with one partition.
  const several = [...severalParams, ...(ofPartition === true ? ['partition'] : [])];
  const more = several.map((param) => [param, whole(0, largest(param)).optional()] as const);
  return strict({ kind: z.literal(kind), ...Object.fromEntries(shape), ...Object.fromEntries(more) });
});
type ActionSchema = (typeof actionSchemas)[number];
const actions = z
  .array(
    z.discriminatedUnion('kind', actionSchemas as [ActionSchema, ...ActionSchema[]], {
      error: 'must be an action',
    }),
    'must be a list of actions',
  )
  .max(MAX_ACTIONS, `must be at most ${MAX_ACTIONS} actions`) as unknown as z.ZodType<readonly Action[]>;

function kafkaValue(key: KafkaKey): z.ZodType<KafkaValue> {
  const info = KAFKA_KEYS[key];
  switch (info.type) {
    case 'bool':
      return z.boolean('must be true or false');
    case 'enum':
      return oneOf<string>(info.values);
    case 'names':
      return z.string().regex(info.pattern, 'must be up to five short names with commas between them');
    case 'int':
      return whole(info.min, info.max);
  }
}

const optionalFields = <K extends string, S extends z.ZodType>(
  names: readonly K[],
  field: (name: K) => S,
): Record<K, z.ZodOptional<S>> =>
  Object.fromEntries(names.map((name) => [name, field(name).optional()])) as Record<K, z.ZodOptional<S>>;

const settings = strict({
  release: oneOf(RELEASE_NAMES),
  /** Only rules that differ from the release's. */
  rules: strict(optionalFields(SWITCH_NAMES, (name) => oneOf<string>(SWITCHES[name].values))),
  /** Only keys that differ from `--preset suite`. */
  kafka: strict(optionalFields(KAFKA_KEY_NAMES, kafkaValue)),
  brokers: whole(1, CONTROLLER),
  producers: whole(0, MAX_PRODUCERS),
  consumers: whole(0, MAX_CONSUMERS),
  records: whole(0, 0x3fff),
  /** Absent where applications drop what failed. */
  afterFailure: oneOf(AFTER_FAILURE).optional(),
  faults: strict({
    /** Only kinds whose budget is not 0. */
    budgets: strict(optionalFields(FAULT_KINDS, () => whole(0, UNLIMITED))),
    maxLossyBrokers: whole(0, CONTROLLER),
    maxUncleanStops: whole(0, UNLIMITED),
  }),
  /** Clauses that are left out; only mutants have any. */
  mutant: z.array(line(200), 'must be a list of clauses'),
});

const propertyId = oneOf(PROPERTIES.map(({ id }) => id));
const seed = z.union([z.int(), line(200)], 'must be a whole number or a line of text');
const digest = z.string().regex(/^[0-9a-f]{16}$/, 'must be 16 hexadecimal digits');

/** The file as JSON has it; `readTrace` makes a `Trace` of it. */
export const traceSchema = strict({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  name: line(200).optional(),
  note: line(5000).optional(),
  settings,
  property: propertyId.nullable(),
  broken: z.array(propertyId, 'must be a list of properties'),
  brokenAt: whole(0, MAX_ACTIONS).nullable(),
  schedule: strict({
    driver: oneOf(DRIVERS),
    seed: seed.optional(),
    run: whole(0, Number.MAX_SAFE_INTEGER).optional(),
  }).optional(),
  seed: seed.optional(),
  actions,
  digests: z.array(digest, 'must be a list of digests').optional(),
  found: strict({
    by: line(200),
    at: z
      .union([z.iso.date(), z.iso.datetime()], 'must be a date or an instant as ISO 8601 has it')
      .optional(),
  }).optional(),
  minimal: oneOf(MINIMALITY),
  searched: strict({
    upTo: whole(0, MAX_ACTIONS),
    states: whole(0, Number.MAX_SAFE_INTEGER),
  }).optional(),
});
export type TraceFile = z.infer<typeof traceSchema>;
