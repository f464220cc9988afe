/**
 * Random walks as a fast-check arbitrary: fast-check's generator picks among the enabled actions, a run is the list
 * of actions it took, and shrinking cuts that list. The minimiser of traces/ does better; this one keeps `fc.assert`
 * usable on its own.
 */
import fc from 'fast-check';
import {
  ACTIONS,
  isKnownUnder,
  replay,
  walk,
  type ActionCode,
  type Chooser,
  type Machine,
  type State,
  type Step,
} from '../../model/index.ts';
import type { Checker, Finding } from '../checker.ts';

export interface Run {
  readonly actions: readonly ActionCode[];
  readonly findings: readonly Finding[];
}

/** Hears of each step. */
export type OnStep = (code: ActionCode, before: State, step: Step) => void;

/** Which findings end a run. */
export type StopsAt = (property: string) => boolean;

/** Protocol steps are this much likelier than faults, whatever the weights of a run. */
const PROTOCOL_FACTOR = 16;
const HEALING_FACTOR = 3;
const PROTOCOL_WEIGHTS = [1, 2, 4, 8];
const FAULT_WEIGHTS = [0, 1, 2, 4];

/**
 * Weights of one run: each kind of fault is left out of about every fourth run and frequent in another, and so is,
 * more mildly, each kind of protocol step (swarm testing).
 */
export function drawWeights(chooser: Chooser, { model }: Machine): Int32Array {
  return Int32Array.from(ACTIONS, (action) => {
    // What the configuration does not know takes no draw: the runs of others stay as they are.
    if (!isKnownUnder(model, action)) return 0;
    switch (action.role) {
      case 'protocol':
        return PROTOCOL_FACTOR * (PROTOCOL_WEIGHTS[chooser.below(4)] ?? 1);
      case 'healing':
        return HEALING_FACTOR * (PROTOCOL_WEIGHTS[chooser.below(4)] ?? 1);
      case 'perturbation':
        return FAULT_WEIGHTS[chooser.below(4)] ?? 0;
    }
  });
}

/** `swarm`: each run has weights of its own; `even`: all have the same, as plain random walks do. */
export type Profile = 'swarm' | 'even';

/** Draws the same weight for every kind of its sort. */
const EVEN: Chooser = { below: () => 1 };

const seedFrom = (random: fc.Random): number => random.nextInt(-0x8000_0000, 0x7fff_ffff);

/** Chance for one run: sfc32 from a seed of 64 bits. Faster than to ask fast-check anew for each choice. */
export class SeededChooser implements Chooser {
  private a: number;
  private b: number;
  private c = 0x9e37_79b9;
  private counter = 1;

  constructor(a: number, b: number) {
    this.a = a | 0;
    this.b = b | 0;
    // What the seeds have in common is gone after some rounds.
    for (let i = 0; i < 12; i++) this.below(1);
  }

  below(bound: number): number {
    const mixed = (((this.a + this.b) | 0) + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + mixed) | 0;
    return Math.floor(((mixed >>> 0) * bound) / 0x1_0000_0000);
  }
}

/** Takes actions as the chooser says and looks at each step; ends early at a finding that `stopsAt` names. */
export function walkOnce(
  machine: Machine,
  checker: Checker,
  chooser: Chooser,
  actions: number,
  stopsAt: StopsAt,
  onStep: OnStep = () => undefined,
  profile: Profile = 'swarm',
): Run {
  checker.restart();
  const weights = drawWeights(profile === 'swarm' ? chooser : EVEN, machine);
  const taken = walk(machine, chooser, { weights, actions }, (before, step, code) => {
    onStep(code, before, step);
    return checker.look(before, step) && checker.findings.some(({ property }) => stopsAt(property));
  });
  return { actions: taken, findings: checker.findings.slice() };
}

class WalkArbitrary extends fc.Arbitrary<Run> {
  private readonly machine: Machine;
  private readonly checker: Checker;
  private readonly length: number;
  private readonly stopsAt: StopsAt;
  private readonly onStep: OnStep;
  private readonly profile: Profile;

  constructor(
    machine: Machine,
    checker: Checker,
    length: number,
    stopsAt: StopsAt,
    onStep: OnStep,
    profile: Profile,
  ) {
    super();
    this.machine = machine;
    this.checker = checker;
    this.length = length;
    this.stopsAt = stopsAt;
    this.onStep = onStep;
    this.profile = profile;
  }

  override generate(random: fc.Random): fc.Value<Run> {
    const chooser = new SeededChooser(seedFrom(random), seedFrom(random));
    const { machine, checker, length, stopsAt, onStep, profile } = this;
    const run = walkOnce(machine, checker, chooser, length, stopsAt, onStep, profile);
    return new fc.Value(run, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is Run {
    return typeof value === 'object' && value !== null && 'actions' in value;
  }

  /** Shorter runs: halves, quarters, … and single actions taken out, replayed from the start. */
  override shrink(run: Run): fc.Stream<fc.Value<Run>> {
    return fc.stream(this.shorter(run));
  }

  private *shorter({ actions }: Run): IterableIterator<fc.Value<Run>> {
    for (let size = actions.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < actions.length; from += size) {
        const rest = [...actions.slice(0, from), ...actions.slice(from + size)];
        const run = this.again(rest);
        if (run.actions.length < actions.length) yield new fc.Value(run, undefined);
      }
    }
  }

  private again(actions: readonly ActionCode[]): Run {
    this.checker.restart();
    const { taken } = replay(this.machine, actions, 'lenient', (before, step) => {
      return (
        this.checker.look(before, step) &&
        this.checker.findings.some(({ property }) => this.stopsAt(property))
      );
    });
    return { actions: taken, findings: this.checker.findings.slice() };
  }
}

/** Runs of at most `length` actions, checked by `checker`. */
export function walks(
  machine: Machine,
  checker: Checker,
  length: number,
  stopsAt: StopsAt,
  onStep: OnStep = () => undefined,
  profile: Profile = 'swarm',
): fc.Arbitrary<Run> {
  return new WalkArbitrary(machine, checker, length, stopsAt, onStep, profile);
}
