/** `matrix`: which guarantee holds under which release, configuration and faults, against what is expected. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import { PROPERTIES } from '../../properties/index.ts';
import { savedExpectations, savedRuns, writeTrace, type Break } from '../../traces/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { makeFolders, writeAtomically } from '../files.ts';
import { cellsOf, judge, type Cell } from '../matrix/cells.ts';
import { cellFinder, type MatrixOutcome, type SavedRun } from '../matrix/outcome.ts';
import { matrixHtml, matrixJson, matrixMarkdown, matrixText } from '../matrix/report.ts';
import { askedOf, ROWS, type Asked } from '../matrix/rows.ts';
import { readSeen, refusal, seenBy, sharpener, writeSeen } from '../matrix/seen.ts';
import { codeDigest, TriedStore } from '../matrix/state.ts';
import { fileToWrite, jsonOption, wholeNumber } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { runPage } from '../run-pages.ts';
import { stopOnSignal } from '../signals.mjs';
import { paintFor, progressLine } from '../terminal.ts';
import { makeTrials } from '../trials/pool.ts';
import { seedOf } from '../trials/seed.ts';

interface MatrixOptions {
  readonly quick: boolean;
  readonly only?: string;
  readonly runs?: number;
  readonly seed: number;
  readonly threads: number;
  readonly fresh: boolean;
  readonly search: boolean;
  readonly accept: boolean;
  readonly out: string;
  readonly markdown?: string;
  readonly html?: string;
  readonly json: boolean;
}

/** Generated runs of each trial; the full matrix also searches, within small bounds. */
const QUICK_RUNS = 200;
const FULL_RUNS = 500;
const ACTIONS = 400;
/** Tries for making each find small. */
const TRIES = 200;

export const endsInOrder = true;

export function register(program: Command): void {
  program
    .command('matrix')
    .description(
      'try every release and configuration under every class of faults, and compare with what is expected',
    )
    .option('--quick', 'the releases and few configurations, within two minutes on two cores', false)
    .option('--only <text>', 'only rows whose name has this in it')
    .option(
      '--runs <n>',
      `generated runs of each trial (default ${FULL_RUNS}, with --quick ${QUICK_RUNS})`,
      wholeNumber(2, 1_000_000),
    )
    .option('--seed <n>', 'of all trials', wholeNumber(0, 2 ** 31 - 1), 1)
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber(1, 64), availableParallelism())
    .option(
      '--no-search',
      'leaves the small exhaustive searches out, of which --quick has few: passed, never proved',
    )
    .option('--fresh', 'tries all anew, whatever was tried before', false)
    .option(
      '--accept',
      'from now on, expect what this matrix shows wherever an expectation allows both; for the full matrix',
      false,
    )
    .option('--out <folder>', 'where what was tried is kept, and traces of what breaks', '.highwater/matrix')
    .option('--markdown <file>', 'the table as Markdown', fileToWrite)
    .option(
      '--html <file>',
      'the table as a page, with a page of each run that breaks something beside it',
      fileToWrite,
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      '\nWhat was tried is kept, so that a matrix that ended early goes on where it was. Expectations: traces/expectations.',
    )
    .action(async (options: MatrixOptions) => {
      process.exitCode = await matrix(options);
    });
}

