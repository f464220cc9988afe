/** One action at a time: three replicas A, B and C, a state written by hand, and what may happen in it. */
import { describe, expect, it } from 'vitest';
import type { Read } from '../space.ts';
import { reading, successors, type Row } from '../testing.ts';
import { createIsrSpec, type IsrVariant } from './index.ts';
import {
  NEXT_RECORD,
  NO_EPOCH,
  NO_LEADER,
  NO_REQUEST,
  QUORUM,
  replicaIn,
  replicaSlots,
  requestSlots,
  type LogRecord,
  type Quorum,
  type Replica,
  type Request,
} from './state.ts';

const [A, B, C] = [0, 1, 2];
const ABC = 0b111;
const AB = 0b011;
const BC = 0b110;

const BOUNDS = { replicas: 3, logSize: 3, records: 3, epochs: 2 };
const EPOCHS = [0, 1, 2];

const UNFENCED = ['truncate-to-high-watermark', 'kip-101', 'kip-279'] as const;
const ALL = [...UNFENCED, 'kip-320'] as const;

/** Records by epoch: `[0, 0, 1]` is three records, ids from 0, the last of epoch 1. */
const logOf = (...epochs: readonly number[]): LogRecord[] =>
  epochs.map((epoch, record) => ({ record, epoch }));

const replica = (fields: Partial<Replica> = {}): Replica => ({
  log: [],
  highWatermark: 0,
  leaderEpoch: NO_EPOCH,
  leader: NO_LEADER,
  isr: 0,
  ...fields,
});
/** Believes in the leader of an epoch. */
const under = (leader: number, leaderEpoch: number, fields: Partial<Replica> = {}): Replica =>
  replica({ leader, leaderEpoch, isr: ABC, ...fields });

interface Wanted {
  readonly quorum?: Quorum;
  readonly requests?: readonly Request[];
  readonly nextRecord?: number;
  readonly replicas?: readonly Replica[];
}

const fresh: Quorum = { leader: NO_LEADER, epoch: NO_EPOCH, isr: ABC };

function stateOf({ quorum = fresh, requests = [], nextRecord = 0, replicas = [] }: Wanted): Row {
  const row: unknown[] = [];
  const write = (slot: number, value: unknown): void => void (row[slot] = value);
  QUORUM.leadership.set(write, { leader: quorum.leader, epoch: quorum.epoch });
  QUORUM.isr.set(write, quorum.isr);
  NEXT_RECORD.set(write, nextRecord);
  for (const id of [A, B, C]) {
    const { leader, leaderEpoch, isr, log, highWatermark } = replicas[id] ?? replica();
    const slots = replicaSlots(id);
    slots.log.set(write, log);
    slots.highWatermark.set(write, highWatermark);
    slots.leadership.set(write, { leader, epoch: leaderEpoch });
    slots.isr.set(write, isr);
  }
  for (const epoch of EPOCHS) {
    const { leader, isr } = requests[epoch] ?? { leader: NO_REQUEST, isr: 0 };
    const slots = requestSlots(BOUNDS, epoch);
    slots.leader.set(write, leader);
    slots.isr.set(write, isr);
  }
  return row;
}

function requestIn(read: Read, epoch: number): Request {
  const { leader, isr } = requestSlots(BOUNDS, epoch);
  return { leader: leader.get(read), isr: isr.get(read) };
}

const spec = (variant: IsrVariant) => createIsrSpec({ variant, ...BOUNDS });

