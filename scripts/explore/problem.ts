/** What is to be explored, in a form that can be sent to other threads, and the machine that it means. */
import {
  configOf,
  createMachine,
  createSpec,
  explorableSpace,
  type Explorable,
  type Settings,
  type SpecBounds,
  type SpecName,
} from '../../model/index.ts';
import {
  explorableMachine,
  PROPERTIES,
  type BoundSettings,
  type Grain,
  type RecoveryBy,
} from '../../properties/index.ts';

export interface MachineProblem {
  readonly kind: 'machine';
  readonly settings: Settings;
  readonly bounds: BoundSettings;
  readonly grain: Grain;
  /** Ids of the properties that are looked at. */
  readonly properties: readonly string[];
  /** Asks whether all can become well again, in place of properties. */
  readonly recovery?: RecoveryBy | undefined;
  /** Any eligible replica may be elected, and not the first in assignment order. */
  readonly election?: 'any' | undefined;
  /** The search goes first where a break of this property seems near. */
  readonly towards?: string | undefined;
}

export interface SpecProblem {
  readonly kind: 'spec';
  readonly name: SpecName;
  readonly bounds: SpecBounds;
}

export type Problem = MachineProblem | SpecProblem;

/** Throws a RangeError where the settings or bounds are wrong: whoever read them has looked. */
export function explorableOf(problem: Problem): Explorable {
  if (problem.kind === 'spec') return explorableSpace(createSpec(problem.name, problem.bounds));
  const config = configOf(problem.settings);
  if ('error' in config) throw new RangeError(config.error);
  const properties = PROPERTIES.filter(({ id }) => problem.properties.includes(id));
  return explorableMachine(createMachine(config), properties, problem);
}
