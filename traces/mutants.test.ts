import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { defaultSettings, type ActionCode, type Settings } from '../model/index.ts';
import { mutantsOf, PROPERTIES, runSeed, slug, strategyRuns, TimedCampaign } from '../properties/index.ts';
import { QUICK, RARE, RARE_PREFIX, SURVIVORS } from './mutants.ts';
import type { Trace } from './format.ts';
import { readTrace } from './read.ts';
import { replayTrace } from './replay.ts';
import { brokenIds, machineOf, runActions } from './run.ts';
import { FULL } from '../model/testing.ts';

const folder = new URL('mutants/', import.meta.url);
const killers = readdirSync(folder).filter((file) => file.endsWith('.json'));
const base: Settings = { ...defaultSettings, release: '4.1-repaired' };
/** What only ZooKeeper mode has is tried there. */
const zookeeper: Settings = { ...defaultSettings, release: '3.9-zk' };
const inKraft = mutantsOf(base);
const inZooKeeper = mutantsOf(zookeeper).filter(({ id }) => inKraft.every((other) => other.id !== id));
const mutants = [...inKraft, ...inZooKeeper];
const redundancies = Object.entries(SURVIVORS).flatMap(([id, survivor]) =>
  survivor.why === 'redundant' ? [[id, survivor.with] as const] : [],
);
const unfinished = Object.entries(SURVIVORS).flatMap(([id, survivor]) =>
  survivor.why === 'liveness' ? [[id, survivor] as const] : [],
);

function killer(file: string): Trace {
  const trace = readTrace(readFileSync(new URL(file, folder), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);
  return trace;
}

function firstPart({ settings, actions }: Trace): ActionCode[] {
  const machine = machineOf(settings);
  return actions.slice(0, Math.floor(RARE_PREFIX * actions.length)).map((action) => {
    const code = machine.encode(action);
    if (code === undefined) throw new Error(`${action.kind} is no action of this machine`);
    return code;
  });
}

it('every mutant of the rules is killed by a stored run, or survives for a stated reason, never both', () => {
  const killed = mutants.filter(({ id }) => killers.includes(`${slug(id)}.json`)).map(({ id }) => id);
  const survives = Object.keys(SURVIVORS);
  expect([...killed, ...survives].sort()).toEqual(mutants.map(({ id }) => id).sort());
  expect(killers).toHaveLength(killed.length);
  for (const { says } of Object.values(SURVIVORS)) expect(says.length).toBeGreaterThan(20);
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

    expect(brokenUnder(withBack(settings, trace.note ?? ''), trace)).not.toContain(trace.property);
  });

  it.runIf(FULL || QUICK.includes(trace.note ?? ''))(
    'is found anew by random walks',
    () => {
      const property = PROPERTIES.find(({ id }) => id === trace.property);
      if (property === undefined) throw new Error('a killer names a property');
      const campaign = {
        settings: trace.settings,
        properties: [property],
        seed: 1,
        actions: 200,
        tolerated: new Set<string>(),
      };
      const runs = RARE.includes(trace.note ?? '')
        ? strategyRuns('seeded', campaign, [firstPart(trace)])
        : strategyRuns('walk', campaign);
      let made = 0;
      let found = runs.runFrom(runSeed(1, made), made++);
      while (found === undefined && made < 60_000) found = runs.runFrom(runSeed(1, made), made++);
      expect(found).toBeDefined();
    },
    120_000,
  );
});

describe.each(redundancies)('%s is redundant', (id, others) => {
  const trace = killer(`together/${slug(id)}.json`);

  it('with others: a run breaks without all of them, and no longer with any one of them back', () => {
    expect(trace.note).toBe(id);
    expect(replayTrace(trace, { exact: true }).verdict).toBe('reproduced');
    for (const one of [id, ...others]) {
      const back = withBack(trace.settings, one);
      expect(back).not.toEqual(trace.settings);
      expect(brokenUnder(back, trace), one).not.toContain(trace.property);
    }
  });
});

it('no run is stored for a redundancy that nobody claims', () => {
  const stored = readdirSync(new URL('together/', folder));
  expect(stored.sort()).toEqual(redundancies.map(([id]) => `${slug(id)}.json`).sort());
});