/** The state after the action, or undefined where it is not enabled. */
function after(variant: IsrVariant, wanted: Wanted, label: string) {
  const space = spec(variant);
  expect(space.actions.map((action) => action.label)).toContain(label);
  const row = successors(space, stateOf(wanted)).find((successor) => successor.label === label)?.row;
  if (row === undefined) return undefined;
  const read = reading(row);
  return {
    quorum: { ...QUORUM.leadership.get(read), isr: QUORUM.isr.get(read) },
    requests: EPOCHS.map((epoch) => requestIn(read, epoch)).filter(({ leader }) => leader !== NO_REQUEST),
    nextRecord: NEXT_RECORD.get(read),
    replicas: [A, B, C].map((id): Replica => {
      const { log, highWatermark, leaderEpoch, leader, isr } = replicaIn(read, id);
      return { log, highWatermark, leaderEpoch, leader, isr };
    }),
  };
}
const isEnabled = (variant: IsrVariant, wanted: Wanted, label: string): boolean =>
  after(variant, wanted, label) !== undefined;

const enabledLabels = (variant: IsrVariant, wanted: Wanted): string[] =>
  successors(spec(variant), stateOf(wanted)).map(({ label }) => label);

describe.each(ALL)('%s: the controller', (variant) => {
  const led = (leader: number, isr: number): Wanted => ({
    quorum: { leader, epoch: 0, isr },
    requests: [{ leader, isr }],
  });

  it('is the only one who can do something at first', () => {
    expect(enabledLabels(variant, {})).toEqual([
      'the controller elects replica 0',
      'the controller elects replica 1',
      'the controller elects replica 2',
      'the controller takes replica 0 out',
      'the controller takes replica 1 out',
      'the controller takes replica 2 out',
    ]);
  });

  it('elects a member of the ISR with the next epoch and asks for it', () => {
    expect(after(variant, led(A, AB), 'the controller elects replica 1')).toMatchObject({
      quorum: { leader: B, epoch: 1, isr: AB },
      requests: [
        { leader: A, isr: AB },
        { leader: B, isr: AB },
      ],
    });
  });

  it('elects nobody outside the ISR, nor the leader again', () => {
    expect(isEnabled(variant, led(A, AB), 'the controller elects replica 2')).toBe(false);
    expect(isEnabled(variant, led(A, AB), 'the controller elects replica 0')).toBe(false);
  });

  it.each([
    ['a leader leaves leadership and ISR', A, AB, A, NO_LEADER, 0b010],
    ['a leader that is the last member stays one', A, 0b001, A, NO_LEADER, 0b001],
    ['a member leaves, the leader stays', A, AB, B, A, 0b001],
    ['the last member leaves where nobody leads', NO_LEADER, 0b010, B, NO_LEADER, 0],
  ])('%s', (_, leader, isr, out, leaderAfter, isrAfter) => {
    expect(after(variant, led(leader, isr), `the controller takes replica ${out} out`)).toMatchObject({
      quorum: { leader: leaderAfter, epoch: 1, isr: isrAfter },
      requests: [
        { leader, isr },
        { leader: leaderAfter, isr: isrAfter },
      ],
    });
  });

  it('takes out nobody who is out', () => {
    expect(isEnabled(variant, led(A, AB), 'the controller takes replica 2 out')).toBe(false);
  });

  it('needs an epoch that is left', () => {
    const request = { leader: A, isr: ABC };
    const wanted = { quorum: { leader: A, epoch: 2, isr: ABC }, requests: [request, request, request] };
    expect(enabledLabels(variant, wanted).filter((label) => label.startsWith('the controller'))).toEqual([]);
  });
});

