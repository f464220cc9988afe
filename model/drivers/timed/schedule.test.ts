import { expect, test } from 'vitest';
import { NO_FAULTS } from '../../protocol/config.ts';
import { FAULT_KINDS, UNLIMITED } from '../../protocol/state/environment.ts';
import {
  flappingLeader,
  flappingLink,
  partition,
  rollingKill,
  rollingRestart,
  scheduleEnd,
  swizzle,
  timedBudgets,
  wholeClusterPowerLoss,
  type Schedule,
} from './schedule.ts';

const drawn = (schedule: Schedule): string[] =>
  schedule.map(({ at, for: lasts, fault }) => {
    const { kind, ...rest } = fault;
    const values: unknown[] = Object.values(rest);
    return `${at}+${lasts} ${[kind, ...values].join(' ')}`;
  });

test.each<readonly [string, Schedule, readonly string[]]>([
  [
    'rollingRestart',
    rollingRestart([0, 1, 2], { at: 100, down: 50, every: 1000 }),
    ['100+50 clean-stop 0', '1100+50 clean-stop 1', '2100+50 clean-stop 2'],
  ],
  ['rollingKill', rollingKill([2, 0], { at: 0, down: 9, every: 10 }), ['0+9 kill 2', '10+9 kill 0']],
  [
    'wholeClusterPowerLoss',
    wholeClusterPowerLoss([0, 1, 2], { at: 5, lost: 3, down: 100, every: 10 }),
    ['5+100 power-loss 0 3', '5+110 power-loss 1 3', '5+120 power-loss 2 3'],
  ],
  [
    'flappingLeader',
    flappingLeader(0, { at: 10, down: 5, every: 100, times: 2 }),
    ['10+5 clean-stop 0', '109+0 move', '110+5 clean-stop 0', '209+0 move'],
  ],
  [
    'flappingLink',
    flappingLink([0, 1], { at: 0, down: 3, every: 7, times: 2 }),
    ['0+3 cut 0 1 true', '7+3 cut 0 1 true'],
  ],
  [
    'swizzle',
    swizzle(
      [
        [0, 1],
        [0, 2],
        [1, 5],
      ],
      [1, 2, 0],
      { at: 10, down: 100, every: 5, both: false },
    ),
    // They end at 125, 130 and 135: the second link first, the first one last.
    ['10+125 cut 0 1 false', '15+110 cut 0 2 false', '20+110 cut 1 5 false'],
  ],
  ['partition', partition('split', 1, 2), ['1+2 cut split']],
])('%s gives these faults', (_name, schedule, faults) => {
  expect(drawn(schedule)).toEqual(faults);
});

test('a schedule ends when its last fault is undone', () => {
  expect(scheduleEnd([])).toBe(0);
  expect(
    scheduleEnd([...partition('split', 50, 10), ...rollingKill([0], { at: 0, down: 70, every: 1 })]),
  ).toBe(70);
});

test('clocks never want for a budget, and no other kind appears that was not asked for', () => {
  const budgets = timedBudgets({ ...NO_FAULTS, kill: 1 });
  const allowed = FAULT_KINDS.filter((kind) => budgets[kind] > 0);
  expect(allowed).toEqual(['kill', 'fence', 'shrink', 'lost', 'lag']);
  expect(allowed.every((kind) => budgets[kind] === UNLIMITED)).toBe(true);
});
