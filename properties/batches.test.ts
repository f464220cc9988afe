import { describe, expect, it } from 'vitest';
import { createMachine, isFollowed, type Config, type State } from '../model/index.ts';
import { A, configFor, Play, type Wanted, FULL } from '../model/testing.ts';
import { Checker } from './checker.ts';
import { SeededChooser, walkOnce } from './generate/walks.ts';
import { PROPERTIES } from './index.ts';

const P = 6;
const RUNS = FULL ? 200 : 4;
const batching = (more: Partial<Wanted> = {}): Config =>
  configFor({
    producers: [{ batchRecords: 3, idempotence: true, maxInFlight: 5 }, { batchRecords: 2 }],
    records: 12,
    release: '4.1-repaired',
    // Restarted clients and deleted records break what they also break without batches.
    // A truncation that a power loss undoes leaves a high watermark above what was committed for a while.
    faults: { retention: 0, 'delete-records': 0, wipe: 0, 'client-kill': 0, 'stale-file': 0 },
    maxLossyBrokers: 1,
    maxUncleanStops: 1,
    ...more,
  });

const tornIn = ({ logs }: State): number =>
  logs.findIndex(({ entries }) => isFollowed(entries[entries.length - 1] ?? 0));

describe('batches of several records', () => {
  it('stay whole, and what is promised holds of each of their records', () => {
    const machine = createMachine(batching());
    const checker = new Checker(machine, PROPERTIES);
    const met = new Set<string>();
    for (let run = 0; run < RUNS; run++) {
      const torn: number[] = [];
      const { findings } = walkOnce(
        machine,
        checker,
        new SeededChooser(run, 1),
        300,
        () => true,
        (_code, _before, { state, events }) => {
          if (tornIn(state) >= 0) torn.push(tornIn(state));
          for (const event of events) {
            if (event.type === 'appended' && isFollowed(event.entry)) met.add('written');
            if (event.type === 'truncated' && event.from - event.to > 1) met.add('truncated');
            if (event.type === 'destroyed' && event.lost.length > 1) met.add('destroyed');
          }
        },
      );
      expect([run, findings, torn]).toEqual([run, [], []]);
    }
    expect([...met]).toEqual(
      expect.arrayContaining(['destroyed', 'written', ...(FULL ? ['truncated'] : [])]),
    );
  });

  it.each([
    ['the leader answers the same batch again', [], []],
    [
      'no leader knew it again',
      ['a batch that was appended before is answered and not appended again'],
      [0, 1, 2],
    ],
  ])('are written once by an idempotent producer: %s', (_, mutant, twice) => {
    const play = new Play({
      brokers: 1,
      minInsyncReplicas: 1,
      producers: [{ batchRecords: 3, idempotence: true, maxInFlight: 5 }],
      mutant: [
        ...mutant,
        ...mutant.map(() => 'a batch that does not follow the last one of its producer is refused'),
      ],
    });
    const checker = new Checker(play.machine, PROPERTIES);
    play.watch((before, step) => {
      checker.look(before, step);
    });
    play.act('send-batch', 0, 3).act('handle-produce', P, A, 0).act('lose-produce-response', A, P, 0);
    play.act('notice-disconnect', 0).act('retry-record', 0).act('handle-produce', P, A, 0).act('poll', 0);
    expect(play.log(A)).toEqual([0, 1, 2, ...twice]);
    const broken = checker.findings.map(({ property }) => property);
    expect(broken.includes('no-duplicates')).toBe(twice.length > 0);
  });
});
