/** What a campaign shows while it goes on: a bar on a terminal, elsewhere a line every half a minute. */
import { progressLine, type ProgressLine } from '../terminal.ts';
import type { BatchLine } from './lines.ts';

const EVERY_MS = 30_000;
/** Rates are those of the last minute. */
const WINDOW_MS = 60_000;

export interface Live {
  done(line: BatchLine): void;
  /** `share` of the campaign between 0 and 1; `leftMs` until it ends, where that is known. */
  tick(share: number, leftMs: number | undefined): void;
  stop(): void;
}

export function liveView(
  targets: number,
  now: () => number,
  line: ProgressLine = progressLine(EVERY_MS),
): Live {
  const begun = now();
  let recent: {
    readonly at: number;
    readonly runs: number;
    readonly steps: number;
    readonly states: number;
  }[] = [];
  let broken = 0;
  const met = new Set<string>();
  return {
    done: ({ target, runs, steps, states, brokenIn }) => {
      met.add(target);
      broken += Object.keys(brokenIn).length === 0 ? 0 : 1;
      recent.push({ at: now(), runs, steps, states: states.length });
    },
    tick: (share, leftMs) => {
      const at = now();
      recent = recent.filter((batch) => at - batch.at < WINDOW_MS);
      const seconds = Math.max(Math.min(at - begun, WINDOW_MS) / 1000, 0.1);
      const total = (of: 'runs' | 'steps' | 'states'): number =>
        recent.reduce((sum, batch) => sum + batch[of], 0);
      const perSecond = (of: 'runs' | 'steps'): string => whole(total(of) / seconds);
      line.update(
        share,
        `${met.size} of ${targets} targets, ${perSecond('runs')} runs/s, ${perSecond('steps')} steps/s, ` +
          `${whole((total('states') / seconds) * 60)} new abstract states/min, findings in ${broken} batches` +
          (leftMs === undefined ? '' : `, ${left(leftMs)} left`),
      );
    },
    stop: () => line.stop(),
  };
}

const whole = (value: number): string => Math.round(value).toLocaleString('en-US');

function left(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return minutes >= 60
    ? `${Math.floor(minutes / 60)} h ${minutes % 60} min`
    : minutes >= 1
      ? `${minutes} min`
      : `${Math.ceil(ms / 1000)} s`;
}
