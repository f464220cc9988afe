import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../../testing.ts';

/** A leads and has three records, none of them flushed; two are committed, which B and C know. */
function written(wanted: ConstructorParameters<typeof Play>[0] = {}): Play {
  const play = new Play({ ...wanted, producers: [{ acks: 1 }] });
  for (let i = 0; i < 2; i++) play.produce().act('handle-produce-response', A, 6, 0);
  play.catchUp(B).catchUp(C).replicate(B).replicate(C);
  return play.produce();
}

describe('a kill', () => {
  it('leaves the page cache: nothing that was written is lost', () => {
    const play = written().act('kill', A).act('start-broker', A);
    expect(play.log(A)).toEqual([0, 1, 2]);
  });

  it('leaves what was not flushed unflushed: power loss may take it later', () => {
    const play = written().act('kill', A).act('power-loss', A, 3).act('start-broker', A);
    expect(play.log(A)).toEqual([]);
  });

  it('takes everything volatile, and what was under way to the broker', () => {
    const play = written().act('send-fetch', B).act('kill', A);
    expect(play.replica(A)).toMatchObject({ leading: null, highWatermark: 0, leaderEpoch: -1 });
    expect(play.inFlight('Fetch')).toEqual([]);
  });

  it('leaves what the broker had sent under way', () => {
    const play = new Play({}).act('send-fetch', B).act('kill', B);
    expect(play.inFlight('Fetch')).toHaveLength(1);
  });

  it('counts as an unclean stop', () => {
    const play = new Play({}).act('kill', B).fence(B).act('start-broker', B).act('register-broker', B);
    expect(play.happened('broker-registered')).toMatchObject([{ unclean: true }]);
  });
});

describe('unclean stops', () => {
  it('are bounded until the cluster is whole again: everybody back, in the ISR, with the same log', () => {
    const play = new Play({ maxUncleanStops: 1 }).act('kill', B);
    const bounded = 'the fault class allows one more unclean stop';
    expect(play.refusal('kill', C)).toBe(bounded);
    play.fence(B).everybodyLearns().restart(B).everybodyLearns().catchUp(B);
    expect(play.refusal('kill', C)).toBe(bounded);
    play.changeIsr(A);
    expect(play.refusal('kill', C)).toBeUndefined();
  });
});

describe('a power loss', () => {
  it('takes the newest of the unflushed records, as many as it likes', () => {
    const play = written();
    // prettier-ignore
    expect([1, 2, 3, 4].map((lost) => play.refusal('power-loss', A, lost))).toEqual([undefined, undefined, undefined, 'so many records are unflushed']);
    play.act('power-loss', A, 2).act('start-broker', A);
    expect(play.log(A)).toEqual([0]);
    expect(play.happened('destroyed')).toMatchObject([{ broker: A, from: 3, to: 1, lost: [1, 2] }]);
  });

  it('takes nothing that was flushed', () => {
    const play = written({ flushMessages: 2 });
    expect(play.refusal('power-loss', A, 1)).toBeUndefined();
    expect(play.refusal('power-loss', A, 2)).toBe('so many records are unflushed');
  });

  it('leaves the epoch checkpoint ahead of the log, until the log is loaded', () => {
    const play = new Play({ producers: [{ acks: 1 }] }).fence(A).everybodyLearns();
    play.act('refresh-producer-metadata', 0, B).produce().act('power-loss', B, 1);
    expect(play.state.logs[B]?.epochs).toEqual([{ epoch: 1, start: 0 }]);
    expect(play.act('start-broker', B).state.logs[B]?.epochs).toEqual([]);
  });

  it('hits at most so many brokers until the cluster is whole again', () => {
    const play = written({ maxLossyBrokers: 1 }).act('power-loss', A, 1);
    expect(play.refusal('power-loss', B, 1)).toBe('the fault class allows this broker to lose records');
    expect(play.refusal('power-loss', A, 1)).toBeUndefined();
  });
});

