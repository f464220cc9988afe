/**
 * Kills a campaign at random moments, again and again, and looks whether anything that it had found is gone after it has
 * been resumed: `npm run nightly:kills -- --kills 100`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import seedrandom from 'seedrandom';
import { readTrace } from '../../traces/index.ts';
import { duration } from '../durations.ts';
import { EXIT, UsageError } from '../exit.ts';
import { wholeNumber } from '../options.ts';
import { remark, say } from '../output.ts';
import { findingsFolder } from './campaign-folder.ts';
import { journalFolder, linesOf, sessionsIn } from './journal.ts';
import type { RunName } from './lines.ts';

const CLI = path.join(import.meta.dirname, '..', 'cli.mjs');
const LOOK_EVERY_MS = 20;
/** A kill comes within so many ms after there is something to lose. */
const WITHIN_MS = 3000;
/** One kill in so many may also come while the campaign is still getting under way. */
const EARLY_ONE_IN = 4;

/** After so many it is left alone and comes to its end. */
const KILLS_A_CAMPAIGN = 10;

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
  /** Findings that were there before a kill and are not at the end, and traces of findings that cannot be read. */
  readonly lost: readonly string[];
  /** Findings, raw and small, at the end. */
  readonly findings: number;
  /** Raw findings of which nothing was made in the end. */
  readonly unmade: number;
  /** Exit code of the session that was left alone. */
  readonly code: number | null;
}

const nameOf = ({ target, batch, run }: RunName): string => `${target} ${batch} ${run}`;

/** Raw and small findings that a folder holds. */
function findingsIn(folder: string): ReadonlySet<string> {
  if (!existsSync(journalFolder(folder))) return new Set();
  const names = [...linesOf(folder)].flatMap((line) =>
    line.kind === 'raw' || line.kind === 'small' ? [`${line.kind} ${nameOf(line)}`] : [],
  );
  return new Set(names);
}

/** Traces that the journal names and nobody can read. */
const tracesMissing = (folder: string): string[] =>
  [...linesOf(folder)].flatMap((line) => {
    if (line.kind !== 'small' || line.file === null) return [];
    const file = path.join(findingsFolder(folder), line.file);
    return existsSync(file) && !('error' in readTrace(readFileSync(file, 'utf8'))) ? [] : [file];
  });

/** Kills and resumes until there have been enough kills or the campaign is through; then lets it come to its end. */
export async function killAndResume({ folder, args, kills, random }: KillsOptions): Promise<Killed> {
  const ever = new Set<string>();
  const remember = (): void => {
    for (const name of findingsIn(folder)) ever.add(name);
  };
  for (let killed = 0; ; killed++) {
    const isBegun = existsSync(path.join(folder, 'campaign.json'));
    const sessions = sessionsOf(folder);
    const child = start(folder, isBegun ? endOf(args) : args, isBegun);
    const ended = exitOf(child);
    const isEarly = random() * EARLY_ONE_IN < 1;
    const isUnderWay = (): boolean => isEarly || sessionsOf(folder) > sessions;
    const mayKill = killed < kills;
    const isKilled =
      mayKill &&
      (await Promise.race([
        ended.then(() => false),
        (async () => {
          // Only a campaign that has found something has something to lose.
          while (!(isUnderWay() && findingsIn(folder).size > 0) && child.exitCode === null)
            await pause(LOOK_EVERY_MS);
          await pause(random() * WITHIN_MS);
          return true;
        })(),
      ]));
    if (isKilled) {
      remember();
      // Sometimes the workers outlive their parent, sometimes everything goes at once.
      killAll(child, random() < 0.5);
      await ended;
      continue;
    }
    const code = await ended;
    return { kills: killed, code, ...comparedWith(ever, folder) };
  }
}

