/** What several partitions share: a producer's buffer, the directories of a broker. */
import { describe, expect, it } from 'vitest';
import { createMachine, type Action } from './machine.ts';
import { configFault } from './config.ts';
import { at } from './draft.ts';
import { newestImage } from './state/metadata.ts';
import { recordOf } from './state/log.ts';
import { viewOf } from './state/partitions.ts';
import { configFor, type Wanted } from '../testing.ts';

const P = 6;

function byHand(wanted: Wanted) {
  const machine = createMachine(configFor(wanted));
  let state = machine.initial;
  const codeOf = (action: Action) => {
    const code = machine.encode(action);
    if (code === undefined) throw new Error(`there is no ${JSON.stringify(action)}`);
    return code;
  };
  const play = {
    act(kind: string, params: Readonly<Record<string, number>> = {}) {
      ({ state } = machine.step(state, codeOf({ kind, ...params })));
      return play;
    },
    refusal: (kind: string, params: Readonly<Record<string, number>> = {}) =>
      machine.refusal(state, codeOf({ kind, ...params }))?.guard,
    view: (partition: number) => viewOf(state, partition),
    buffers: () => [0, 1].map((partition) => viewOf(state, partition).producers[0]?.buffer),
    log: (broker: number, partition: number) =>
      at(viewOf(state, partition).logs, broker).entries.map(recordOf),
    leaders: () => newestImage(state.metadata).partitions.map(({ leader }) => leader),
    process: (broker: number) => at(state.processes, broker),
  };
  return play;
}

const alone: Wanted = { brokers: 2, assignment: [0], otherAssignments: [[1]], minInsyncReplicas: 1 };
const handOver = (play: ReturnType<typeof byHand>, partitions: readonly number[]): void => {
  for (const partition of partitions) play.act('hand-over-record', { producer: 0, partition });
};

describe('buffer.memory', () => {
  it('is one for all partitions: what waits for one keeps out the records of another', () => {
    const play = byHand({ ...alone, producers: [{ bufferRecords: 2 }], records: 4 });
    expect(play.refusal('hand-over-record', { producer: 0, partition: 1 })).toBe(
      'the application has records left',
    );
    handOver(play, [0, 1]);
    expect(play.buffers()).toEqual([[0], [1]]);
    expect(play.refusal('hand-over-record', { producer: 0 })).toBe(
      'a producer takes no more records than its buffer holds',
    );
    expect(play.refusal('refuse-record', { producer: 0, partition: 1 })).toBe(
      'the application has records left',
    );
    // What is in flight takes room as well, until it is answered.
    play
      .act('send-record', { producer: 0, partition: 1 })
      .act('handle-produce', { from: P, to: 1, nth: 0, partition: 1 });
    expect(play.refusal('hand-over-record', { producer: 0 })).toMatch(/no more records/);
    play.act('handle-produce-response', { from: 1, to: P, nth: 0, partition: 1 });
    handOver(play, [0]);
    expect(play.buffers()).toEqual([[0, 2], []]);
    // The next is of partition 1, and finds no room.
    play.act('refuse-record', { producer: 0, partition: 1 });
    expect(play.refusal('send-record', { producer: 0, partition: 1 })).toBe('it has records left');
  });
});

describe('batches', () => {
  it('fill up with records of their own partition', () => {
    const play = byHand({ ...alone, producers: [{ batchRecords: 2 }], records: 5 });
    expect(play.refusal('send-batch', { producer: 0, records: 2 })).toBe('it has so many records left');
    handOver(play, [0, 1, 0, 1, 0]);
    expect(play.buffers()).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    play
      .act('send-batch', { producer: 0, records: 2 })
      .act('send-batch', { producer: 0, records: 2, partition: 1 });
    play.act('handle-produce', { from: P, to: 0, nth: 0 });
    play.act('handle-produce', { from: P, to: 1, nth: 0, partition: 1 });
    expect([play.log(0, 0), play.log(1, 1)]).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect(play.buffers()).toEqual([[4], []]);
  });
});

