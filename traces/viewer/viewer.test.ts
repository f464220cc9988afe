import { describe, expect, it } from 'vitest';
import { replayTrace } from '../replay.ts';
import { PLAIN } from '../render.ts';
import { outlook, pointOfNoReturn, type ContinuationPlan } from './continuations.ts';
import { changesAt, findChange, isMatch, valueAt } from './fields.ts';
import { filmOf, isElsewhere, type Film } from './film.ts';
import { chartOf, type Chart } from './layout/chart.ts';
import { marksOf } from './layout/marks.ts';
import { departuresOf, stripsAt } from './layout/strips.ts';
import { MERMAID_CHARACTERS, MERMAID_MESSAGES, mermaidOf } from './mermaid.ts';
import type { PageData } from './page-data.ts';
import { pageOf } from './page-of.ts';
import { sentenceAt } from './sentence.ts';
import { stepChanges, stepText } from './step-text.ts';
import { storyText } from './story-text.ts';
import { longRun } from './long-run.ts';
import { savedTrace } from './testing.ts';
import { propertyOf } from '../run.ts';

const FEW: ContinuationPlan = { seed: 1, runs: 12, actions: 100, states: 80 };

function viewed(name: string): { readonly data: PageData; readonly film: Film; readonly chart: Chart } {
  const data = pageOf(replayTrace(savedTrace(name)), `npm run replay -- ${name}.json`, FEW);
  const film = filmOf(data.settings, data.codes, data.partition);
  return { data, film, chart: chartOf(film) };
}

const standing = viewed('last-replica-standing');
const long = ((): ReturnType<typeof viewed> => {
  const data = pageOf(replayTrace(longRun(2000)), 'npm run replay -- long.json');
  const film = filmOf(data.settings, data.codes);
  return { data, film, chart: chartOf(film) };
})();

describe('continuations', () => {
  it('rise where power goes, and leave no way out before the break', () => {
    const { cause, noReturn, violation } = standing.data.landmarks;
    expect({ cause, violation }).toEqual({ cause: 15, violation: 23 });
    expect(noReturn).toBeGreaterThanOrEqual(15);
    expect(noReturn).toBeLessThan(23);
  });

  it('are the same for the same seed, and others for another', () => {
    const { run, finding } = replayTrace(savedTrace('acks-1-loss'));
    const look = (seed: number) =>
      outlook(run.machine, run.frames, propertyOf('acked-durable'), finding?.step ?? 0, { ...FEW, seed });
    expect(look(1)).toEqual(look(1));
    expect(look(1).shares).not.toEqual(look(2).shares);
  });

  it('look at some states of a long run only, and close in on the point of no return', () => {
    const { run, finding } = replayTrace(savedTrace('unclean-election'));
    const steps = finding?.step ?? 0;
    const look = (states: number) =>
      outlook(run.machine, run.frames, propertyOf('agreement'), steps, { ...FEW, states });
    expect(look(4).shares.length).toBeLessThan(look(80).shares.length);
    expect(pointOfNoReturn(look(4))).toBe(pointOfNoReturn(look(80)));
  });
});

describe('of several partitions', () => {
  const { data, film, chart } = viewed('latest-on-a-new-partition');
  const others = film.frames.filter((frame) => isElsewhere(frame, film));

  it('the one is drawn in which the property broke', () => {
    expect([data.partition, film.partition]).toEqual([1, 1]);
    expect(data.under).toMatch(/; partition 1 is drawn$/);
    expect(standing.data.partition).toBeUndefined();
    const { strips } = stripsAt(film, departuresOf(film), film.end, 9);
    expect(strips.map(({ logEnd }) => logEnd)).toEqual([0, 2]);
  });

  it('steps of the others are told, and leave no sign', () => {
    expect(others.map(({ action }) => action.kind)).toEqual([
      'send-record',
      'handle-produce',
      'handle-produce-response',
      'send-record',
    ]);
    expect(others.flatMap((frame) => marksOf(frame, film))).toEqual([]);
    expect(sentenceAt(film, 1)).toBe('producer 0 sends record 0 to broker 0');
    const produced = chart.arrows.filter(({ kind }) => kind === 'Produce');
    expect(produced.map(({ label, to }) => [label, to])).toEqual([
      ['r1', 1],
      ['r3', 1],
    ]);
  });
});

