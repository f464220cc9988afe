/** The small machines by name, each with the bounds that it asks for. */
import { createIsrSpec } from './isr/index.ts';
import type { IsrVariant } from './isr/variants.ts';
import type { Space } from './space.ts';
import { createTwoPhaseCommit } from './two-phase-commit.ts';

/** A bound, a whole number. */
export interface SpecParameter {
  readonly name: string;
  readonly says: string;
  readonly min: number;
  readonly max: number;
  readonly byDefault: number;
}

export interface Spec {
  readonly name: SpecName;
  readonly says: string;
  readonly parameters: readonly SpecParameter[];
}

/** By parameter; what is left out is as by default. */
export type SpecBounds = Readonly<Record<string, number>>;

interface Entry {
  readonly says: string;
  readonly parameters: readonly SpecParameter[];
  readonly create: (bound: (name: string) => number) => Space;
}

/** More interchangeable actors than that have too many permutations to try each. */
const MAX_ACTORS = 6;

const isrParameters: readonly SpecParameter[] = [
  { name: 'replicas', says: 'replicas of the partition', min: 1, max: MAX_ACTORS, byDefault: 3 },
  { name: 'log-size', says: 'records that a log has room for', min: 1, max: 15, byDefault: 2 },
  { name: 'records', says: 'records that are written', min: 1, max: 15, byDefault: 2 },
  { name: 'epochs', says: 'the highest leader epoch, where the first is 0', min: 0, max: 15, byDefault: 2 },
];

const isr = (variant: IsrVariant, says: string): Entry => ({
  says,
  parameters: isrParameters,
  create: (bound) =>
    createIsrSpec({
      variant,
      replicas: bound('replicas'),
      logSize: bound('log-size'),
      records: bound('records'),
      epochs: bound('epochs'),
    }),
});

const ENTRIES = {
  'isr-kip-320': isr('kip-320', 'abstract replication: truncation to where the logs part, epochs fenced'),
  'isr-kip-279': isr('kip-279', 'abstract replication: truncation to where the logs part, unfenced'),
  'isr-kip-101': isr('kip-101', 'abstract replication: truncation to the end of the last epoch, unfenced'),
  'isr-truncate-to-high-watermark': isr(
    'truncate-to-high-watermark',
    'abstract replication: truncation to the high watermark, unfenced',
  ),
  'two-phase-commit': {
    says: 'the textbook transaction protocol',
    parameters: [
      {
        name: 'resource-managers',
        says: 'resource managers of the transaction',
        min: 1,
        max: MAX_ACTORS,
        byDefault: 3,
      },
    ],
    create: (bound) => createTwoPhaseCommit({ resourceManagers: bound('resource-managers') }),
  },
} as const satisfies Record<string, Entry>;

export type SpecName = keyof typeof ENTRIES;

export const SPEC_NAMES = Object.keys(ENTRIES) as readonly SpecName[];

export const SPECS: readonly Spec[] = SPEC_NAMES.map((name) => {
  const { says, parameters } = ENTRIES[name];
  return { name, says, parameters };
});

export const isSpecName = (name: string): name is SpecName => Object.hasOwn(ENTRIES, name);

/** What is wrong with the bounds, in one line, or undefined. */
export function specFault(name: SpecName, bounds: SpecBounds): string | undefined {
  const parameters: readonly SpecParameter[] = ENTRIES[name].parameters;
  for (const [given, value] of Object.entries(bounds)) {
    const parameter = parameters.find((known) => known.name === given);
    if (parameter === undefined) {
      return `${name} has no ${given}; it has ${parameters.map((known) => known.name).join(', ')}`;
    }
    const { min, max } = parameter;
    if (!Number.isInteger(value) || value < min || value > max) {
      return `${given} must be a whole number from ${min} to ${max}, got ${value}`;
    }
  }
  return undefined;
}

/** Throws a RangeError where `specFault` finds a fault. */
export function createSpec(name: SpecName, bounds: SpecBounds = {}): Space {
  const fault = specFault(name, bounds);
  if (fault !== undefined) throw new RangeError(fault);
  const { parameters, create }: Entry = ENTRIES[name];
  const values = new Map(parameters.map((known) => [known.name, bounds[known.name] ?? known.byDefault]));
  return create((parameter) => {
    const value = values.get(parameter);
    if (value === undefined) throw new RangeError(`${name} has no ${parameter}`);
    return value;
  });
}
