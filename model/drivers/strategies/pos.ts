/**
 * Partial order sampling (Yuan et al., CAV 2018): every action has a random priority, the highest is taken, and those
 * that race with it, because the same party takes them, draw theirs anew. Faults draw lower.
 */
import type { ActionCode } from '../../protocol/machine.ts';
import type { Chooser } from '../walk.ts';
import { FATE, type Actors } from './actors.ts';
import type { Picker } from './drive.ts';

const RANGE = 1 << 24;

export class Pos implements Picker {
  private readonly actors: Actors;
  private readonly chooser: Chooser;
  private readonly priorities = new Map<ActionCode, number>();

  constructor(actors: Actors, chooser: Chooser) {
    this.actors = actors;
    this.chooser = chooser;
  }

  pick(enabled: readonly ActionCode[]): ActionCode {
    let best: ActionCode | undefined;
    let highest = -1;
    for (const code of enabled) {
      const priority = this.priorityOf(code);
      if (priority <= highest) continue;
      highest = priority;
      best = code;
    }
    if (best === undefined) throw new RangeError('nothing to pick from');
    const actor = this.actors.of(best);
    this.priorities.delete(best);
    for (const code of enabled) {
      // What goes wrong races with everything.
      if (actor === FATE || this.actors.of(code) === actor) this.priorities.delete(code);
    }
    return best;
  }

  private priorityOf(code: ActionCode): number {
    let priority = this.priorities.get(code);
    if (priority === undefined) {
      priority = this.chooser.below(RANGE);
      // The least of several draws: a fault is taken about as often as in a walk.
      if (this.actors.isFault(code))
        for (let i = 0; i < 3; i++) priority = Math.min(priority, this.chooser.below(RANGE));
      this.priorities.set(code, priority);
    }
    return priority;
  }
}
