/** Whether all can become well again: bugs that break nothing but this, and the rules that repair them. */
import { describe, expect, it } from 'vitest';
import { exploreHere } from '../../model/drivers/search/testing.ts';
import {
  createMachine,
  NO_FAULTS,
  RecoveryCheck,
  type RecoveryResult,
  type Rules,
} from '../../model/index.ts';
import { configFor, type Wanted } from '../../model/testing.ts';
import { explorableMachine, type Grain, type RecoveryBy } from '../index.ts';

interface Sketch extends Wanted {
  readonly by?: RecoveryBy;
  readonly grain?: Grain;
  readonly depth?: number;
  /** States of the searches from states that may be stuck. */
  readonly most?: number;
  /** Whether all that can be worked out again is forgotten whenever others get their turn. */
  readonly forgets?: boolean;
}

interface Recovered extends RecoveryResult {
  readonly kinds: readonly string[] | undefined;
}

const ROOM = 64 * 1024 * 1024;
const whole: Grain = { name: 'exchange', detached: 0 };
const once: Grain = { name: 'exchange', detached: 1 };

function recovery({
  by = 'everyone',
  grain = whole,
  depth,
  most = 100_000,
  forgets = false,
  ...wanted
}: Sketch): Recovered {
  const config = configFor({ brokers: 2, records: 1, consumers: [], minInsyncReplicas: 1, ...wanted });
  const machine = createMachine({
    ...config,
    faults: { ...config.faults, budgets: { ...NO_FAULTS, ...wanted.faults } },
  });
  const explorable = explorableMachine(machine, [], { bounds: {}, grain, recovery: by });
  const { end, hand, expanded } = exploreHere(explorable, { limits: depth === undefined ? {} : { depth } });
  expect(end).toBe(depth === undefined ? 'complete' : 'depth');
  const check = new RecoveryCheck(hand, explorable.recovery!, { bytes: ROOM, states: most, expanded });
  const run = check.run();
  let turn = run.next(true);
  while (turn.done !== true) {
    if (forgets) {
      hand.forget();
      check.forget();
    }
    turn = run.next(true);
  }
  const result = turn.value!;
  return { ...result, kinds: result.stuck?.actions.map((code) => machine.decode(code).kind) };
}

const clean = { stuck: undefined, undecided: 0 };

describe('once faults end, all can become well again', () => {
  it.each(['kill', 'fence'] as const)('after one %s', (kind) => {
    const result = recovery({ release: '4.1-repaired', faults: { [kind]: 1 } });
    expect(result).toMatchObject(clean);
    expect(result.calm).toBeGreaterThan(20);
  });

  it.each<[string, Sketch, Partial<Rules>, Partial<Rules>, string]>([
    [
      'a follower is fenced for an epoch that is over (KAFKA-7786)',
      { records: 0, faults: { fence: 1, move: 1 }, grain: once },
      { 'fenced-answer-counts': 'in-any-epoch', 'fetch-answer-counts': 'in-any-epoch' },
      { 'fenced-answer-counts': 'in-the-epoch-it-was-asked-in', 'fetch-answer-counts': 'in-any-epoch' },
      'every live follower fetches from the leader',
    ],
    [
      'a truncation leaves epochs at the log end (KAFKA-10706)',
      { faults: { fence: 2 } },
      { 'truncation-to-log-end': 'does-nothing' },
      { 'truncation-to-log-end': 'cleans-epochs' },
      'the ISR is the set of live replicas, and the leader knows',
    ],
    [
      'an ISR change does not move the high watermark, and nobody comes back (KAFKA-13091)',
      { by: 'survivors', faults: { kill: 1, shrink: 1 } },
      { 'isr-answer-advances-high-watermark': 'no', 'high-watermark-waits-for-caught-up': 'no' },
      { 'isr-answer-advances-high-watermark': 'yes', 'high-watermark-waits-for-caught-up': 'no' },
      'what the leader has is committed, and its followers know',
    ],
    [
      'no controller notices that a leader has restarted (KAFKA-1120)',
      { release: '3.9-zk', records: 0, faults: { kill: 1 } },
      { 'broker-epoch-in-control-requests': 'no' },
      { 'broker-epoch-in-control-requests': 'yes' },
      'the partition has a leader that knows it leads',
    ],
    [
      'a controller that was replaced writes what nobody hears of (KAFKA-6082)',
      { release: '3.9-zk', records: 0, faults: { ctrl: 1, move: 1, fence: 1 }, grain: once },
      { 'controller-writes-fenced-by': 'partition-state', 'isr-change-goes-through': 'zookeeper' },
      { 'controller-writes-fenced-by': 'controller-epoch', 'isr-change-goes-through': 'zookeeper' },
      'the partition has a leader that knows it leads',
    ],
  ])('but not where %s; the newer rule repairs it', (_, sketch, old, newer, lacks) => {
    const { stuck } = recovery({ release: '4.1-repaired', ...sketch, rules: old });
    expect(stuck?.lacks).toContain(lacks);
    expect(recovery({ release: '4.1-repaired', ...sketch, rules: newer })).toMatchObject(clean);
  });
});

describe('a state is called stuck', () => {
  const broken: Sketch = {
    by: 'survivors',
    release: '4.1-repaired',
    rules: { 'isr-answer-advances-high-watermark': 'no', 'high-watermark-waits-for-caught-up': 'no' },
    faults: { kill: 1, shrink: 1 },
  };

  it('with a run to it that ends no fault by itself', () => {
    const { kinds } = recovery(broken);
    expect(kinds?.slice(0, 4)).toEqual(['send-record', 'handle-produce', 'lag-elapses', 'shrink-isr']);
    expect(kinds?.at(-1)).toBe('kill');
  });

  it('only once all that follows was searched', () => {
    const { stuck, undecided } = recovery({ ...broken, most: 1 });
    expect(stuck).toBeUndefined();
    expect(undecided).toBeGreaterThan(0);
  });

  it('whatever is forgotten meanwhile', () => {
    expect(recovery({ ...broken, forgets: true })).toEqual(recovery(broken));
  });

  it('not because the search has not come further', () => {
    expect(recovery({ ...broken, depth: 3 })).toMatchObject(clean);
  });
});
