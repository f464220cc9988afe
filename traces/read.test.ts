import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ACTIONS, defaultSettings, walk } from '../model/index.ts';
import { MAX_ACTIONS, MAX_BYTES } from './format.ts';
import { MIGRATIONS, type Migrations } from './migrations.ts';
import { machineOf, readTrace, recordTrace, writeTrace, type Trace } from './index.ts';

const weights = Int32Array.from(ACTIONS, () => 1);

/** The actions that one list of numbers picks. */
function walkOf(picks: readonly number[]) {
  let next = 0;
  const below = (bound: number): number => (picks[next++] ?? 0) % bound;
  return walk(machineOf(defaultSettings), { below }, { weights, actions: 20 }, () => next >= picks.length);
}

const trace: Trace = recordTrace(
  defaultSettings,
  walkOf([7, 3, 11, 2, 25, 9, 14, 1, 30, 4, 8, 15, 16, 23, 42]),
  {
    name: 'a-walk',
    note: 'any walk will do',
    schedule: { driver: 'walk', seed: 7, run: 3 },
    seed: 7,
    found: { by: 'fuzz', at: '2026-02-03' },
  },
);
const text = writeTrace(trace);

type Json = Record<string, unknown>;
const errorOf = (written: string, migrations?: Migrations): string | undefined => {
  const read = readTrace(written, migrations);
  return 'error' in read ? read.error : undefined;
};
/** What is said of the file after a change to it. */
const changed = (change: (file: Json) => void): string | undefined => {
  const file = JSON.parse(text) as Json;
  change(file);
  return errorOf(JSON.stringify(file));
};
const set =
  (...steps: readonly (string | number)[]) =>
  (value: unknown) =>
    changed((file) => {
      let at: Json = file;
      for (const step of steps.slice(0, -1)) at = at[step] as Json;
      at[steps.at(-1) ?? ''] = value;
    });

describe('a trace', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), (picks) => {
        const recorded = recordTrace(defaultSettings, walkOf(picks));
        expect(readTrace(writeTrace(recorded))).toEqual(recorded);
      }),
      { numRuns: 50 },
    );
    expect(readTrace(text)).toEqual(trace);
  });

  it('is written the same way again', () => {
    const read = readTrace(text);
    if ('error' in read) throw new Error(read.error);
    expect(writeTrace(read)).toBe(text);
  });
});

