import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELEASE_NAMES, RELEASES } from './releases.ts';
import { SWITCH_NAMES, SWITCHES, withRule, type Rules, type SwitchInfo } from './switches.ts';

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

/** As far as numbers go: 2.0 stands for 2.0.0. */
function isUpTo(since: string, release: string): boolean {
  const numbers = (text: string): number[] =>
    text
      .split(/[^\d.]/, 1)[0]
      ?.split('.')
      .map(Number) ?? [];
  const [a, b] = [numbers(since), numbers(release)];
  const [i = -1] = [0, 1, 2, 3].filter((at) => (a[at] ?? 0) !== (b[at] ?? 0));
  return i < 0 || (a[i] ?? 0) < (b[i] ?? 0);
}

/** What is older than the rule itself has the first value that any release had. */
function newestIn(release: string, name: (typeof SWITCH_NAMES)[number]): string | undefined {
  const { values, since }: SwitchInfo = SWITCHES[name];
  const shipped = values.filter((_, i) => since[i] !== null);
  return shipped.findLast((value) => isUpTo(since[values.indexOf(value)] ?? '', release)) ?? shipped[0];
}

/** What ZooKeeper mode had at all times, whatever KRaft mode of the same release had. */
const IN_ZOOKEEPER_MODE: Partial<Rules> = {
  controller: 'zookeeper',
  'controller-honours-unclean-setting': 'yes',
  'isr-shrink-bumps-leader-epoch': 'no',
  'controlled-shutdown-kept-in': 'controller-memory',
  'broker-epoch-checked-in': 'nothing',
  'repeated-alter-partition': 'accepted-if-equal',
  'preferred-replica-must-be-unfenced': 'yes',
  // A LeaderAndIsr without a leader that lives does not come so far.
  'metadata-without-leader': 'applied',
};

/** Where a number does not tell: a rule that came and went, a feature that somebody switched on. */
const EXCEPTIONS: Readonly<Record<string, Partial<Rules>>> = {
  ...Object.fromEntries(
    ['0.10.2', '0.11.0', '1.1', '2.0', '2.0.1', '2.1'].map((name) => [
      name,
      { 'high-watermark-answers-waiting-fetch': 'no' },
    ]),
  ),
  '4.0+elr': { 'eligible-leader-replicas': 'on' },
};

describe('releases', () => {
  it('are sets of switch values that no rule knows', () => {
    const knowing = protocol.filter(({ text }) => /from '.*releases\.ts'/.test(text));
    expect(knowing).toEqual([]);
  });

  it.each(RELEASE_NAMES.filter((name) => !name.endsWith('-repaired')))(
    '%s has the newest value that there was of each rule',
    (release) => {
      const byNumber = Object.fromEntries(SWITCH_NAMES.map((name) => [name, newestIn(release, name)]));
      const mode = RELEASES[release].controller === 'zookeeper' ? IN_ZOOKEEPER_MODE : {};
      expect(RELEASES[release]).toEqual({ ...byNumber, ...mode, ...EXCEPTIONS[release] });
    },
  );

  it('differ from one another', () => {
    const values = Object.values(RELEASES).map((rules) => JSON.stringify(rules));
    expect(new Set(values).size).toBe(values.length);
  });
});
