/** A target of a calibration as a job for a thread, and the thread's side of it. */
import { firstCatch, propertyOf, type Catch, type Effort, type Target } from '../../traces/index.ts';

export interface CatchJob {
  readonly target: Omit<Target, 'properties'> & {
    /** Their ids: what checks a property goes from no thread to another. */
    readonly properties: readonly string[];
  };
  readonly effort: Effort;
}

export const jobFor = ({ properties, ...target }: Target, effort: Effort): CatchJob => ({
  target: { ...target, properties: properties.map(({ id }) => id) },
  effort,
});

/** All the runs that the target gets; null where none of them catches it. */
export function caughtBy({ target: { properties, ...target }, effort }: CatchJob): Catch | null {
  const runs = firstCatch({ ...target, properties: properties.map(propertyOf) }, effort);
  let next = runs.next(true);
  while (next.done !== true) next = runs.next(true);
  return next.value ?? null;
}