describe('a power loss of a rack', () => {
  const racks = [0, 1, 0];

  it('stops all its brokers at once, and nobody else', () => {
    const play = written({ racks }).act('rack-power-loss', 0, 1, 0);
    expect(play.state.processes.map(({ status }) => status)).toEqual(['down', 'running', 'down']);
    expect(play.happened('broker-stopped')).toMatchObject([
      { broker: A, how: 'power-loss' },
      { broker: C, how: 'power-loss' },
    ]);
  });

  it('takes the same number of unflushed records from each, but where all was written out', () => {
    expect([A, B, C].map((id) => written().act('rack-power-loss', 0, 2, 0).log(id))).toEqual([[0], [], []]);
    const spared = written().act('rack-power-loss', 0, 2, 0b010);
    expect([A, B, C].map((id) => spared.log(id))).toEqual([[0], [0, 1], []]);
  });

  it('takes nothing that was flushed, and is a kill of all then', () => {
    const play = written({ flushMessages: 1 });
    const says = 'some broker loses as many records, and only one that does is spared';
    expect(play.refusal('rack-power-loss', 0, 1, 0)).toBe(says);
    play.act('rack-power-loss', 0, 0, 0);
    expect(play.state.processes.every(({ status }) => status === 'down')).toBe(true);
    expect(play.happened('destroyed')).toEqual([]);
  });

  it('leaves a broker that was stopped cleanly as it is', () => {
    const play = written({ racks }).stopCleanly(C).act('rack-power-loss', 0, 0, 0);
    expect(play.state.disks[C]).toEqual({ cleanShutdownEpoch: C });
  });

  it('counts as one unclean stop and one loss for each broker', () => {
    expect(written({ racks, maxUncleanStops: 1 }).refusal('rack-power-loss', 0, 0, 0)).toBe(
      'the fault class allows so many more unclean stops',
    );
    const play = written({ racks, maxLossyBrokers: 1 });
    const bounded = 'the fault class allows these brokers to lose records';
    expect(play.refusal('rack-power-loss', 0, 1, 0)).toBe(bounded);
    expect(play.refusal('rack-power-loss', 0, 1, 0b100)).toBeUndefined();
  });
});

describe('a disk that is replaced', () => {
  it('is empty, and the high watermark starts over', () => {
    const play = written().act('checkpoint-high-watermark', A).act('wipe-disk', A).act('start-broker', A);
    expect(play.log(A)).toEqual([]);
    expect(play.highWatermark(A)).toBe(0);
  });
});

describe('a disk that stalls', () => {
  it('keeps the broker from all but heartbeats: it serves nobody and goes on leading', () => {
    const play = written().act('stall-disk', A).act('session-expires', A);
    expect(play.act('send-fetch', B).refusal('handle-fetch', B, A, 0)).toBe('the broker serves requests');
    expect(play.refusal('checkpoint-high-watermark', A)).toBe('the broker is awake');
    expect(play.act('heartbeat', A).state.controller.heartbeats[A]?.sessionValid).toBe(true);
    expect(play.partition().leader).toBe(A);
  });

  it('makes it a fault that its session ends, as heartbeats go on', () => {
    const play = new Play({ faults: { fence: 0 } });
    expect(play.act('stall-disk', A).refusal('session-expires', A)).toBe(
      'the fault budget of its kind is not used up',
    );
    expect(play.act('pause', A).refusal('session-expires', A)).toBeUndefined();
  });

  it('goes on where it stopped once it answers, and ends with the process', () => {
    const play = written().act('stall-disk', A).act('unstall-disk', A);
    expect(play.catchUp(B).log(B)).toEqual([0, 1, 2]);
    play.act('stall-disk', B).act('kill', B).act('start-broker', B);
    expect(play.refusal('unstall-disk', B)).toBe('its disk is stalled');
  });
});

describe('a clean stop', () => {
  it('flushes the log and checkpoints the high watermark', () => {
    const play = written().stopCleanly(A);
    expect(play.state.logs[A]).toMatchObject({ recoveryPoint: 3, highWatermarkCheckpoint: 2 });
    expect(play.refusal('power-loss', A, 1)).toBe('so many records are unflushed');
    expect(play.act('start-broker', A).highWatermark(A)).toBe(2);
  });

  it('leaves the broker epoch for the next start to tell', () => {
    const play = written().stopCleanly(A);
    expect(play.state.disks[A]).toEqual({ cleanShutdownEpoch: A });
  });
});

describe('a restart', () => {
  it('begins with the checkpointed high watermark, which may be old', () => {
    const play = written().act('kill', B).act('start-broker', B);
    expect(play.highWatermark(B)).toBe(0);
    const later = written().act('checkpoint-high-watermark', B).act('kill', B).act('start-broker', B);
    expect(later.highWatermark(B)).toBe(2);
  });

  it('cuts the checkpointed high watermark to what is left of the log', () => {
    const play = written().act('checkpoint-high-watermark', B).act('power-loss', B, 1).act('start-broker', B);
    expect(play.log(B)).toEqual([0]);
    expect(play.highWatermark(B)).toBe(1);
  });
});

