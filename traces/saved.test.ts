import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  brokenIds,
  machineOf,
  readTrace,
  replayTrace,
  runActions,
  withSavedTable,
  writeTrace,
  type Trace,
} from './index.ts';

const folder = path.join(import.meta.dirname, 'saved');
const files = (existsSync(folder) ? readdirSync(folder) : []).filter((file) => file.endsWith('.json')).sort();

function saved(file: string): { readonly text: string; readonly trace: Trace } {
  const text = readFileSync(path.join(folder, file), 'utf8');
  const trace = readTrace(text);
  if ('error' in trace) throw new Error(`${file}: ${trace.error}`);
  return { text, trace };
}

/** Positions of the actions without which the property still breaks. */
function superfluous({ settings, property, actions }: Trace): number[] {
  const machine = machineOf(settings);
  const codes = actions.flatMap((action) => machine.encode(action) ?? []);
  return codes.flatMap((_, index) => {
    const rest = codes.filter((_code, other) => other !== index);
    const { findings } = runActions(machine, rest, 'lenient');
    return property !== null && brokenIds(findings).includes(property) ? [index + 1] : [];
  });
}

describe.skipIf(files.length === 0)('saved traces', () => {
  it.each(files)(
    '%s replays exactly: the same property at the same step, nothing else than it says',
    (file) => {
      const { trace } = saved(file);
      const { verdict, says, broken, finding, differsAfter } = replayTrace(trace, { exact: true });
      expect({ verdict, differsAfter, broken, brokenAt: finding?.step ?? null }, says).toEqual({
        verdict: 'reproduced',
        differsAfter: undefined,
        broken: trace.broken,
        brokenAt: trace.brokenAt,
      });
    },
  );

  it.each(files)('%s stands as it would be written, under its own name', (file) => {
    const { text, trace } = saved(file);
    expect(writeTrace(trace)).toBe(text);
    expect(`${trace.name ?? ''}.json`).toBe(file);
  });

  it.each(files.filter((file) => saved(file).trace.minimal !== 'no'))(
    '%s needs every action it has',
    (file) => {
      const { trace } = saved(file);
      expect(superfluous(trace)).toEqual([]);
      if (trace.property !== null) expect(trace.brokenAt).toBe(trace.actions.length);
    },
  );
});

it('the table in the README lists the saved traces (npm run traces:refresh writes it)', () => {
  const page = readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8');
  expect(page).toBe(
    withSavedTable(
      page,
      files.map((file) => saved(file).trace),
    ),
  );
});
