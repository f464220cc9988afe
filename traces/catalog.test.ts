import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PROPERTIES, WalkCampaign } from '../properties/index.ts';
import { parseFaults, type KafkaSettings } from '../model/index.ts';
import { CATALOG, type CatalogEntry } from './catalog.ts';
import { readTrace } from './read.ts';
import { replayTrace } from './replay.ts';
import { brokenIds, machineOf, runActions } from './run.ts';
import { searchEntry } from './search.ts';
import { FULL } from '../model/testing.ts';

function faultsOf(text: string): CatalogEntry['settings']['faults'] {
  const faults = parseFaults(text, 2, 3);
  if ('error' in faults) throw new Error(faults.error);
  return faults;
}

const saved = (name: string): string => readFileSync(new URL(`saved/${name}.json`, import.meta.url), 'utf8');

/** Entries that a search finds within a second or so; the others are searched for by the full test run. */
const QUICK = ['acks-1-loss', 'dead-last-known-leader', 'error-yet-visible', 'retries-reorder'];

describe.each(CATALOG)('$name', (entry) => {
  it('has a saved trace that breaks exactly what it says', () => {
    const trace = readTrace(saved(entry.name));
    if ('error' in trace) throw new Error(trace.error);
    expect([...trace.broken].sort()).toEqual([...entry.broken].sort());
    expect(trace.property).toBe(entry.property);
    expect(trace.settings.release).toBe(entry.settings.release);
    expect(trace.settings.rules).toEqual(entry.settings.rules);
    const replayed = replayTrace(trace, { exact: true });
    expect(replayed.verdict).toBe('reproduced');
  });

  it.runIf(entry.by === 'walk' && (FULL || QUICK.includes(entry.name)))(
    'is found anew, with nothing broken that it does not name',
    () => {
      const { needed, trace } = searchEntry(entry, FULL ? [1, 2, 3, 4, 5] : [1], 20_000);
      expect(needed).not.toContain(undefined);
      // What a search minimises may be longer than the saved run, and break less on its way.
      if (entry.property !== null) expect(trace?.broken).toContain(entry.property);
      expect(entry.broken).toEqual(expect.arrayContaining([...(trace?.broken ?? [])]));
    },
    300_000,
  );
});

describe.each(CATALOG.filter(({ cure }) => cure !== undefined))('$name is cured', (entry) => {
  const { settings, property, cure = {}, actions } = entry;
  const cured = { ...settings, rules: { ...settings.rules, ...cure } };
  const looked = PROPERTIES.filter(({ id }) => id === property);

  it('by the newer rule: the run of its trace breaks it no longer, and no walk does', () => {
    expect(cured.rules).not.toEqual(settings.rules);
    const trace = readTrace(saved(entry.name));
    if ('error' in trace) throw new Error(trace.error);
    const machine = machineOf({ ...trace.settings, rules: { ...trace.settings.rules, ...cure } });
    const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
    expect(brokenIds(runActions(machine, codes, 'lenient').findings)).not.toContain(property);

    const campaign = new WalkCampaign({
      ...{ settings: cured, properties: looked, seed: 1, actions, tolerated: new Set<string>() },
    });
    for (let walks = 0; walks < (FULL ? 20_000 : 20); walks++) expect(campaign.run(walks)).toBeUndefined();
  }, 120_000);
});

describe.each(CATALOG.flatMap((entry) => (entry.safe ?? []).map((safe) => ({ ...entry, safe }))))(
  '$name under $safe',
  ({ safe, ...entry }) => {
    const settings = {
      ...entry.settings,
      kafka: { ...entry.settings.kafka, ...safe.kafka } as KafkaSettings,
      rules: { ...entry.settings.rules, ...safe.rules },
      afterFailure: safe.afterFailure ?? entry.settings.afterFailure,
      faults: safe.faults === undefined ? entry.settings.faults : faultsOf(safe.faults),
    };

    it('is found neither by its own run nor by random walks', () => {
      const trace = readTrace(saved(entry.name));
      if ('error' in trace) throw new Error(trace.error);
      const machine = machineOf(settings);
      const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
      expect(brokenIds(runActions(machine, codes, 'lenient').findings)).not.toContain(entry.property);
      expect(searchEntry({ ...entry, settings }, [1], FULL ? 20_000 : 20).needed).toEqual([undefined]);
    }, 120_000);
  },
);

it('no two entries share a name', () => {
  const names = CATALOG.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
