/** ZooKeeper mode as a whole: what newer releases hold, what older rules break, and that nothing is left undone. */
import { describe, expect, it } from 'vitest';
import { defaultSettings, faultsOfClass, type FaultClass, type Settings } from '../model/index.ts';
import { PROPERTIES, TimedCampaign, WalkCampaign } from './index.ts';

const of = (release: Settings['release'], faults: FaultClass, rules: Settings['rules'] = {}): Settings => ({
  ...defaultSettings,
  release,
  rules,
  faults: faultsOfClass(faults, 2, 3),
});

const plan = (settings: Settings, actions: number) => ({
  settings,
  properties: PROPERTIES,
  seed: 1,
  actions,
  tolerated: new Set<string>(),
});

/** The properties that the first run to break any breaks, and none where all of them hold. */
function broken(campaign: TimedCampaign | WalkCampaign, runs: number): readonly string[] {
  for (let run = 0; run < runs; run++) {
    const found = campaign.run(run);
    if (found !== undefined) return found.findings.map(({ property }) => property);
  }
  return [];
}

describe('with crashes alone', () => {
  it.each([
    // Else a high watermark that is taken before the truncation is above what was committed (KAFKA-14704).
    ['3.0', { 'diverging-answer-moves-high-watermark': 'no' }],
    ['2.4', {}],
    ['2.1', {}],
    ['3.9-zk', {}],
  ] as const)('nothing breaks in walks: %s %o', (release, rules) => {
    expect(broken(new WalkCampaign(plan(of(release, 'F0', rules), 400)), 60)).toEqual([]);
  });

  it('nothing breaks and nothing is left undone in timed runs', () => {
    expect(broken(new TimedCampaign(plan(of('3.0', 'F0'), 20_000)), 30)).toEqual([]);
  });
});

it('a release that compares no leader epochs is not asked for a fetch that is refused for its epoch', () => {
  const campaign = new WalkCampaign(plan(of('1.1', 'F0'), 400));
  for (let run = 0; run < 40; run++) campaign.run(run);
  const { met, unmet } = campaign.tally().witnesses;
  expect(unmet).toEqual([]);
  expect(met).not.toContain('fetch-fenced');
});
