import { describe, expect, test } from 'vitest';
import { defaultSettings, parseKafkaValue, type Settings } from '../../model/index.ts';
import { SCENARIOS, type Expected, type Scenario } from '../scenarios/index.ts';
import { figuresOf, judge, type Judged } from './judge.ts';
import { givenBy, ScenarioRuns, type ScenarioRun } from './run.ts';
import { FULL, sampled } from '../../model/testing.ts';

const named = (name: string): Scenario => {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new Error(`no scenario ${name}`);
  return found;
};

function settingsFor(scenario: Scenario, release: Settings['release'], ...set: readonly string[]): Settings {
  const changed = [...(scenario.set ?? []), ...set].map((text) => {
    const [key = '', value = ''] = text.split('=');
    return [key, parseKafkaValue(key, value)] as const;
  });
  return { ...defaultSettings, release, kafka: { ...defaultSettings.kafka, ...Object.fromEntries(changed) } };
}

const runOf = (name: string, settings: Settings, seed = 1): ScenarioRun =>
  new ScenarioRuns(named(name), settings).run(seed);

function judged(name: string, settings: Settings): Judged {
  return judge([runOf(name, settings)], named(name).expects(givenBy(settings)));
}

test.each(sampled(SCENARIOS, 3).map(({ name }) => name))('%s goes as expected', (name) => {
  expect(judged(name, settingsFor(named(name), '4.1')).unexpected).toEqual([]);
});

test.each(
  sampled(
    [
      ['3.3', 'unclean-election'],
      ['3.3', 'lost-rack-of-two'],
      ['3.6', 'follower-killed'],
    ] as const,
    2,
  ),
)('under the rules of %s too: %s', (release, name) => {
  expect(judged(name, settingsFor(named(name), release)).unexpected).toEqual([]);
});

test('with several partitions those of the leader that is lost stand still', () => {
  const settings = settingsFor(named('leader-cut-off'), '4.1', 'num.partitions=3');
  const run = runOf('leader-cut-off', settings);
  expect(judge([run], named('leader-cut-off').expects(givenBy(settings))).unexpected).toEqual([]);
  expect(run.measured.producers.longest).toBeGreaterThan(29_000);
  expect(run.measured.outcome.run.state.others).toHaveLength(2);
});

test.runIf(FULL)(
  'a leader waits for a follower whose log directory has failed, though it is out of the ISR',
  () => {
    const name = 'full-log-directory';
    const settings = settingsFor(named(name), '4.1', 'num.partitions=3', 'request.timeout.ms=12000');
    const run = runOf(name, settings);
    expect(judge([run], named(name).expects(givenBy(settings))).unexpected).toEqual([]);
    expect(run.measured.producers.longest).toBeGreaterThan(11_000);
  },
);

test('without a fault nobody stands still', () => {
  const healthy = named('healthy');
  const runs = new ScenarioRuns(healthy, settingsFor(healthy, '4.1'));
  for (const seed of [2, 3]) {
    const { measured } = runs.run(seed);
    expect(measured.asUsualAt).toBeUndefined();
    expect(Math.max(measured.producers.longest, measured.consumers.longest)).toBeLessThan(1_000);
    expect(measured.fates).toMatchObject({
      acknowledged: 236,
      lost: 0,
      duplicates: 0,
      gaps: 0,
      reordered: 0,
    });
  }
});

describe('times follow the settings', () => {
  test.each(
    sampled(
      [
        ['leader-election', 'broker.session.timeout.ms=4000', 2_000, 6_500],
        ['leader-cut-off', 'request.timeout.ms=15000', 14_700, 17_500],
        ['follower-stuck', 'replica.lag.time.max.ms=6000', 6_000, 11_500],
        ['controller-and-leader', 'broker.session.timeout.ms=4000', 6_500, 9_000],
      ] as const,
      2,
    ),
  )('%s with %s', (name, set, least, most) => {
    const { unexpected, producers } = judged(name, settingsFor(named(name), '4.1', set));
    expect(unexpected).toEqual([]);
    expect(producers.worst).toBeGreaterThanOrEqual(least);
    expect(producers.worst).toBeLessThanOrEqual(most);
  });

  test('each batch has its own back-off, however many fail together', () => {
    const settings = settingsFor(
      named('leader-cut-off'),
      '4.1',
      'max.in.flight.requests.per.connection=5',
      'retry.backoff.max.ms=30000',
    );
    // Five failures of one batch would make it wait 3,200 ms, the first of each of five is followed by 100 ms.
    expect(judged('leader-cut-off', settings).producers.worst).toBeLessThan(30_700);
  });

  test('sends that take longer than delivery.timeout.ms fail', () => {
    const settings = settingsFor(named('leader-cut-off'), '4.1', 'delivery.timeout.ms=10000');
    expect(judged('leader-cut-off', settings).fates.failed.worst).toBeGreaterThan(0);
  });
});

describe('an expectation that is not met is unexpected', () => {
  const settings = settingsFor(named('leader-election'), '4.1');
  const run = runOf('leader-election', settings);
  const expected = named('leader-election').expects(givenBy(settings));

  test.each<readonly [string, Partial<Expected>, RegExp]>([
    [
      'sooner',
      { producers: [0, 5_000] },
      /^producers stood still for \d+ ms, expected 0 to 5000 ms \(seed 1\)$/,
    ],
    [
      'later',
      { consumers: [20_000, 30_000] },
      /^consumers stood still for \d+ ms, expected 20000 to 30000 ms/,
    ],
    ['loss', { lost: 'some' }, /^no acknowledged records lost, expected some$/],
    ['a break', { broken: ['agreement'] }, /^agreement held, expected to break$/],
  ])('%s', (_name, change, says) => {
    const { verdict, unexpected } = judge([run], { ...expected, ...change });
    expect(verdict).toBe('unexpected');
    expect(unexpected).toEqual([expect.stringMatching(says)]);
  });

  test('loss and breaks where there should be none', () => {
    const unclean = named('unclean-election');
    const lossy = runOf('unclean-election', settingsFor(unclean, '4.1'));
    const { unexpected } = judge([lossy], { ...expected, producers: [0, 99_000], consumers: [0, 99_000] });
    expect(unexpected).toContain('acked-durable broke in 1 of 1 runs, expected to hold');
    expect(unexpected).toContainEqual(
      expect.stringMatching(/^\d+ acknowledged records lost, expected none$/),
    );
  });

  test('a rule that is broken: nobody waits for a dead member of the ISR', () => {
    const mutant = ['the high watermark waits for every member of the maximal ISR'];
    const { unexpected } = judged('follower-killed', { ...settings, mutant });
    expect(unexpected).toContainEqual(expect.stringMatching(/^producers stood still for \d{1,3} ms/));
    expect(unexpected).toContainEqual(expect.stringMatching(/^commit-on-isr broke/));
  });
});

test('of an even number the median is a figure that some run had', () => {
  expect(figuresOf([4, 1, 3, 2])).toEqual({ median: 2, worst: 4 });
  expect(figuresOf([])).toEqual({ median: 0, worst: 0 });
});
