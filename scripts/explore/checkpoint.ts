/**
 * A search in a file, to go on with later. A short name of the format, the length of a header, the header as JSON, the
 * tables of the search as 32-bit words of this machine's byte order, and a SHA-256 of all of it.
 */
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, fsyncSync, openSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { z } from 'zod';
import about from '../../package.json' with { type: 'json' };
import {
  ACTIONS,
  digestOf,
  SWITCHES,
  type Explorable,
  type Hand,
  type SearchProgress,
  type StoreSizes,
} from '../../model/index.ts';
import { UsageError } from '../exit.ts';
import { reasonAgainstWriting, reasonOf } from '../files.ts';
import type { Problem } from './problem.ts';

/** What a search is about: one that goes on must be about the same. */
export interface Subject {
  readonly problem: Problem;
  readonly symmetry: boolean;
  readonly tolerated: readonly string[];
}

const MAGIC = 'hwsearch';
const FORMAT = 2;
const WORD = 4;
/** Length of the name of the format and of the header's length. */
const PREFIX = MAGIC.length + WORD;
const CHECKSUM = 32;
const MOST_HEADER = 1 << 20;
const CHUNK = 1 << 20;
/** States whose successors are worked out again when a checkpoint is read. */
const AUDITED = 32;

const count = z.number().int().nonnegative();
const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.string(),
  model: z.string(),
  subject: z.unknown(),
  sizes: z.strictObject({ values: count, groups: z.array(count), states: count.min(1) }),
  progress: z.strictObject({
    next: count,
    end: count,
    transitions: count,
    depth: count,
    met: z.array(z.string()),
    brokenTolerated: z.record(z.string(), count),
    cuts: z.array(count),
  }),
  elapsedMs: z.number().nonnegative(),
});
type Header = z.infer<typeof headerSchema>;

/** How far a search had come, and how long that had taken, in ms of all sessions together. */
export interface Stored {
  readonly progress: SearchProgress;
  readonly elapsedMs: number;
}

/** Changes with everything that a stored search depends on and that can be looked at from outside. */
function fingerprintOf({ slots, initial, groups, families, bounds, checks }: Explorable): string {
  const words: number[] = [];
  for (const [i, { shape }] of slots.entries()) shape.encode(initial[i], words);
  const parts = {
    slots: slots.map(({ name }) => name),
    switches: Object.entries(SWITCHES).map(([name, { values }]) => [name, values]),
    actions: ACTIONS.map(({ kind }) => kind),
    bounds: bounds.map(({ name, limit, slots: counted }) => [name, limit, counted]),
    checks: checks.map(({ id }) => id),
    groups,
    families,
  };
  return digestOf([...words, ...Buffer.from(JSON.stringify(parts))]);
}

const bytesOf = (section: Int32Array): Uint8Array =>
  new Uint8Array(section.buffer, section.byteOffset, section.byteLength);

function* chunksOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** Writes a search, while all threads rest. Nobody ever sees half a file, and an older one stays until then. */
export function saveCheckpoint(
  file: string,
  subject: Subject,
  machine: Explorable,
  hand: Hand,
  { progress, elapsedMs }: Stored,
): void {
  const { sizes } = hand.store;
  const header: Header = {
    format: FORMAT,
    version: about.version,
    model: fingerprintOf(machine),
    subject,
    sizes: { ...sizes, groups: [...sizes.groups] },
    progress: { ...progress, met: [...progress.met], cuts: [...progress.cuts] },
    elapsedMs,
  };
  const text = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(PREFIX);
  prefix.write(MAGIC);
  prefix.writeUInt32LE(text.length, MAGIC.length);
  replaceFile(file, (write) => {
    const hash = createHash('sha256');
    for (const bytes of [prefix, text, ...hand.store.sections(sizes).map(bytesOf)]) {
      for (const chunk of chunksOf(bytes)) {
        hash.update(chunk);
        write(chunk);
      }
    }
    write(hash.digest());
  });
}

function replaceFile(file: string, fill: (write: (bytes: Uint8Array) => void) => void): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = openSync(temporary, 'w');
    try {
      fill((bytes) => {
        for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at);
      });
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, file);
  } catch (thrown) {
    // What stands in the way of the temporary file may be somebody else's folder.
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Then it stays.
    }
    throw new UsageError(`${file}: cannot be written, ${reasonAgainstWriting(thrown)}`);
  }
}

/** Says at once where a file cannot be written, not after hours. */
export function mustBeWritable(file: string): void {
  const probe = `${file}.${process.pid}.tmp`;
  try {
    closeSync(openSync(probe, 'w'));
    rmSync(probe);
  } catch (thrown) {
    throw new UsageError(`${file}: cannot be written, ${reasonAgainstWriting(thrown)}`);
  }
}

