/**
 * Makes a run that breaks a property smaller, by its list of actions. Every candidate is run from the first state
 * again with disabled actions left out; it counts where the same property breaks. What is left at the end is
 * 1-minimal: without any one action nothing breaks. Minimising it again changes nothing. Then a search looks for what is
 * shorter; where it comes to its end, what is left is shortest.
 */
import type { ActionCode, Settings } from '../model/index.ts';
import type { Property } from '../properties/index.ts';
import { searchAll, takeDetours } from './detours.ts';
import type { Searched } from './format.ts';
import { Oracle, type Cure } from './oracle.ts';
import { dropChunks, dropKinds, dropPairs, takeShortcuts, weaken, type Pass } from './passes.ts';
import { smallerSettings, withFaultsUsed, type Smaller } from './smaller-settings.ts';

/** How far it has come. */
export interface Progress {
  readonly tries: number;
  /** Length of the shortest run so far, in actions. */
  readonly actions: number;
}

export interface MinimisingOptions {
  /** The search for what is shorter ends after so many states; 0, as without a word: there is none. */
  readonly states?: number | undefined;
  readonly cure?: Cure | undefined;
}

export interface MinimiseOptions extends MinimisingOptions {
  /** Asked after every try; false ends the search, and the best so far is the result. */
  readonly mayContinue?: (progress: Progress) => boolean;
}

export interface Minimised {
  /** Actors, records and faults are cut down to what the run needs. Kafka's keys and the rules stay as they are. */
  readonly settings: Settings;
  /** Every one is enabled, and the property breaks with the last. */
  readonly actions: readonly ActionCode[];
  /** `no` where it was ended early; `shortest` where all shorter runs under these settings were looked at. */
  readonly minimal: 'shortest' | '1-minimal' | 'no';
  /** What the search for shorter runs came to, where there was one. */
  readonly searched: Searched | undefined;
  readonly tries: number;
  /** Lengths in actions. */
  readonly before: number;
  readonly after: number;
}

/** Of the states of the whole search, the part for each point of the run. */
const PART_FOR_A_DETOUR = 100;

const PASSES: readonly Pass[] = [dropKinds, dropChunks, dropPairs, takeShortcuts, weaken];

/** `minimising`, run to its end. */
export function minimise(
  settings: Settings,
  actions: readonly ActionCode[],
  property: Property,
  options: MinimiseOptions = {},
): Minimised {
  const search = minimising(settings, actions, property, options);
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
  { states = 0, cure }: MinimisingOptions = {},
): Generator<Progress, Minimised, boolean> {
  let oracle = new Oracle(settings, property, cure);
  if (!oracle.attempt(actions, 0)) throw new RangeError(`the run does not break ${property.id}`);
  let triesBefore = 0;
  const progress = (): Progress => ({ tries: triesBefore + oracle.tries, actions: oracle.best.length });
  let searched: Searched | undefined;
  const result = (minimal: Minimised['minimal']): Minimised => ({
    settings: oracle.settings,
    actions: oracle.best,
    minimal,
    searched: minimal === 'no' ? undefined : searched,
    tries: triesBefore + oracle.tries,
    before: actions.length,
    after: oracle.best.length,
  });
  /** Goes over to smaller settings, where the property still breaks under them. */
  const adopt = ({ settings: smaller, codes }: Smaller): boolean => {
    const other = new Oracle(smaller, property, cure);
    if (!other.attempt(codes, 0)) {
      triesBefore += other.tries;
      return false;
    }
    triesBefore += oracle.tries;
    oracle = other;
    return true;
  };

  const isShortest = (): boolean => searched !== undefined && searched.upTo >= oracle.best.length - 1;
  /** Goes on with a pass until it is done, or undefined where it was told to stop. */
  function* through<R>(pass: Generator<void, R>): Generator<Progress, R | undefined, boolean> {
    for (let step = pass.next(); ; step = pass.next()) {
      if (step.done === true) return step.value;
      if (!(yield progress())) return undefined;
    }
  }

  let changed = true;
  while (changed) {
    changed = false;
    for (const pass of PASSES) {
      const done = yield* through(pass(oracle));
      if (done === undefined) return result('no');
      changed ||= done;
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
    if (changed || states === 0 || isShortest()) continue;
    const done = yield* through(takeDetours(oracle, Math.ceil(states / PART_FOR_A_DETOUR)));
    if (done === undefined) return result('no');
    changed = done;
    if (changed) continue;
    const before = oracle.best.length;
    searched = yield* through(searchAll(oracle, property, states));
    if (searched === undefined) return result('no');
    changed = oracle.best.length < before;
  }
  return result(isShortest() ? 'shortest' : '1-minimal');
}
