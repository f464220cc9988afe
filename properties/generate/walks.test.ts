import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  configOf,
  createMachine,
  defaultSettings,
  faultsOfClass,
  type FaultClass,
  type KafkaSettings,
  type Machine,
  type Settings,
} from '../../model/index.ts';
import { Checker } from '../checker.ts';
import { PROPERTIES } from '../index.ts';
import { walks, type Run } from './walks.ts';

/** In CI and by hand the same runs, unless a seed is asked for. */
const SEED = Number(process.env['HIGHWATER_SEED'] ?? 20_260_101);
const FULL = process.env['HIGHWATER_FULL'] === '1' ? 20 : 0.2;

interface Case {
  readonly name: string;
  readonly faults: FaultClass;
  readonly runs: number;
  readonly brokers?: number;
  readonly producers?: number;
  readonly consumers?: number;
  readonly kafka?: Partial<KafkaSettings>;
}

/** Configurations under which nothing may break once the finds are repaired. */
const CLEAN: readonly Case[] = [
  { name: 'three brokers, what ELR can bear', faults: 'F1e', runs: 500 },
  { name: 'three brokers, crashes only', faults: 'F0', runs: 400 },
  { name: 'two producers and two consumers', faults: 'F1e', runs: 300, producers: 2, consumers: 2 },
  {
    name: 'five replicas, min.insync.replicas=3',
    faults: 'F1e',
    runs: 200,
    brokers: 5,
    kafka: { 'default.replication.factor': 5, 'min.insync.replicas': 3 },
  },
  {
    name: 'two replicas, min.insync.replicas=1, crashes only',
    faults: 'F0',
    runs: 400,
    brokers: 2,
    kafka: { 'default.replication.factor': 2, 'min.insync.replicas': 1 },
  },
  {
    name: 'power loss of every broker with flush.messages=1',
    faults: 'F2',
    runs: 300,
    kafka: { 'flush.messages': 1 },
  },
];

function settingsOf({ faults, brokers = 3, producers = 1, consumers = 1, kafka = {} }: Case): Settings {
  const values = { ...defaultSettings.kafka, ...kafka };
  return {
    ...defaultSettings,
    release: '4.1-repaired',
    kafka: values,
    brokers,
    producers,
    consumers,
    faults: faultsOfClass(faults, values['min.insync.replicas'] as number, 3),
  };
}

function machineOf(settings: Settings): Machine {
  const config = configOf(settings);
  if ('error' in config) throw new Error(config.error);
  return createMachine(config);
}

const says = ({ findings }: Run): string[] => findings.map(({ property, says }) => `${property}: ${says}`);

describe('4.1-repaired holds every property in random walks', () => {
  it.each(CLEAN)(
    '$name',
    (example) => {
      const machine = machineOf(settingsOf(example));
      const runs = walks(machine, new Checker(machine, PROPERTIES), 400, () => true);
      fc.assert(
        fc.property(runs, (run) => {
          expect(says(run)).toEqual([]);
        }),
        { numRuns: example.runs * FULL, seed: SEED },
      );
    },
    600_000,
  );
});

describe('walks', () => {
  const broken: Settings = {
    ...defaultSettings,
    release: '4.1-repaired',
    rules: { 'high-watermark-needs-min-isr': 'no' },
  };

  it('find a broken rule, and fast-check alone shrinks the run that shows it', () => {
    const machine = machineOf(broken);
    const runs = walks(machine, new Checker(machine, PROPERTIES), 400, (id) => id === 'commit-on-isr');
    const result = fc.check(
      fc.property(runs, ({ findings }) => !findings.some(({ property }) => property === 'commit-on-isr')),
      { numRuns: 500, seed: SEED },
    );
    expect(result.failed).toBe(true);
    const [smallest] = result.counterexample ?? [];
    expect(smallest?.actions.length).toBeLessThan(40);
    expect(result.numShrinks).toBeGreaterThan(0);
  });

  it('are the same for the same seed, whatever ran before', () => {
    const sample = (runs: fc.Arbitrary<Run>, seed: number, numRuns = 1): Run[] =>
      fc.sample(runs, { numRuns, seed });
    const made = (): fc.Arbitrary<Run> => {
      const machine = machineOf(broken);
      return walks(machine, new Checker(machine, PROPERTIES), 200, () => false);
    };
    for (const [seed, actions] of [
      [1, 200],
      [7, 42],
    ] as const) {
      const [fresh] = sample(made(), seed);
      expect(fresh?.actions.length).toBe(actions);
      const runs = made();
      for (const earlier of [8, 9, 10]) {
        sample(runs, earlier, 3);
        expect(sample(runs, seed)).toEqual([fresh]);
      }
    }
  });
});
