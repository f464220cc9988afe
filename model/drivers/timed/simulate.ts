/**
 * The timed simulation: a virtual clock decides which enabled action happens when. Every timed run is a run of the
 * untimed machine: its list of actions is its trace. A run has two phases: faults happen and are undone as the
 * schedule says; then everything is healed, and the cluster has to come to rest.
 */
import { handedOver } from '../../protocol/actions/producer.ts';
import { at } from '../../protocol/draft.ts';
import { viewsOf } from '../../protocol/state/partitions.ts';
import type { Model } from '../../protocol/config.ts';
import type { ActionCode, Machine, Step } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';
import { Agenda, isOnAgenda } from './agenda.ts';
import { Chores } from './chores.ts';
import { Clients, type Overdue, type Workload } from './clients.ts';
import { Clock } from './clock.ts';
import { noConditions, type Conditions } from './conditions.ts';
import { InFlight } from './in-flight.ts';
import { Lag } from './lag.ts';
import { Latency, type Streams } from './latency.ts';
import { Lifecycle, type Life } from './lifecycle.ts';
import { Nemesis, type FaultOutcome } from './nemesis.ts';
import { OfPartition } from './of-partition.ts';
import { Place } from './place.ts';
import { ELSEWHERE, Repertoire } from './repertoire.ts';
import { RequestTimeouts } from './request-timeouts.ts';
import type { Scene } from './scene.ts';
import { Section } from './section.ts';
import type { Schedule } from './schedule.ts';
import type { Timing } from './timing.ts';
import { ZooKeeperSessions } from './zookeeper-sessions.ts';

export interface SimulationPlan {
  readonly timing: Timing;
  readonly schedule: Schedule;
  readonly workload: Workload;
  /** The longest run, in actions. */
  readonly actions: number;
  /** How long after the last fault was undone the run may go on (ms of virtual time). */
  readonly convergence: number;
}

/** Looks at each step, taken at `time` (ms); returning true ends the run. */
export type TimedWatcher = (before: State, step: Step, code: ActionCode, time: number) => boolean;

/** Why a run ended: at rest, out of virtual time, out of actions, or because the watcher said so. */
export type TimedEnd = 'quiescent' | 'time' | 'actions' | 'stopped';

export interface TimedRun {
  readonly actions: readonly ActionCode[];
  /** When each action was taken (ms of virtual time). */
  readonly times: readonly number[];
  /** The state after the last action. */
  readonly state: State;
  /** What became of each fault, in the order in which they began. */
  readonly faults: readonly FaultOutcome[];
  /** When everything was healed (ms), or undefined if the run ended before. */
  readonly healedAt: number | undefined;
  readonly endedAt: number;
  readonly ended: TimedEnd;
  /** Records whose fate their producers should have known before the run ended. */
  readonly overdue: readonly Overdue[];
  /** What was still to happen, in one sentence; undefined for a run that came to rest. */
  readonly pending: string | undefined;
}

/** One run. Its parts look at every step in a fixed order and put what follows from it on the clock. */
class Simulation implements Scene {
  readonly model: Model;
  readonly timing: Timing;
  readonly repertoire: Repertoire;
  readonly streams: Streams;
  readonly latency: Latency;
  readonly clock = new Clock<() => void>();
  readonly inFlight: InFlight;
  readonly conditions: Conditions;
  state: State;
  now = 0;
  private readonly plan: SimulationPlan;
  private readonly watch: TimedWatcher;
  /** Of the first partition, as are the clients and the timeouts. */
  private readonly lag: Lag;
  private readonly place: Place;
  private readonly clients: Clients;
  private readonly timeouts: RequestTimeouts;
  /** What the other partitions have of their own. */
  private readonly others: readonly OfPartition[];
  private readonly lifecycle: Life;
  private readonly agenda: Agenda;
  private readonly nemesis: Nemesis;
  private readonly chores: Chores;
  private readonly actions: ActionCode[] = [];
  private readonly times: number[] = [];
  private stopped = false;

  constructor(
    repertoires: readonly Repertoire[],
    streams: Streams,
    plan: SimulationPlan,
    watch: TimedWatcher,
  ) {
    const [repertoire] = repertoires;
    if (repertoire === undefined) throw new RangeError('there is no partition');
    const { machine } = repertoire;
    this.model = machine.model;
    this.timing = plan.timing;
    this.repertoire = repertoire;
    this.streams = streams;
    this.plan = plan;
    this.watch = watch;
    this.state = machine.initial;
    this.latency = new Latency(streams, plan.timing.latency);
    this.conditions = noConditions(machine.config.brokers);
    this.inFlight = new InFlight(
      machine.config.brokers,
      machine.config.producers.length,
      this.state.channels,
      this.latency,
      this.clock,
      (message) => {
        this.nemesis.sent(message, this);
      },
    );
    const fencing = Array.from({ length: machine.config.brokers }, (_, id) =>
      streams.stream(`fencing of broker ${id}`),
    );
    this.lag = new Lag(this);
    this.timeouts = new RequestTimeouts(this, this.lag);
    this.clients = new Clients(this, plan.workload, this.timeouts);
    this.place = new Place(this, this.clients, fencing);
    this.others = repertoires.slice(1).map((own, i) => {
      const section: Section = new Section(this, i + 1, own, (message) => {
        this.nemesis.sent(message, section);
      });
      return new OfPartition(section, i + 1, plan.workload, fencing);
    });
    this.lifecycle = machine.model.zookeeper ? new ZooKeeperSessions(this) : new Lifecycle(this);
    const stages = [{ scene: this, lag: this.lag }, ...this.others];
    this.nemesis = new Nemesis(this, stages, plan.schedule, () => {
      this.lifecycle.fetchMetadata();
      this.agenda.conditionsChanged();
    });
    this.agenda = new Agenda(this, [this.place, ...this.others.map(({ place }) => place)]);
    this.chores = new Chores(this, repertoires);
  }