describe.each(unfinished)('%s', (id, { property, runs, with: others }) => {
  const undone = (ids: readonly string[]): readonly string[] => {
    const campaign = new TimedCampaign({
      settings: ids.reduce(withoutMore, base),
      properties: [],
      seed: 1,
      actions: 400,
      tolerated: new Set(),
    });
    let found = campaign.run(0);
    for (let run = 1; found === undefined && run < runs; run++) found = campaign.run(run);
    return (found?.findings ?? []).map((finding) => finding.property);
  };

  it.runIf(FULL || runs < 90)('leaves something undone in timed runs, which the others alone do not', () => {
    expect(undone([id, ...others])).toContain(property);
    expect(undone(others)).toEqual([]);
  });
});

/** Properties that the actions of a trace break under other settings, disabled ones left out. */
function brokenUnder(settings: Settings, trace: Trace): string[] {
  const machine = machineOf(settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  return brokenIds(runActions(machine, codes, 'lenient').findings);
}

const rulesChanged = (rules: Readonly<Record<string, string>>): string[] =>
  Object.entries(rules).map(([name, value]) => `${name}=${value}`);

/** The settings with one more mutation. */
function withoutMore(settings: Settings, id: string): Settings {
  const clause = /^without: (.*)$/.exec(id)?.[1];
  if (clause !== undefined) return { ...settings, mutant: [...settings.mutant, clause] };
  const [name = '', value = ''] = id.split('=');
  return { ...settings, rules: { ...settings.rules, [name]: value } };
}

/** The settings without this mutation. */
const withBack = (settings: Settings, id: string): Settings => ({
  ...settings,
  mutant: settings.mutant.filter((clause) => `without: ${clause}` !== id),
  rules: Object.fromEntries(
    Object.entries(settings.rules).filter(([name, value]) => `${name}=${value}` !== id),
  ),
});

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

/** What became of a mutant, for the table. */
function fate(id: string): readonly [string, string] {
  const survivor = SURVIVORS[id];
  if (survivor === undefined) {
    const { name = '', property, actions, settings } = killer(`${slug(id)}.json`);
    const elsewhere = settings.release === base.release ? '' : `, release ${settings.release}`;
    return ['killed', `[\`${property ?? ''}\`](mutants/${name}.json), ${actions.length} actions${elsewhere}`];
  }
  switch (survivor.why) {
    case 'redundant': {
      const { name = '', property, actions } = killer(`together/${slug(id)}.json`);
      const others = survivor.with.map((other) => other.replace('without: ', '')).join('; ');
      const run = `[\`${property ?? ''}\`](mutants/together/${name}.json), ${actions.length} actions`;
      return ['redundant', `${survivor.says}. Missing together with (${others}): ${run}`];
    }
    case 'liveness':
      return ['killed in time', `\`${survivor.property}\`: ${survivor.says}`];
    case 'cost':
    case 'out of reach':
      return [survivor.why, survivor.says];
  }
}

it('the README lists what became of every mutant (UPDATE_DOCS=1 writes it)', async () => {
  const page = new URL('README.md', import.meta.url);
  const before = readFileSync(page, 'utf8');
  const [head = '', rest = ''] = before.split('<!-- mutants:begin -->');
  const [, tail = ''] = rest.split('<!-- mutants:end -->');
  const fates = mutants.map(({ id }) => [id, ...fate(id)] as const);
  const tally = ['killed', 'killed in time', 'redundant', 'cost', 'out of reach'].map(
    (what) => `${fates.filter(([, became]) => became === what).length} ${what}`,
  );
  const table = [
    row('mutant', 'became', 'how, or why not'),
    row('---', '---', '---'),
    ...fates.map((cells) => row(...cells)),
  ];
  const after = `${head}<!-- mutants:begin -->\n\n${mutants.length} mutants: ${tally.join(', ')}.\n\n${table.join('\n')}\n\n<!-- mutants:end -->${tail}`;
  const formatted = await format(after, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, formatted);
  expect(readFileSync(page, 'utf8')).toBe(formatted);
});
