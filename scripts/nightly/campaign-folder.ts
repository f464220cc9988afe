/** The folder of a campaign: what it is about, who works in it, and what it has found. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UsageError } from '../exit.ts';
import { makeFolders, reasonAgainstWriting, reasonOf, writeAtomically } from '../files.ts';
import { journalFolder } from './journal.ts';
import { targetsFrom, type Target } from './targets.ts';

const FORMAT = 'highwater-campaign';

const headerSchema = z.strictObject({
  format: z.literal(FORMAT),
  seed: z.int().min(0),
  /** This part of a campaign that several machines share, from 1, and how many there are. */
  shard: z.strictObject({ part: z.int().min(1), of: z.int().min(1).max(10_000) }),
  /** The day it was begun, ISO 8601. */
  began: z.iso.date(),
  /** Changes with the model: runs of another one are other runs. */
  fingerprint: z.string(),
  /** As the file of targets had it, and which of them were chosen. */
  targets: z.unknown(),
  chosen: z.array(z.string()),
});
export type Header = z.infer<typeof headerSchema>;

const headerFile = (folder: string): string => path.join(folder, 'campaign.json');
const lockFile = (folder: string): string => path.join(folder, 'running');
export const findingsFolder = (folder: string): string => path.join(folder, 'findings');

/** Makes the folder of a new campaign. Throws a UsageError where that cannot be done or one is there already. */
export function begin(folder: string, header: Omit<Header, 'format'>): Header {
  const whole: Header = { format: FORMAT, ...header };
  try {
    for (const place of [folder, journalFolder(folder), findingsFolder(folder)]) makeFolders(place);
    if (readdirSync(folder).includes('campaign.json')) {
      throw new UsageError(
        `${folder}: it holds a campaign; --resume goes on with it, --out names another folder`,
      );
    }
  } catch (thrown) {
    throw thrown instanceof UsageError
      ? thrown
      : new UsageError(`${folder}: cannot be written, ${reasonAgainstWriting(thrown)}`);
  }
  writeAtomically(headerFile(folder), `${JSON.stringify(whole, null, 2)}\n`);
  return whole;
}

/** What the campaign in `folder` is about. Throws a UsageError where there is none. */
export function headerIn(folder: string): Header {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(headerFile(folder), 'utf8'));
  } catch (thrown) {
    const why =
      thrown instanceof SyntaxError
        ? 'campaign.json is not JSON'
        : `no campaign is there, ${reasonOf(thrown)}`;
    throw new UsageError(`${folder}: ${why}`);
  }
  const parsed = headerSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${headerFile(folder)}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'no campaign'}`,
  );
}

export function targetsOfHeader(header: Header, folder: string): readonly Target[] {
  const wanted = new Set(header.chosen);
  const targets = targetsFrom(header.targets, headerFile(folder)).filter(({ id }) => wanted.delete(id));
  for (const id of wanted) throw new UsageError(`${headerFile(folder)}: chosen: there is no target ${id}`);
  return targets;
}

/** Keeps other programs out of the folder until it is called; a program that was killed keeps nobody out. */
export function lock(folder: string): () => void {
  const file = lockFile(folder);
  for (;;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => rmSync(file, { force: true });
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) {
        throw new UsageError(`${folder}: cannot be written, ${reasonAgainstWriting(thrown)}`);
      }
    }
    const owner = Number(readFileSync(file, 'utf8'));
    if (isAlive(owner)) throw new UsageError(`${folder}: process ${owner} is at work in it`);
    rmSync(file, { force: true });
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
