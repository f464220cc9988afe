/** What is said, and kept, of a search for states that cannot recover. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { defaultSettings, NO_FAULTS } from '../../model/index.ts';
import { PLAIN, readTrace, replayTrace } from '../../traces/index.ts';
import { ALONE, explore } from './engine.ts';
import { keepCounterexample } from './findings.ts';
import { jsonOf, outcomeOf } from './outcome.ts';
import type { MachineProblem } from './problem.ts';
import { summary } from './report.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'highwater-'));
afterAll(() => rmSync(folder, { recursive: true }));

const memory = 512 * 1024 * 1024;

async function asked(answerAdvances: 'yes' | 'no') {
  const problem: MachineProblem = {
    kind: 'machine',
    settings: {
      ...defaultSettings,
      release: '4.1-repaired',
      rules: {
        'high-watermark-waits-for-caught-up': 'no',
        'isr-answer-advances-high-watermark': answerAdvances,
      },
      kafka: { ...defaultSettings.kafka, 'default.replication.factor': 2, 'min.insync.replicas': 1 },
      brokers: 2,
      consumers: 0,
      records: 1,
      faults: { ...defaultSettings.faults, budgets: { ...NO_FAULTS, kill: 1, shrink: 1 } },
    },
    bounds: {},
    grain: { name: 'exchange', detached: 0 },
    properties: [],
    recovery: 'survivors',
  };
  const stop = { requested: false };
  const result = await explore({
    ...ALONE,
    problem,
    memory,
    stop,
  });
  const finding =
    result.counterexample === undefined
      ? undefined
      : await keepCounterexample(result.counterexample, problem, { folder, today: '2024-10-01', stop });
  return outcomeOf({ problem, result, finding, memory, symmetry: false, calibration: undefined });
}

describe('a state that cannot recover', () => {
  it('is told with the run to it and what is lacking for ever, and kept as a trace that replays', async () => {
    const outcome = await asked('no');
    expect(jsonOf(outcome)).toMatchObject({
      verdict: 'violated',
      property: 'can-recover',
      broken: ['can-recover'],
      steps: 9,
      canRecover: 'survivors',
      recovery: { undecided: 0, lacks: ['what the leader has is committed, and its followers know'] },
    });
    const text = summary(outcome, PLAIN);
    expect(text).toContain('in none of them what the leader has is committed');
    expect(text).toContain('violated (exchange, k=0 grain): can-recover, 9 actions\n');
    const trace = readTrace(readFileSync(outcome.finding?.file ?? '', 'utf8'));
    if ('error' in trace) throw new Error(trace.error);
    expect(replayTrace(trace, { exact: true })).toMatchObject({ verdict: 'reproduced', steps: 9 });
  });

  it('is not there with the newer rule, and the search says what that means', async () => {
    const outcome = await asked('yes');
    expect(jsonOf(outcome)).toMatchObject({ verdict: 'proved', recovery: { undecided: 0 } });
    expect(jsonOf(outcome)).not.toHaveProperty('witnesses');
    expect(summary(outcome, PLAIN)).toContain('once faults end, all can become well again from every state');
  });

  it('may be there where what follows is too much to be searched: that is no proof', async () => {
    const proved = await asked('yes');
    const recovery = { calm: 9, stuck: undefined, undecided: 2 };
    const { verdict, because } = outcomeOf({ ...proved, result: { ...proved.result, recovery } });
    expect(verdict).toBe('incomplete');
    expect(because).toMatch(/^of 2 states nothing can be said/);
  });
});
