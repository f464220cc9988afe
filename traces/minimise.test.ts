import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defaultSettings,
  faultsOfClass,
  NO_FAULTS,
  presetSettings,
  type ActionCode,
  type Settings,
} from '../model/index.ts';
import { WalkCampaign } from '../properties/index.ts';
import { machineOf, minimise, minimising, propertyOf, readTrace, recordTrace, runActions } from './index.ts';
import { FULL, sampled } from '../model/testing.ts';

interface Case {
  readonly settings: Settings;
  readonly property: string;
}

const unclean = { ...presetSettings('suite'), 'unclean.leader.election.enable': true };
const twoOfEach = { ...defaultSettings, producers: 2, consumers: 2, brokers: 4 };
/** Breaks that a few walks find. */
const CASES: Readonly<Record<string, Case>> = {
  'a reader that does not wait for the commit': {
    settings: { ...twoOfEach, mutant: ['a consumer reads only below the high watermark'] },
    property: 'committed-reads',
  },
  'unclean election': {
    settings: { ...defaultSettings, kafka: unclean, faults: faultsOfClass('U', 2, 5) },
    property: 'durability/holder',
  },
  'acks=1': {
    settings: { ...twoOfEach, kafka: { ...unclean, acks: '1' }, faults: faultsOfClass('F3', 2, 5) },
    property: 'acked-durable',
  },
  'power losses': {
    settings: { ...defaultSettings, faults: faultsOfClass('F2', 2, 3) },
    property: 'durability/holder',
  },
};

const RUN_LENGTH = 400;
const WALKS = 3000;

/** The first run of a campaign that breaks the property. */
function walkThatBreaks({ settings, property }: Case, seed: number): readonly ActionCode[] {
  const properties = [propertyOf(property)];
  const campaign = new WalkCampaign({
    settings,
    properties,
    seed,
    actions: RUN_LENGTH,
    tolerated: new Set(),
  });
  for (let run = 0; run < WALKS; run++) {
    const found = campaign.run(run);
    if (found !== undefined) return found.actions;
  }
  throw new Error(`${WALKS} walks did not break ${property}`);
}

const breaks = (settings: Settings, codes: readonly ActionCode[], property: string): boolean =>
  runActions(machineOf(settings), codes, 'lenient').findings.some((finding) => finding.property === property);

describe.each(sampled(Object.entries(CASES), 2))('a minimised run: %s', (_name, example) => {
  const { settings, property } = example;

  it('still breaks the same property, with its last action, and needs every action it has', () => {
    fc.assert(
      fc.property(fc.nat({ max: 1000 }), (seed) => {
        const codes = walkThatBreaks(example, seed);
        const small = minimise(settings, codes, propertyOf(property));
        const { brokenAt } = recordTrace(small.settings, small.actions, { property });
        expect(brokenAt).toBe(small.actions.length);
        expect(small).toMatchObject({ minimal: '1-minimal', before: codes.length, after: brokenAt });
        for (const [index] of small.actions.entries()) {
          const rest = small.actions.filter((_code, other) => other !== index);
          expect(breaks(small.settings, rest, property)).toBe(false);
        }
      }),
      { numRuns: FULL ? 5 : 1, seed: 1 },
    );
  });

  it('does not get smaller when minimised again', () => {
    const small = minimise(settings, walkThatBreaks(example, 5), propertyOf(property));
    const again = minimise(small.settings, small.actions, propertyOf(property));
    expect(again).toMatchObject({ settings: small.settings, actions: small.actions, minimal: '1-minimal' });
  });

  it('is the same each time', () => {
    const codes = walkThatBreaks(example, 8);
    expect(minimise(settings, codes, propertyOf(property))).toEqual(
      minimise(settings, codes, propertyOf(property)),
    );
  });
});

