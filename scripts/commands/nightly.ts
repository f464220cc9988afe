/** `nightly`: a campaign over many targets that loses nothing and leaves a report in the morning. */
import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { fingerprint } from '../../traces/index.ts';
import { duration } from '../durations.ts';
import { EXIT, UsageError } from '../exit.ts';
import { makeFolder, reasonOf, writeAtomically } from '../files.ts';
import type { Shard } from '../nightly/agenda.ts';
import { runCampaign } from '../nightly/campaign.ts';
import {
  begin,
  findingsFolder,
  headerIn,
  lock,
  targetsOfHeader,
  type Header,
} from '../nightly/campaign-folder.ts';
import { earlierNights, type Earlier } from '../nightly/earlier.ts';
import { linesOf } from '../nightly/journal.ts';
import { KNOWN_FILE, Known, mutedIn } from '../nightly/known.ts';
import { nightOf, type Night, type Part } from '../nightly/night.ts';
import { comparedWith, fileOf, repeating, type Repeated } from '../nightly/repeating.ts';
import { documentOf, writeReports } from '../nightly/report.ts';
import { chosen, DEFAULT_TARGETS, targetsFrom, type Target } from '../nightly/targets.ts';
import { inShort } from '../nightly/words.ts';
import { fileToWrite, jsonOption, wholeNumber } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { stopOnSignal } from '../signals.mjs';
import { progressLine } from '../terminal.ts';

interface ReportingOptions {
  readonly out: string;
  readonly known: string;
  readonly earlier: readonly string[];
  readonly summary?: string;
  readonly json: boolean;
}

interface NightlyOptions extends ReportingOptions {
  readonly time?: number;
  readonly batches?: number;
  readonly campaign?: string;
  readonly targets: readonly string[];
  readonly seed?: number;
  readonly workers: number;
  readonly workerMemory: number;
  readonly runLimit: number;
  readonly shard?: Shard;
  readonly resume: boolean;
  readonly list: boolean;
}

const SEED_BOUND = 2 ** 31;
const DEFAULT_MS = 10 * 60_000;
const DEFAULT_FOLDER = path.join('.highwater', 'nightly');

export const endsInOrder = true;

export function register(program: Command): void {
  const nightly = withReporting(program.command('nightly'))
    .description('run a campaign over many targets: strategies side by side, new findings once, nothing lost')
    .option('--time <duration>', 'how long, all sessions together, as in 10m or 8h (default 10m)', duration)
    .option(
      '--batches <n>',
      'so many batches of every target instead: the same findings every time',
      wholeNumber(1, 1_000_000),
    )
    .option('--campaign <file>', 'targets as JSON, in place of scripts/nightly/targets.json')
    .option('--targets <ids>', 'only these, with * for anything, as in 4.1*/walk', commaSeparated, [])
    .option(
      '--seed <n>',
      'makes every run repeatable; without it one is drawn and printed',
      wholeNumber(0, SEED_BOUND - 1),
    )
    .option('--workers <n>', 'processes at work', wholeNumber(1, 256), availableParallelism())
    .option(
      '--worker-memory <megabytes>',
      'heap of each; more ends it, and is a finding',
      wholeNumber(64, 65_536),
      768,
    )
    .option(
      '--run-limit <seconds>',
      'a run that goes on for longer is ended, and is a finding',
      wholeNumber(1, 3600),
      30,
    )
    .option('--shard <i/n>', 'this part of a campaign that n machines share: no run is made twice', shard)
    .option('--resume', 'goes on with the campaign in the folder', false)
    .option('--list', 'prints the targets and does nothing else', false)
    .action(async (options: NightlyOptions) => {
      process.exitCode = options.list ? list(options) : await run(options);
    });
  registerRepeat(nightly);
  withReporting(nightly.command('merge'))
    .description('joins the folders of shards into one report')
    .argument('<folders...>', 'folders of campaigns')
    .action(async (folders: readonly string[], _own: unknown, command: Command) => {
      // Options of the same name are taken by the command above.
      process.exitCode = await merge(folders, command.optsWithGlobals());
    });
}

interface RepeatOptions {
  readonly runs: number;
  readonly seed?: number;
  readonly campaign?: string;
  readonly targets: readonly string[];
  readonly write?: string;
  readonly compare?: string;
  readonly json: boolean;
}

/** Options that the command above has as well are taken by it. */
function registerRepeat(nightly: Command): void {
  nightly
    .command('repeat')
    .description('takes runs of all targets twice, step by step, and compares with what another Node wrote')
    .option('--runs <n>', 'how many', wholeNumber(1, 10_000_000), 10_000)
    .option('--write <file>', 'keeps what the runs came to', fileToWrite)
    .option('--compare <file>', 'compares with what was kept')
    .action(async (_own: unknown, command: Command) => {
      process.exitCode = await repeatRuns(command.optsWithGlobals());
    });
}

