/**
 * Makes a run that breaks a property smaller, by its list of actions. Every candidate is run from the first state
 * again with disabled actions left out; it counts where the same property breaks. What is left at the end is
 * 1-minimal: without any one action nothing breaks. Minimising it again changes nothing.
 */
import type { ActionCode, Settings } from '../model/index.ts';
import type { Property } from '../properties/index.ts';
import { Oracle } from './oracle.ts';
import { dropChunks, dropKinds, dropPairs, takeShortcuts, weaken, type Pass } from './passes.ts';
import { smallerSettings, withFaultsUsed, type Smaller } from './smaller-settings.ts';

/** How far it has come. */
export interface Progress {
  readonly tries: number;
  /** Length of the shortest run so far, in actions. */
  readonly actions: number;
}

export interface MinimiseOptions {
  /** Asked after every try; false ends the search, and the best so far is the result. */
  readonly mayContinue?: (progress: Progress) => boolean;
}

export interface Minimised {
  /** Actors, records and faults are cut down to what the run needs. Kafka's keys and the rules stay as they are. */
  readonly settings: Settings;
  /** Every one is enabled, and the property breaks with the last. */
  readonly actions: readonly ActionCode[];
  /** `no` where the search was ended early. */
  readonly minimal: '1-minimal' | 'no';
  readonly tries: number;
  /** Lengths in actions. */
  readonly before: number;
  readonly after: number;
}

const PASSES: readonly Pass[] = [dropKinds, dropChunks, dropPairs, takeShortcuts, weaken];

/** `minimising`, run to its end. */
export function minimise(
  settings: Settings,
  actions: readonly ActionCode[],
  property: Property,
  options: MinimiseOptions = {},
): Minimised {
  const search = minimising(settings, actions, property);
  const mayContinue = options.mayContinue ?? (() => true);
  let next = search.next(true);
  while (next.done !== true) next = search.next(mayContinue(next.value));
  return next.value;
}

/**
 * The search as a generator, for callers that have other things to do meanwhile: it gives its progress after every
 * try, and ends with the best so far when `next(false)` tells it to stop. Throws a RangeError where the run does not
 * break the property.
 */
export function* minimising(
  settings: Settings,
  actions: readonly ActionCode[],
  property: Property,
): Generator<Progress, Minimised, boolean> {
  let oracle = new Oracle(settings, property);
  if (!oracle.attempt(actions, 0)) throw new RangeError(`the run does not break ${property.id}`);
  let triesBefore = 0;
  const progress = (): Progress => ({ tries: triesBefore + oracle.tries, actions: oracle.best.length });
  const result = (minimal: '1-minimal' | 'no'): Minimised => ({
    settings: oracle.settings,
    actions: oracle.best,
    minimal,
    tries: triesBefore + oracle.tries,
    before: actions.length,
    after: oracle.best.length,
  });
  /** Goes over to smaller settings, where the property still breaks under them. */
  const adopt = ({ settings: smaller, codes }: Smaller): boolean => {
    const other = new Oracle(smaller, property);
    if (!other.attempt(codes, 0)) {
      triesBefore += other.tries;
      return false;
    }
    triesBefore += oracle.tries;
    oracle = other;
    return true;
  };

  let changed = true;
  while (changed) {
    changed = false;
    for (const pass of PASSES) {
      const steps = pass(oracle);
      for (let step = steps.next(); ; step = steps.next()) {
        if (step.done === true) {
          changed ||= step.value;
          break;
        }
        if (!(yield progress())) return result('no');
      }
    }
    for (const smaller of smallerSettings(oracle)) {
      const adopted = adopt(smaller);
      if (!(yield progress())) return result('no');
      if (!adopted) continue;
      changed = true;
      break;
    }
    if (changed) continue;
    for (const tight of withFaultsUsed(oracle)) {
      changed = adopt(tight);
      if (changed) break;
    }
  }
  return result('1-minimal');
}