describe('a file that is no trace is refused in one line', () => {
  it.each([
    ['empty', '', 'the file is empty; a trace is a JSON object'],
    ['blank', ' \n', 'the file is empty; a trace is a JSON object'],
    [
      'cut in a string',
      text.slice(0, 20),
      'the file breaks off after 20 characters; a trace ends with its closing brace',
    ],
    ['cut between values', text.slice(0, -4), /^the file breaks off after \d+ characters/],
    ['text', 'highwater', 'the file is not JSON; a trace is a JSON object'],
    [
      'broken JSON',
      '{\n  "a": 1,,\n}',
      'the file is not JSON at line 2, column 10; a trace is a JSON object',
    ],
    ['another value', '[1]', 'the file must be a JSON object, got a list'],
    ['deeply nested', '['.repeat(200_000), 'the file is not JSON; a trace is a JSON object'],
    ['deeply nested objects', '{"a":'.repeat(200_000), /^the file breaks off/],
    [
      'too large',
      ' '.repeat(MAX_BYTES + 1),
      `the file has ${MAX_BYTES + 1} bytes; a trace has at most ${MAX_BYTES}`,
    ],
  ])('%s', (_name, written, says) => {
    const error = errorOf(written) ?? '';
    if (typeof says === 'string') expect(error).toBe(says);
    else expect(error).toMatch(says);
  });

  it.each([
    ['another format', set('format')('other'), 'format must be "highwater-trace", got "other"'],
    ['no format', set('format')(undefined), 'format must be "highwater-trace", got nothing'],
    [
      'newer version',
      set('version')(9),
      'version is 9, newer than 1, the newest that is known here; update highwater',
    ],
    ['version as text', set('version')('1'), 'version must be a whole number, 0 to 1, got "1"'],
    ['unknown key', set('extra')(1), 'the file: unknown key "extra"'],
    [
      'misspelt action',
      set('actions', 0, 'kind')('kil'),
      'action 1: kind is unknown: "kil"; did you mean "kill"?',
    ],
    ['no kind', set('actions', 0, 'kind')(undefined), 'action 1: kind is missing; it must be an action'],
    ['no action', set('actions', 0)(null), 'action 1 must be an action, got null'],
    [
      'unknown parameter',
      set('actions', 0)({ kind: 'kill', broker: 1, lost: 2 }),
      'action 1 (kill): unknown parameter "lost"; known are broker',
    ],
    [
      'missing parameter',
      set('actions', 0)({ kind: 'kill' }),
      'action 1 (kill): broker is missing; it must be a whole number, 0 to 4',
    ],
    [
      'wrong parameter',
      set('actions', 0)({ kind: 'kill', broker: 'two' }),
      'action 1 (kill): broker must be a whole number, 0 to 4, got "two"',
    ],
    [
      'nobody of that name',
      set('actions', 0)({ kind: 'kill', broker: 4 }),
      'action 1 (kill): broker 4 does not exist; there are 3 brokers, 1 producer and 1 consumer',
    ],
    [
      'too many actions',
      set('actions')(Array.from({ length: MAX_ACTIONS + 1 }, () => ({ kind: 'poll', consumer: 0 }))),
      `there are ${MAX_ACTIONS + 1} actions; a trace has at most ${MAX_ACTIONS}`,
    ],
    ['unknown release', set('settings', 'release')('trunk'), 'settings.release is unknown: "trunk"'],
    ['unknown rule', set('settings', 'rules')({ foo: 'yes' }), 'settings.rules: unknown rule "foo"'],
    [
      'unknown value of a rule',
      set('settings', 'rules')({ 'high-watermark-needs-min-isr': 'maybe' }),
      'settings.rules.high-watermark-needs-min-isr must be one of no, yes, got "maybe"',
    ],
    [
      'unknown Kafka key',
      set('settings', 'kafka')({ 'min.insync.replica': 1 }),
      'settings.kafka: unknown Kafka key "min.insync.replica"; did you mean "min.insync.replicas"?',
    ],
    [
      'Kafka key out of range',
      set('settings', 'kafka')({ 'min.insync.replicas': 9 }),
      'settings.kafka["min.insync.replicas"] must be a whole number, 1 to 5, got 9',
    ],
    [
      'settings that do not fit together',
      set('settings', 'brokers')(2),
      'settings: default.replication.factor is 3, but there are only 2 brokers',
    ],
    [
      'unknown fault',
      set('settings', 'faults', 'budgets')({ kil: 1 }),
      /unknown fault "kil"; did you mean "kill"\?$/,
    ],
    [
      'unknown clause',
      set('settings', 'mutant')(['no such clause']),
      'settings.mutant: unknown clause "no such clause"',
    ],
    [
      'unknown property',
      set('property')('no-such'),
      'property is unknown: "no-such"; did you mean "no-skip"?',
    ],
    [
      'property not among the broken',
      set('property')('ordering'),
      'broken must contain the property "ordering"',
    ],
    [
      'too few digests',
      set('digests')(['0123456789abcdef']),
      `digests must be one per action, that is ${trace.actions.length}, got 1`,
    ],
    ['no digest', set('digests', 0)('x'), 'digests[0] must be 16 hexadecimal digits, got "x"'],
    ['escape sequences', set('note')('\u001b[31m'), /^note must be one line of .* got "\\u001b\[31m"$/],
    ['no date', set('found', 'at')('yesterday'), /^found\.at must be a date or an instant/],
  ])('%s', (_name, error, says) => {
    if (typeof says === 'string') expect(error).toBe(says);
    else expect(error).toMatch(says);
  });

  it('however strange its names are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.jsonValue(), (name, value) => {
        for (const where of [['settings', 'rules'], ['settings', 'kafka'], ['settings'], ['actions', 0]]) {
          const error = set(...where, name)(value);
          if (error !== undefined) expect(error).toMatch(/^[^\p{Cc}\u2028\u2029]{10,400}$/u);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('and where a key is called %s', (name) => {
    const inKafka = text.replace('"kafka": {}', `"kafka": {"${name}": {"polluted": true}}`);
    const inRules = text.replace('"rules": {}', `"rules": {"${name}": {"polluted": true}}`);
    expect(errorOf(inKafka)).toBe(`settings.kafka: unknown Kafka key "${name}"`);
    expect(errorOf(inRules)).toContain(`settings.rules: unknown rule "${name}"`);
    expect(errorOf(text.replace('{', `{"${name}": {"polluted": true},`))).toBe(
      `the file: unknown key "${name}"`,
    );
    expect(({} as Json).polluted).toBeUndefined();
  });
});

describe('a file of an earlier format', () => {
  it('of version 0 is upgraded: config became settings, and there were no digests', () => {
    const { settings, property, actions } = JSON.parse(text) as Json;
    const old = { format: 'highwater-trace', version: 0, config: settings, property, actions };
    expect(readTrace(JSON.stringify(old))).toEqual({
      settings: trace.settings,
      property: null,
      broken: [],
      brokenAt: null,
      actions: trace.actions,
      minimal: 'no',
    });
    const breaking = readTrace(JSON.stringify({ ...old, property: 'ordering' }));
    expect(breaking).toMatchObject({ broken: ['ordering'], brokenAt: trace.actions.length });
  });

  it('may call actions and their parameters by names they had, even twice renamed', () => {
    const renamed: Migrations = {
      ...MIGRATIONS,
      renamed: new Map([
        ['crash', { kind: 'stop-hard', params: { id: 'node' } }],
        ['stop-hard', { kind: 'kill', params: { node: 'broker' } }],
      ]),
    };
    const old = { ...(JSON.parse(text) as Json), digests: undefined, actions: [{ kind: 'crash', id: 2 }] };
    const read = readTrace(JSON.stringify(old), renamed);
    expect(read).toMatchObject({ actions: [{ kind: 'kill', broker: 2 }] });
    expect(errorOf(JSON.stringify(old))).toBe('action 1: kind is unknown: "crash"');
  });
});
