/** CONTRIBUTING.md shows how a change of a rule is tried: the change is made in a copy of the sources, and tried there. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSettings, parseFaults } from '../model/index.ts';
import type * as Properties from './index.ts';

const root = path.join(import.meta.dirname, '..');
const copy = mkdtempSync(path.join(tmpdir(), 'highwater-'));
afterAll(() => {
  rmSync(copy, { recursive: true });
});

const page = readFileSync(path.join(root, 'CONTRIBUTING.md'), 'utf8');
const changes = Array.from(page.matchAll(/```diff (\S+)\n([^]*?)```/g), ([, file = '', text = '']) => ({
  file,
  lines: text.trimEnd().split('\n'),
}));

/** The lines of a diff that its mark leaves: those before the change, or those after it. */
const without = (mark: '+' | '-', lines: readonly string[]): string =>
  lines.flatMap((line) => (line.startsWith(mark) ? [] : [`${line.slice(1)}\n`])).join('');

describe('the worked example', () => {
  it('changes a rule, the list of rules and the list of releases', () => {
    for (const folder of ['model', 'properties']) {
      cpSync(path.join(root, folder), path.join(copy, folder), {
        recursive: true,
        filter: (name) => !name.endsWith('.test.ts'),
      });
    }
    symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
    writeFileSync(path.join(copy, 'package.json'), '{ "type": "module" }');
    expect(changes.map(({ file }) => path.basename(file))).toEqual(['isr.ts', 'switches.ts', 'releases.ts']);
    for (const { file, lines } of changes) {
      const text = readFileSync(path.join(copy, file), 'utf8');
      const parts = text.split(without('+', lines));
      expect(parts, `${file} has the lines of the example once`).toHaveLength(2);
      writeFileSync(path.join(copy, file), parts.join(without('-', lines)));
    }
  });

  it('gives a release under which the suite finds what is wrong with it, and leaves the others as they are', async () => {
    const changed = (await import(
      pathToFileURL(path.join(copy, 'properties/index.ts')).href
    )) as typeof Properties;
    const faults = parseFaults('shrink:2', 2, 3);
    if ('error' in faults) throw new Error(faults.error);
    const found = (release: string): readonly string[] => {
      const campaign = new changed.WalkCampaign({
        settings: { ...defaultSettings, release: release as '4.1', faults },
        properties: changed.PROPERTIES.filter(({ id }) => id === 'candidates-complete'),
        seed: 1,
        actions: 100,
        tolerated: new Set(),
      });
      for (let run = 0; run < 200; run++) {
        const broken = campaign.run(run);
        if (broken !== undefined) return broken.findings.map(({ property }) => property);
      }
      return [];
    };
    expect(found('4.1-spared')).toEqual(['candidates-complete']);
    expect(found('4.1-repaired')).toEqual([]);
  });
});