async function repeatRuns(options: RepeatOptions): Promise<number> {
  const { targets } = targetsAsked(options);
  const stop = stopOnSignal();
  const progress = progressLine();
  const kept = options.compare === undefined ? undefined : keptIn(options.compare);
  const made: Repeated[] = [];
  for (const repeated of repeating(targets, options.seed ?? 1, options.runs)) {
    made.push(repeated);
    progress.update(made.length / options.runs, `${made.length} runs taken twice`);
    if (made.length % 50 === 0) await nextTurn();
    if (stop.requested) break;
  }
  progress.stop();
  const { compared, differences: others } = kept === undefined ? NOT_COMPARED : comparedWith(made, kept);
  const differences = [
    ...made.flatMap(({ name, difference }) =>
      difference === undefined
        ? []
        : [
            `${name.target}, seed ${name.seed}: step ${difference.step}, ${difference.field}: ${difference.says}`,
          ],
    ),
    ...others,
  ];
  if (options.write !== undefined) writeAtomically(options.write, fileOf(made));
  const isCut = made.length < options.runs || (kept !== undefined && compared < made.length);
  const verdict = differences.length > 0 ? 'unexpected' : isCut ? 'incomplete' : 'as-expected';
  const document = { verdict, runs: made.length, compared, differences, node: process.version };
  if (options.json) sayJson(document);
  else {
    for (const line of differences) say(line);
    const against = kept === undefined ? '' : `, ${compared} compared with ${options.compare ?? ''}`;
    say(
      `${verdict}: ${made.length} runs taken twice${against}, ${differences.length} differences, Node ${process.version}`,
    );
  }
  return EXIT[verdict];
}

const NOT_COMPARED = { compared: 0, differences: [] };

function keptIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new UsageError(`--compare ${file}: ${reasonOf(thrown)}`);
  }
}

const commaSeparated = (text: string): string[] => text.split(',').filter((part) => part !== '');

const withReporting = (command: Command): Command =>
  command
    .option('--out <folder>', 'where everything is kept', DEFAULT_FOLDER)
    .addOption(
      new Option('--known <file>', 'findings that are no news for a while').default(
        KNOWN_FILE,
        'traces/known.json of highwater',
      ),
    )
    .option('--earlier <files>', 'report.json of earlier nights, separated by commas', commaSeparated, [])
    .option('--summary <file>', 'a file to which the report is added as Markdown', fileToWrite)
    .addOption(jsonOption());

function shard(text: string): Shard {
  const [, part = 0, of = 0] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (part >= 1 && of >= part && of <= 10_000) return { part, of };
  throw new InvalidArgumentError('It must be a part and how many there are, as in 1/4.');
}

/** What the campaign is about, as data. */
function campaignData({ campaign }: Pick<NightlyOptions, 'campaign'>): {
  readonly data: unknown;
  readonly source: string;
} {
  if (campaign === undefined) return { data: DEFAULT_TARGETS, source: 'targets.json' };
  try {
    return { data: JSON.parse(readFileSync(campaign, 'utf8')), source: campaign };
  } catch (thrown) {
    throw new UsageError(
      `${campaign}: ${thrown instanceof SyntaxError ? 'it is not JSON' : reasonOf(thrown)}`,
    );
  }
}

function targetsAsked(options: Pick<NightlyOptions, 'campaign' | 'targets'>): {
  readonly data: unknown;
  readonly targets: readonly Target[];
} {
  const { data, source } = campaignData(options);
  return { data, targets: chosen(targetsFrom(data, source), options.targets) };
}

function list(options: NightlyOptions): number {
  const { targets } = targetsAsked(options);
  if (options.json) sayJson({ targets });
  else for (const { id, expects, weight } of targets) say(`${id}  ${expects}, weight ${weight}`);
  return 0;
}

function newCampaign(options: NightlyOptions): Header {
  const { data, targets } = targetsAsked(options);
  return begin(options.out, {
    seed: options.seed ?? randomInt(SEED_BOUND),
    shard: options.shard ?? { part: 1, of: 1 },
    began: new Date().toISOString().slice(0, 10),
    fingerprint: fingerprint(),
    targets: data,
    chosen: targets.map(({ id }) => id),
  });
}

/** The campaign in the folder, which has to be one of this very model. */
function campaignResumed(options: NightlyOptions): Header {
  const header = headerIn(options.out);
  const fixed = { '--seed': options.seed, '--shard': options.shard, '--campaign': options.campaign };
  const given = Object.entries(fixed).find(([, value]) => value !== undefined)?.[0];
  if (given !== undefined || options.targets.length > 0) {
    throw new UsageError(`${given ?? '--targets'}: --resume goes on with the campaign as it was begun`);
  }
  if (!existsSync(findingsFolder(options.out))) {
    throw new UsageError(`${findingsFolder(options.out)}: it is not there any more`);
  }
  if (header.fingerprint !== fingerprint()) {
    throw new UsageError(`${options.out}: the model has changed since; its runs would be other ones`);
  }
  return header;
}

