/** What is to be told of one configuration: for people, as data, as a page. */
import { h } from 'preact';
import type { FaultClass, Settings } from '../../model/index.ts';
import { replayTrace, tell, type Break, type Paint } from '../../traces/index.ts';
import { IN_WORDS } from '../fault-classes.ts';
import { htmlDocument, htmlTable } from '../html.ts';
import { commandLine } from '../invocation.ts';
import type { Answer, Answered, Assessment } from './assess.ts';

/** Where a break was saved. */
export interface SavedBreak {
  readonly question: string;
  readonly file: string;
  /** Link from the page of this report. */
  readonly page?: string | undefined;
}

export interface CheckOutcome extends Assessment {
  readonly verdict: 'passed' | 'violated' | 'incomplete';
  readonly because: string | undefined;
  readonly settings: Settings;
  readonly faults: readonly FaultClass[];
  readonly seed: number;
  /** Generated runs of each trial. */
  readonly runsEach: number;
  readonly ignored: readonly string[];
  readonly unmodelled: readonly string[];
  /** What the settings mean whatever is run. */
  readonly notes: readonly string[];
  readonly saved: readonly SavedBreak[];
  readonly seconds: number;
}

const number = (value: number): string => value.toLocaleString('en-US');

/** Combining keeps the worst. */
export function judge({ answers, complete }: Assessment): Pick<CheckOutcome, 'verdict' | 'because'> {
  if (answers.some(({ broken }) => broken !== undefined)) return { verdict: 'violated', because: undefined };
  if (!complete) return { verdict: 'incomplete', because: 'stopped by a signal' };
  const unreached = answers.filter(({ under }) => Object.values(under).includes('unreached'));
  if (unreached.length === 0) return { verdict: 'passed', because: undefined };
  const what = unreached.map(({ question }) => `"${question.says}"`).join(', ');
  return { verdict: 'incomplete', because: `too few runs to say anything of ${what}: try more --runs` };
}

/** Release and settings without faults: those are told class by class. */
const subject = ({ settings }: CheckOutcome): string => {
  const { kafka, release } = settings;
  const keys = [
    'default.replication.factor',
    'min.insync.replicas',
    'acks',
    'unclean.leader.election.enable',
  ] as const;
  return [`release ${release}`, ...keys.map((key) => `${key}=${kafka[key]}`)].join(', ');
};

type Broken = Answered & { readonly broken: NonNullable<Answered['broken']> };
const isBroken = (answered: Answered): answered is Broken => answered.broken !== undefined;

export function checkText(outcome: CheckOutcome, paint: Paint): string {
  const { answers, ignored, unmodelled, notes, seconds, runsEach, runs, replayed, seed } = outcome;
  const broken = answers.filter(isBroken);
  // One story in full is enough to read.
  const shortest = broken.map(({ broken: { by } }) => by).toSorted((a, b) => a.steps - b.steps)[0];
  const doubtful = answers.filter(({ unconfirmed }) => unconfirmed !== undefined);
  return [
    paint.bold(subject(outcome)),
    ...(ignored.length === 0 ? [] : [`of no concern to replication, ignored: ${ignored.join(', ')}`]),
    ...(unmodelled.length === 0 ? [] : [`of concern, but not looked at: ${unmodelled.join(', ')}`]),
    ...notes.map((note) => `mind: ${note}`),
    '',
    ...answers.map((answered) => answerLine(answered, paint)),
    ...broken.flatMap((answered) => [
      '',
      ...brokenLines(answered, outcome, paint, answered.broken.by === shortest),
    ]),
    ...(doubtful.length === 0 ? [] : ['', ...doubtLines(doubtful, outcome)]),
    '',
    ...outcome.faults.map((name) => paint.dim(`${name}: ${IN_WORDS[name]}`)),
    `${number(runsEach)} generated runs and ${replayed} kept ones for each answer under each class of faults, ` +
      `${number(runs)} runs in ${seconds.toFixed(1)} s; seed ${seed}`,
    `${paint.bold(outcome.verdict)}: ${verdictSays(outcome)}`,
  ].join('\n');
}

const WORDS: Readonly<Record<Answer, string>> = {
  yes: 'yes',
  no: 'no',
  unconfirmed: 'yes, but for unconfirmed finds',
  unreached: 'unknown, too few runs',
  'not-asked': 'says nothing with these settings',
};

/** `Messages are in order: yes under F0, F1; no under F2`. */
function answerLine({ question, under }: Answered, paint: Paint): string {
  const names = Object.keys(under) as FaultClass[];
  const groups = [...new Set(Object.values(under))].map((answer) => {
    const word = answer === 'no' ? paint.red(WORDS[answer]) : WORDS[answer];
    return `${word} (${names.filter((name) => under[name] === answer).join(', ')})`;
  });
  return `  ${question.says}: ${groups.length === 0 ? 'not looked at' : groups.join('; ')}`;
}

function brokenLines(
  { question, broken, repairs, inVain }: Broken,
  { saved }: CheckOutcome,
  paint: Paint,
  inFull: boolean,
): string[] {
  const { faults, by } = broken;
  const file = saved.find((other) => other.question === question.id)?.file ?? '';
  const shortest = by.trace.minimal === 'no' ? '' : `, ${by.trace.minimal}`;
  return [
    paint.bold(`${question.says}: not under ${faults}, ${IN_WORDS[faults]}`),
    `  broken in ${by.steps} actions${shortest}: ${by.says}`,
    ...(inFull ? storyOf(by) : []),
    `  ${commandLine('replay', [file])}`,
    `  ${repairLine(broken, repairs)}`,
    ...(inVain.length === 0 ? [] : [`  not by: ${inVain.join(', ')}`]),
  ];
}