describe('a log directory that fails', () => {
  const spread: Wanted = {
    brokers: 2,
    logDirs: 2,
    assignment: [0, 1],
    otherAssignments: [[0, 1]],
    minInsyncReplicas: 1,
    records: 2,
  };
  const fail = (directory: number) =>
    byHand(spread).act('fail-log-directory', directory === 0 ? { broker: 0 } : { broker: 0, directory });

  it.each([0, 1])('takes the partition that is in it, and no other (%d)', (directory) => {
    const play = fail(directory);
    const hosts = [0, 1].map((partition) => play.view(partition).replicas[0]?.leading !== null);
    expect(hosts).toEqual([directory !== 0, directory !== 1]);
    play.act('heartbeat', { broker: 0 });
    expect(play.leaders()).toEqual(directory === 0 ? [1, 0] : [0, 1]);
    expect(play.refusal('checkpoint-high-watermark', { broker: 0, partition: directory })).toBe(
      'its log directory is online',
    );
    expect(play.refusal('elect-preferred-leader', { partition: directory })).toBe(
      'the election changes something',
    );
  });

  it('is the last one: the broker halts', () => {
    const play = fail(0);
    expect(play.refusal('fail-log-directory', { broker: 0 })).toBe('its log directory is online');
    expect(play.refusal('fail-log-directory', { broker: 0, directory: 2 })).toBe(
      'a partition is in the log directory',
    );
    play.act('fail-log-directory', { broker: 0, directory: 1 });
    expect(play.process(0).status).toBe('down');
  });

  it('leaves the other partition at work, and is repaired with a start', () => {
    const play = fail(1).act('heartbeat', { broker: 0 });
    play.act('send-record', { producer: 0 }).act('handle-produce', { from: P, to: 0, nth: 0 });
    expect(play.log(0, 0)).toEqual([0]);
    play.act('repair-log-directory', { broker: 0 });
    expect(play.process(0)).toMatchObject({ status: 'down' });
    expect(play.process(0)).not.toHaveProperty('offline');
  });
});

describe('a dead letter', () => {
  const wanted: Wanted = {
    ...alone,
    otherAssignments: [[1], [1]],
    producers: [{ retries: 0, afterFailure: 'send-elsewhere' }],
    records: 4,
  };

  it('goes to the last partition, which gets nothing else', () => {
    const play = byHand(wanted);
    for (const partition of [0, 1, 0]) {
      expect(play.refusal('send-record', { producer: 0, partition: 2 })).toBe('it has records left');
      play.act('send-record', { producer: 0, partition });
      play.act('lose-produce', { from: P, to: partition, nth: 0, partition });
      play.act('notice-disconnect', { producer: 0, partition });
    }
    const waiting = play.view(2).producers[0]?.retries.map(({ record }) => record);
    expect(waiting).toEqual([0, 1, 2]);
    play.act('retry-record', { producer: 0, partition: 2 });
    play.act('handle-produce', { from: P, to: 1, nth: 0, partition: 2 });
    expect([play.log(0, 0), play.log(1, 1), play.log(1, 2)]).toEqual([[], [], [0]]);
  });

  it('is dropped where it fails too', () => {
    const play = byHand(wanted).act('send-record', { producer: 0 });
    play.act('expire-batch', { producer: 0 }).act('expire-batch', { producer: 0, partition: 2 });
    expect([0, 1, 2].map((partition) => play.view(partition).producers[0]?.retries)).toEqual([[], [], []]);
  });

  it('needs a partition to go to', () => {
    const fault = (changes: Wanted) => configFault(configFor({ ...wanted, ...changes }));
    expect(fault({})).toBeUndefined();
    expect(fault({ otherAssignments: [] })).toMatch(/needs num\.partitions=2 or more/);
    expect(fault({ partitions: 2, faults: { 'add-partition': 1 } })).toMatch(
      /without the fault add-partition/,
    );
  });
});