describe.each(ALL)('%s: a leader', (variant) => {
  const requests: readonly Request[] = [
    { leader: A, isr: ABC },
    { leader: B, isr: BC },
  ];

  it('takes a request that names it, and keeps log and high watermark', () => {
    const before = under(A, 0, { log: logOf(0, 0), highWatermark: 1 });
    const state = after(
      variant,
      { requests, replicas: [replica(), before] },
      'replica 1 becomes leader in epoch 1',
    );
    expect(state?.replicas[B]).toEqual({ ...before, leader: B, leaderEpoch: 1, isr: BC });
  });

  it.each([
    ['its epoch', under(A, 1), 'replica 1 becomes leader in epoch 1'],
    ['an earlier epoch', under(A, 2), 'replica 1 becomes leader in epoch 1'],
    ['another leader', replica(), 'replica 1 becomes leader in epoch 0'],
    ['an epoch without request', replica(), 'replica 1 becomes leader in epoch 2'],
  ])('takes no request of %s', (_, own, label) => {
    expect(isEnabled(variant, { requests, replicas: [replica(), own] }, label)).toBe(false);
  });

  it('appends the next record with the epoch that it believes in', () => {
    const wanted = { nextRecord: 2, replicas: [under(A, 1, { log: logOf(0) })] };
    const state = after(variant, wanted, 'replica 0 appends the next record');
    expect(state?.nextRecord).toBe(3);
    expect(state?.replicas[A]?.log).toEqual([
      { record: 0, epoch: 0 },
      { record: 2, epoch: 1 },
    ]);
  });

  it.each([
    ['a follower', { replicas: [under(B, 0)] }],
    ['a leader with a full log', { replicas: [under(A, 0, { log: logOf(0, 0, 0) })] }],
    ['a leader without a record left', { nextRecord: 3, replicas: [under(A, 0)] }],
  ])('%s appends nothing', (_, wanted) => {
    expect(isEnabled(variant, wanted, 'replica 0 appends the next record')).toBe(false);
  });

  const has = { log: logOf(0, 0), highWatermark: 0 };
  const raise = 'replica 0 raises its high watermark';

  it('raises its high watermark by one once its ISR has the record', () => {
    const state = after(variant, { replicas: [under(A, 0, has), under(A, 0, has), under(A, 0, has)] }, raise);
    expect(state?.replicas.map(({ highWatermark }) => highWatermark)).toEqual([1, 0, 0]);
  });

  it('waits for nobody outside its ISR', () => {
    const leader = under(A, 0, { ...has, isr: AB });
    expect(isEnabled(variant, { replicas: [leader, under(A, 0, has)] }, raise)).toBe(true);
  });

  it.each([
    ['a member lacks the record', [under(A, 0, has), under(A, 0, has), under(A, 0)]],
    ['a member follows another', [under(A, 0, has), under(A, 0, has), under(B, 0, has)]],
    ['it lacks the record', [under(A, 0, { highWatermark: 2, log: logOf(0, 0), isr: 0b001 })]],
    ['it does not lead', [under(B, 0, { ...has, isr: 0 })]],
  ])('keeps its high watermark if %s', (_, replicas) => {
    expect(isEnabled(variant, { replicas }, raise)).toBe(false);
  });

  const quorum: Quorum = { leader: A, epoch: 0, isr: ABC };
  const out = 'leader 0 takes replica 1 out of the ISR';

  it('takes out of both ISRs a follower that lags, without a new epoch', () => {
    const state = after(variant, { quorum, replicas: [under(A, 0, has), under(A, 0)] }, out);
    expect(state).toMatchObject({ quorum: { leader: A, epoch: 0, isr: 0b101 }, requests: [] });
    expect(state?.replicas.map(({ isr }) => isr)).toEqual([0b101, ABC, 0]);
  });

  it('takes out a member that follows another', () => {
    expect(isEnabled(variant, { quorum, replicas: [under(A, 0), under(C, 0)] }, out)).toBe(true);
  });

  it.each([
    ['a member that has all', quorum, [under(A, 0, has), under(A, 0, has)]],
    ['who is out', { ...quorum, isr: 0b101 }, [under(A, 0, { ...has, isr: 0b101 }), under(A, 0)]],
    ['whom the next leader answers for', { ...quorum, leader: B, epoch: 1 }, [under(A, 0, has), under(A, 0)]],
    ['in an epoch that is over', { ...quorum, epoch: 1 }, [under(A, 0, has), under(A, 0)]],
    ['before it knows that it leads', quorum, [replica(has), under(A, 0)]],
  ])('does not take out %s', (_, decided, replicas) => {
    expect(isEnabled(variant, { quorum: decided, replicas }, out)).toBe(false);
  });

  const small: Quorum = { leader: A, epoch: 0, isr: 0b101 };
  const joins = 'leader 0 takes replica 1 into the ISR';
  const committed = { log: logOf(0, 0), highWatermark: 1, isr: 0b101 };

  it('takes into both ISRs a follower that has reached its high watermark', () => {
    const replicas = [under(A, 0, committed), under(A, 0, { log: logOf(0) })];
    const state = after(variant, { quorum: small, replicas }, joins);
    expect(state?.quorum).toEqual(quorum);
    expect(state?.replicas[A]?.isr).toBe(ABC);
  });

  it('takes in an empty follower where nothing is committed', () => {
    const replicas = [under(A, 0, { isr: 0b101 }), under(A, 0)];
    expect(isEnabled(variant, { quorum: small, replicas }, joins)).toBe(true);
  });

  it.each([
    ['who lags behind the high watermark', small, [under(A, 0, committed), under(A, 0)]],
    ['who follows another', small, [under(A, 0, committed), under(C, 0, { log: logOf(0) })]],
    ['who is in', quorum, [under(A, 0, { ...committed, isr: ABC }), under(A, 0, { log: logOf(0) })]],
    [
      'in an epoch that is over',
      { ...small, epoch: 1 },
      [under(A, 0, committed), under(A, 0, { log: logOf(0) })],
    ],
  ])('does not take in %s', (_, decided, replicas) => {
    expect(isEnabled(variant, { quorum: decided, replicas }, joins)).toBe(false);
  });
});

