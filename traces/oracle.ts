/** Asks whether a list of actions still breaks one property. */
import type { ActionCode, Machine, Settings, State } from '../model/index.ts';
import {
  learnt,
  momentsOf,
  nothingSeen,
  type Moment,
  type Property,
  type Seen,
} from '../properties/index.ts';
import { machineOf, runActions } from './run.ts';

export interface Point {
  readonly state: State;
  readonly seen: Seen;
}

/** What one list came to: the actions that were taken, with the point after each. */
interface Course {
  readonly taken: ActionCode[];
  readonly points: Point[];
}

/** The same settings without what makes the property break: a run that breaks it under these too is another find. */
export type Cure = (settings: Settings) => Settings;

/**
 * Keeps the shortest list known to break the property. A candidate is run leniently: disabled actions are left out,
 * what follows the violation too. States are immutable, so what it shares with the list kept is not run again.
 */
export class Oracle {
  readonly settings: Settings;
  readonly machine: Machine;
  private readonly property: Property;
  private readonly cured: Machine | undefined;
  private readonly refuted = new Set<string>();
  private kept: Course;
  /** Candidates run so far. */
  tries = 0;

  constructor(settings: Settings, property: Property, cure?: Cure) {
    this.settings = settings;
    this.machine = machineOf(settings);
    this.property = property;
    this.cured = cure === undefined ? undefined : machineOf(cure(settings));
    const { config, initial } = this.machine;
    this.kept = { taken: [], points: [{ state: initial, seen: nothingSeen(config) }] };
  }

  get best(): readonly ActionCode[] {
    return this.kept.taken;
  }

  /** The state after the first `actions` actions of the list kept. */
  stateAfter(actions: number): State {
    return this.pointAfter(actions).state;
  }

  /** The same, with what the observer remembers. */
  pointAfter(actions: number): Point {
    const point = this.kept.points[actions];
    if (point === undefined) throw new RangeError(`the run kept has no action ${actions}`);
    return point;
  }

  /**
   * Runs `candidate`, which begins like the list kept for `shared` actions. Where it breaks the property, what was
   * taken of it is kept from now on.
   */
  attempt(candidate: readonly ActionCode[], shared: number): boolean {
    const key = candidate.join();
    if (this.refuted.has(key)) return false;
    this.tries++;
    const course = this.follow(candidate, shared);
    if (course === undefined || this.breaksWhereCured(course.taken)) {
      this.refuted.add(key);
      return false;
    }
    this.kept = course;
    return true;
  }

  /** Takes an action that is enabled. */
  stepFrom({ state, seen }: Point, code: ActionCode): { readonly point: Point; readonly breaks: boolean } {
    const step = this.machine.step(state, code);
    const now = learnt(seen, state, step);
    const moments = momentsOf(this.machine.model, state, step, seen, now);
    return { point: { state: step.state, seen: now }, breaks: moments.some((moment) => this.breaks(moment)) };
  }

  /** Whether the property breaks from there on, where disabled actions are left out. */
  breaksFrom(from: Point, codes: readonly ActionCode[]): boolean {
    let at = from;
    for (const code of codes) {
      if (this.machine.refusal(at.state, code) !== undefined) continue;
      const { point, breaks } = this.stepFrom(at, code);
      if (breaks) return true;
      at = point;
    }
    return false;
  }

  private breaksWhereCured(codes: readonly ActionCode[]): boolean {
    if (this.cured === undefined) return false;
    const { findings } = runActions(this.cured, codes, 'lenient');
    return findings.some(({ property }) => property === this.property.id);
  }

  private follow(candidate: readonly ActionCode[], shared: number): Course | undefined {
    const { machine, kept } = this;
    const taken = kept.taken.slice(0, shared);
    const points = kept.points.slice(0, shared + 1);
    let at = this.pointAfter(shared);
    if (shared === 0 && this.breaksAtOnce(at.state, at.seen)) return { taken, points };
    for (const code of candidate.slice(shared)) {
      if (machine.refusal(at.state, code) !== undefined) continue;
      const { point, breaks } = this.stepFrom(at, code);
      at = point;
      taken.push(code);
      points.push(point);
      if (breaks) return { taken, points };
    }
    return undefined;
  }

  private breaksAtOnce(state: State, seen: Seen): boolean {
    const moments = momentsOf(this.machine.model, state, { state, events: [] }, seen, seen);
    return moments.some((moment) => this.property.check(moment) !== undefined);
  }

  private breaks(moment: Moment): boolean {
    const { before, after, events } = moment;
    const { onChange, onEvents } = this.property;
    const looks =
      onChange.some((name) => before[name] !== after[name]) ||
      events.some(({ type }) => onEvents.includes(type));
    return looks && this.property.check(moment) !== undefined;
  }
}
