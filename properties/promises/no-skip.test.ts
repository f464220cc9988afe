import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import type { Rules } from '../../model/index.ts';
import { watched } from '../testing.ts';

describe('no committed record is skipped', () => {
  it('by a consumer that reads in several steps', () => {
    const play = new Play({ producers: [{ acks: 1 }] });
    const { broken } = watched(play);
    for (let i = 0; i < 3; i++) {
      play.produce().catchUp(B).catchUp(C).act('handle-produce-response', A, 6, 0).act('poll', 0);
    }
    expect(play.happened('delivered').map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(broken()).toEqual([]);
  });

  it('where a record stands in the log of a deposed leader and was never committed', () => {
    const play = new Play({ producers: [{ acks: 1, maxInFlight: 2 }] });
    const { broken } = watched(play);
    play.produce().fence(A).everybodyLearns().act('refresh-producer-metadata', 0, B).produce().catchUp(C);
    play.act('refresh-consumer-metadata', 0, B).act('poll', 0);
    expect([play.log(A), play.happened('delivered').map(({ record }) => record)]).toEqual([[0], [1]]);
    expect(broken()).toEqual([]);
  });
});

/** A, alone in the ISR, serves three records; B is elected uncleanly with an empty log and commits two others. */
const asBefore: Partial<Rules> = { 'consumer-validates-position': 'no' };
const afterALoss = (autoOffsetReset: 'earliest' | 'latest', rules: Partial<Rules> = asBefore): Play => {
  // prettier-ignore
  const wanted: Wanted = { release: '4.0', rules, brokers: 2, unclean: true, minInsyncReplicas: 1, producers: [{ acks: 1 }], consumers: [{ autoOffsetReset }] };
  return new Play(wanted);
};
const lose = (play: Play): Play => {
  play.fence(B).learn(A);
  for (let i = 0; i < 3; i++) play.produce().act('handle-produce-response', A, 6, 0);
  play
    .act('poll', 0)
    .act('kill', A)
    .act('session-expires', A)
    .act('heartbeat', B)
    .act('fence-broker', A)
    .learn(B);
  play.act('refresh-producer-metadata', 0, B).act('refresh-consumer-metadata', 0, B);
  for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', B, 6, 0);
  return play.forget().act('poll', 0);
};

describe('after a loss', () => {
  it('a consumer that goes back to the start reads everything that is there now', () => {
    const play = afterALoss('earliest');
    const { broken } = watched(play);
    lose(play).act('poll', 0);
    // prettier-ignore
    expect(play.happened('delivered').map(({ offset, record }) => [offset, record])).toEqual([[0, 3], [1, 4]]);
    expect(broken()).not.toContain('no-skip');
  });

  it('a consumer that jumps to the end skips what was written in between', () => {
    const play = afterALoss('latest');
    const { broken, says } = watched(play);
    lose(play);
    expect(play.happened('offset-reset')).toMatchObject([{ from: 3, to: 2 }]);
    expect(broken()).not.toContain('no-skip');
    play.produce().act('poll', 0);
    expect(says('no-skip')).toBe(
      'consumer 0 got offset 2 without ever getting record 3, committed at offset 0',
    );
  });

  it('a consumer that waits at its old position skips what was written below it', () => {
    const play = afterALoss('earliest');
    const { says } = watched(play);
    play.fence(B).learn(A).produce().act('handle-produce-response', A, 6, 0).act('poll', 0);
    play.act('kill', A).act('session-expires', A).act('heartbeat', B).act('fence-broker', A).learn(B);
    play.act('refresh-producer-metadata', 0, B).act('refresh-consumer-metadata', 0, B);
    for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', B, 6, 0);
    play.act('poll', 0);
    expect(says('no-skip')).toBe(
      'consumer 0 got offset 1 without ever getting record 1, committed at offset 0',
    );
  });

  it('a consumer that validates its position goes back to where the logs part, whatever the reset policy', () => {
    const play = afterALoss('latest', {});
    const { broken } = watched(play);
    lose(play);
    expect(play.happened('offset-reset')).toMatchObject([{ from: 3, to: 0, why: 'truncated' }]);
    play.act('poll', 0);
    expect(play.happened('delivered').map(({ record }) => record)).toEqual([3, 4]);
    expect(broken()).not.toContain('no-skip');
    expect(broken()).not.toContain('position-valid');
  });
});

it('a consumer that is restarted without a committed offset skips with auto.offset.reset=latest', () => {
  const play = new Play({ brokers: 1, minInsyncReplicas: 1, consumers: [{ autoOffsetReset: 'latest' }, {}] });
  const { broken, says } = watched(play);
  play.produce().act('handle-produce-response', A, 6, 0).act('restart-consumer', 0);
  play.act('poll', 0).produce().act('poll', 0).act('poll', 1);
  expect(play.happened('delivered').map(({ consumer, record }) => [consumer, record])).toEqual([
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  expect(broken()).toEqual(['no-skip']);
  expect(says('no-skip')).toBe(
    'consumer 0 got offset 1 without ever getting record 0, committed at offset 0',
  );
});
