/** Tries one configuration under each class of faults, and what single setting would repair what breaks. */
import { rulesOf, type FaultClass, type Settings } from '../../model/index.ts';
import { standOf, unconfirmedRepaired, type Break, type Trial, type TrialPlan } from '../../traces/index.ts';
import { heldBy, MILDEST_FIRST, underFaults } from '../fault-classes.ts';
import { makeTrials, type PoolOptions } from '../trials/pool.ts';
import { seedOf } from '../trials/seed.ts';
import { changesOf } from './changes.ts';
import { QUESTIONS, type Question } from './questions.ts';

export interface AssessOptions extends Pick<PoolOptions, 'threads' | 'stop'> {
  readonly settings: Settings;
  readonly faults: readonly FaultClass[];
  readonly seed: number;
  /** Generated runs of each trial. */
  readonly runs: number;
  readonly onProgress: (share: number, text: string) => void;
}

/**
 * `unconfirmed`: breaks only by finds that nobody has shown on a running cluster. `unreached`: what it rests on did not
 * come up in the runs made. `not-asked`: says nothing under these settings.
 */
export type Answer = 'yes' | 'no' | 'unconfirmed' | 'unreached' | 'not-asked';

export interface Repair {
  readonly says: string;
  /** Generated runs under it. */
  readonly runs: number;
}

export interface Answered {
  readonly question: Question;
  readonly under: Readonly<Partial<Record<FaultClass, Answer>>>;
  /** The mildest class under which it breaks, and the shortest break there. */
  readonly broken:
    | {
        readonly faults: FaultClass;
        readonly by: Break;
        /** Generated runs that broke it there, out of how many. */
        readonly brokenIn: number;
        readonly of: number;
      }
    | undefined;
  /** The same by an unconfirmed find, where nothing else breaks it. */
  readonly unconfirmed: { readonly faults: FaultClass; readonly by: Break } | undefined;
  /** Single changes after which it broke no more under that class, and those after which it still did. */
  readonly repairs: readonly Repair[];
  readonly inVain: readonly string[];
}

export interface Assessment {
  readonly answers: readonly Answered[];
  /** Kept runs that each trial took again. */
  readonly replayed: number;
  /** Generated runs, all trials together. */
  readonly runs: number;
  /** False where a signal ended it early. */
  readonly complete: boolean;
}

const ACTIONS = 400;
/** Tries for making a find small: enough for a run of forty actions. */
const TRIES = 3000;

/** Two trials of a class: by the rules of the release, and with unconfirmed finds repaired. */
interface Pair {
  readonly faults: FaultClass;
  released?: Trial;
  repaired?: Trial;
}

export async function assess(options: AssessOptions): Promise<Assessment> {
  const { settings, seed, runs, stop, threads } = options;
  const classes = MILDEST_FIRST.filter((name) => options.faults.includes(name));
  const pairs = classes.map((faults): Pair => ({ faults }));
  const planOf = (tried: Settings): TrialPlan => ({
    settings: tried,
    seed: seedOf(seed, tried),
    runs,
    actions: ACTIONS,
    tries: TRIES,
  });
  const clean = unconfirmedRepaired(settings);
  const alike = sameRules(settings, clean);
  const jobs = pairs.flatMap((pair) => [
    { pair, side: 'repaired' as const, plan: planOf(underFaults(clean, pair.faults)) },
    ...(alike ? [] : [{ pair, side: 'released' as const, plan: planOf(underFaults(settings, pair.faults)) }]),
  ]);
  let made = 0;
  let total = 0;
  const count = (trial: Trial): void => {
    total += trial.runs.walk + trial.runs.timed;
  };
  await makeTrials(
    jobs.map(({ plan }) => ({ plan })),
    {
      threads,
      stop,
      onDone: ({ trial }, index) => {
        const job = jobs[index];
        if (job === undefined) return;
        job.pair[job.side] = trial;
        if (alike) job.pair.released = trial;
        count(trial);
        options.onProgress((0.5 * ++made) / jobs.length, `${made} of ${jobs.length} trials`);
      },
    },
  );
  const asked = QUESTIONS.filter(({ promised }) => promised?.(settings.kafka) ?? true);
  const answers = asked.map((question) => answer(question, pairs));
  const repaired = await repair(answers, clean, planOf, {
    threads,
    stop,
    onTrial: count,
    onProgress: (share, text) => {
      options.onProgress(0.5 + share / 2, text);
    },
  });
  return {
    answers: repaired,
    replayed: pairs[0]?.repaired?.replayed ?? 0,
    runs: total,
    complete: !stop.requested,
  };
}

