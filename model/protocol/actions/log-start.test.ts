import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';
import { logStart, recordOf } from '../state/log.ts';

/** Committed on A: records 0 to 2; B and C have them and their fetches wait. */
const committed = (wanted: Wanted = {}): Play => {
  const play = new Play({ ...wanted, producers: [{ acks: 1 }] });
  for (let i = 0; i < 3; i++) play.produce().act('handle-produce-response', A, 6, 0);
  return play.catchUp(B).catchUp(C).catchUp(B);
};
const starts = ({ state }: Play): number[] => state.logs.map(logStart);
/** What is on the disk, by offset. */
const onDisk = ({ state }: Play, broker: number): (number | undefined)[] =>
  (state.logs[broker]?.entries ?? []).map((packed) => {
    const record = recordOf(packed);
    return record < 9 ? record : undefined;
  });

describe('records are deleted', () => {
  it('by an administrator at the leader: followers hear of it with the answer to a fetch', () => {
    const play = committed().act('delete-records', A, 2);
    expect([starts(play), onDisk(play, A)]).toEqual([
      [2, 0, 0],
      [0, 1, 2],
    ]);
    play.act('answer-delayed-fetch', B, A, 0).act('handle-fetch-response', A, B, 0);
    expect(starts(play)).toEqual([2, 2, 0]);
    expect(
      play
        .replicate(B)
        .leading(A)
        .remotes.map(({ logStart: told }) => told),
    ).toEqual([undefined, 2, undefined]);
    expect(play.happened('log-start-moved').map(({ broker, why }) => [broker, why])).toEqual([
      [A, 'delete-records'],
      [B, 'leader'],
    ]);
  });

  it('not by a follower, and not what is not committed', () => {
    const play = committed().produce();
    expect(play.refusal('delete-records', B, 1)).toBe('the broker believes that it leads');
    expect(play.refusal('delete-records', A, 4)).toBe('so many records are below the high watermark');
    expect(play.refusal('delete-records', A, 3)).toBeUndefined();
  });

  it('by retention on each replica for itself, from the disk too, below its own high watermark', () => {
    const play = committed().produce();
    expect(play.highWatermark(C)).toBeLessThan(3);
    expect(play.refusal('delete-old-segments', C, 3)).toBe('retention may go so far');
    expect(play.refusal('delete-old-segments', A, 4)).toBe('retention may go so far');
    play.act('delete-old-segments', B, 2);
    expect([starts(play), onDisk(play, B)]).toEqual([
      [0, 2, 0],
      [undefined, undefined, 2],
    ]);
    // A log that starts later than its leader's is none that diverges.
    expect(play.catchUp(B).log(B)).toHaveLength(4);
  });

  it('before 0.11 by retention alone, of which nobody tells', () => {
    const play = committed({ rules: { 'log-start-in-fetch': 'no' } }).act('delete-old-segments', A, 2);
    expect(play.refusal('delete-records', A, 1)).toBe('the configuration knows such an action');
    expect(starts(play.produce().catchUp(B))).toEqual([2, 0, 0]);
    expect(play.leading(A).remotes[B]?.logStart).toBeUndefined();
  });

  it('by retention up to the end of the log before 0.11.0.1', () => {
    const play = committed({ rules: { 'retention-bounded-by': 'log-end' } }).produce();
    expect(play.refusal('delete-old-segments', A, 4)).toBeUndefined();
  });
});

describe('the log start after a restart', () => {
  it('goes back to the checkpoint: what an administrator had deleted is there again', () => {
    const play = committed().act('delete-records', A, 2).act('kill', A).act('start-broker', A);
    expect(starts(play)[A]).toBe(0);
  });

  it.each<readonly [string, (play: Play) => Play]>([
    ['was checkpointed', (play) => play.act('checkpoint-log-start', A).act('kill', A)],
    ['was checkpointed by a clean stop', (play) => play.stopCleanly(A)],
    ['is told by the first segment', (play) => play.act('delete-old-segments', A, 1).act('kill', A)],
  ])('stays where it %s', (_, stop) => {
    const play = stop(committed().act('delete-records', A, 1));
    expect(starts(play.act('start-broker', A))[A]).toBeGreaterThan(0);
  });

  it('lets a log that ends before it begin anew there', () => {
    const play = committed().act('delete-records', A, 3).act('checkpoint-log-start', A);
    play.act('power-loss', A, 2).act('start-broker', A);
    expect([starts(play)[A], onDisk(play, A), play.highWatermark(A)]).toEqual([
      3,
      [undefined, undefined, undefined],
      3,
    ]);
    expect(play.happened('log-restarted')).toMatchObject([{ broker: A, from: 1, to: 3 }]);
  });

  it('is checkpointed only where it differs', () => {
    expect(committed().refusal('checkpoint-log-start', A)).toBe('the checkpoint differs');
    const play = committed().act('delete-old-segments', A, 1);
    expect(play.refusal('checkpoint-log-start', A)).toBe('the checkpoint differs');
  });
});

describe('a follower that ends before the log start of its leader', () => {
  /** C is down while the records that it lacks are written and deleted. */
  const behind = (wanted: Wanted = {}): Play => {
    const play = new Play({ ...wanted, producers: [{ acks: 1 }] }).produce();
    play.act('handle-produce-response', A, 6, 0).catchUp(B).catchUp(C).act('kill', C).fence(C);
    play.everybodyLearns();
    for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', A, 6, 0);
    return play.catchUp(B).catchUp(B).act('delete-records', A, 3).restart(C).forget();
  };
  const outOfRange = (play: Play): Play =>
    play.act('send-fetch', C).act('handle-fetch', C, A, 0).act('handle-fetch-response', A, C, 0);

  it('drops all it has and goes on there, with its high watermark', () => {
    const play = outOfRange(behind());
    expect(play.happened('fetch-refused').map(({ error }) => error)).toEqual(['OFFSET_OUT_OF_RANGE']);
    expect(play.happened('log-restarted')).toMatchObject([{ broker: C, from: 1, to: 3 }]);
    expect([starts(play)[C], play.log(C).length, play.highWatermark(C)]).toEqual([3, 3, 3]);
    play.produce().catchUp(C);
    expect(onDisk(play, C)).toEqual([undefined, undefined, undefined, 3]);
  });

  it('kept its high watermark before 2.4.1', () => {
    const play = outOfRange(behind({ rules: { 'full-truncation-moves': 'log-start' } }));
    expect([starts(play)[C], play.highWatermark(C)]).toEqual([3, 0]);
  });
});

describe('a consumer whose position is below the log start', () => {
  const read = (autoOffsetReset: 'earliest' | 'latest' | 'none'): Play =>
    committed({ consumers: [{ autoOffsetReset }] })
      .act('delete-records', A, 2)
      .forget()
      .act('poll', 0);

  it('goes where auto.offset.reset says', () => {
    expect(read('earliest').happened('offset-reset')).toMatchObject([{ from: 0, to: 2 }]);
    expect(read('latest').happened('offset-reset')).toMatchObject([{ from: 0, to: 3 }]);
    expect(read('none').happened('consumer-stopped')).toMatchObject([{ position: 0 }]);
  });

  it('reads on from the log start', () => {
    expect(
      read('earliest')
        .act('poll', 0)
        .happened('delivered')
        .map(({ record }) => record),
    ).toEqual([2]);
  });
});