describe('ISR expansion at a leader that has not committed in its own epoch', () => {
  const quorum: Quorum = { leader: A, epoch: 1, isr: 0b001 };
  const follower = under(A, 1, { log: logOf(0, 0, 1) });
  const joins = 'leader 0 takes replica 1 into the ISR';
  const leader = (highWatermark: number): Replica =>
    under(A, 1, { log: logOf(0, 0, 1), highWatermark, isr: 0b001 });

  it('waits on kip-320 until the high watermark has reached the epoch', () => {
    expect(isEnabled('kip-320', { quorum, replicas: [leader(1), follower] }, joins)).toBe(false);
    expect(isEnabled('kip-320', { quorum, replicas: [leader(2), follower] }, joins)).toBe(true);
    expect(isEnabled('kip-320', { quorum, replicas: [leader(3), follower] }, joins)).toBe(true);
  });

  it.each(UNFENCED)('does not wait on %s', (variant) => {
    expect(isEnabled(variant, { quorum, replicas: [leader(1), follower] }, joins)).toBe(true);
  });
});

describe('a fetch', () => {
  const fetches = 'replica 1 fetches from replica 0';
  const leader = under(A, 1, { log: logOf(0, 1, 1), highWatermark: 2 });

  it.each(ALL)('on %s copies one record and tells the high watermark', (variant) => {
    const hears = (log: LogRecord[]) =>
      after(variant, { replicas: [leader, under(A, 1, { log })] }, fetches)?.replicas[B];
    expect(hears([])).toMatchObject({ log: logOf(0), highWatermark: 1 });
    expect(hears(logOf(0, 1))).toMatchObject({ log: logOf(0, 1, 1), highWatermark: 2 });
  });

  it.each(ALL)('on %s may lower the high watermark of a follower', (variant) => {
    const follower = under(A, 1, { log: logOf(0, 1), highWatermark: 2 });
    const state = after(variant, { replicas: [{ ...leader, highWatermark: 1 }, follower] }, fetches);
    expect(state?.replicas[B]?.highWatermark).toBe(1);
  });

  it.each(ALL)('on %s finds nothing at the end of the log, and nothing elsewhere', (variant) => {
    const all = under(A, 1, { log: logOf(0, 1, 1) });
    expect(isEnabled(variant, { replicas: [leader, all] }, fetches)).toBe(false);
    expect(isEnabled(variant, { replicas: [leader, under(C, 1)] }, fetches)).toBe(false);
  });

  it.each([
    ['an older epoch', leader, under(A, 0)],
    ['a newer epoch', leader, under(A, 2)],
    ['one who leads no more', { ...leader, leader: C }, under(A, 1)],
  ])('with %s is refused on kip-320 and answered before', (_, from, follower) => {
    expect(isEnabled('kip-320', { replicas: [from, follower] }, fetches)).toBe(false);
    for (const variant of UNFENCED)
      expect(isEnabled(variant, { replicas: [from, follower] }, fetches)).toBe(true);
  });
});

