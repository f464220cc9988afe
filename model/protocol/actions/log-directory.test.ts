import { describe, expect, it } from 'vitest';
import { A, B, C, Play, type Wanted } from '../../testing.ts';

const P = 6;

/** One record is committed on A, B and C have it; brokers have two log directories where nothing else is said. */
const committed = (wanted: Wanted = {}): Play => {
  const play = new Play({ logDirs: 2, ...wanted, producers: [{ acks: 1 }] }).produce();
  return play.act('handle-produce-response', A, P, 0).catchUp(B).catchUp(C);
};
const failed = (wanted: Wanted = {}): Play => committed(wanted).act('fail-log-directory', A).forget();

describe('a broker whose log directory fails', () => {
  it('halts where it has no other', () => {
    const play = committed({ logDirs: 1 }).act('fail-log-directory', A);
    expect(play.happened('broker-stopped')).toMatchObject([{ broker: A, how: 'disk-error' }]);
    expect(play.log(A)).toEqual([0]);
    expect(committed({ logDirs: 1, maxUncleanStops: 0 }).refusal('fail-log-directory', A)).toBe(
      'the fault class allows one more unclean stop',
    );
  });

  it('goes on without the replica: whoever asks for it gets KAFKA_STORAGE_ERROR', () => {
    const play = failed();
    expect(play.happened('broker-stopped')).toEqual([]);
    play.produce().act('answer-delayed-fetch', B, A, 0);
    expect(play.inFlight('ProduceResponse').map(({ error }) => error)).toEqual(['KAFKA_STORAGE_ERROR']);
    expect(play.inFlight('FetchResponse').map(({ error }) => error)).toEqual(['KAFKA_STORAGE_ERROR']);
    expect(play.refusal('poll', 0)).toMatch(/leader of the epoch/);
  });

  it('touches neither the log nor its checkpoints', () => {
    const play = failed();
    for (const kind of ['checkpoint-high-watermark', 'fail-log-directory']) {
      expect(play.refusal(kind, A)).toBe('its log directory is online');
    }
    expect(play.refusal('delete-old-segments', A, 1)).toBe('its log directory is online');
  });

  it('tells the controller with a heartbeat: somebody else leads, and takes over what was written', () => {
    const play = failed().act('heartbeat', A).everybodyLearns();
    expect(play.partition()).toMatchObject({ leader: B, isr: 0b110 });
    expect(play.registration(A)).toMatchObject({ offline: 1, fenced: false });
    expect(play.refusal('heartbeat', A)).toBe('the heartbeat changes something');
    play.act('refresh-producer-metadata', 0, B).produce();
    expect(play.log(B)).toEqual([0, 1]);
  });

  it('told nobody before 3.7: it leads on in the metadata', () => {
    const play = failed({ release: '3.6' });
    expect(play.refusal('heartbeat', A)).toBe('the heartbeat changes something');
    expect(play.partition().leader).toBe(A);
  });

  it('does not get the replica back with metadata, nor the leadership', () => {
    const play = failed().act('heartbeat', A).everybodyLearns();
    expect(play.refusal('elect-preferred-leader')).toBe('the election changes something');
    expect(play.replica(A)).toMatchObject({ leading: null, fetcher: null });
    play.act('session-expires', A).act('fence-broker', A).act('heartbeat', A);
    expect([play.registration(A).fenced, play.partition().leader]).toEqual([false, B]);
  });

  it('does not lead when it is all that is left, until its directory is repaired', () => {
    const play = failed({ release: '4.0' }).fence(B).fence(C);
    expect([play.partition().isr, play.partition().leader]).toEqual([1 << A, A]);
    play.act('heartbeat', A);
    expect([play.partition().isr, play.partition().leader]).toEqual([1 << A, -1]);
    play.act('repair-log-directory', A).act('session-expires', A).restart(A);
    expect(play.registration(A).offline).toBeUndefined();
    expect([play.partition().leader, play.log(A)]).toEqual([A, [0]]);
  });

  it('has not stopped cleanly when it stops', () => {
    const play = failed().act('heartbeat', A).everybodyLearns().stopCleanly(A);
    expect(play.state.disks[A]?.cleanShutdownEpoch).toBe(-1);
    expect(play.state.logs[A]?.highWatermarkCheckpoint).toBe(0);
  });
});

it('a request that waited at the leader is lost with its replica', () => {
  const play = new Play({ logDirs: 2 }).produce();
  expect(play.refusal('notice-disconnect', 0)).toBe('a request or its answer is lost');
  expect(play.act('fail-log-directory', A).refusal('notice-disconnect', 0)).toBeUndefined();
});