describe('a pause', () => {
  it('stops everything that the broker does, and leaves messages to it waiting', () => {
    const play = new Play({}).act('send-fetch', B).act('pause', A);
    expect(play.refusal('handle-fetch', B, A, 0)).toBe('the broker serves requests');
    play.act('resume', A).act('handle-fetch', B, A, 0);
    expect(play.inFlight('DelayedFetch')).toHaveLength(1);
  });

  it('does not keep the session from running out, nor time from passing', () => {
    const play = new Play({ faults: { fence: 0, shrink: 0 } }).act('pause', B);
    expect(play.refusal('session-expires', B)).toBeUndefined();
    expect(play.refusal('lag-elapses', A, B)).toBeUndefined();
    expect(play.refusal('session-expires', C)).toBe('the fault budget of its kind is not used up');
  });
});

describe('a cut link', () => {
  it('holds back what one side sends, or both', () => {
    const play = new Play({}).act('send-fetch', B).act('cut-one-way', B, A);
    expect(play.refusal('handle-fetch', B, A, 0)).toBe('the link is not cut');
    expect(play.refusal('cut-both-ways', A, B)).toBe('neither way is cut');
    play.act('heal', A, B).act('handle-fetch', B, A, 0);
    play.produce().act('answer-delayed-fetch', B, A, 0).act('cut-both-ways', A, B);
    expect(play.refusal('handle-fetch-response', A, B, 0)).toBe('the link is not cut');
  });

  it('to the controller stops heartbeats, registration and metadata, and nothing else', () => {
    const play = new Play({}).act('cut-one-way', 5, A).fence(B);
    expect(play.refusal('apply-metadata', A, 1)).toBe('the broker and the controller reach each other');
    expect(play.produce().log(A)).toEqual([0]);
  });
});

describe('a lost message', () => {
  it('is noticed by its sender, which asks again', () => {
    const play = new Play({}).act('send-fetch', B);
    expect(play.refusal('send-fetch', B)).toBe('no fetch to that leader is outstanding');
    play.act('lose-fetch', B, A, 0).act('send-fetch', B);
    expect(play.inFlight('Fetch')).toHaveLength(1);
  });

  it('or, given up by its sender, arrives after all', () => {
    const play = new Play({}).act('send-fetch', B).act('abandon-fetch', B, A, 0).act('send-fetch', B);
    expect(play.inFlight('Fetch')).toHaveLength(2);
    play.produce().act('handle-fetch', B, A, 0);
    expect(play.inFlight('FetchResponse')).toEqual([]);
    expect(play.act('handle-fetch', B, A, 0).inFlight('FetchResponse')).toHaveLength(1);
  });
});

describe('a follower of a new leader', () => {
  it('fetches from it even while a fetch of that leader to it is under way', () => {
    const play = new Play({}).act('send-fetch', B).fence(A).everybodyLearns().act('send-fetch', A);
    expect(play.inFlight('Fetch').map(({ from, to }) => [from, to])).toEqual([
      [A, B],
      [B, A],
    ]);
  });
});

describe('a fetch that waits at the leader', () => {
  const waiting = (): Play =>
    new Play({ faults: { lost: 0 } }).act('send-fetch', B).act('handle-fetch', B, A, 0);

  it('is given up for nothing where the leader is paused, cut off or cannot be reached', () => {
    const free = (play: Play): Play => play.act('abandon-delayed-fetch', B, A, 0);
    expect(waiting().refusal('abandon-delayed-fetch', B, A, 0)).toMatch(/budget/);
    for (const play of [
      waiting().act('pause', A),
      waiting().act('cut-one-way', A, B),
      waiting().act('cut-one-way', B, A),
    ]) {
      expect(play.refusal('send-fetch', B)).toBe('no fetch to that leader is outstanding');
      expect(free(play).inFlight('DelayedFetch')).toEqual([]);
      expect(play.refusal('send-fetch', B)).toBeUndefined();
    }
  });

  it('is not given up by a follower that is paused itself', () => {
    const play = waiting().act('pause', B);
    expect(play.refusal('abandon-delayed-fetch', B, A, 0)).toBe('its sender is awake');
  });

  it('gets no answer any more, and the next fetch is answered as usual', () => {
    const play = waiting().act('pause', A).act('abandon-delayed-fetch', B, A, 0).act('send-fetch', B);
    play.act('resume', A).produce().act('handle-fetch', B, A, 0);
    expect(play.inFlight('FetchResponse')).toHaveLength(1);
  });
});