describe('the chart', () => {
  it('has a lane for each party, brokers between those who write and the controller', () => {
    expect(standing.chart.lanes.map(({ name }) => name)).toEqual([
      'producer 0',
      'broker 0',
      'broker 1',
      'broker 2',
      'controller',
    ]);
  });

  it('has ZooKeeper where brokers are the controllers, and says which of them is', () => {
    const { film, chart } = viewed('restart-between-controllers');
    expect(chart.lanes.map(({ shortName }) => shortName)).toContain('ZK');
    expect(chart.lanes.map(({ name }) => name)).not.toContain('controller');
    const { keeper, strips } = stripsAt(film, departuresOf(film), film.end, 4);
    expect(keeper).toBe('ZooKeeper');
    expect(strips.filter(({ counts }) => counts.some((word) => /^ctrl \d+$/.test(word)))).toHaveLength(1);
    const fields = Array.from({ length: film.end }, (_, i) => changesAt(film, i + 1)).flat();
    for (const wanted of ['ZooKeeper · controller', ' · told · ', ' · controller · '])
      expect(fields.some(({ field }) => field.includes(wanted))).toBe(true);
  });

  it('ends each arrow where its message was handled or lost', () => {
    const told = standing.chart.arrows.map(({ kind, from, to, sent, ended, fate }) => [
      kind,
      from,
      to,
      sent,
      ended,
      fate,
    ]);
    expect(told).toContainEqual(['Produce', 6, 0, 1, 2, 'received']);
    expect(told).toContainEqual(['FetchResponse', 0, 1, 4, 8, 'received']);
    // The controller's answer to a broker that lost power on the way.
    expect(told).toContainEqual(['AlterPartitionResponse', 5, 0, 12, 15, 'lost']);
  });

  it('shows a message that was lost on purpose as lost, and one that was given up as still under way', () => {
    const { film, chart } = long;
    const stepsOf = (start: string) =>
      film.frames.flatMap(({ action, position }) => (action.kind.startsWith(start) ? [position] : []));
    const losses = film.frames.flatMap(({ action, position }) =>
      /^lose-(?!controller)/.test(action.kind) ? [position] : [],
    );
    expect(losses.length).toBeGreaterThan(0);
    const lost = new Set(chart.arrows.filter(({ fate }) => fate === 'lost').map(({ ended }) => ended));
    expect(losses.filter((step) => !lost.has(step))).toEqual([]);
    const givenUp = chart.arrows.filter(({ givenUp: at }) => at !== undefined);
    expect(givenUp.length).toBeGreaterThan(0);
    // A connection that dies takes other requests along; a fetch that waits at its leader is under way no more.
    const steps = new Set(givenUp.map(({ givenUp: at }) => at));
    const abandoned = ['fetch', 'produce', 'alter-partition'].flatMap((kind) => stepsOf(`abandon-${kind}`));
    expect(abandoned.filter((step) => !steps.has(step))).toEqual([]);
    for (const { sent, givenUp: at = 0, ended } of givenUp) expect(sent < at && at <= ended).toBe(true);
  });

  it('shows a fetch that waits at its leader until the leader dies', () => {
    expect(standing.chart.waits).toEqual([{ at: 0, from: 14, to: 15 }]);
  });

  it('tells when a broker led, and when it was down', () => {
    const broker = standing.chart.spans[1]?.map(({ from, to, life, role, epoch }) => [
      from,
      to,
      life,
      role,
      epoch,
    ]);
    expect(broker?.[0]).toEqual([0, 14, 'up', 'leader', 0]);
    expect(broker?.[1]).toEqual([15, 16, 'down', 'none', -1]);
    expect(broker?.at(-1)).toEqual([23, 23, 'up', 'leader', 2]);
  });
});

describe('the strips', () => {
  const at = (film: Film, step: number) => stripsAt(film, departuresOf(film), step, 7);

  it('mark what was acknowledged and is gone from the leader', () => {
    const { strips, committed } = at(standing.film, 23);
    expect(strips[0]?.cells).toMatchObject([{ offset: 0, record: 0, fate: 'lost', acknowledged: true }]);
    expect(strips[1]?.cells).toMatchObject([{ offset: 0, record: 0, fate: 'held' }]);
    expect(committed).toEqual([{ offset: 0, record: 0, acknowledged: true, lost: true }]);
  });

  it('mark what differs from what was committed', () => {
    const { film } = viewed('zombie-leader');
    const fates = Array.from({ length: film.end + 1 }, (_, step) =>
      at(film, step).strips.flatMap(({ cells }) => cells.map(({ fate }) => fate)),
    ).flat();
    expect(fates).toContain('diverged');
    expect(fates).toContain('missing');
  });

  it('have no high watermark while a broker is down', () => {
    expect(at(standing.film, 15).strips[0]?.highWatermark).toBeUndefined();
    expect(at(standing.film, 14).strips[0]?.highWatermark).toBe(1);
  });

  it('show the newest offsets of a long log', () => {
    const film = filmOf(standing.data.settings, standing.data.codes);
    expect(stripsAt(film, departuresOf(film), 23, 0)).toMatchObject({ start: 1, end: 1 });
  });
});

