import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ACTIONS, defaultSettings, faultsOfClass, type Action, type Settings } from '../model/index.ts';
import {
  machineOf,
  readTrace,
  recordTrace,
  renderText,
  replayTrace,
  runActions,
  tell,
  type Paint,
} from './index.ts';

const settings: Settings = {
  ...defaultSettings,
  kafka: { ...defaultSettings.kafka, 'min.insync.replicas': 1 },
  faults: faultsOfClass('F1', 1, 2),
  consumers: 1,
  records: 2,
  mutant: ['a consumer reads only below the high watermark'],
};
const machine = machineOf(settings);
const actions: readonly Action[] = [
  { kind: 'send-record', producer: 0 },
  { kind: 'handle-produce', from: 6, to: 0, nth: 0 },
  { kind: 'send-fetch', broker: 1 },
  { kind: 'handle-fetch', from: 1, to: 0, nth: 0 },
  { kind: 'handle-fetch-response', from: 0, to: 1, nth: 0 },
  { kind: 'cut-both-ways', a: 0, b: 5 },
  { kind: 'session-expires', broker: 0 },
  { kind: 'fence-broker', broker: 0 },
  { kind: 'power-loss', broker: 0, lost: 1 },
  { kind: 'apply-metadata', broker: 1, records: 2 },
  { kind: 'refresh-consumer-metadata', consumer: 0, broker: 1 },
  { kind: 'pause', broker: 2 },
  { kind: 'start-broker', broker: 0 },
  { kind: 'poll', consumer: 0 },
];
const codes = actions.flatMap((action) => machine.encode(action) ?? []);
const trace = recordTrace(settings, codes, { property: 'committed-reads', name: 'dirty-read' });
const command = 'npm run replay -- traces/saved/dirty-read.json';

describe('the report of a run', () => {
  it('leads with what broke, where, how long it is and how to see it again; then tells every step', () => {
    const { run } = replayTrace(trace);
    expect(`\n${renderText(trace, run, { command })}\n`).toMatchInlineSnapshot(`
      "
      dirty-read: breaks committed-reads: A consumer gets a record only after it was committed at that offset.
      release 4.1, 3 brokers, 1 producer, 1 consumer, 2 records each, min.insync.replicas=1, faults kill:2
        power-loss:2 clean-stop:2 pause:2 cut:2 fence:2 move:2 shrink:2 lost:2 lag:2 ctrl:2, without "a consumer
        reads only below the high watermark"
      14 actions; broken by action 14
      replay: npm run replay -- traces/saved/dirty-read.json

      A line shows what a step changed. L2 leads in epoch 2, F2 follows, - does neither, x is down; s starting, c
      stopping, z paused or waiting for its disk. 4/2 is record 4 written in epoch 2, _ a deleted one, | the high
      watermark. Controller: leader@epoch [ISR].

          broker 0  broker 1  broker 2  controller
       0  L0 |      F0 |      F0 |      0@0 [0 1 2]  the first state
       1                                             producer 0 sends record 0 to broker 0
       2  L0 |0/0                                    broker 0 handles record 0 of producer 0: appends record 0 at
                                                       offset 0
       3                                             broker 1 fetches from broker 0 at offset 0, epoch 0
       4                                             broker 0 handles the fetch of broker 1 at offset 0 and answers
                                                       with record 0
       5            F0 |0/0                          broker 1 takes the answer of broker 0: appends record 0 at
                                                       offset 0
       6                                             the link between broker 0 and controller is cut
       7                                             the session of broker 0 expires
       8                                1@1 [1 2]    the controller fences broker 0: broker 1 is elected for epoch
                                                       1, ISR [0 1 2] → [1 2]; broker 0 is fenced
       9  x                                          broker 0 loses power: record 0 of broker 0 is gone
      10            L1 |0/0                          broker 1 applies metadata up to offset 5: 1 earlier version is
                                                       never looked at; becomes leader in epoch 1; its log ends at 1
      11                                             consumer 0 learns from broker 1 that broker 1 leads (epoch 1)
      12                      F0z |                  broker 2 pauses
      13  -s |                                       broker 0 starts; its log ends at 0
      14                                             consumer 0 reads record 0 from broker 1, offset 0 on
      *** committed-reads is broken: consumer 0 got record 0 at offset 0, which was not committed
      "
    `);
  });

  it('fits into the width that it is given', () => {
    const { run } = replayTrace(trace);
    for (const width of [90, 110, 160]) {
      const lines = renderText(trace, run, { command, width }).split('\n');
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
    }
  });

  it('says the same with colours as without', () => {
    const { run } = replayTrace(trace);
    const wrapped = (mark: string) => (text: string) => `${mark}${text}${mark}`;
    const paint: Paint = { bold: wrapped('\u0001'), dim: wrapped('\u0002'), red: wrapped('\u0003') };
    const painted = renderText(trace, run, { command, paint });
    // eslint-disable-next-line no-control-regex -- the marks are chosen so that no text has them
    expect(painted.replaceAll(/[\u0001-\u0003]/g, '')).toBe(renderText(trace, run, { command }));
    expect(painted).not.toBe(renderText(trace, run, { command }));
  });

  it('names what was not enabled where it would have stood', () => {
    const twice = recordTrace(settings, codes.slice(0, 2));
    const { run } = replayTrace(
      { ...twice, actions: [...twice.actions, ...twice.actions] },
      { lenient: true },
    );
    const text = renderText(twice, run, { command });
    expect(text).toContain(
      '4  handle-produce (from 6, to 0 and nth 0) is not enabled: not so that the request',
    );
  });
});

describe('the story of a step', () => {
  it('has words of its own for every kind of action', () => {
    const [frame] = runActions(machine, codes.slice(0, 1), 'strict').frames;
    if (frame === undefined) throw new Error('no frame');
    for (const { kind, params } of ACTIONS) {
      const action = { kind, ...Object.fromEntries(params.map((param) => [param, 0])) };
      expect(tell({ ...frame, action, events: [] })).not.toContain(`${kind} (`);
    }
  });
});

it('says from whom a consumer reads, and why it goes elsewhere', () => {
  const file = new URL('saved/reset-by-a-follower.json', import.meta.url);
  const saved = readTrace(readFileSync(file, 'utf8'));
  if ('error' in saved) throw new Error(saved.error);
  const frames = replayTrace(saved).run.frames;
  const told = frames.filter(({ action }) => action.kind.startsWith('poll')).map(tell);
  expect(told).toEqual([
    'consumer 0 polls broker 0, which sends it to broker 1',
    'consumer 0 reads record 0 from broker 1, offset 0 on',
    'consumer 0 polls broker 1, which does not know its position, and gives that up',
    'consumer 0 polls broker 0: consumer 0 has no position and goes from offset 1 to 2',
    'consumer 0 reads record 2 from broker 0, offset 2 on',
  ]);
});
