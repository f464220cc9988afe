/** `replay`: takes recorded runs again, step by step. */
import type { Command } from 'commander';
import { totalsOf } from '../../properties/index.ts';
import { machineOf, renderText, replayTrace, type Replay, type ReplayOptions } from '../../traces/index.ts';
import { EXIT, UsageError, worst } from '../exit.ts';
import { traceIn } from '../trace-file.ts';
import { commandLine } from '../invocation.ts';
import { fileToWrite, jsonOption, releaseFrom, releaseOption } from '../options.ts';
import { remark, say, sayJson } from '../output.ts';
import { writePage } from '../page-file.ts';
import { walkThrough } from '../step-view.ts';
import { paintFor, widthOf } from '../terminal.ts';

interface Options {
  readonly exact?: true;
  readonly lenient?: true;
  readonly json: boolean;
  readonly release?: string;
  readonly html?: string;
  readonly step?: true;
}

interface Replayed {
  readonly file: string;
  readonly replay: Replay;
}

export function register(program: Command): void {
  program
    .command('replay')
    .description('replays trace files and shows what each step did')
    .argument('<files...>', 'trace files')
    .option('--exact', 'a state that differs from the recorded one counts as refused')
    .option('--lenient', 'goes past actions that are not enabled, and names them')
    .option('--html <file>', 'draws the run as one HTML page that needs no network', fileToWrite)
    .option('--step', 'walks through the run in the terminal')
    .addOption(releaseOption())
    .addOption(jsonOption())
    .action(async (files: readonly string[], options: Options) => {
      const { exact, lenient, release, html, step } = options;
      refuseMisfits(files, options);
      const asked: ReplayOptions = {
        exact,
        lenient,
        release: release === undefined ? undefined : releaseFrom(release),
      };
      // All are read before the first is replayed: a bad file is told at once.
      const traces = files.map((file) => ({ file, trace: traceIn(file) }));
      const replays = traces.map(({ file, trace }) => ({ file, replay: replayTrace(trace, asked) }));
      for (const replayed of replays) warn(replayed);
      const [first] = replays;
      if (html !== undefined && first !== undefined) {
        await writePage(html, first.replay, commandFor(first.file));
      }
      if (options.json) sayJson(documentOf(replays));
      else if (step === true && first !== undefined) await walkThrough(first.replay);
      else sayText(replays);
      process.exitCode = EXIT[worst(replays.map(({ replay }) => replay.verdict))];
    });
}

const commandFor = (file: string): string => commandLine('replay', [file]);

/** A page and a walk are of one run. */
function refuseMisfits(files: readonly string[], { html, step, json }: Options): void {
  const option = html !== undefined ? '--html' : step === true ? '--step' : undefined;
  if (option !== undefined && files.length > 1) {
    throw new UsageError(`${option} takes one trace, got ${files.length}`);
  }
  if (step === true && json) throw new UsageError('--step is for people; it goes with no --json');
}

function warn({ file, replay }: Replayed): void {
  const { differsAfter, verdict } = replay;
  if (differsAfter === undefined || verdict === 'refused') return;
  remark(`${file}: warning: the state after action ${differsAfter} is not the recorded one`);
}

function sayText(replays: readonly Replayed[]): void {
  const paint = paintFor(process.stdout);
  const [only, ...others] = replays;
  if (only !== undefined && others.length === 0) {
    const command = commandFor(only.file);
    const { trace, run } = only.replay;
    say(renderText(trace, run, { command, paint, width: widthOf(process.stdout) }));
    say('');
  }
  for (const { file, replay } of replays) {
    const { verdict, says } = replay;
    const colour = EXIT[verdict] === 0 ? paint.bold : paint.red;
    say(`${others.length === 0 ? '' : `${file}: `}${colour(verdict)}: ${says}`);
  }
  if (others.length > 0)
    say(`${replays.length} traces: ${worst(replays.map(({ replay }) => replay.verdict))}`);
}

/** One document: of one trace its verdict and what broke, of several the worst verdict and each of them. */
function documentOf(replays: readonly Replayed[]): object {
  const each = replays.map(({ file, replay }) => {
    const { verdict, says, trace, broken, steps, finding, refused, differsAfter } = replay;
    return {
      verdict,
      says,
      property: trace.property,
      broken,
      steps,
      trace: file,
      release: trace.settings.release,
      ...(finding === undefined ? {} : { brokenAt: finding.step, evidence: finding.says }),
      ...(refused.length === 0 ? {} : { refused }),
      ...(differsAfter === undefined ? {} : { differsAfter }),
      // A trace has no clock: what Kafka's meters count and how high its gauges rise, but no rates.
      metrics: totalsOf(machineOf(trace.settings).model, replay.run.frames),
    };
  });
  const [only, ...others] = each;
  if (only !== undefined && others.length === 0) return only;
  return { verdict: worst(each.map(({ verdict }) => verdict)), traces: each };
}
