/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010) over actors: the one with the highest priority
 * acts, and at a few random moments it falls to the lowest. At half of these moments something goes wrong instead.
 * Actors here never finish, so one that has acted several times in a row falls back as well.
 */
import type { ActionCode } from '../../protocol/machine.ts';
import type { Chooser } from '../walk.ts';
import { ACTORS, type Actors } from './actors.ts';
import type { Picker } from './drive.ts';

const MOST_MOMENTS = 16;
const IN_A_ROW = 4;

export class Pct implements Picker {
  private readonly actors: Actors;
  private readonly chooser: Chooser;
  /** Higher acts first. */
  private readonly priorities: number[];
  private readonly moments: ReadonlySet<number>;
  private lowest = 0;
  private steps = 0;
  private last = -1;
  private row = 0;

  constructor(actors: Actors, chooser: Chooser, length: number) {
    this.actors = actors;
    this.chooser = chooser;
    this.priorities = Array.from({ length: ACTORS }, () => chooser.below(1 << 20));
    const count = 2 + chooser.below(MOST_MOMENTS);
    this.moments = new Set(Array.from({ length: count }, () => chooser.below(length)));
  }

  pick(enabled: readonly ActionCode[]): ActionCode {
    const { actors, chooser } = this;
    if (this.moments.has(this.steps++)) {
      const faults = enabled.filter((code) => actors.isFault(code));
      if (faults.length > 0 && chooser.below(2) === 0) return drawn(faults, chooser);
      if (this.last >= 0) this.demote(this.last);
    }
    const calm = enabled.filter((code) => !actors.isFault(code));
    const among = calm.length > 0 ? calm : enabled;
    const first = among.reduce(
      (best, code) => (this.priorityOf(code) > this.priorityOf(best) ? code : best),
      drawn(among, chooser),
    );
    const actor = actors.of(first);
    this.row = actor === this.last ? this.row + 1 : 1;
    this.last = actor;
    if (this.row >= IN_A_ROW) {
      this.demote(actor);
      this.row = 0;
    }
    return drawn(
      among.filter((code) => actors.of(code) === actor),
      chooser,
    );
  }

  private priorityOf(code: ActionCode): number {
    return this.priorities[this.actors.of(code)] ?? 0;
  }

  private demote(actor: number): void {
    this.priorities[actor] = --this.lowest;
  }
}

function drawn(codes: readonly ActionCode[], chooser: Chooser): ActionCode {
  const code = codes[chooser.below(codes.length)];
  if (code === undefined) throw new RangeError('nothing to draw from');
  return code;
}
