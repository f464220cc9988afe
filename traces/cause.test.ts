import { expect, it } from 'vitest';
import {
  configOf,
  defaultSettings,
  faultsOfClass,
  RELEASE_NAMES,
  rulesOf,
  type Settings,
} from '../model/index.ts';
import { PROPERTIES, WalkCampaign } from '../properties/index.ts';
import { causeOf, repaired } from './cause.ts';
import { recordTrace } from './record.ts';
import { savedRuns } from './trial/saved-runs.ts';

const controllerOf = ({ release, rules }: Settings): string | undefined => {
  const inForce = rulesOf(release, rules);
  return 'error' in inForce ? inForce.error : inForce.controller;
};

it('names the rule that takes a break away', () => {
  const [loss] = savedRuns().filter(({ name }) => name === 'saved/last-replica-standing');
  expect(loss && causeOf(loss.trace)).toBe('eligible-leader-replicas=on');
});

it('in ZooKeeper mode, what takes it away is no change of the kind of controller', () => {
  const settings = { ...defaultSettings, release: '3.0' as const, faults: faultsOfClass('F1', 2, 3) };
  const walks = new WalkCampaign({
    settings,
    properties: PROPERTIES,
    seed: 1,
    actions: 400,
    tolerated: new Set(),
  });
  const causes: (string | undefined)[] = [];
  for (let run = 0; causes.length < 3; run++) {
    const found = walks.run(run);
    const [first] = found?.findings ?? [];
    if (found === undefined || first === undefined) continue;
    const codes = found.actions.slice(0, first.step);
    causes.push(causeOf(recordTrace(settings, codes, { property: first.property })));
  }
  for (const cause of causes) expect(cause).toMatch(/^(?!controller=)[\w-]+=[\w-]+|no unclean stop$/);
});

it.each(RELEASE_NAMES)('every repair makes a configuration of %s', (release) => {
  const settings = { ...defaultSettings, release };
  const newer = repaired(settings);
  if (release === '4.1-repaired') expect(newer).toBeUndefined();
  else {
    expect(newer && configOf(newer)).not.toHaveProperty('error');
    expect(newer && controllerOf(newer)).toBe(controllerOf(settings));
  }
});
