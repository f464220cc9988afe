/**
 * One declared shape per component drives its type, encoding, equality, validation and printing, so that no
 * second copy of a field list exists anywhere.
 */

/** A JSON value, as `show` gives it for traces, diffs and reports. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A place in encoded values. */
export interface Cursor {
  readonly values: ArrayLike<number>;
  at: number;
}

/** Throws a RangeError at the end: what is decoded was encoded here, so that is a mistake of the caller. */
function next(from: Cursor): number {
  const value = from.values[from.at++];
  if (value === undefined) throw new RangeError('the encoding ends too early');
  return value;
}

export interface Shape<T> {
  /** Appends the canonical encoding of `value`: one encoding per value, and no two values share one. */
  encode(value: T, out: number[]): void;
  /** The value whose encoding begins where the cursor stands; moves the cursor behind it. */
  decode(from: Cursor): T;
  equal(a: T, b: T): boolean;
  /** The first thing that is wrong with `value`, with the path to it, or undefined. */
  fault(value: unknown, path: string): string | undefined;
  show(value: T): Json;
}

export type Infer<S> = S extends Shape<infer T> ? T : never;

/** A whole number between `min` and `max`, both included. */
export function int(min: number, max: number): Shape<number> {
  return {
    encode: (value, out) => void out.push(value),
    decode: next,
    equal: (a, b) => a === b,
    fault: (value, path) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? undefined
        : `${path}: expected a whole number from ${min} to ${max}, got ${JSON.stringify(value)}`,
    show: (value) => value,
  };
}

const WORD = 2 ** 29;

/**
 * A whole number from 0 to `max` that may need more than the 32 bits that a search has for a word: a large one takes two,
 * the first of them negative.
 */
export function wide(max: number): Shape<number> {
  return {
    ...int(0, max),
    encode: (value, out) => {
      if (value < WORD) out.push(value);
      else out.push(-Math.floor(value / WORD), value % WORD);
    },
    decode: (from) => {
      const first = next(from);
      return first < 0 ? -first * WORD + next(from) : first;
    },
  };
}

export const bool: Shape<boolean> = {
  encode: (value, out) => void out.push(value ? 1 : 0),
  decode: (from) => next(from) === 1,
  equal: (a, b) => a === b,
  fault: (value, path) =>
    typeof value === 'boolean' ? undefined : `${path}: expected true or false, got ${JSON.stringify(value)}`,
  show: (value) => value,
};

/** A set of brokers, kept as a bit mask and shown as a list of ids. */
export const brokerSet: Shape<number> = {
  ...int(0, 31),
  show: (mask) => [0, 1, 2, 3, 4].filter((id) => (mask & (1 << id)) !== 0),
};

/** A set of log directories, by their place in `log.dirs`; kept and shown as a set of brokers is. */
export const directorySet: Shape<number> = brokerSet;

export function oneOf<const V extends string>(...values: readonly V[]): Shape<V> {
  return {
    encode: (value, out) => void out.push(values.indexOf(value)),
    decode: (from) => element(values, next(from)),
    equal: (a, b) => a === b,
    fault: (value, path) =>
      values.includes(value as V)
        ? undefined
        : `${path}: expected one of ${values.join(', ')}, got ${JSON.stringify(value)}`,
    show: (value) => value,
  };
}

export interface List<T> extends Shape<readonly T[]> {
  readonly item: Shape<T>;
}

export function list<T>(item: Shape<T>): List<T> {
  return {
    item,
    encode: (values, out) => {
      out.push(values.length);
      for (const value of values) item.encode(value, out);
    },
    decode: (from) => {
      const values: T[] = [];
      for (let left = next(from); left > 0; left--) values.push(item.decode(from));
      return values;
    },
    equal: (a, b) =>
      a === b || (a.length === b.length && a.every((value, i) => item.equal(value, b[i] as T))),
    fault: (values, path) => {
      if (!Array.isArray(values)) return `${path}: expected a list`;
      for (const [i, value] of values.entries()) {
        const fault = item.fault(value, `${path}[${i}]`);
        if (fault !== undefined) return fault;
      }
      return undefined;
    },
    show: (values) => values.map((value) => item.show(value)),
  };
}

export interface Nullable<T> extends Shape<T | null> {
  readonly inner: Shape<T>;
}

export function nullable<T>(inner: Shape<T>): Nullable<T> {
  return {
    inner,
    encode: (value, out) => {
      out.push(value === null ? 0 : 1);
      if (value !== null) inner.encode(value, out);
    },
    decode: (from) => (next(from) === 0 ? null : inner.decode(from)),
    equal: (a, b) => a === b || (a !== null && b !== null && inner.equal(a, b)),
    fault: (value, path) => (value === null ? undefined : inner.fault(value, path)),
    show: (value) => (value === null ? null : inner.show(value)),
  };
}

