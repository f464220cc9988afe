/** `explore`: every behaviour within bounds, of the reference machine or of a small one with known answers. */
import { Option, type Command } from 'commander';
import {
  configOf,
  createMachine,
  isSpecName,
  SPEC_NAMES,
  specFault,
  SPECS,
  type Settings,
  type SpecName,
} from '../../model/index.ts';
import {
  BOUNDS,
  DISTANCES,
  electionFault,
  PROPERTIES,
  RECOVERIES,
  type BoundName,
  type BoundSettings,
  type Grain,
  type RecoveryBy,
} from '../../properties/index.ts';
import { replayTrace } from '../../traces/index.ts';
import { EXIT, UsageError } from '../exit.ts';
import { calibrate } from '../explore/calibrate.ts';
import {
  defaultMemory,
  defaultThreads,
  explore,
  leastMemory,
  type EngineOptions,
} from '../explore/engine.ts';
import { keepCounterexample } from '../explore/findings.ts';
import { lead } from '../explore/lead.ts';
import { jsonOf, outcomeOf, type ExploreOutcome } from '../explore/outcome.ts';
import { explorableOf, type Problem } from '../explore/problem.ts';
import { sweep } from '../explore/sweep.ts';
import { progressText, summary } from '../explore/report.ts';
import { commandLine } from '../invocation.ts';
import {
  fileToWrite,
  jsonOption,
  settingsFrom,
  type SettingsOptions,
  wholeNumber,
  withSettings,
} from '../options.ts';
import { calibrationTime, duration } from '../durations.ts';
import { remark, say, sayJson } from '../output.ts';
import { preparePage, writePage } from '../page-file.ts';
import { stopOnSignal } from '../signals.mjs';
import { paintFor, progressLine } from '../terminal.ts';

