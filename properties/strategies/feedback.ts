/** Runs that go on from where earlier ones met something new, in episodes of several. */
import { abstractionOf, Actors, drive, Pct, type ActionCode, type Machine } from '../../model/index.ts';
import type { Schedule } from './schedules.ts';

/** An episode begins with nothing: so that it is the same whatever was run before it. */
const RUNS = 12;
const NOVEL_ONE_IN = 4;

/** PCT, with the novelty of the abstract state as reward. */
export function feedback(machine: Machine): Schedule {
  const actors = new Actors(machine);
  return ({ chooser, actions, begin, watch, checker }) => {
    const met = new Set<number>();
    /** Beginnings of runs that ended where something new was met. */
    const beginnings: (readonly ActionCode[])[] = [];
    let taken: ActionCode[] = [];
    for (let run = 0; run < RUNS; run++) {
      begin();
      const fresh = beginnings.length === 0 || chooser.below(3) === 0;
      const prefix = fresh ? [] : (beginnings[chooser.below(beginnings.length)] ?? []);
      let steps = 0;
      let novel = 0;
      taken = drive(machine, new Pct(actors, chooser, actions), { prefix, actions }, (before, step, code) => {
        if (++steps % NOVEL_ONE_IN === 0) {
          const abstraction = abstractionOf(step.state);
          if (!met.has(abstraction)) {
            met.add(abstraction);
            novel = steps;
          }
        }
        return watch(before, step, code);
      });
      if (checker.findings.length > 0) return taken;
      if (novel > prefix.length) beginnings.push(taken.slice(0, novel));
    }
    return taken;
  };
}