  attempt(code: ActionCode): string | undefined {
    if (this.isOver()) return 'the run is over';
    const refusal = this.repertoire.machine.refusal(this.state, code);
    if (refusal !== undefined) return refusal.guard;
    this.take(code);
    return undefined;
  }

  private take(code: ActionCode): void {
    const deed = this.repertoire.deed(code);
    if (deed.kind === 'answer-delayed-fetch') this.lagOf(deed.partition).stamp(deed.b, deed.a);
    const before = this.state;
    const step = this.repertoire.machine.step(before, code);
    this.state = step.state;
    this.actions.push(code);
    this.times.push(this.now);
    this.inFlight.follow(step.state.channels, this.now);
    const after = step.state;
    const own = deed.partition === 0 ? deed : ELSEWHERE;
    this.agenda.taken(deed);
    // One by one, not in a loop: each call has one target that way, and this is the busiest place of a run.
    this.place.follow(before, after, own);
    this.lag.follow(before, after, own);
    this.lifecycle.follow(before, after, deed);
    this.timeouts.follow(before, after, own);
    this.clients.follow(before, after, own);
    for (let i = 0; i < this.others.length; i++) this.others[i]?.follow(before, after, deed);
    this.chores.follow(before, after, deed);
    if (this.watch(before, step, code, this.now)) this.stopped = true;
  }

  private lagOf(partition: number): Lag {
    return this.others[partition - 1]?.lag ?? this.lag;
  }

  private isOver(): boolean {
    return this.stopped || this.actions.length >= this.plan.actions;
  }

  run(): TimedRun {
    const { agenda, clock, nemesis } = this;
    const deadline = nemesis.healsAt + this.plan.convergence;
    let ended: TimedEnd = 'time';
    for (;;) {
      if (this.isOver()) {
        ended = this.stopped ? 'stopped' : 'actions';
        break;
      }
      if (agenda.look() && nemesis.healed && this.isAtRest()) {
        ended = 'quiescent';
        break;
      }
      const clockFirst = clock.isDueBefore(agenda.due, agenda.number);
      const time = clockFirst ? (clock.next() ?? deadline) : agenda.due;
      if (time > deadline) break;
      this.now = Math.max(this.now, time);
      if (clockFirst) clock.pop()?.();
      else this.take(agenda.code);
    }
    return {
      actions: this.actions,
      times: this.times,
      state: this.state,
      faults: nemesis.outcomes,
      healedAt: nemesis.healed ? nemesis.healsAt : undefined,
      endedAt: this.now,
      ended,
      overdue: [this.clients, ...this.others.map(({ clients }) => clients)].flatMap((of) => of.overdue()),
      pending: ended === 'quiescent' ? undefined : this.pendingSentence(),
    };
  }

  /** Nothing is enabled but clocks that heartbeats and idle fetches set back, and the clients have what they wanted. */
  private isAtRest(): boolean {
    if (this.agenda.busy || this.isAnyLagging() || !this.lifecycle.isSettled()) return false;
    return this.model.config.producers.every((_, id) => this.isDone(id)) && !this.agenda.hasWork();
  }

  private isAnyLagging(): boolean {
    return this.lag.isRunning() || this.others.some(({ lag }) => lag.isRunning());
  }

  private isDone(producer: number): boolean {
    return this.clients.isDone(producer) && this.others.every(({ clients }) => clients.isDone(producer));
  }

  private pendingSentence(): string {
    const undone = this.model.config.producers.flatMap((_, id) => {
      if (this.isDone(id)) return [];
      const left = this.model.config.recordsPerProducer - handedOver(this.state, id);
      const undecided = viewsOf(this.state).reduce((sum, { producers }) => {
        const { inFlight, retries } = at(producers, id);
        return sum + inFlight.length + retries.length;
      }, 0);
      return [`producer ${id} has ${left} records to send and ${undecided} undecided`];
    });
    const lag = this.isAnyLagging() ? ['a follower that does not fetch is within its lag limit'] : [];
    const life = this.lifecycle.isSettled() ? [] : ['a broker is not registered and unfenced'];
    const what = [...this.agenda.pending(), ...undone, ...lag, ...life].join('; ');
    return `at ${this.now} ms still pending: ${what === '' ? 'nothing but clocks' : what}`;
  }
}

/** Runs schedules on one machine; what can be worked out once for all of them is. */
export class Simulator {
  private readonly repertoires: readonly Repertoire[];

  constructor(machine: Machine) {
    this.repertoires = Repertoire.ofPartitions(machine, isOnAgenda);
  }

  /** One run. The same machine, streams and plan give the same run. */
  run(streams: Streams, plan: SimulationPlan, watch: TimedWatcher): TimedRun {
    return new Simulation(this.repertoires, streams, plan, watch).run();
  }
}

/** Runs one schedule and workload on a machine. */
export const simulate = (
  machine: Machine,
  streams: Streams,
  plan: SimulationPlan,
  watch: TimedWatcher,
): TimedRun => new Simulator(machine).run(streams, plan, watch);
