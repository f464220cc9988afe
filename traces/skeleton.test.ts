import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { machineOf, readTrace, runActions, skeletonOf, type Trace } from './index.ts';

const folder = new URL('saved/', import.meta.url);
const traces = readdirSync(folder).map((file): Trace => {
  const trace = readTrace(readFileSync(new URL(file, folder), 'utf8'));
  if ('error' in trace) throw new Error(trace.error);
  return trace;
});

describe('skeletons', () => {
  it('tell the saved traces apart', () => {
    const skeletons = traces.map(({ property, actions }) => `${property ?? ''}\n${skeletonOf(actions)}`);
    expect(new Set(skeletons).size).toBe(traces.length);
  });

  it('do not depend on the order of neighbours that have nothing to do with each other', () => {
    let swapped = 0;
    for (const { settings, actions } of traces) {
      const machine = machineOf(settings);
      const end = runActions(
        machine,
        actions.flatMap((action) => machine.encode(action) ?? []),
        'strict',
      );
      for (let i = 0; i + 1 < actions.length; i++) {
        const [first, second] = [actions[i]!, actions[i + 1]!];
        if (!(
          first['broker'] !== undefined &&
          second['broker'] !== undefined &&
          first['broker'] !== second['broker']
        ))
          continue;
        if (first.kind !== 'send-fetch' || second.kind !== 'send-fetch') continue;
        const other = [...actions.slice(0, i), second, first, ...actions.slice(i + 2)];
        expect(skeletonOf(other)).toBe(skeletonOf(actions));
        swapped++;
      }
      expect(end.refused).toEqual([]);
    }
    expect(swapped).toBeGreaterThan(0);
  });

  it('do not depend on which broker is which', () => {
    expect(
      skeletonOf([
        { kind: 'kill', broker: 1 },
        { kind: 'pause', broker: 2 },
        { kind: 'kill', broker: 2 },
      ]),
    ).toBe(
      skeletonOf([
        { kind: 'kill', broker: 2 },
        { kind: 'pause', broker: 0 },
        { kind: 'kill', broker: 0 },
      ]),
    );
    expect(
      skeletonOf([
        { kind: 'kill', broker: 1 },
        { kind: 'start-broker', broker: 1 },
      ]),
    ).not.toBe(
      skeletonOf([
        { kind: 'kill', broker: 1 },
        { kind: 'start-broker', broker: 2 },
      ]),
    );
  });
});