function sameRules(a: Settings, b: Settings): boolean {
  return JSON.stringify(rulesOf(a.release, a.rules)) === JSON.stringify(rulesOf(b.release, b.rules));
}

/** The shortest break of any of these properties. */
function shortest(properties: readonly string[], trial: Trial | undefined): Break | undefined {
  return trial?.breaks
    .filter(({ property }) => properties.includes(property))
    .toSorted((a, b) => a.steps - b.steps)[0];
}

function answer(question: Question, pairs: readonly Pair[]): Answered {
  const under: Partial<Record<FaultClass, Answer>> = {};
  let broken: Answered['broken'];
  let unconfirmed: Answered['unconfirmed'];
  for (const { faults, released, repaired } of pairs) {
    if (released === undefined || repaired === undefined) continue;
    // What breaks under some faults breaks under more.
    const milder = heldBy(faults).map((name) => under[name]);
    const by = shortest(question.properties, repaired);
    const doubtful = shortest(question.properties, released);
    if (by !== undefined || milder.includes('no')) under[faults] = 'no';
    else if (doubtful !== undefined || milder.includes('unconfirmed')) under[faults] = 'unconfirmed';
    else under[faults] = unbroken(question, repaired);
    if (by !== undefined) {
      const brokenIn = repaired.brokenIn[by.property] ?? 0;
      broken ??= { faults, by, brokenIn, of: repaired.runs.walk + repaired.runs.timed };
    }
    if (doubtful !== undefined) unconfirmed ??= { faults, by: doubtful };
  }
  return {
    question,
    under,
    broken,
    unconfirmed: broken === undefined ? unconfirmed : undefined,
    repairs: [],
    inVain: [],
  };
}

function unbroken({ properties }: Question, trial: Trial): Answer {
  const stands = properties.map((property) => standOf(property, trial).is).filter((is) => is !== 'vacuous');
  if (stands.length === 0) return 'not-asked';
  return stands.includes('unreached') ? 'unreached' : 'yes';
}

/** Makes the trials of each change under each class that something breaks under first. */
async function repair(
  answers: readonly Answered[],
  settings: Settings,
  planOf: (tried: Settings) => TrialPlan,
  options: Pick<PoolOptions, 'threads' | 'stop'> & {
    readonly onTrial: (trial: Trial) => void;
    readonly onProgress: (share: number, text: string) => void;
  },
): Promise<readonly Answered[]> {
  const classes = MILDEST_FIRST.filter((name) => answers.some(({ broken }) => broken?.faults === name));
  const jobs = classes.flatMap((faults) => {
    const base = underFaults(settings, faults);
    const wanted = answers.flatMap(({ broken }) => (broken?.faults === faults ? [broken.by] : []));
    return changesOf(base).map((change) => ({
      faults,
      says: change.says,
      plan: {
        ...planOf(change.settings),
        // Whether it breaks is all that is asked.
        tries: 0,
        // What broke it before is tried first.
        also: wanted.map(({ trace, property }) => ({ name: property, trace })),
        until: wanted.map(({ property }) => property),
      },
      trial: undefined as Trial | undefined,
    }));
  });
  let made = 0;
  await makeTrials(
    jobs.map(({ plan }) => ({ plan })),
    {
      ...options,
      onDone: ({ trial }, index) => {
        const job = jobs[index];
        if (job !== undefined) job.trial = trial;
        options.onTrial(trial);
        options.onProgress(++made / jobs.length, `${made} of ${jobs.length} changes of one setting`);
      },
    },
  );
  return answers.map((answered) => {
    const { broken, question } = answered;
    const tried = jobs.filter(({ faults }) => faults === broken?.faults);
    const repairs = tried.flatMap(({ says, trial }) =>
      trial !== undefined && !breaks(question, trial) && unbroken(question, trial) === 'yes'
        ? [{ says, runs: trial.runs.walk + trial.runs.timed }]
        : [],
    );
    const inVain = tried
      .filter(({ trial }) => trial !== undefined && breaks(question, trial))
      .map(({ says }) => says);
    return { ...answered, repairs, inVain };
  });
}

const breaks = ({ properties }: Question, trial: Trial): boolean => shortest(properties, trial) !== undefined;