describe('changes', () => {
  it('are only what changed, with what is in flight', () => {
    expect(changesAt(standing.film, 8)).toContainEqual({
      field: 'broker 1 · log · entries · offset 0',
      before: undefined,
      after: 'record 0 of epoch 0',
    });
    const fields = changesAt(standing.film, 8).map(({ field }) => field);
    expect(fields).toContain('in flight · FetchResponse · broker 0 → broker 1');
    expect(fields.some((field) => field.startsWith('broker 2'))).toBe(false);
    expect(changesAt(standing.film, 0)).toEqual([]);
  });

  it('are found by the words of a field, forwards and backwards', () => {
    const find = (from: number, direction: 1 | -1, query: string) =>
      findChange(standing.film, from, direction, (field) => isMatch(field, query));
    expect(find(0, 1, 'broker 0 highWatermark')).toBe(14);
    expect(find(23, -1, 'broker 0 highwatermark')).toBe(15);
    expect(find(0, 1, 'broker 2 highWatermark')).toBeUndefined();
  });

  it('match a number only with the word before it', () => {
    expect(isMatch('broker 0 · replica · leading · remotes · 2 · logEndOffset', 'broker 2')).toBe(false);
    expect(isMatch('broker 2 · replica · highWatermark', 'high broker 2')).toBe(true);
  });

  it('come with the value of any field at any step', () => {
    expect(valueAt(standing.film, 14, 'broker 0 · replica · highWatermark')).toBe('1');
    expect(valueAt(standing.film, 14, 'broker 0 · replica · nothing')).toBeUndefined();
  });
});

describe('the story', () => {
  it('says what a new leader lacks', () => {
    expect(sentenceAt(standing.film, 23)).toMatch(
      /becomes leader in epoch 2; .*; it lacks offset 0, which was committed$/,
    );
  });

  it('as text names every step, the landmarks and what broke', () => {
    const lines = storyText(standing.data, standing.film).split('\n');
    expect(lines.filter((line) => /^ *\d+ {2}/.test(line))).toHaveLength(24);
    expect(lines.find((line) => line.startsWith('15'))).toMatch(/^15 {2}\(cause.*\) broker 0 loses power/);
    expect(lines.filter((line) => line.startsWith('*** '))).toHaveLength(2);
  });

  it('as a sequence diagram is whole where it is short', () => {
    const { text, cut } = mermaidOf(standing.data, standing.film, standing.chart);
    expect(cut).toBeUndefined();
    expect(text).toMatch(/^sequenceDiagram\n {2}participant P6 as producer 0\n/);
    expect(text).toContain('  P5-xP0: 15 ISR [0]\n');
    expect(text).not.toMatch(/[;#]/);
  });

  it('as a sequence diagram keeps to the limits and says where it begins', () => {
    const { text, cut } = mermaidOf(long.data, long.film, long.chart);
    expect(text.length).toBeLessThan(MERMAID_CHARACTERS);
    expect(text.match(/->>|-x/g)?.length).toBeLessThanOrEqual(MERMAID_MESSAGES);
    expect(cut).toMatch(/^cut: begins at step \d+ of 2000, /);
    expect(text).toContain(cut);
  });
});

describe('the terminal', () => {
  const options = { paint: PLAIN, width: 90 };

  it('has a column per broker, at the same place in every step', () => {
    for (const step of [0, 14, 23]) {
      const text = stepText(standing.film, standing.data.breaks, step, options);
      expect(text.split('\n').find((line) => line.startsWith('broker 0'))).toBe(
        'broker 0'.padEnd(30) + 'broker 1'.padEnd(30) + 'broker 2',
      );
    }
  });

  it('says what broke, and what changed', () => {
    const text = stepText(standing.film, standing.data.breaks, 23, options);
    expect(text).toContain('*** durability/holder is broken: ');
    expect(text).toContain('0: r0✓ ✗ gone');
    expect(stepChanges(standing.film, 14, options)).toContain('broker 0 · replica · highWatermark: 0 → 1');
    expect(stepChanges(standing.film, 0, options)).toBe('no field changes');
  });
});