describe('a fenced epoch', () => {
  const has = { log: logOf(0) };

  it('on kip-320 holds the high watermark back and costs the place in the ISR', () => {
    const quorum: Quorum = { leader: A, epoch: 1, isr: ABC };
    const replicas = [under(A, 1, has), under(A, 0, has), under(A, 1, has)];
    const raise = 'replica 0 raises its high watermark';
    const out = 'leader 0 takes replica 1 out of the ISR';
    expect(isEnabled('kip-320', { quorum, replicas }, raise)).toBe(false);
    expect(isEnabled('kip-320', { quorum, replicas }, out)).toBe(true);
    for (const variant of UNFENCED) {
      expect(isEnabled(variant, { quorum, replicas }, raise)).toBe(true);
      expect(isEnabled(variant, { quorum, replicas }, out)).toBe(false);
    }
  });
});

describe('a new follower', () => {
  const requests: readonly Request[] = [
    { leader: NO_LEADER, isr: ABC },
    { leader: A, isr: AB },
  ];
  const follows = 'replica 1 follows replica 0 in epoch 1';

  /** Log end and high watermark after the truncation; undefined where it is not enabled. */
  function truncated(variant: IsrVariant, leader: LogRecord[], own: LogRecord[], highWatermark: number) {
    const replicas = [under(A, 1, { log: leader }), under(C, 0, { log: own, highWatermark })];
    const follower = after(variant, { requests, replicas }, follows)?.replicas[B];
    return follower && [follower.log.length, follower.highWatermark];
  }

  it.each(ALL)('on %s takes leader, epoch and ISR from the request', (variant) => {
    const replicas = [under(A, 1), replica()];
    expect(after(variant, { requests, replicas }, follows)?.replicas[B]).toEqual(under(A, 1, { isr: AB }));
  });

  it.each(ALL)('on %s takes no request of its epoch or without leader', (variant) => {
    const replicas = [under(A, 1), under(C, 1)];
    expect(isEnabled(variant, { requests, replicas }, follows)).toBe(false);
    expect(enabledLabels(variant, { requests, replicas: [under(A, 1)] })).not.toContainEqual(
      expect.stringMatching(/follows .* in epoch 0/),
    );
  });

  it.each([
    ['has not heard of it', replica()],
    ['has gone on to a later epoch', under(A, 2)],
    ['follows another', under(C, 1)],
  ])('waits on kip-320 for a leader that %s, and does not before', (_, leader) => {
    expect(isEnabled('kip-320', { requests, replicas: [leader] }, follows)).toBe(false);
    for (const variant of UNFENCED)
      expect(isEnabled(variant, { requests, replicas: [leader] }, follows)).toBe(true);
  });

  it('truncates to its high watermark', () => {
    expect(truncated('truncate-to-high-watermark', logOf(0, 0, 0), logOf(0, 0, 0), 1)).toEqual([1, 1]);
  });

  it.each([
    ['an empty log', logOf(0, 0), [], 0, [0, 0]],
    ['a leader with an empty log', [], logOf(0, 0), 1, [1, 1]],
    ['the same last epoch', logOf(0, 0), logOf(0, 0, 0), 1, [2, 1]],
    ['the same last epoch, and a leader that has more', logOf(0, 0, 0), logOf(0, 0), 1, undefined],
    ['a leader with a later epoch', logOf(0, 1), logOf(0, 0, 0), 1, [1, 1]],
    ['a later epoch that starts below the high watermark', logOf(1), logOf(0, 0), 2, [0, 0]],
    ['a later epoch that starts beyond the log', logOf(0, 0, 1), logOf(0), 1, undefined],
    ['a leader with earlier epochs only', logOf(0, 0), logOf(0, 1, 1), 1, [1, 1]],
  ])('truncates on kip-101 with %s', (_, leader, own, highWatermark, wanted) => {
    expect(truncated('kip-101', leader, own, highWatermark)).toEqual(wanted);
  });

  it.each([
    ['an empty log', logOf(0, 0), [], 0, [0, 0]],
    ['the same log', logOf(0, 1), logOf(0, 1), 2, [2, 2]],
    ['a shorter leader', logOf(0), logOf(0, 0), 2, [1, 1]],
    ['other records of other epochs', logOf(0, 1), logOf(0, 0, 0), 0, [1, 0]],
    ['other records of the same epoch', [{ record: 2, epoch: 0 }], logOf(0), 1, [0, 0]],
    [
      'a common record above another',
      [
        { record: 2, epoch: 0 },
        { record: 1, epoch: 0 },
      ],
      logOf(0, 0),
      1,
      [2, 1],
    ],
  ])(
    'truncates on kip-279 and kip-320 to one past the last common record, with %s',
    (_, leader, own, hw, wanted) => {
      expect(truncated('kip-279', leader, own, hw)).toEqual(wanted);
      expect(truncated('kip-320', leader, own, hw)).toEqual(wanted);
    },
  );
});

