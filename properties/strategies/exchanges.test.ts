import { expect, it } from 'vitest';
import { ACTIONS, defaultSettings, type ActionCode } from '../../model/index.ts';
import { runSeed } from '../campaign.ts';
import { strategyRuns, type StrategyName } from './index.ts';

const KINDS = ACTIONS.map(({ kind }) => kind);

/** Of the fetches in some runs, the share of those that are handled before anything else happens. */
function shareHandledAtOnce(strategy: StrategyName, runs: number): number {
  let sent = 0;
  let handled = 0;
  let before = '';
  const onStep = (code: ActionCode): void => {
    const kind = KINDS[code & 0xff] ?? '';
    if (before === 'send-fetch') {
      sent++;
      if (kind === 'handle-fetch') handled++;
    }
    before = kind;
  };
  const settings = { ...defaultSettings, release: '4.1-repaired' as const };
  const made = strategyRuns(strategy, {
    ...{ settings, properties: [], seed: 1, actions: 200, tolerated: new Set<string>() },
    onStep,
  });
  for (let run = 0; run < runs; run++) made.runFrom(runSeed(1, run), run);
  return handled / sent;
}

it('lets most exchanges go through at once, and not all', () => {
  const share = shareHandledAtOnce('exchanges', 40);
  expect(share).toBeGreaterThan(0.6);
  expect(share).toBeLessThan(1);
  expect(share).toBeGreaterThan(1.5 * shareHandledAtOnce('walk', 10));
});
