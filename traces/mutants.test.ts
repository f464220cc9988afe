import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../model/index.ts';
import { mutantsOf, PROPERTIES, slug, WalkCampaign } from '../properties/index.ts';
import { QUICK, SURVIVORS } from './mutants.ts';
import type { Trace } from './format.ts';
import { readTrace } from './read.ts';
import { replayTrace } from './replay.ts';
import { brokenIds, machineOf, runActions } from './run.ts';

const folder = new URL('mutants/', import.meta.url);
const killers = readdirSync(folder).filter((file) => file.endsWith('.json'));
const mutants = mutantsOf({ ...defaultSettings, release: '4.1-repaired' });
const FULL = process.env['HIGHWATER_FULL'] === '1';

function killer(file: string): Trace {
  const trace = readTrace(readFileSync(new URL(file, folder), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);
  return trace;
}

it('every mutant of the rules is killed by a stored run, or survives for a stated reason, never both', () => {
  const killed = mutants.filter(({ id }) => killers.includes(`${slug(id)}.json`)).map(({ id }) => id);
  const survives = Object.keys(SURVIVORS);
  expect([...killed, ...survives].sort()).toEqual(mutants.map(({ id }) => id).sort());
  expect(killers).toHaveLength(killed.length);
  for (const reason of Object.values(SURVIVORS)) expect(reason.length).toBeGreaterThan(20);
});

describe.each(killers)('%s', (file) => {
  const trace = killer(file);

  it('breaks what it says under its mutant, and nothing of it without the mutation', () => {
    expect(replayTrace(trace, { exact: true }).verdict).toBe('reproduced');
    const { settings } = trace;
    const mutant = mutants.find(({ id }) => id === trace.note);
    expect(settings.mutant.map((id) => `without: ${id}`).concat(rulesChanged(settings.rules))).toContain(
      mutant?.id,
    );

    const repaired = machineOf({
      ...settings,
      mutant: [],
      rules: withoutRule(settings.rules, trace.note ?? ''),
    });
    const codes = trace.actions.flatMap((action) => repaired.encode(action) ?? []);
    expect(brokenIds(runActions(repaired, codes, 'lenient').findings)).not.toContain(trace.property);
  });

  it.runIf(FULL || QUICK.includes(trace.note ?? ''))(
    'is found anew by random walks',
    () => {
      const property = PROPERTIES.find(({ id }) => id === trace.property);
      if (property === undefined) throw new Error('a killer names a property');
      const campaign = new WalkCampaign({
        settings: trace.settings,
        properties: [property],
        seed: 1,
        actions: 200,
        tolerated: new Set(),
      });
      let walks = 0;
      let found = campaign.run(walks++);
      while (found === undefined && walks < 60_000) found = campaign.run(walks++);
      expect(found).toBeDefined();
    },
    120_000,
  );
});

const rulesChanged = (rules: Readonly<Record<string, string>>): string[] =>
  Object.entries(rules).map(([name, value]) => `${name}=${value}`);

const withoutRule = (rules: Readonly<Record<string, string>>, id: string): Record<string, string> =>
  Object.fromEntries(Object.entries(rules).filter(([name, value]) => `${name}=${value}` !== id));
