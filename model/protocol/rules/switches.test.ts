import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELEASES } from './releases.ts';
import { SWITCH_NAMES, SWITCHES, withRule } from './switches.ts';

const protocol = path.join(import.meta.dirname, '..');
const sources = readdirSync(protocol, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(protocol, name), 'utf8') }));

describe('a rule switch', () => {
  const asking = sources.filter(({ name }) => !/(switches|releases)\.ts$/.test(name));

  it.each(SWITCH_NAMES)('%s is asked by some rule', (name) => {
    expect(asking.filter(({ text }) => text.includes(`'${name}'`))).not.toEqual([]);
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
    const knowing = sources.filter(({ text }) => /from '.*releases\.ts'/.test(text));
    expect(knowing).toEqual([]);
  });

  it('differ from one another', () => {
    const values = Object.values(RELEASES).map((rules) => JSON.stringify(rules));
    expect(new Set(values).size).toBe(values.length);
  });
});
