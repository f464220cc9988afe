/**
 * How soon `fuzz` itself finds each known bug: its drivers taking turns on one thread, as they do there. Each bug under
 * the settings of its entry first; where a seed misses it there, also within the bounds of its exhaustive search, which
 * leave less to chance. A bug that only the rules of a release show is looked for under those.
 */
import { DRIVERS, runsOf, Turns } from '../../properties/index.ts';
import { BUGS_OF_RELEASES, CATALOG, propertyOf, type CatalogEntry } from '../../traces/index.ts';
import { boundedOf, minimised } from './driver-board.ts';
import {
  campaignOf,
  draw,
  isMissed,
  SEEDS_WITHOUT_A_FIND,
  type Attempt,
  type Subject,
  type Try,
} from './scoreboard.ts';

/** The name of its column. */
export const FUZZ = 'fuzz';

export interface FuzzedBug {
  readonly own: Subject;
  readonly bounded?: Subject;
}

export function fuzzedBugs(): readonly FuzzedBug[] {
  const shown = new Set(CATALOG.flatMap(refsOf));
  const ofReleases = BUGS_OF_RELEASES.filter((entry) => !refsOf(entry).some((ref) => shown.has(ref)));
  return [...CATALOG, ...ofReleases].flatMap(subjectOf).map((own) => {
    const bounded = boundedOf(own);
    return bounded === undefined ? { own } : { own, bounded };
  });
}

/** Known bugs and candidates that it shows, of the project's list. */
const refsOf = ({ ref }: CatalogEntry): readonly string[] =>
  ref.split(', ').filter((one) => /^[BX]/.test(one));

function subjectOf({ name, settings, property }: CatalogEntry): readonly Subject[] {
  if (property === null) return [];
  const target = { id: name, kind: 'bug' as const, settings, properties: [propertyOf(property)] };
  return [{ id: name, kind: 'bug', target, shownBy: new Set() }];
}

/** Seed by seed; within the bounds of the search once a seed has missed it, and then those before it as well. */
export function* fuzzPlan(
  bugs: readonly FuzzedBug[],
  seeds: number,
  triesOf: (subject: string) => readonly Try[],
): Generator<{ readonly subject: Subject; readonly seed: number }> {
  const isInVain = ({ id }: Subject): boolean =>
    triesOf(id).length >= SEEDS_WITHOUT_A_FIND && triesOf(id).every(isMissed);
  for (let seed = 1; seed <= seeds; seed++) {
    for (const { own, bounded } of bugs) {
      if (triesOf(own.id).length < seed && !isInVain(own)) yield { subject: own, seed };
      if (bounded === undefined || !triesOf(own.id).some(isMissed)) continue;
      for (let next = triesOf(bounded.id).length + 1; next <= seed && !isInVain(bounded); next++) {
        yield { subject: bounded, seed: next };
      }
    }
  }
}

export const tryFuzz = (subject: Subject, seed: number, limit: number, cpu: () => number): Try =>
  minimised(subject, seed, fuzz(subject, seed, limit, cpu));

function fuzz(subject: Subject, seed: number, limit: number, cpu: () => number): Attempt {
  const campaign = campaignOf(subject, seed);
  const turns = new Turns(DRIVERS.map((driver) => ({ driver, runs: runsOf(driver, campaign) })));
  let schedules = 0;
  const { found, seconds } = draw(
    subject.target,
    () => {
      schedules++;
      const { source, run } = turns.next();
      return source.runs.run(run);
    },
    limit,
    cpu,
  );
  return { tried: { schedules, seconds }, found };
}
