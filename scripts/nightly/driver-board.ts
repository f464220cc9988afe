/**
 * Each known bug of the catalogue against each driver: random walks, the timed simulation, and plain random as the
 * control; the exhaustive search beside them, which needs no seeds. What a driver finds is minimised for the first few
 * seeds, to be compared with the shortest run that is known.
 */
import type { StrategyName } from '../../properties/index.ts';
import { CATALOG, EXHAUSTIVE, minimise, propertyOf } from '../../traces/index.ts';
import {
  attempt,
  isMissed,
  plan,
  SEEDS_WITHOUT_A_FIND,
  SEEDS_WITHOUT_AN_OWN_FIND,
  subjects,
  type Attempt,
  type Subject,
  type Try,
} from './scoreboard.ts';

export const DRIVERS: readonly StrategyName[] = ['random', 'walk', 'pos', 'exchanges', 'timed'];

/** Seeds whose find is minimised. */
const MINIMISED_SEEDS = 3;
/** Runs that minimising may take. */
const MOST_TRIES = 4000;

/** Said of a bug that is looked for within the bounds of the exhaustive search as well. */
export const IN_BOUNDS = ', in the bounds above';

/**
 * The known bugs under the settings of the catalogue; those whose kept run nobody drew also under those of the exhaustive
 * search, which leave less to chance.
 */
export function knownBugs(): readonly Subject[] {
  const rare = new Set(CATALOG.filter(({ by }) => by === 'hand').map(({ name }) => name));
  return subjects().flatMap((subject) => {
    if (subject.kind !== 'bug') return [];
    const bounded = rare.has(subject.id) ? boundedOf(subject) : undefined;
    return bounded === undefined ? [subject] : [subject, bounded];
  });
}

/** The same within the bounds of its exhaustive search, where it has one that looks at runs. */
export function boundedOf(subject: Subject): Subject | undefined {
  const find = EXHAUSTIVE.find(({ shownBy, recovery }) => shownBy === subject.id && recovery === undefined);
  if (find === undefined) return undefined;
  const target = { ...subject.target, settings: find.settings, properties: [propertyOf(find.property)] };
  return { ...subject, id: `${subject.id}${IN_BOUNDS}`, target };
}

/** What was tried so far. */
export interface SoFar {
  readonly isFound: (subject: string) => boolean;
  readonly triesOf: (strategy: string) => (subject: string) => readonly Try[];
}

/** What is tried next: a try that finds nothing takes all its seconds, so that few seeds are spent where nothing is found. */
export const driverPlan = (
  all: readonly Subject[],
  seeds: number,
  { isFound, triesOf }: SoFar,
): ReturnType<typeof plan> =>
  plan(
    all,
    DRIVERS,
    seeds,
    (subject, driver, seed) =>
      (seed <= SEEDS_WITHOUT_A_FIND || isFound(subject)) &&
      (seed <= SEEDS_WITHOUT_AN_OWN_FIND || !triesOf(driver)(subject).every(isMissed)),
  );

export const tryDriver = (
  subject: Subject,
  driver: StrategyName,
  seed: number,
  limit: number,
  cpu: () => number,
): Try => minimised(subject, seed, attempt(subject, driver, seed, limit, cpu));

/** With the length of the run once it is minimised, for the first few seeds. */
export function minimised(subject: Subject, seed: number, { tried, found }: Attempt): Try {
  if (found === undefined || seed > MINIMISED_SEEDS) return tried;
  const property = subject.target.properties.find(({ id }) =>
    found.findings.some((finding) => finding.property === id),
  );
  if (property === undefined) return tried;
  const { after } = minimise(found.settings, found.actions, property, {
    mayContinue: ({ tries }) => tries < MOST_TRIES,
  });
  return { ...tried, actions: after };
}