type BoundOptions = { readonly [K in BoundName as CamelCase<K>]?: number };
type CamelCase<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<CamelCase<B>>}` : S;

export interface ExploreOptions extends SettingsOptions, BoundOptions {
  readonly spec?: string;
  readonly replicas?: number;
  readonly logSize?: number;
  readonly resourceManagers?: number;
  readonly grain: 'message' | 'exchange';
  readonly detached: number;
  readonly property: readonly string[];
  readonly lemmas: boolean;
  readonly tolerate: readonly string[];
  readonly depth?: number;
  readonly states?: number;
  readonly memory?: number;
  readonly time?: number;
  readonly threads: number;
  readonly symmetry: boolean;
  readonly reduce: boolean;
  readonly election?: 'any';
  readonly bitstate: boolean;
  readonly checkpoint?: string;
  readonly resume?: string;
  /** Milliseconds for each, or true. */
  readonly calibrate?: number | true;
  readonly canRecover?: RecoveryBy;
  readonly towards?: string;
  readonly out: string;
  readonly html?: string;
  readonly json: boolean;
}

const MIB = 1024 * 1024;
/** A mutant may have a larger space than the rules themselves: it gets twice their time, and at least this. */
const LEAST_CALIBRATION_MS = 5000;
const MOST = 1_000_000_000;
const ids = (text: string): readonly string[] => text.split(',');

export const endsInOrder = true;

export function register(program: Command): void {
  const command = withSettings(program.command('explore'), { faults: 'kill:1', records: 1 })
    .description('look at every behaviour within bounds: a proof within them, or a shortest counterexample')
    .addOption(
      new Option(
        '--grain <name>',
        'message: every action is a transition; exchange: request, answer and what they entail are one',
      )
        .choices(['message', 'exchange'])
        .default('message'),
    )
    .option(
      '--detached <k>',
      'exchange grain: how often something may be split off and left under way',
      wholeNumber(0, 16),
      1,
    )
    .option('--property <ids>', 'look at these properties only', ids, [])
    .option('--lemmas', 'look at the lemmas too, not only at guarantees and promises', false)
    .option('--tolerate <ids>', 'properties whose break is counted but ends nothing', ids, []);
  for (const { name, about } of BOUNDS) {
    command.option(`--${name} <n>`, `shape bound: ${about}`, wholeNumber(0, 1000));
  }
  command
    .option('--depth <n>', 'stop after so many levels of transitions', wholeNumber(1, MOST))
    .option('--states <n>', 'stop at so many distinct states', wholeNumber(1, MOST))
    .option(
      '--memory <MiB>',
      'memory for the whole search (default: half of what is free)',
      wholeNumber(1, MOST),
    )
    .option('--time <duration>', 'stop after this time, as in 30s, 5m, 2h', duration)
    .option('--threads <n>', 'threads (default: one per core)', wholeNumber(1, 64), defaultThreads())
    .option(
      '--symmetry',
      'take states that differ only in who is who for one (where actors are alike)',
      false,
    )
    .addOption(
      new Option(
        '--election <who>',
        'any: any eligible replica may be elected, not the first in assignment order; then brokers are alike, too ' +
          '(--symmetry). What breaks counts only if it breaks in assignment order',
      ).choices(['any']),
    )
    .option(
      '--no-reduce',
      'message grain: take actions that leave each other alone in every order; one is enough, and no run gets longer',
    )
    .addOption(
      new Option('--spec <name>', 'a small machine in place of the reference machine').choices(SPEC_NAMES),
    )
    .option('--replicas <n>', 'spec: replicas', wholeNumber(1, 6))
    .option('--log-size <n>', 'spec: records that a log has room for', wholeNumber(1, 15))
    .option('--resource-managers <n>', 'spec: resource managers', wholeNumber(1, 8))
    .option(
      '--bitstate',
      'remember states as bits: goes further, skips some, finds breaks, proves nothing',
      false,
    )
    .option('--checkpoint <file>', 'write the search there every few minutes and when it ends early')
    .option(
      '--resume <file>',
      'go on with a search that --checkpoint wrote; with the options it was started with',
    )
    .addOption(
      new Option(
        '--calibrate [duration]',
        'after a search that broke nothing, search the known bugs and mutants the same way and say how many are ' +
          'found; each for so long at the most (default: twice as long as the search)',
      ).argParser(calibrationTime),
    )
    .addOption(
      new Option(
        '--towards <property>',
        'look at this property alone, and first where its break seems near: finds far breaks soon, proves nothing',
      ).choices(Object.keys(DISTANCES)),
    )
    .addOption(
      new Option(
        '--can-recover [who]',
        'in place of properties: once faults end, can all become well again from every state, with brokers that are ' +
          'down coming back (everyone), or without them (survivors)',
      )
        .choices(RECOVERIES)
        .preset('everyone'),
    )
    .option('--out <folder>', 'where a counterexample is saved', '.highwater')
    .option('--html <file>', 'draws the counterexample as one HTML page', fileToWrite)
    .addOption(jsonOption())
    .addHelpText('after', ['', 'Specs:', ...SPECS.map(({ name, says }) => `  ${name}: ${says}`)].join('\n'))
    .action(async (options: ExploreOptions, self: Command) => {
      process.exitCode = await run(options, self);
    });
}

async function run(options: ExploreOptions, command: Command): Promise<number> {
  const problem =
    options.spec === undefined ? machineProblem(options, command) : specProblem(options, command);
  if (options.calibrate !== undefined && (options.bitstate || problem.kind === 'spec')) {
    throw new UsageError('--calibrate belongs to an exact search of the reference machine');
  }
  if (options.bitstate && (options.checkpoint ?? options.resume) !== undefined) {
    throw new UsageError('--bitstate: such a search is not written to a file');
  }
  if (options.symmetry && explorableOf(problem).symmetry === undefined) {
    throw new UsageError('--symmetry: no two clients are alike here, and brokers only with --election any');
  }
  const memory = memoryOf(options);
  const stop = stopOnSignal();
  const progress = progressLine();
  const engine: EngineOptions = {
    problem,
    memory,
    threads: options.threads,
    symmetry: options.symmetry,
    reduces: options.reduce,
    tolerated: known(options.tolerate, '--tolerate'),
    limits: { states: options.states, depth: options.depth },
    ms: options.time,
    stop,
    checkpoint: options.checkpoint,
    resume: options.resume,
    onTrouble: remark,
    onProgress: (totals, elapsedMs, bytes) => {
      progress.update(bytes / memory, progressText(totals, elapsedMs, bytes));
    },
  };
  if (options.html !== undefined) await preparePage();
  const search = options.bitstate ? sweep : options.towards === undefined ? explore : lead;
  const result = await search(engine);
  const calibration =
    options.calibrate !== undefined && problem.kind === 'machine' && result.counterexample === undefined
      ? await calibrate(
          { ...engine, problem },
          options.calibrate === true
            ? Math.max(LEAST_CALIBRATION_MS, 2 * result.elapsedMs)
            : options.calibrate,
          ({ done, total, caught }) => {
            progress.update(done / total, `calibrating: ${caught} of ${done} found`);
          },
        )
      : undefined;
  progress.stop();
  const finding =
    result.counterexample === undefined || problem.kind === 'spec'
      ? undefined
      : await keepCounterexample(result.counterexample, problem, {
          folder: options.out,
          today: new Date().toISOString().slice(0, 10),
          stop,
        });
  const outcome = outcomeOf({ problem, result, finding, memory, symmetry: options.symmetry, calibration });
  print(outcome, options.json);
  if (options.html !== undefined) {
    if (finding === undefined) remark(`${options.html}: not written, nothing broke`);
    else await writePage(options.html, replayTrace(finding.trace), commandLine('replay', [finding.file]));
  }
  return EXIT[outcome.verdict];
}

function print(outcome: ExploreOutcome, json: boolean): void {
  if (json) sayJson(jsonOf(outcome));
  else say(summary(outcome, paintFor(process.stdout)));
}

function memoryOf({ memory, threads }: ExploreOptions): number {
  if (memory === undefined) return defaultMemory(threads);
  const least = Math.ceil(leastMemory(threads) / MIB);
  if (memory < least) {
    throw new UsageError(`--memory ${memory}: ${threads} threads need at least ${least} MiB; see --threads`);
  }
  return memory * MIB;
}

/** Property ids as they were given. Throws a UsageError where one is unknown. */
function known(given: readonly string[], option: string): readonly string[] {
  const unknown = given.find((id) => !PROPERTIES.some((property) => property.id === id));
  if (unknown === undefined) return given;
  throw new UsageError(
    `${option} ${unknown}: unknown property; known are ${PROPERTIES.map(({ id }) => id).join(', ')}`,
  );
}

function machineProblem(options: ExploreOptions, command: Command): Problem {
  for (const [name, value] of [
    ['--replicas', options.replicas],
    ['--log-size', options.logSize],
    ['--resource-managers', options.resourceManagers],
  ] as const) {
    if (value !== undefined) throw new UsageError(`${name} belongs to --spec`);
  }
  if (options.grain === 'message' && command.getOptionValueSource('detached') === 'cli') {
    throw new UsageError('--detached belongs to --grain exchange');
  }
  const only = known(options.property, '--property');
  oneQuestion(options, only);
  const properties = PROPERTIES.filter(
    ({ id, kind }) => only.includes(id) || (only.length === 0 && (options.lemmas || kind !== 'lemma')),
  ).map(({ id }) => id);
  const bounds: BoundSettings = Object.fromEntries(
    BOUNDS.flatMap(({ name }) => {
      const limit = options[camelCase(name) as keyof BoundOptions];
      return limit === undefined ? [] : [[name, limit] as const];
    }),
  );
  const grain: Grain =
    options.grain === 'message' ? { name: 'message' } : { name: 'exchange', detached: options.detached };
  const settings = settingsFrom(options);
  const { canRecover, towards, election } = options;
  if (election !== undefined) mayElectAny(options, settings);
  const machine = { kind: 'machine', settings, bounds, grain, election } as const;
  if (canRecover !== undefined) return { ...machine, properties: [], recovery: canRecover };
  return towards === undefined ? { ...machine, properties } : { ...machine, properties: [towards], towards };
}

/** Brokers have to be alike in all else, and so has the search. */
function mayElectAny({ grain, canRecover, towards, bitstate }: ExploreOptions, settings: Settings): void {
  if (grain !== 'message' || (canRecover ?? towards) !== undefined || bitstate) {
    throw new UsageError(
      '--election any goes with --grain message, without --bitstate, --can-recover and --towards',
    );
  }
  const config = configOf(settings);
  if ('error' in config) throw new UsageError(config.error);
  const fault = electionFault(createMachine(config));
  if (fault !== undefined) throw new UsageError(`--election any: ${fault}`);
}

/** Where the question is another one, options that belong to the usual one are a mistake. */
function oneQuestion(options: ExploreOptions, only: readonly string[]): void {
  const { canRecover, towards, bitstate, symmetry, checkpoint, resume, depth } = options;
  const name = canRecover === undefined ? '--towards' : '--can-recover';
  if (canRecover === undefined && towards === undefined) return;
  if (canRecover !== undefined && towards !== undefined) {
    throw new UsageError('--can-recover and --towards are two questions: ask one');
  }
  if (only.length > 0 || options.lemmas || options.tolerate.length > 0) {
    throw new UsageError(`${name} goes without --property, --lemmas and --tolerate`);
  }
  if (bitstate || symmetry || options.calibrate !== undefined) {
    throw new UsageError(`${name} goes without --bitstate, --symmetry and --calibrate`);
  }
  if (towards !== undefined && (checkpoint ?? resume ?? depth) !== undefined) {
    throw new UsageError('--towards has no levels: it goes without --depth, --checkpoint and --resume');
  }
}

const camelCase = (name: string): string =>
  name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());

/** Options that mean the same for every machine. */
const FOR_ALL: readonly string[] = [
  'spec',
  'depth',
  'states',
  'memory',
  'time',
  'threads',
  'symmetry',
  'checkpoint',
  'resume',
  'bitstate',
  'out',
  'json',
];

function specProblem(options: ExploreOptions, command: Command): Problem {
  const { spec: name = '' } = options;
  if (!isSpecName(name)) throw new UsageError(`--spec ${name}: unknown`);
  const parameters = parametersOf(name);
  const given = (key: string): boolean => command.getOptionValueSource(key) === 'cli';
  const keys = parameters.map((parameter) => camelCase(parameter.name));
  const stray = command.options.find((option) => {
    const key = option.attributeName();
    return given(key) && !keys.includes(key) && !FOR_ALL.includes(key);
  });
  if (stray !== undefined) {
    const takes = parameters.map((parameter) => `--${parameter.name}`).join(', ');
    throw new UsageError(`${stray.long ?? stray.flags} says nothing to --spec ${name}; it takes ${takes}`);
  }
  // What the reference machine takes by default is no wish of the user.
  const bounds = Object.fromEntries(
    parameters.map((parameter) => {
      const key = camelCase(parameter.name);
      return [parameter.name, given(key) ? (command.getOptionValue(key) as number) : parameter.byDefault];
    }),
  );
  const fault = specFault(name, bounds);
  if (fault !== undefined) throw new UsageError(`--spec ${name}: ${fault}`);
  return { kind: 'spec', name, bounds };
}

const parametersOf = (name: SpecName) => SPECS.find((spec) => spec.name === name)?.parameters ?? [];