async function run(options: NightlyOptions): Promise<number> {
  if (options.time !== undefined && options.batches !== undefined) {
    throw new UsageError('--time and --batches: one of them decides when it ends');
  }
  const morning = morningOf(options);
  const header = options.resume ? campaignResumed(options) : newCampaign(options);
  const unlock = lock(options.out);
  try {
    remark(
      `seed ${header.seed}, ${header.chosen.length} targets, ${options.workers} workers, in ${options.out}`,
    );
    const interrupted = await runCampaign({
      folder: options.out,
      header,
      workers: options.workers,
      memory: options.workerMemory,
      runLimit: options.runLimit * 1000,
      ms: options.batches === undefined ? (options.time ?? DEFAULT_MS) : undefined,
      batches: options.batches,
      stop: stopOnSignal(),
      onTrouble: (says) => remark(`error: ${says}`),
    });
    return await report(nightOf([partIn(options.out)], morning.known, interrupted), morning, options);
  } finally {
    unlock();
  }
}

/** What a report is made with. */
interface Morning {
  readonly known: Known;
  readonly earlier: readonly Earlier[];
}

/** Looked at before the night, which would else be for nothing. Throws a UsageError. */
function morningOf({ known, earlier }: ReportingOptions): Morning {
  return {
    known: new Known(mutedIn(known), new Date().toISOString().slice(0, 10)),
    earlier: earlierNights(earlier),
  };
}

function partIn(folder: string): Part {
  const header = headerIn(folder);
  const { seed, began, shard: part } = header;
  return {
    folder,
    seed,
    began,
    shard: part,
    targets: targetsOfHeader(header, folder),
    lines: linesOf(folder),
  };
}

async function merge(folders: readonly string[], options: ReportingOptions): Promise<number> {
  if (existsSync(path.join(options.out, 'campaign.json'))) {
    throw new UsageError(`--out ${options.out}: it holds a campaign; name another folder for the report`);
  }
  const morning = morningOf(options);
  const { headers, absent } = headersIn(folders);
  const [first, ...others] = headers;
  if (first === undefined) throw new UsageError(absent[0] ?? 'merge: name the folders of the shards');
  const about = ({ seed, shard: { of }, fingerprint: model, targets, chosen: ids }: Header): string =>
    JSON.stringify([seed, of, model, targets, ids]);
  const stranger = others.find(({ header }) => about(header) !== about(first.header));
  if (stranger !== undefined) {
    throw new UsageError(`${stranger.folder}: it is no shard of the campaign in ${first.folder}`);
  }
  const twice = headers.find(
    ({ header }, index) => headers.findIndex((one) => one.header.shard.part === header.shard.part) !== index,
  );
  if (twice !== undefined)
    throw new UsageError(`${twice.folder}: shard ${twice.header.shard.part} is there twice`);
  makeFolder('--out', options.out);
  const here = new Set(headers.map(({ header }) => header.shard.part));
  const missing = Array.from({ length: first.header.shard.of }, (_, index) => index + 1).filter(
    (part) => !here.has(part),
  );
  const notHere = missing.length === 0 ? [] : [`shards that are not here: ${missing.join(', ')}`];
  const lacks = [...notHere, ...absent].length === 0 ? undefined : [...notHere, ...absent].join('; ');
  const parts = headers.map(({ folder }) => partIn(folder));
  return report(nightOf(parts, morning.known, lacks), morning, options);
}

/** A machine that was lost takes its shard with it, and not the report of the others. */
function headersIn(folders: readonly string[]): {
  readonly headers: readonly { readonly folder: string; readonly header: Header }[];
  readonly absent: readonly string[];
} {
  const headers: { folder: string; header: Header }[] = [];
  const absent: string[] = [];
  for (const folder of folders) {
    try {
      headers.push({ folder, header: headerIn(folder) });
    } catch (thrown) {
      if (!(thrown instanceof UsageError)) throw thrown;
      absent.push(thrown.message);
    }
  }
  return { headers, absent };
}

async function report(night: Night, { earlier }: Morning, options: ReportingOptions): Promise<number> {
  const { out, summary, json } = options;
  let unwritten: UsageError | undefined;
  try {
    await writeReports(night, { folder: out, earlier, summary });
  } catch (thrown) {
    if (!(thrown instanceof UsageError)) throw thrown;
    unwritten = thrown;
  }
  if (json) {
    sayJson(documentOf(night, out));
  } else {
    for (const { verdict, says } of night.because) say(`${verdict}: ${says}`);
    say(`${inShort(night)}.`);
    const files = ['report.md', 'report.html', 'report.json', 'junit.xml'].map((file) =>
      path.join(out, file),
    );
    if (unwritten === undefined) say(`report: ${files.join(', ')}`);
    const reason = night.because.find(({ verdict }) => verdict === night.verdict);
    say(`${night.verdict}: ${reason?.says ?? 'every expectation met'}`);
  }
  // What the night came to has been said all the same.
  if (unwritten !== undefined) throw unwritten;
  return EXIT[night.verdict];
}
