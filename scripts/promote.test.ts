import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readTrace, replayTrace } from '../traces/index.ts';
import { register } from './commands/promote.ts';
import { SAVED } from './saved.ts';

let scratch: string;
let saved: string;
let finding: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'promote-'));
  saved = path.join(scratch, 'saved');
  mkdirSync(saved);
  writeFileSync(path.join(scratch, 'README.md'), '<!-- saved:begin -->\n<!-- saved:end -->\n');
  finding = path.join(scratch, 'finding.json');
  copyFileSync(path.join(SAVED, 'acks-1-loss.json'), finding);
});
afterAll(() => rmSync(scratch, { recursive: true }));

/** Runs the command; gives its exit code. */
function promote(...args: string[]): unknown {
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  register(program);
  try {
    program.parse(['promote', ...args, '--saved', saved], { from: 'user' });
    return process.exitCode;
  } finally {
    out.mockRestore();
    process.exitCode = 0;
  }
}

describe('promote', () => {
  it('makes a finding a saved trace with its expectation, and lists it', () => {
    expect(promote(finding, '--title', 'One answer, one kill, no record')).toBe(0);
    const trace = readTrace(readFileSync(path.join(saved, 'one-answer-one-kill-no-record.json'), 'utf8'));
    if ('error' in trace) throw new Error(trace.error);
    expect(trace).toMatchObject({ note: 'One answer, one kill, no record', broken: ['acked-durable'] });
    expect(replayTrace(trace, { exact: true }).verdict).toBe('reproduced');
    expect(readFileSync(path.join(scratch, 'README.md'), 'utf8')).toContain(
      '| One answer, one kill, no record |',
    );
  });

  it.each([
    [['--title', 'One answer, one kill, no record'], 'there is a saved trace of that name'],
    [['--title', 'x', '--name', '../x'], 'lower case letters'],
    [['--title', ' '], 'must say what happens'],
  ])('refuses %j', (args, why) => {
    expect(() => promote(finding, ...args)).toThrow(why);
  });

  it('saves nothing that does not break what it says', () => {
    const text = readFileSync(finding, 'utf8').replace(
      '"release": "4.1"',
      '"release": "4.1",\n    "nothing": 1',
    );
    writeFileSync(path.join(scratch, 'strange.json'), text);
    expect(() => promote(path.join(scratch, 'strange.json'), '--title', 'strange')).toThrow('nothing');
    const other = JSON.parse(readFileSync(finding, 'utf8')) as { actions: unknown[]; digests?: unknown };
    delete other.digests;
    writeFileSync(
      path.join(scratch, 'short.json'),
      JSON.stringify({ ...other, brokenAt: other.actions.length - 1, actions: other.actions.slice(0, -1) }),
    );
    expect(promote(path.join(scratch, 'short.json'), '--title', 'short')).toBe(1);
    expect(() => readFileSync(path.join(saved, 'short.json'))).toThrow();
  });
});