/** What a campaign that is through has, against everything that it ever had. */
function comparedWith(
  ever: ReadonlySet<string>,
  folder: string,
): Pick<Killed, 'lost' | 'findings' | 'unmade'> {
  const now = findingsIn(folder);
  const lost = [...ever].filter((name) => !now.has(name));
  const raw = [...now].filter((name) => name.startsWith('raw '));
  return {
    lost: [...lost, ...tracesMissing(folder)],
    findings: now.size,
    unmade: raw.filter((name) => !now.has(name.replace('raw ', 'small '))).length,
  };
}

/** How many sessions have begun to write. */
const sessionsOf = (folder: string): number => (existsSync(journalFolder(folder)) ? sessionsIn(folder) : 0);

/** Options that a campaign keeps from its beginning are not given again. */
function endOf(args: readonly string[]): readonly string[] {
  const kept = new Set(['--seed', '--targets', '--campaign', '--shard']);
  return args.filter((arg, index) => !kept.has(arg) && !kept.has(args[index - 1] ?? ''));
}

/** The session under way. */
let running: ChildProcess | undefined;

function start(folder: string, args: readonly string[], resume: boolean): ChildProcess {
  running = spawn(
    process.execPath,
    [CLI, 'nightly', '--out', folder, ...args, ...(resume ? ['--resume'] : [])],
    { stdio: 'ignore', detached: true },
  );
  return running;
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

interface Options {
  readonly kills: number;
  readonly seed: number;
  readonly workers: number;
  readonly time: string;
}

/** Gives the exit code. */
async function main({ kills: wanted, seed, workers, time }: Options): Promise<number> {
  duration(time);
  const random = seedrandom(String(seed));
  const begun = performance.now();
  const total = { kills: 0, findings: 0, unmade: 0 };
  const lost: string[] = [];
  for (let campaign = 1; total.kills < wanted; campaign++) {
    const folder = path.join(mkdtempSync(path.join(tmpdir(), 'kills-')), 'campaign');
    const result = await killAndResume({
      folder,
      args: ['--time', time, '--workers', String(workers), '--seed', String(seed * 1000 + campaign)],
      kills: Math.min(wanted - total.kills, KILLS_A_CAMPAIGN),
      random: () => random(),
    });
    if (result.kills === 0 && result.code === EXIT.usage)
      throw new UsageError('the campaign cannot be begun');
    total.kills += result.kills;
    total.findings += result.findings;
    total.unmade += result.unmade;
    lost.push(...result.lost);
    const { kills, findings, unmade, code } = result;
    say(
      `campaign ${campaign}: ${kills} kills, ${findings} findings, lost: ${result.lost.length}, ` +
        `not made small: ${unmade}, exit ${code ?? 'by a signal'}`,
    );
    // What was lost is looked for there.
    if (result.lost.length === 0) rmSync(path.dirname(folder), { recursive: true });
    else say(`kept: ${folder}`);
  }
  for (const name of lost) say(`lost: ${name}`);
  const seconds = Math.round((performance.now() - begun) / 1000);
  say(
    `${total.kills} kills in ${seconds} s, ${total.findings} findings, ${lost.length} lost, ${total.unmade} not made small`,
  );
  return lost.length === 0 && total.unmade === 0 ? 0 : 1;
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href;
if (isMain) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      // It is in a group of its own, which a terminal does not reach.
      if (running !== undefined) killAll(running, true);
      process.exit(130);
    });
  }
  await new Command('nightly:kills')
    .description(
      'kills campaigns at random moments and looks whether a finding is gone after they are resumed',
    )
    .option('--kills <n>', 'how many', wholeNumber(1, 100_000), 100)
    .option('--seed <n>', 'decides when', wholeNumber(0, 1_000_000), 1)
    .option('--workers <n>', 'of each campaign', wholeNumber(1, 256), 2)
    .option('--time <duration>', 'of each campaign, all sessions together', '60s')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : EXIT.usage))
    .action(async (options: Options) => {
      try {
        process.exitCode = await main(options);
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        remark(`error: ${error.message}`);
        process.exitCode = EXIT.usage;
      }
    })
    .parseAsync();
}
