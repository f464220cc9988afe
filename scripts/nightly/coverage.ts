/** What runs have been through: kinds of action, pairs of them, guards that refused, abstract states. */
import {
  abstractionOf,
  ACTIONS,
  isKnownUnder,
  type ActionCode,
  type Machine,
  type State,
  type Step,
} from '../../model/index.ts';
import { machineOf } from '../../traces/index.ts';
import type { Settings } from '../../model/index.ts';
import type { BatchLine } from './lines.ts';
import { GUARDS_ONE_IN, MAX_STATES, STATES_ONE_IN } from './limits.ts';

const NOBODY = -1;
const kindOf = (code: ActionCode): number => code & 0xff;

/** Coverage of one target in one process; what is new since it was told last is told with the next batch. */
export class Coverage {
  private readonly machine: Machine;
  private readonly counts = new Float64Array(ACTIONS.length);
  private readonly pairs = new Uint8Array(ACTIONS.length * ACTIONS.length);
  private readonly newPairs: string[] = [];
  private readonly guards = new Set<string>();
  private readonly newGuards: string[] = [];
  private readonly states = new Set<number>();
  private readonly newStates: string[] = [];
  private readonly told = new Set<string>();
  private previous = NOBODY;
  private stepsOfRun = 0;
  /** The step of this run after which guards are asked, or never. */
  private asksAt = NOBODY;

  constructor(settings: Settings) {
    this.machine = machineOf(settings);
  }

  /** A run begins; its seed decides where guards are asked. */
  begin(seed: number): void {
    this.previous = NOBODY;
    this.stepsOfRun = 0;
    const drawn = seed >>> 0;
    this.asksAt = drawn % GUARDS_ONE_IN === 0 ? (drawn >>> 8) % 200 : NOBODY;
  }

  readonly look = (code: ActionCode, _before: State, { state }: Step): void => {
    const kind = kindOf(code);
    this.counts[kind] = (this.counts[kind] ?? 0) + 1;
    if (this.previous >= 0) this.pair(this.previous, kind);
    this.previous = kind;
    if (++this.stepsOfRun % STATES_ONE_IN === 0) this.meet(abstractionOf(state));
    if (this.stepsOfRun === this.asksAt) this.askGuards(state);
  };

  private pair(first: number, second: number): void {
    const index = first * ACTIONS.length + second;
    if (this.pairs[index] === 1) return;
    this.pairs[index] = 1;
    this.newPairs.push(`${ACTIONS[first]?.kind ?? ''} ${ACTIONS[second]?.kind ?? ''}`);
  }

  private meet(abstraction: number): void {
    if (this.states.size >= MAX_STATES || this.states.has(abstraction)) return;
    this.states.add(abstraction);
    this.newStates.push(abstraction.toString(36));
  }

  /** Which guard refuses each action that looks possible in this state and is not. */
  private askGuards(state: State): void {
    const { machine } = this;
    for (const action of ACTIONS) {
      if (!isKnownUnder(machine.model, action)) continue;
      const { kind, params, choices, readsOwn } = action;
      const owners = readsOwn === undefined ? [-1] : state.processes.map((_, broker) => broker);
      for (const own of owners) {
        choices(
          machine.model,
          state,
          (...values) => {
            const named = Object.fromEntries(params.map((param, i) => [param, values[i] ?? 0]));
            const code = machine.encode({ kind, ...named });
            const guard = code === undefined ? undefined : machine.refusal(state, code)?.guard;
            if (guard === undefined || this.guards.has(guard)) return;
            this.guards.add(guard);
            this.newGuards.push(guard);
          },
          own,
        );
      }
    }
  }

  /** Coverage since it was told last; `witnesses` are those met so far. */
  tell(
    witnesses: readonly string[],
  ): Pick<BatchLine, 'steps' | 'taken' | 'pairs' | 'guards' | 'witnesses' | 'states'> {
    const taken = Object.fromEntries(
      ACTIONS.map(({ kind }, index) => [kind, this.counts[index] ?? 0] as const).filter(([, n]) => n > 0),
    );
    const fresh = witnesses.filter((id) => !this.told.has(id));
    for (const id of fresh) this.told.add(id);
    const news = {
      steps: this.counts.reduce((sum, n) => sum + n, 0),
      taken,
      pairs: this.newPairs.splice(0),
      guards: this.newGuards.splice(0),
      witnesses: fresh,
      states: this.newStates.splice(0),
    };
    this.counts.fill(0);
    return news;
  }
}
