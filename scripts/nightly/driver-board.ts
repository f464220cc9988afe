/**
 * Each known bug of the catalogue against each driver: random walks, the timed simulation, and plain random as the
 * control; the exhaustive search beside them, which needs no seeds. What a driver finds is minimised for the first few
 * seeds, to be compared with the shortest run that is known.
 */
import type { StrategyName } from '../../properties/index.ts';
import { CATALOG, EXHAUSTIVE, minimise, propertyOf } from '../../traces/index.ts';
import { attempt, subjects, type Subject, type Try } from './scoreboard.ts';

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
    const find = EXHAUSTIVE.find(
      ({ shownBy, recovery }) => shownBy === subject.id && rare.has(shownBy) && recovery === undefined,
    );
    if (find === undefined) return [subject];
    const { target } = subject;
    const properties = [propertyOf(find.property)];
    const bounded = { ...target, settings: find.settings, properties };
    return [subject, { ...subject, id: `${subject.id}${IN_BOUNDS}`, target: bounded }];
  });
}

export function tryDriver(
  subject: Subject,
  driver: StrategyName,
  seed: number,
  limit: number,
  cpu: () => number,
): Try {
  const { tried, found } = attempt(subject, driver, seed, limit, cpu);
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