describe('minimising', () => {
  const example = CASES['a reader that does not wait for the commit'];
  if (example === undefined) throw new Error('no example');
  const { settings, property } = example;
  const machine = machineOf(settings);
  const encoded = (...actions: readonly Parameters<typeof machine.encode>[0][]): ActionCode[] =>
    actions.flatMap((action) => machine.encode(action) ?? []);
  const shown = (codes: readonly ActionCode[]): string[] =>
    codes.map((code) => Object.values(machine.decode(code)).join(' '));

  it('leaves out whom and what the run does not need', () => {
    const codes = encoded(
      { kind: 'kill', broker: 1 },
      { kind: 'send-record', producer: 0 },
      { kind: 'send-record', producer: 1 },
      { kind: 'handle-produce', from: 7, to: 0, nth: 0 },
      { kind: 'start-broker', broker: 1 },
      { kind: 'poll', consumer: 1 },
      { kind: 'poll', consumer: 0 },
    );
    const small = minimise(settings, codes, propertyOf(property));
    expect(shown(small.actions)).toEqual(['send-record 0', 'handle-produce 6 0 0', 'poll 0']);
    expect(small.settings).toMatchObject({ brokers: 3, producers: 1, consumers: 1, records: 1 });
    expect(small.settings.faults).toMatchObject({ maxLossyBrokers: 0, maxUncleanStops: 0 });
    expect(Object.values(small.settings.faults.budgets)).toEqual(
      Object.values(small.settings.faults.budgets).map(() => 0),
    );
  });

  it('leaves no fault in that a pause would do for', () => {
    const kafka = { ...defaultSettings.kafka, 'unclean.leader.election.enable': true };
    const stormy: Case = {
      settings: { ...defaultSettings, kafka, faults: faultsOfClass('F3', 2, 5) },
      property: 'acked-durable',
    };
    const target = propertyOf(stormy.property);
    const small = minimise(stormy.settings, walkThatBreaks(stormy, 3), target);
    for (const [index, code] of small.actions.entries()) {
      const { kind, broker = 0 } = machine.decode(code);
      if (!['kill', 'power-loss', 'wipe-disk'].includes(kind)) continue;
      const paused = small.actions.toSpliced(index, 1, ...encoded({ kind: 'pause', broker }));
      expect(breaks(stormy.settings, paused, stormy.property)).toBe(false);
    }
  });

  it('throws for a run that does not break the property', () => {
    expect(() => minimise(settings, [], propertyOf(property))).toThrow('does not break committed-reads');
  });

  it('stops when told to, with the best so far', () => {
    const codes = walkThatBreaks(example, 1);
    const early = minimise(settings, codes, propertyOf(property), { mayContinue: ({ tries }) => tries < 10 });
    expect(early.minimal).toBe('no');
    expect(early.tries).toBeLessThan(12);
    expect(breaks(early.settings, early.actions, property)).toBe(true);
  });

  it('gives way after every try', () => {
    const search = minimising(settings, walkThatBreaks(example, 1), propertyOf(property));
    const first = search.next(true);
    expect(first).toMatchObject({ done: false, value: { tries: 2 } });
    expect(search.next(false)).toMatchObject({ done: true, value: { minimal: 'no' } });
  });
});

describe('the search for a shorter run', () => {
  const settings: Settings = {
    ...defaultSettings,
    release: '4.1-repaired',
    rules: { 'fenced-replicas-kept-out': 'no' },
    producers: 0,
    consumers: 0,
    records: 0,
    faults: {
      ...defaultSettings.faults,
      budgets: { ...NO_FAULTS, kill: 1, 'clean-stop': 1, lag: 1 },
      maxLossyBrokers: 0,
    },
  };
  const property = propertyOf('fenced-not-in-isr');
  const machine = machineOf(settings);
  /** A broker that was killed comes back to shut down; one that runs can do so at once. */
  const roundabout = [
    { kind: 'kill', broker: 0 },
    { kind: 'start-broker', broker: 0 },
    { kind: 'session-expires', broker: 0 },
    { kind: 'register-broker', broker: 0 },
    { kind: 'apply-metadata', broker: 0, records: 0 },
    { kind: 'send-fetch', broker: 0 },
    { kind: 'heartbeat', broker: 0 },
    { kind: 'apply-metadata', broker: 1, records: 2 },
    { kind: 'handle-fetch', from: 0, to: 1, nth: 0 },
    { kind: 'begin-controlled-shutdown', broker: 0 },
    { kind: 'heartbeat', broker: 0 },
    { kind: 'handle-alter-partition', from: 1, to: 5, nth: 0 },
  ].flatMap((action) => machine.encode(action) ?? []);

  it('finds a way that no action left out leads to, and says when none is shorter', () => {
    const kept = minimise(settings, roundabout, property);
    expect(kept).toMatchObject({ minimal: '1-minimal', after: 12, searched: undefined });
    const shorter = minimise(settings, roundabout, property, { states: 20_000 });
    expect(shorter).toMatchObject({ minimal: 'shortest', after: 6, searched: { upTo: 5 } });
    expect(breaks(shorter.settings, shorter.actions, property.id)).toBe(true);
    expect(shorter.settings.faults.budgets).toMatchObject({ kill: 0, 'clean-stop': 1, lag: 0 });
    expect(minimise(settings, roundabout, property, { states: 20_000 })).toEqual(shorter);
  });

  it('says how far it came where its states were not enough', () => {
    const { minimal, after, searched } = minimise(settings, roundabout, property, { states: 300 });
    expect(minimal).toBe('1-minimal');
    expect(searched?.upTo).toBeLessThan(after - 1);
    expect(searched?.states).toBeGreaterThanOrEqual(300);
  });

  it('goes through all shorter runs of several partitions too', () => {
    const file = new URL('saved/latest-on-a-new-partition.json', import.meta.url);
    const trace = readTrace(readFileSync(file, 'utf8'));
    if ('error' in trace) throw new Error(trace.error);
    const on = machineOf(trace.settings);
    const codes = trace.actions.flatMap((action) => on.encode(action) ?? []);
    const shorter = minimise(trace.settings, codes, propertyOf('no-skip'), { states: 3_000 });
    expect(shorter).toMatchObject({ minimal: 'shortest', after: codes.length });
    expect(breaks(shorter.settings, shorter.actions, 'no-skip')).toBe(true);
  });

  it('takes no run that breaks the property where the cause of its break is gone', () => {
    const asBefore = (changed: Settings): Settings => changed;
    expect(() => minimise(settings, roundabout, property, { cure: asBefore })).toThrow('does not break');
    const cured = (changed: Settings): Settings => ({ ...changed, rules: {} });
    const kept = minimise(settings, roundabout, property, { states: 20_000, cure: cured });
    expect(kept).toMatchObject({ minimal: 'shortest', after: 6 });
  });
});