const marks = new Set<number>();

/**
 * A field of a struct that only some configurations have. Where it is absent nothing of it is encoded; where it is
 * present a mark made of `name` stands before it, which no other field has and no number reaches.
 */
export function optional<T>(name: string, inner: Shape<T>): Shape<T | undefined> {
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) & 0xff_ffff;
  const mark = -0x100_0000 - hash;
  if (marks.has(mark)) throw new Error(`two optional fields named like "${name}"`);
  marks.add(mark);
  return {
    ...inner,
    encode: (value, out) => {
      if (value === undefined) return;
      out.push(mark);
      inner.encode(value, out);
    },
    decode: (from) => {
      if (from.values[from.at] !== mark) return undefined;
      from.at++;
      return inner.decode(from);
    },
    equal: (a, b) => a === b || (a !== undefined && b !== undefined && inner.equal(a, b)),
    fault: (value, path) => (value === undefined ? undefined : inner.fault(value, path)),
    show: (value) => (value === undefined ? null : inner.show(value)),
  };
}

function element<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type StructOf<F> = {
  readonly [K in keyof F as undefined extends Infer<F[K]> ? never : K]: Infer<F[K]>;
} & {
  readonly [K in keyof F as undefined extends Infer<F[K]> ? K : never]?: Infer<F[K]>;
};

export interface Struct<T> extends Shape<T> {
  readonly fields: Readonly<Record<string, Shape<unknown>>>;
}

export function struct<const F extends Fields>(fields: F): Struct<StructOf<F>> {
  const entries = Object.entries(fields) as unknown as readonly (readonly [string, Shape<unknown>])[];
  type Row = Readonly<Record<string, unknown>>;
  return {
    fields: fields,
    encode: (value, out) => {
      for (const [key, shape] of entries) shape.encode((value as Row)[key], out);
    },
    decode: (from) => {
      const value: Record<string, unknown> = {};
      for (const [key, shape] of entries) {
        const field = shape.decode(from);
        if (field !== undefined) value[key] = field;
      }
      return value as StructOf<F>;
    },
    equal: (a, b) =>
      a === b || entries.every(([key, shape]) => shape.equal((a as Row)[key], (b as Row)[key])),
    fault: (value, path) => {
      if (typeof value !== 'object' || value === null) return `${path}: expected an object`;
      for (const [key, shape] of entries) {
        const fault = shape.fault((value as Row)[key], `${path}.${key}`);
        if (fault !== undefined) return fault;
      }
      const extra = Object.keys(value).find((key) => !(key in fields));
      return extra === undefined ? undefined : `${path}.${extra}: unknown field`;
    },
    show: (value) =>
      Object.fromEntries(
        entries.flatMap(([key, shape]) => {
          const field = (value as Row)[key];
          return field === undefined ? [] : [[key, shape.show(field)] as const];
        }),
      ),
  };
}

export interface Union<T> extends Shape<T> {
  readonly members: Readonly<Record<string, Struct<unknown>>>;
}

/** A union of structs told apart by their `kind`. */
export function union<const M extends Readonly<Record<string, Struct<unknown>>>>(
  members: M,
): Union<{ [K in keyof M]: { readonly kind: K } & Infer<M[K]> }[keyof M]> {
  type Member = { readonly kind: string };
  const kinds = Object.keys(members);
  const of = (kind: string): Shape<unknown> => members[kind] as unknown as Shape<unknown>;
  const bare = (value: Member): object =>
    Object.fromEntries(Object.entries(value).filter(([key]) => key !== 'kind'));
  return {
    members,
    encode: (value, out) => {
      const kind = (value as Member).kind;
      out.push(kinds.indexOf(kind));
      of(kind).encode(value, out);
    },
    decode: (from) => {
      const kind = element(kinds, next(from));
      return { kind, ...(of(kind).decode(from) as object) } as never;
    },
    equal: (a, b) =>
      a === b || ((a as Member).kind === (b as Member).kind && of((a as Member).kind).equal(a, b)),
    fault: (value, path) => {
      const kind = (value as Member | null)?.kind;
      if (kind === undefined || !kinds.includes(kind)) return `${path}.kind: unknown kind`;
      return of(kind).fault(bare(value as Member), path);
    },
    show: (value) => ({
      kind: (value as Member).kind,
      ...(of((value as Member).kind).show(value) as Readonly<Record<string, Json>>),
    }),
  };
}