/** Fills the empty store of `hand` from a file that may come from anybody, and says how far the search had come. */
export function loadCheckpoint(file: string, subject: Subject, machine: Explorable, hand: Hand): Stored {
  const refuse = (fault: string): never => {
    throw new UsageError(`${file}: ${fault}`);
  };
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (thrown) {
    return refuse(reasonOf(thrown));
  }
  try {
    const { header, text, hash } = headerIn(handle, refuse);
    const other = differenceIn(header.subject, subject);
    if (other !== undefined)
      refuse(`a search with other ${other}; give the options that it was started with`);
    const model = fingerprintOf(machine);
    if (header.version !== about.version || header.model !== model) {
      refuse(`written by highwater ${header.version} with another model; start the search anew`);
    }
    const { sizes, progress, elapsedMs } = header;
    mustFit(sizes, progress, machine, refuse);
    const words = sizesInWords(sizes, machine);
    if (fstatSync(handle).size !== PREFIX + text.length + words * WORD + CHECKSUM) {
      refuse('not as long as its header says; it is cut off or damaged');
    }
    if (!hand.store.holds(sizes)) refuse('needs more than --memory allows');
    for (const section of hand.store.sections(sizes)) readInto(handle, bytesOf(section), hash, refuse);
    const checksum = Buffer.alloc(CHECKSUM);
    readInto(handle, checksum, undefined, refuse);
    if (!hash.digest().equals(checksum)) refuse('its checksum is wrong; it is damaged');
    if (!hand.store.adopt(sizes)) refuse('no search can have stored this; it is damaged');
    audit(hand, sizes, progress, refuse);
    return { progress, elapsedMs };
  } finally {
    closeSync(handle);
  }
}

type Refuse = (fault: string) => never;

function headerIn(handle: number, refuse: Refuse): { header: Header; text: Buffer; hash: Hash } {
  const prefix = Buffer.alloc(PREFIX);
  if (readSync(handle, prefix) < PREFIX || prefix.toString('latin1', 0, MAGIC.length) !== MAGIC) {
    refuse('no checkpoint of a search');
  }
  const length = prefix.readUInt32LE(MAGIC.length);
  if (length > MOST_HEADER) refuse('its header is too long; it is damaged');
  const text = Buffer.alloc(length);
  if (readSync(handle, text) < length) refuse('cut off within its header');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.toString());
  } catch {
    refuse('its header is not JSON; it is damaged');
  }
  const checked = headerSchema.safeParse(parsed);
  if (!checked.success)
    return refuse(`its header is wrong at ${checked.error.issues[0]?.path.join('.') ?? ''}`);
  return { header: checked.data, text, hash: createHash('sha256').update(prefix).update(text) };
}

/** The first part in which two searches differ, in words of the command line. */
function differenceIn(theirs: unknown, { problem, symmetry, tolerated }: Subject): string | undefined {
  const plain = (value: unknown): string => JSON.stringify(value);
  const { problem: theirProblem, ...rest } = (theirs ?? {}) as Partial<Record<string, unknown>>;
  if (plain(rest) !== plain({ symmetry, tolerated })) return '--symmetry or --tolerate';
  if (plain(theirProblem) === plain(problem)) return undefined;
  const given = (theirProblem ?? {}) as Partial<Record<string, unknown>>;
  const parts = Object.entries(problem).flatMap(([key, value]) =>
    plain(value) === plain(given[key]) ? [] : [key === 'kind' || key === 'name' ? '--spec' : key],
  );
  return parts.join(' and ');
}

function mustFit(
  { groups, states }: StoreSizes,
  progress: SearchProgress,
  machine: Explorable,
  refuse: Refuse,
) {
  const { next, end, cuts } = progress;
  const tables = machine.groups.map((group, i) => group.length > 1 || groups[i] === 0);
  if (groups.length !== machine.groups.length || tables.includes(false))
    refuse('its header is wrong at sizes');
  if (next > end || end > states || cuts.length > machine.bounds.length + 1) {
    refuse('its header is wrong at progress');
  }
}

const sizesInWords = ({ values, groups, states }: StoreSizes, machine: Explorable): number =>
  machine.groups.reduce(
    (sum, group, i) => sum + group.length * (groups[i] ?? 0),
    values + states * (machine.groups.length + 1),
  );

function readInto(handle: number, bytes: Uint8Array, hash: Hash | undefined, refuse: Refuse): void {
  for (const chunk of chunksOf(bytes)) {
    for (let at = 0; at < chunk.length;) {
      const got = readSync(handle, chunk, at, chunk.length - at, null);
      if (got === 0) refuse('cut off');
      at += got;
    }
    hash?.update(chunk);
  }
}

/** Works out again what follows some of the states, spread over all that were expanded. */
function audit(hand: Hand, { states }: StoreSizes, { next, end }: SearchProgress, refuse: Refuse): void {
  const fault = 'its states are not those of this model; start the search anew';
  if (hand.begin() !== 0 || hand.store.count !== states) refuse(fault);
  const whole = hand.wholeBelow(next, end);
  const step = Math.max(1, Math.floor(states / AUDITED));
  for (let state = states - 1; state > 0; state -= step) {
    const parent = hand.store.parentOf(state);
    if (parent >= next || !hand.isExpanded(parent, state, whole)) refuse(fault);
  }
  hand.report();
}
