import { describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../model/index.ts';
import { machineOf, recordTrace, replayTrace, type Trace } from './index.ts';

/** Without this clause a consumer reads what is not committed: the shortest break there is. */
const settings: Settings = { ...defaultSettings, mutant: ['a consumer reads only below the high watermark'] };
const machine = machineOf(settings);
const codes = [
  { kind: 'pause', broker: 2 },
  { kind: 'send-record', producer: 0 },
  { kind: 'handle-produce', from: 6, to: 0, nth: 0 },
  { kind: 'poll', consumer: 0 },
].flatMap((action) => machine.encode(action) ?? []);
const trace = recordTrace(settings, codes, { property: 'committed-reads' });

const withActions = (change: (actions: Trace['actions']) => Trace['actions']): Trace => ({
  ...trace,
  actions: change(trace.actions),
  digests: undefined,
});

describe('a replay', () => {
  it('reproduces what was recorded', () => {
    expect(replayTrace(trace, { exact: true })).toMatchObject({
      verdict: 'reproduced',
      says: 'committed-reads breaks after 4 actions',
      steps: 4,
      broken: trace.broken,
      finding: { property: 'committed-reads', step: 4 },
      differsAfter: undefined,
    });
  });

  it('is refused at the first action that is not enabled, with its guard', () => {
    const twice = withActions((actions) => [
      ...actions.slice(0, 1),
      { kind: 'pause', broker: 2 },
      ...actions.slice(1),
    ]);
    expect(replayTrace(twice)).toMatchObject({
      verdict: 'refused',
      says: 'action 2 (pause) is not enabled: not so that it is not paused',
      steps: 1,
      refused: [{ position: 2, guard: 'it is not paused' }],
    });
  });

  it('goes past such actions when it is lenient, and names them', () => {
    const twice = withActions((actions) => [
      ...actions.slice(0, 1),
      { kind: 'pause', broker: 2 },
      ...actions.slice(1),
    ]);
    expect(replayTrace(twice, { lenient: true })).toMatchObject({
      verdict: 'reproduced',
      says: 'committed-reads breaks after 4 actions, without 1 that are not enabled',
      refused: [{ position: 2 }],
    });
  });

  it('does not reproduce where nothing breaks', () => {
    expect(replayTrace(withActions((actions) => actions.slice(0, 3)))).toMatchObject({
      verdict: 'not-violated',
      says: 'committed-reads does not break along 3 actions',
    });
  });

  it('does not reproduce where the property breaks at another step', () => {
    expect(replayTrace({ ...trace, brokenAt: 3 })).toMatchObject({
      verdict: 'not-violated',
      says: 'committed-reads breaks after 4 actions, not after 3 as recorded',
    });
  });

  it('names the first state that differs, and refuses for that only when asked to be exact', () => {
    const digests = trace.digests?.with(1, '0123456789abcdef').with(2, '0123456789abcdef');
    expect(replayTrace({ ...trace, digests })).toMatchObject({ verdict: 'reproduced', differsAfter: 2 });
    expect(replayTrace({ ...trace, digests }, { exact: true })).toMatchObject({
      verdict: 'refused',
      says: 'the state after action 2 is not the recorded one',
    });
    expect(replayTrace({ ...trace, digests: undefined }, { exact: true }).says).toBe(
      'the trace has no digests',
    );
  });

  it('may be asked of another release', () => {
    const { trace: replayed, verdict } = replayTrace(trace, { release: '3.6' });
    expect({ release: replayed.settings.release, verdict }).toEqual({
      release: '3.6',
      verdict: 'reproduced',
    });
  });

  it('of a run that is to break nothing reproduces when nothing breaks', () => {
    const healthy = recordTrace(defaultSettings, codes.slice(0, 3));
    expect(replayTrace(healthy, { exact: true }).verdict).toBe('reproduced');
    expect(replayTrace({ ...trace, property: null, broken: [], brokenAt: null })).toMatchObject({
      verdict: 'not-violated',
      says: expect.stringMatching(
        /^nothing was to break, but committed-reads breaks after 4 actions$/,
      ) as string,
    });
  });
});

describe('recording', () => {
  it('refuses actions that are not enabled, and a property that does not break', () => {
    expect(() => recordTrace(settings, codes.slice(2))).toThrow('action 1 (handle-produce) is not enabled');
    expect(() => recordTrace(settings, codes, { property: 'ordering' })).toThrow('does not break ordering');
  });
});