describe('the invariants', () => {
  const space = spec('kip-320');
  const broken = (wanted: Wanted): string[] =>
    space.invariants.filter(({ check }) => check(reading(stateOf(wanted))) !== undefined).map(({ id }) => id);
  const leader = under(A, 0, { log: logOf(0, 0), highWatermark: 1, isr: AB });
  const quorum: Quorum = { leader: A, epoch: 0, isr: AB };

  it('hold where every member has what is committed', () => {
    expect(broken({ quorum, replicas: [leader, under(A, 0, { log: logOf(0) })] })).toEqual([]);
  });

  it('are broken by a member without it, or with another record', () => {
    expect(broken({ quorum, replicas: [leader, under(A, 0)] })).toEqual(['strong-isr', 'weak-isr']);
    const other = under(A, 0, { log: logOf(1) });
    expect(broken({ quorum, replicas: [leader, other] })).toEqual(['strong-isr', 'weak-isr']);
  });

  it("differ in whose ISR: the quorum's, or what the leader believes", () => {
    const own = { ...leader, isr: 0b001 };
    expect(broken({ quorum, replicas: [own, replica()] })).toEqual(['strong-isr']);
    expect(broken({ quorum: { ...quorum, isr: 0b001 }, replicas: [leader, replica()] })).toEqual([
      'weak-isr',
    ]);
  });

  it('speak of whoever believes that it leads, and of nobody else', () => {
    const over = { leader: C, epoch: 1, isr: BC };
    expect(broken({ quorum: over, replicas: [leader, replica({ log: logOf(0) })] })).toEqual(['strong-isr']);
    expect(broken({ quorum, replicas: [{ ...leader, leader: C }, replica()] })).toEqual([]);
  });

  it('are broken by a leader that lacks what it calls committed, in the ISR or not', () => {
    const hollow = under(A, 0, { highWatermark: 1, isr: 0 });
    expect(broken({ quorum: { ...quorum, isr: 0 }, replicas: [hollow] })).toEqual(['strong-isr', 'weak-isr']);
  });

  it('say what is missing where', () => {
    const found = space.invariants.map(({ check }) =>
      check(reading(stateOf({ quorum, replicas: [leader, under(A, 0)] }))),
    );
    expect(found.find((says) => says !== undefined)).toBe(
      'offset 0 is below the high watermark of leader 0, and replica 1 does not have its record',
    );
  });
});
