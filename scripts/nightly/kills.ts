/**
 * Kills a campaign at random moments, again and again, and looks whether anything that it had found is gone after it has
 * been resumed: `npm run nightly:kills -- --kills 100`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import seedrandom from 'seedrandom';
import { journalFolder, linesOf } from './journal.ts';
import type { Line } from './lines.ts';

const CLI = path.join(import.meta.dirname, '..', 'cli.ts');
const LOOK_EVERY_MS = 20;
/** A kill comes within so many ms after there is something to lose. */
const WITHIN_MS = 3000;

export interface KillsOptions {
  readonly folder: string;
  /** Arguments of the campaign besides its folder. */
  readonly args: readonly string[];
  /** Kills at the most; the campaign may be through before. */
  readonly kills: number;
  /** A fraction below 1, drawn anew at each call. */
  readonly random: () => number;
}

export interface Killed {
  readonly kills: number;
  /** Findings that were there before a kill and not after it, as `kind target batch run`. */
  readonly lost: readonly string[];
  /** Findings, raw and small, at the end. */
  readonly findings: number;
  /** Exit code of the session that was left alone. */
  readonly code: number | null;
}

/** Raw and small findings that a folder holds. */
function findingsIn(folder: string): ReadonlySet<string> {
  if (!existsSync(journalFolder(folder))) return new Set();
  const names = [...linesOf(folder)].flatMap((line: Line) =>
    line.kind === 'raw' || line.kind === 'small'
      ? [`${line.kind} ${line.target} ${line.batch} ${line.run}`]
      : [],
  );
  return new Set(names);
}

/** Kills and resumes until there have been enough kills or the campaign is through; then lets it come to its end. */
export async function killAndResume({ folder, args, kills, random }: KillsOptions): Promise<Killed> {
  const lost: string[] = [];
  let killed = 0;
  let isBegun = false;
  for (;;) {
    const before = findingsIn(folder);
    const child = start(folder, isBegun ? endOf(args) : args, isBegun);
    const ended = exitOf(child);
    if (killed >= kills) {
      const code = await ended;
      const after = findingsIn(folder);
      lost.push(...[...before].filter((name) => !after.has(name)));
      return { kills: killed, lost, findings: after.size, code };
    }
    // Only a campaign that has found something has something to lose.
    const isThrough = await Promise.race([
      ended.then(() => true),
      (async () => {
        while (findingsIn(folder).size === 0 && child.exitCode === null) await pause(LOOK_EVERY_MS);
        await pause(random() * WITHIN_MS);
        return false;
      })(),
    ]);
    isBegun = existsSync(path.join(folder, 'campaign.json'));
    if (isThrough) {
      const after = findingsIn(folder);
      lost.push(...[...before].filter((name) => !after.has(name)));
      return { kills: killed, lost, findings: after.size, code: child.exitCode };
    }
    // Sometimes the workers outlive their parent, sometimes everything goes at once.
    const atKill = findingsIn(folder);
    killAll(child, random() < 0.5);
    await ended;
    killed++;
    const after = findingsIn(folder);
    lost.push(...[...atKill].filter((name) => !after.has(name)));
  }
}

/** Options that a campaign keeps from its beginning are not given again. */
function endOf(args: readonly string[]): readonly string[] {
  const kept = new Set(['--seed', '--targets', '--campaign', '--shard']);
  return args.filter((arg, index) => !kept.has(arg) && !kept.has(args[index - 1] ?? ''));
}

function start(folder: string, args: readonly string[], resume: boolean): ChildProcess {
  return spawn(
    process.execPath,
    ['--import', 'tsx', CLI, 'nightly', '--out', folder, ...args, ...(resume ? ['--resume'] : [])],
    { stdio: 'ignore', detached: true },
  );
}

const exitOf = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });

/** The campaign is the leader of a process group of its own, in which its workers are. */
function killAll({ pid }: ChildProcess, withWorkers: boolean): void {
  if (pid === undefined) return;
  try {
    process.kill(withWorkers ? -pid : pid, 'SIGKILL');
  } catch {
    // It has just ended by itself.
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      workers: { type: 'string', default: '2' },
      time: { type: 'string', default: '60s' },
    },
  });
  const wanted = Number(values.kills);
  const random = seedrandom(values.seed);
  let kills = 0;
  let findings = 0;
  const lost: string[] = [];
  for (let campaign = 1; kills < wanted; campaign++) {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'kills-')), 'campaign');
    const result = await killAndResume({
      folder,
      args: ['--time', values.time, '--workers', values.workers, '--seed', String(campaign)],
      kills: wanted - kills,
      random: () => random(),
    });
    kills += result.kills;
    findings += result.findings;
    lost.push(...result.lost);
    process.stdout.write(
      `campaign ${campaign}: ${result.kills} kills, ${result.findings} findings, lost: ${result.lost.length}\n`,
    );
    rmSync(path.dirname(folder), { recursive: true });
  }
  process.stdout.write(
    `${kills} kills, ${findings} findings, ${lost.length} lost\n${lost.map((name) => `${name}\n`).join('')}`,
  );
  process.exitCode = lost.length === 0 ? 0 : 1;
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) await main();
