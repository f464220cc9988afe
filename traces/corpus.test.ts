import { readFileSync, writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../model/index.ts';
import { mutantsOf, slug } from '../properties/index.ts';
import { BUGS_OF_RELEASES } from './bugs-of-releases.ts';
import type { CatalogEntry } from './catalog-entry.ts';
import { ENTRIES, REMARKS, remarksOn, runsInReleases, runsOf, type Remark } from './corpus.ts';
import { SURVIVORS } from './mutants.ts';
import { readTrace } from './read.ts';
import { brokenIds, machineOf, runActions } from './run.ts';

const mutants = [
  ...mutantsOf({ ...defaultSettings, release: '4.1-repaired' }),
  ...mutantsOf({ ...defaultSettings, release: '3.9-zk' }),
];

it.each(ENTRIES)('%s is shown by a run, or it is said why not', (ref) => {
  expect([...runsOf(ref), ...runsInReleases(ref), ...remarksOn(ref)].length).toBeGreaterThan(0);
});

it('remarks are about entries, and name mutants that there are', () => {
  for (const { ref, mutant } of REMARKS) {
    expect(ENTRIES).toContain(ref);
    if (mutant !== undefined) expect(mutants.map(({ id }) => id)).toContain(mutant);
  }
});

describe.each(BUGS_OF_RELEASES)('$name', ({ name, settings, property, broken, cure = {} }) => {
  const trace = readTrace(readFileSync(new URL(`saved/${name}.json`, import.meta.url), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);

  it('is saved, under no rules but those of its release, and breaks exactly what it says', () => {
    expect(settings.rules).toEqual({});
    expect(trace.settings).toMatchObject({ release: settings.release, rules: {}, kafka: settings.kafka });
    expect(trace).toMatchObject({ property, broken });
  });

  it('is gone with the rule that cured it', () => {
    const machine = machineOf({ ...settings, rules: cure });
    const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
    expect(brokenIds(runActions(machine, codes, 'lenient').findings)).not.toContain(property);
  });
});

const links = (entries: readonly CatalogEntry[]): string =>
  entries.map(({ name, settings }) => `[${name}](saved/${name}.json) (${settings.release})`).join(', ');

function remark({ source, mutant, says }: Remark): string {
  if (mutant === undefined) return `${source}: ${says}`;
  const survivor = SURVIVORS[mutant];
  if (survivor === undefined) return `${source}: [\`${mutant}\`](mutants/${slug(mutant)}.json); ${says}`;
  const shown = survivor.why === 'liveness' ? `\`${survivor.property}\` with \`${mutant}\`` : `\`${mutant}\``;
  return `${source}: ${shown}; ${says}`;
}

it('the README has the table of them (UPDATE_DOCS=1 writes it)', async () => {
  const page = new URL('README.md', import.meta.url);
  const [head = '', rest = ''] = readFileSync(page, 'utf8').split('<!-- corpus:begin -->');
  const [, tail = ''] = rest.split('<!-- corpus:end -->');
  const rows = ENTRIES.map((ref) => {
    const released = runsOf(ref).filter(({ settings }) => isRelease(settings));
    const changed = runsOf(ref).filter(({ settings }) => !isRelease(settings));
    const said = remarksOn(ref).map(remark).join('. ');
    return `| ${ref} | ${links(changed)} | ${links([...released, ...runsInReleases(ref)])} | ${said} |`;
  });
  const table = [
    '| | one rule changed | all rules of a release | else |',
    '| --- | --- | --- | --- |',
    ...rows,
  ];
  const after = `${head}<!-- corpus:begin -->\n\n${table.join('\n')}\n\n<!-- corpus:end -->${tail}`;
  const formatted = await format(after, { parser: 'markdown', printWidth: 120, proseWrap: 'preserve' });
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, formatted);
  expect(readFileSync(page, 'utf8')).toBe(formatted);
});

/** Settings with the rules of one of Kafka's releases, and no other. */
const isRelease = ({ release, rules }: CatalogEntry['settings']): boolean =>
  Object.keys(rules).length === 0 && !release.endsWith('-repaired');
