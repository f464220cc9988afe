/** What a thread is asked for: a trial, and where that is wanted a small exhaustive search of the same settings. */
import type { FaultClass } from '../../model/index.ts';
import { standOf, trial, TRIED, type Trial, type TrialPlan } from '../../traces/index.ts';
import { searchPlan, searchThrough, type Search } from '../matrix/search.ts';

export interface Job {
  readonly plan: TrialPlan;
  /** The class of faults within which the search has its own. */
  readonly search?: FaultClass | undefined;
}

export interface Tried {
  readonly trial: Trial;
  readonly search: Search | undefined;
}

export async function doJob({ plan, search: faults }: Job): Promise<Tried> {
  const made = trial(plan);
  if (faults === undefined) return { trial: made, search: undefined };
  const broken = TRIED.filter((id) => standOf(id, made).is === 'broken');
  const { search, breaks } = await searchThrough(searchPlan(plan.settings, faults, broken));
  const more = breaks.filter(({ property }) => !broken.includes(property));
  return { trial: { ...made, breaks: [...made.breaks, ...more] }, search };
}
