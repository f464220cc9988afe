import { expect, it } from 'vitest';
import { defaultSettings, SWITCHES, type Settings, type SwitchInfo } from '../model/index.ts';
import { explained } from './explain.ts';

it('--explain has the rules of ZooKeeper mode only where that is in force', () => {
  const rules = (release: Settings['release']): readonly string[] =>
    explained({ ...defaultSettings, release }).map(({ rule }) => rule);
  const ofZooKeeper = Object.entries<SwitchInfo>(SWITCHES)
    .filter(([, { only }]) => only === 'zookeeper')
    .map(([name]) => name);
  expect(ofZooKeeper.length).toBeGreaterThan(0);
  expect(rules('2.1')).toEqual(expect.arrayContaining(ofZooKeeper));
  expect(rules('4.1').filter((name) => ofZooKeeper.includes(name))).toEqual([]);
});
