/** What the parts of a simulation share: the state, the virtual clock, the way to take an action. */
import type { ActionCode } from '../../protocol/machine.ts';
import type { Model } from '../../protocol/config.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Clock } from './clock.ts';
import type { Conditions } from './conditions.ts';
import type { InFlight } from './in-flight.ts';
import type { Latency, Streams } from './latency.ts';
import type { Deed, Repertoire } from './repertoire.ts';
import type { Timing } from './timing.ts';

export interface Scene {
  readonly model: Model;
  readonly timing: Timing;
  readonly repertoire: Repertoire;
  readonly streams: Streams;
  readonly latency: Latency;
  readonly clock: Clock<() => void>;
  readonly inFlight: InFlight;
  readonly conditions: Conditions;
  readonly state: State;
  /** Virtual time (ms). */
  readonly now: number;
  /** Takes the action if it is enabled; otherwise gives the guard that refuses it. */
  attempt(code: ActionCode): string | undefined;
}

/** A part that follows a run step by step. */
export interface Follower {
  /** Looks at a step that was just taken. */
  follow(before: State, after: State, deed: Deed): void;
}
