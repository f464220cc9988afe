import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELEASES } from './releases.ts';
import { SWITCH_NAMES, SWITCHES, withRule } from './switches.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const sources = ['model', 'properties', 'traces', 'scripts']
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (name) => `${folder}/${name.replaceAll(path.sep, '/')}`,
    ),
  )
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(root, name), 'utf8') }));
const protocol = sources.filter(({ name }) => name.startsWith('model/protocol/'));

describe('a rule switch', () => {
  // Rules that share a switch ask for it by a name of its own: see shared-switches.ts.
  it.each(SWITCH_NAMES)('%s is read in exactly one place, which is part of the protocol', (name) => {
    const readers = sources.flatMap(({ name: file, text }) =>
      Array.from(text.matchAll(/\brules\[\s*'([^']*)'\s*\]/g))
        .filter(([, key]) => key === name)
        .map(() => file),
    );
    expect(readers).toHaveLength(1);
    expect(readers[0]).toMatch(/^model\/protocol\//);
  });

  it('is asked for by its name, never by a name that is worked out', () => {
    const computed = protocol.filter(({ text }) =>
      /\brules\[(?!\s*')|[{,]\s*'[a-z-]+'\s*:[^{}]*\}\s*=\s*\S*rules/.test(text),
    );
    expect(computed.map(({ name }) => name)).toEqual([]);
  });

  it.each(SWITCH_NAMES)('%s is put as a question, with its source', (name) => {
    expect(SWITCHES[name].asks).toMatch(/\?$/);
    expect(SWITCHES[name].source).toMatch(/KIP-\d|KAFKA-\d|[A-Z]\w+\.[a-z]\w+/);
    expect(SWITCHES[name].values.length).toBeGreaterThan(1);
  });

  it('takes its own values and no others', () => {
    expect(withRule(RELEASES['4.0+elr'], 'eligible-leader-replicas', 'off')).toEqual(RELEASES['4.0']);
    expect(withRule(RELEASES['4.1'], 'eligible-leader-replicas', 'maybe')).toEqual({
      error: 'rule eligible-leader-replicas cannot be "maybe"; it takes off, on',
    });
    expect(withRule(RELEASES['4.1'], 'toString', 'on')).toHaveProperty('error');
  });
});

describe('releases', () => {
  it('are sets of switch values that no rule knows', () => {
    const knowing = protocol.filter(({ text }) => /from '.*releases\.ts'/.test(text));
    expect(knowing).toEqual([]);
  });

  it('differ from one another', () => {
    const values = Object.values(RELEASES).map((rules) => JSON.stringify(rules));
    expect(new Set(values).size).toBe(values.length);
  });
});
