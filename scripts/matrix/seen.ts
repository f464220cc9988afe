/**
 * What the full matrix has shown where an expectation allows both, so that such a cell can differ as well: what a kept
 * run breaks there is broken however many runs are generated, and what nothing broke holds for as many of the same.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FAULT_CLASSES, type FaultClass } from '../../model/index.ts';
import { TRIED } from '../../traces/index.ts';
import { writeAtomically } from '../files.ts';
import type { Cell, Sharpen } from './cells.ts';
import type { MatrixOutcome } from './outcome.ts';
import type { Row } from './rows.ts';

const properties = z.array(z.enum(TRIED as [string, ...string[]]));
/** Row, faults, what a kept run breaks there, and what is broken otherwise: by a generated run, or under milder faults. */
const line = z.tuple([z.string(), z.enum(FAULT_CLASSES), properties, properties]);
const schema = z.strictObject({
  version: z.literal(1),
  /** Generated runs of each trial, and their seed. */
  runs: z.int().min(2),
  seed: z.int().min(0),
  /** By group of rows. */
  groups: z.record(z.string(), z.array(line)),
});

export interface Effort {
  readonly runs: number;
  readonly seed: number;
}

export type Seen = Readonly<z.infer<typeof schema>>;

/** Throws where the data are not what the schema asks for. */
export const seenIn = (raw: unknown): Seen => schema.parse(raw);

const keyOf = ({ group, id }: Pick<Row, 'group' | 'id'>, faults: FaultClass): string =>
  JSON.stringify([group, id, faults]);

/** Makes what is expected of a property in a cell definite where it can be; `effort` is that of the matrix at hand. */
export function sharpener({ runs, seed, groups }: Seen, effort: Effort): Sharpen {
  const known = new Map(
    Object.entries(groups).flatMap(([group, lines]) =>
      lines.map(([row, faults, kept, otherwise]) => [
        keyOf({ group, id: row }, faults),
        { kept: new Set(kept), otherwise: new Set(otherwise) },
      ]),
    ),
  );
  const isSame = effort.runs === runs && effort.seed === seed;
  return ({ row, faults }, property, expected) => {
    const seen = known.get(keyOf(row, faults));
    if (expected.is !== 'either' || seen === undefined) return expected;
    if (seen.kept.has(property)) return { ...expected, is: 'broken', asSeen: true };
    if (seen.otherwise.has(property) || !isSame) return expected;
    return { ...expected, is: 'holds', asSeen: true };
  };
}

/** What these cells show where an expectation allows both. */
export function seenBy(cells: readonly Cell[], { runs, seed }: Effort): Seen {
  const groups: Record<string, z.infer<typeof line>[]> = {};
  const known = new Map<string, z.infer<typeof line>>();
  for (const { row, faults, property, broken, brokenUnder, expected } of cells) {
    if (expected.is !== 'either' && expected.asSeen !== true) continue;
    const key = keyOf(row, faults);
    let seen = known.get(key);
    if (seen === undefined) {
      known.set(key, (seen = [row.id, faults, [], []]));
      (groups[row.group] ??= []).push(seen);
    }
    if (broken === undefined) continue;
    const [, , kept, otherwise] = seen;
    const isKept = broken.found.by === 'replay' && brokenUnder === faults;
    (isKept ? kept : otherwise).push(property);
  }
  return { version: 1, runs, seed, groups };
}

/** Why a matrix is not to be accepted: it is not whole, or differs from more than what was seen before. */
export function refusal({
  cells,
  tried,
  asked,
}: Pick<MatrixOutcome, 'cells' | 'tried' | 'asked'>): string | undefined {
  if (tried < asked) return 'it is not whole';
  const others = cells.filter(({ asExpected, expected }) => !asExpected && expected.asSeen !== true).length;
  return others === 0 ? undefined : `${others} cells are not as traces/expectations/expectations.json says`;
}

/** A line to a row under one class of faults. */
export function seenText({ groups, ...about }: Seen): string {
  const texts = Object.entries(groups).map(
    ([group, lines]) =>
      `${JSON.stringify(group)}:[\n${lines.map((one) => JSON.stringify(one)).join(',\n')}\n]`,
  );
  return `${JSON.stringify(about).slice(0, -1)},"groups":{\n${texts.join(',\n')}\n}}\n`;
}

const FILE = path.join(import.meta.dirname, '..', '..', 'traces', 'expectations', 'seen.json');

/** What is kept of it. Not imported: each start of the program would read it. */
export const readSeen = (): Seen => seenIn(JSON.parse(readFileSync(FILE, 'utf8')));

/** Keeps it, and returns the file. */
export function writeSeen(seen: Seen): string {
  writeAtomically(FILE, seenText(seen));
  return path.relative('', FILE);
}
