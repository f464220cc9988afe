import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../model/testing.ts';
import { watched } from '../testing.ts';

/** Committed on A: records 0 to 2; B and C have them. */
const committed = (play: Play): Play => {
  for (let i = 0; i < 3; i++) play.produce().act('handle-produce-response', A, 6, 0);
  return play.catchUp(B).catchUp(C).catchUp(B);
};
const plain = (wanted: Wanted = {}): Play => new Play({ ...wanted, producers: [{ acks: 1 }] });

describe('what was deleted on purpose', () => {
  it('is no loss, though no leader has it, and no divergence', () => {
    const play = plain();
    const { broken } = watched(play);
    committed(play).act('poll', 0).act('delete-old-segments', A, 2).act('delete-records', A, 1);
    play.replicate(B).fence(A).everybodyLearns().catchUp(C).act('refresh-consumer-metadata', 0, B);
    play.act('refresh-producer-metadata', 0, B).produce().catchUp(C).catchUp(C).act('poll', 0);
    expect(play.happened('log-start-moved').length).toBeGreaterThan(2);
    expect(play.happened('became-leader')).toHaveLength(1);
    expect(broken()).toEqual([]);
  });

  it('is skipped by whoever had not read it', () => {
    const play = plain();
    const { says } = watched(play);
    committed(play).act('delete-old-segments', A, 2).act('poll', 0).act('poll', 0);
    expect(says('no-skip')).toMatch(/got offset 2 without ever getting record 0/);
  });

  it('is not skipped by a consumer that stops instead', () => {
    const play = plain({ consumers: [{ autoOffsetReset: 'none' }] });
    const { broken } = watched(play);
    committed(play).act('delete-old-segments', A, 2).act('poll', 0);
    expect([play.happened('consumer-stopped').length, broken()]).toEqual([1, []]);
  });
});

describe('no log starts above its high watermark', () => {
  it('unless retention deletes what is not committed', () => {
    const play = plain({ rules: { 'retention-bounded-by': 'log-end' } });
    const { says } = watched(play);
    committed(play).produce().act('delete-old-segments', A, 4);
    expect(says('log-start-bound')).toBe('the log of broker 0 starts at 4, above its high watermark 3');
  });
});