async function matrix(options: MatrixOptions): Promise<number> {
  const { quick, seed, threads, out, only } = options;
  const started = performance.now();
  const runs = options.runs ?? (quick ? QUICK_RUNS : FULL_RUNS);
  const rows = ROWS.filter(
    (row) => (!quick || row.quick !== false) && (only === undefined || row.id.includes(only)),
  );
  if (rows.length === 0) {
    const some = ROWS.slice(0, 3).map(({ id }) => `"${id}"`);
    throw new UsageError(
      `--only ${only ?? ''}: no row${quick ? ' of --quick' : ''} has this in its name; names are like ${some.join(', ')}`,
    );
  }
  if (options.accept && (rows.length < ROWS.length || !options.search)) {
    throw new UsageError('--accept is for the full matrix: without --quick, --only and --no-search');
  }
  const asked = askedOf(rows);
  const store = new TriedStore(
    out,
    JSON.stringify([codeDigest(), seed, runs, ACTIONS, TRIES, options.search, quick]),
    options.fresh,
  );
  if (store.refused > 0)
    remark(`${store.file}: ${store.refused} lines are torn or changed, and are tried anew`);
  const wanted = [...new Map(asked.map((one) => [one.key, one])).values()];
  const remembered = wanted.filter(({ key }) => store.get(key) !== undefined).length;
  const missing = wanted.filter(({ key }) => store.get(key) === undefined);
  const progress = progressLine();
  const stop = stopOnSignal();
  let made = 0;
  await makeTrials(
    missing.map(({ row, settings, faults }) => ({
      plan: { settings, seed: seedOf(seed, settings), runs, actions: ACTIONS, tries: TRIES },
      search: options.search && (!quick || row.quick === 'searched') ? faults : undefined,
    })),
    {
      threads,
      stop,
      onDone: (tried, index) => {
        const one = missing[index];
        if (one === undefined) return;
        store.add(one.key, tried);
        made++;
        progress.update(
          (remembered + made) / wanted.length,
          `${remembered + made} of ${wanted.length}: ${one.row.id}, ${one.faults}`,
        );
      },
    },
  );
  const cells = cellsOf(
    asked,
    (key) => store.get(key),
    savedExpectations(),
    sharpener(readSeen(), { runs, seed }),
  );
  const saved = await saveRuns(cells, options, {
    stop,
    onProgress: (share, text) => progress.update(share, text),
  });
  progress.stop();
  const outcome: MatrixOutcome = {
    verdict: judge(cells),
    quick,
    rows,
    cells,
    cellAt: cellFinder(cells),
    runs,
    replayed: savedRuns().length,
    seed,
    seconds: (performance.now() - started) / 1000,
    tried: countTried(asked, store),
    remembered,
    asked: asked.length,
    savedRun: (broken) => saved.get(runKey(broken)),
  };
  write(outcome, options);
  if (options.accept) accept(outcome);
  return EXIT[outcome.verdict];
}

function accept(outcome: MatrixOutcome): void {
  const refused = refusal(outcome);
  remark(
    refused === undefined
      ? `${writeSeen(seenBy(outcome.cells, outcome))}: what this matrix shows is expected from now on`
      : `--accept: nothing was written, for ${refused}`,
  );
}

const countTried = (asked: readonly Asked[], store: TriedStore): number =>
  asked.filter(({ key }) => store.get(key) !== undefined).length;

function write(outcome: MatrixOutcome, { json, markdown, html }: MatrixOptions): void {
  if (json) sayJson(matrixJson(outcome));
  else say(matrixText(outcome, paintFor(process.stdout)));
  if (markdown !== undefined) {
    const traces = path.relative(path.dirname(markdown), 'traces').split(path.sep).join('/');
    writeAtomically(markdown, matrixMarkdown(outcome, traces));
    remark(`${markdown}: the table as Markdown`);
  }
  if (html !== undefined) {
    writeAtomically(html, matrixHtml(outcome));
    remark(`${html}: the table as a page`);
  }
}

/** The same run is drawn once, whichever rows it breaks. */
const runKey = ({ trace }: Break): string => JSON.stringify([trace.actions, trace.property]);

interface Saving {
  readonly stop: { readonly requested: boolean };
  readonly onProgress: (share: number, text: string) => void;
}

/**
 * Saves the run of each cell that is broken, and draws those of guarantees and promises where pages are asked for. To
 * draw them all takes minutes, which nobody waits for who wants it to end.
 */
async function saveRuns(
  cells: readonly Cell[],
  { out, html }: MatrixOptions,
  { stop, onProgress }: Saving,
): Promise<ReadonlyMap<string, SavedRun>> {
  const folder = path.join(out, 'runs');
  makeFolders(folder);
  const runs = new Map<string, { readonly broken: Break; harms: boolean }>();
  for (const { broken, property } of cells) {
    if (broken === undefined) continue;
    const harms = PROPERTIES.some(({ id, kind }) => id === property && kind !== 'lemma');
    const known = runs.get(runKey(broken));
    if (known === undefined) runs.set(runKey(broken), { broken, harms });
    else known.harms ||= harms;
  }
  const saved = new Map<string, SavedRun>();
  for (const [key, { broken, harms }] of runs) {
    const hash = createHash('sha256').update(key).digest('hex').slice(0, 10);
    const name = `${(broken.trace.property ?? broken.property).replace('/', '-')}-${hash}`;
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, writeTrace(broken.trace));
    const isDrawn = html !== undefined && harms && !stop.requested;
    const page = isDrawn ? await runPage(html, name, broken.trace, file) : undefined;
    saved.set(key, { file, page });
    onProgress(saved.size / runs.size, `${saved.size} of ${runs.size} runs written`);
  }
  return saved;
}
