/** What the parts of a simulation share, as one of several partitions sees it; as the first does, it is the simulation itself. */
import type { ActionCode } from '../../protocol/machine.ts';
import type { Model } from '../../protocol/config.ts';
import { viewOf } from '../../protocol/state/partitions.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Clock } from './clock.ts';
import type { Conditions } from './conditions.ts';
import { InFlight, type OnSent } from './in-flight.ts';
import type { Latency, Streams } from './latency.ts';
import type { Repertoire } from './repertoire.ts';
import type { Scene } from './scene.ts';
import type { Timing } from './timing.ts';

export class Section implements Scene {
  readonly model: Model;
  readonly timing: Timing;
  readonly streams: Streams;
  readonly latency: Latency;
  readonly clock: Clock<() => void>;
  readonly conditions: Conditions;
  readonly repertoire: Repertoire;
  readonly inFlight: InFlight;
  private readonly whole: Scene;
  private readonly partition: number;

  constructor(whole: Scene, partition: number, repertoire: Repertoire, onSent: OnSent) {
    this.whole = whole;
    this.partition = partition;
    this.repertoire = repertoire;
    const { model, timing, streams, latency, clock, conditions } = whole;
    this.model = model;
    this.timing = timing;
    this.streams = streams;
    this.latency = latency;
    this.clock = clock;
    this.conditions = conditions;
    const { brokers, producers } = model.config;
    this.inFlight = new InFlight(brokers, producers.length, this.state.channels, latency, clock, onSent);
  }

  get state(): State {
    return viewOf(this.whole.state, this.partition);
  }

  get now(): number {
    return this.whole.now;
  }

  attempt(code: ActionCode): string | undefined {
    return this.whole.attempt(code);
  }
}