/** With fewer runs that break it, as many without a break are nothing to go by. */
const ENOUGH = 3;

/** What was tried against it, and what that is worth: how many of as many runs break it as it is. */
function repairLine({ brokenIn, of }: Broken['broken'], repairs: Answered['repairs']): string {
  if (repairs.length === 0) return 'no single setting that was tried repairs it';
  const held = repairs.map(({ says, runs }) => `${says} (no break in ${number(runs)} runs)`).join(' or ');
  return brokenIn < ENOUGH
    ? `perhaps repaired by ${held}; that is little to go by, as without it only ${number(brokenIn)} of ${number(of)} runs break it`
    : `repaired by ${held}; without it ${number(brokenIn)} of ${number(of)} runs break it`;
}

/** The steps up to the break, in words. */
function storyOf({ trace, steps }: Break): string[] {
  const { run } = replayTrace(trace);
  return run.frames
    .slice(0, steps)
    .map((frame, index) => `    ${String(index + 1).padStart(3)}  ${tell(frame)}`);
}

function doubtLines(doubtful: readonly Answered[], { saved }: CheckOutcome): string[] {
  return [
    'Read from Kafka’s source, and shown on no running cluster so far; without these finds the answers above are yes:',
    ...doubtful.map(({ question, unconfirmed }) => {
      const file = saved.find((other) => other.question === question.id)?.file ?? '';
      return `  ${question.says}: broken in ${unconfirmed?.by.steps ?? 0} actions under ${unconfirmed?.faults ?? ''}: ${file}`;
    }),
  ];
}

function verdictSays({ verdict, because, answers }: CheckOutcome): string {
  if (because !== undefined) return because;
  const broken = answers.filter(isBroken).length;
  const doubtful = answers.some(({ unconfirmed }) => unconfirmed !== undefined);
  if (verdict === 'violated') return `${broken} of ${answers.length} do not hold under all of these faults`;
  return `nothing broke in the runs made${doubtful ? ', apart from finds that nobody has confirmed' : ''}`;
}

export function checkJson(outcome: CheckOutcome): object {
  const { verdict, because, settings, faults, seed, runs, runsEach, replayed, seconds, saved } = outcome;
  const foundOf = (
    answered: Answered,
    found: Answered['broken'] | Answered['unconfirmed'],
  ): object | undefined =>
    found === undefined
      ? undefined
      : {
          faults: found.faults,
          property: found.by.property,
          steps: found.by.steps,
          says: found.by.says,
          minimal: found.by.trace.minimal,
          trace: saved.find(({ question }) => question === answered.question.id)?.file,
        };
  return {
    verdict,
    ...(because === undefined ? {} : { because }),
    release: settings.release,
    rules: settings.rules,
    kafka: settings.kafka,
    faults,
    seed,
    runs,
    runsOfEachTrial: runsEach,
    replayed,
    seconds,
    ignored: outcome.ignored,
    notLookedAt: outcome.unmodelled,
    notes: outcome.notes,
    guarantees: outcome.answers.map((answered) => ({
      id: answered.question.id,
      says: answered.question.says,
      properties: answered.question.properties,
      under: answered.under,
      broken: foundOf(answered, answered.broken),
      brokenIn: answered.broken?.brokenIn,
      of: answered.broken?.of,
      unconfirmed: foundOf(answered, answered.unconfirmed),
      repairedBy: answered.repairs,
      notRepairedBy: answered.inVain,
    })),
  };
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const TONES: Readonly<Record<Answer, string>> = {
  yes: 'good',
  no: 'bad',
  unconfirmed: 'doubt',
  unreached: 'none',
  'not-asked': 'none',
};

export function checkHtml(outcome: CheckOutcome): string {
  const { answers, faults, saved } = outcome;
  const pageFor = (id: string): string | undefined => saved.find(({ question }) => question === id)?.page;
  return htmlDocument(
    'What this configuration stands',
    h('p', null, subject(outcome)),
    ...outcome.notes.map((note) => h('p', null, `Mind: ${note}.`)),
    htmlTable(
      `${outcome.verdict}: ${verdictSays(outcome)}`,
      ['', ...faults],
      answers.map(({ question, under }) => [
        question.says,
        ...faults.map((name) => {
          const answer = under[name];
          return answer === undefined
            ? { text: '' }
            : { text: WORDS[answer], tone: TONES[answer], title: IN_WORDS[name] };
        }),
      ]),
    ),
    h('ul', null, ...faults.map((name) => h('li', { class: 'faint' }, `${name}: ${IN_WORDS[name]}`))),
    ...answers.flatMap((answered) => {
      const found = answered.broken ?? answered.unconfirmed;
      if (found === undefined) return [];
      const link = pageFor(answered.question.id);
      return [
        h('h2', null, answered.question.says),
        h(
          'p',
          null,
          `Broken under ${found.faults} in ${found.by.steps} actions: ${found.by.says}. `,
          answered.broken === undefined ? 'Nobody has confirmed this find on a running cluster. ' : '',
          link === undefined ? '' : h('a', { href: link }, 'How it comes about'),
        ),
        answered.broken === undefined
          ? null
          : h('p', null, `${capitalised(repairLine(answered.broken, answered.repairs))}.`),
      ];
    }),
    h(
      'p',
      { class: 'faint' },
      `${number(outcome.runs)} generated runs in all, and ${outcome.replayed} kept ones taken again in each trial; seed ${outcome.seed}. An answer is worth what these runs are.`,
    ),
  );
}
