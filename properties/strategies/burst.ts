/** A random walk into the deep, then everything that can happen within a few steps of where it ended. */
import { walk, type ActionCode, type Machine, type State } from '../../model/index.ts';
import type { Mark } from '../checker.ts';
import { drawWeights } from '../generate/walks.ts';
import type { Schedule } from './schedules.ts';

const DEEPEST = 200;
/** Steps of the burst, all ways together. */
const STEPS = 800;

interface Point {
  readonly state: State;
  readonly mark: Mark;
  readonly path: readonly ActionCode[];
}

export function burst(machine: Machine): Schedule {
  return ({ chooser, actions, begin, watch, checker }) => {
    begin();
    let state = machine.initial;
    const plan = {
      weights: drawWeights(chooser, machine),
      actions: 1 + chooser.below(Math.min(DEEPEST, actions)),
    };
    const path = walk(machine, chooser, plan, (before, step, code) => {
      ({ state } = step);
      return watch(before, step, code);
    });
    if (checker.findings.length > 0) return path;
    let level: Point[] = [{ state, mark: checker.mark(), path }];
    let steps = 0;
    while (level.length > 0) {
      const next: Point[] = [];
      for (const point of level) {
        const enabled: ActionCode[] = [];
        machine.enabled(point.state, enabled);
        for (const code of enabled) {
          if (steps++ >= STEPS) return point.path;
          checker.back(point.mark);
          const step = machine.step(point.state, code);
          const stops = watch(point.state, step, code);
          const further = [...point.path, code];
          if (stops || checker.findings.length > 0) return further;
          next.push({ state: step.state, mark: checker.mark(), path: further });
        }
      }
      level = next;
    }
    return path;
  };
}
