/** Looks at each step of a run through all properties, and only where one could have changed its mind. */
import {
  eventsOf,
  newestImage,
  nothingObserved,
  observe,
  viewOf,
  type Event,
  type Machine,
  type Observed,
  type State,
  type Step,
} from '../model/index.ts';
import { at, promisedBy, type Moment, type Property, type Violation } from './property.ts';
import { WITNESSES, type Witness } from './witnesses.ts';

const EVENT_TYPES: readonly Event['type'][] = [
  'sent',
  'appended',
  'replicated',
  'truncated',
  'destroyed',
  'high-watermark-advanced',
  'became-leader',
  'became-follower',
  'partition-changed',
  'acked',
  'failed',
  'delivered',
  'offset-reset',
  'consumer-stopped',
  'fetch-refused',
  'isr-change-proposed',
  'isr-change-refused',
  'stale-response-dropped',
  'broker-stopped',
  'broker-started',
  'broker-registered',
  'broker-fenced',
  'broker-unfenced',
  'metadata-skipped',
  'controller-elected',
  'log-start-moved',
  'log-restarted',
  'directory-failed',
  'truncation-undone',
];
const EVENT_BIT: Readonly<Record<string, number>> = Object.fromEntries(
  EVENT_TYPES.map((type, bit) => [type, 1 << bit]),
);

/** Components that properties may name in `onChange`, with their bits. */
const WATCHED = ['logs', 'replicas', 'metadata', 'processes'] as const;

interface Watch {
  readonly property: Property;
  readonly events: number;
  readonly changes: number;
}

export interface Finding extends Violation {
  /** Steps taken when it broke; 0 is the first state. */
  readonly step: number;
  /** Where there are several partitions. */
  readonly partition?: number;
}

export class Checker {
  private readonly machine: Machine;
  private readonly watches: readonly Watch[];
  private readonly witnessesByBit: readonly (readonly {
    readonly index: number;
    readonly witness: Witness;
  }[])[];
  private readonly concerned = new Map<number, readonly Property[]>();
  private readonly broken = new Set<string>();
  private readonly met: boolean[] = WITNESSES.map(() => false);
  private seen: Observed;
  /** What was observed of the other partitions. */
  private readonly seenOfOthers: Observed[] = [];
  private steps = 0;
  readonly findings: Finding[] = [];

  constructor(machine: Machine, properties: readonly Property[]) {
    this.machine = machine;
    this.watches = promisedBy(machine.model, properties).map((property) => ({
      property,
      events: property.onEvents.reduce((mask, type) => mask | at32(EVENT_BIT[type]), 0),
      changes: WATCHED.reduce(
        (mask, name, bit) => (property.onChange.includes(name) ? mask | (1 << bit) : mask),
        0,
      ),
    }));
    this.witnessesByBit = EVENT_TYPES.map((type) =>
      WITNESSES.map((witness, index) => ({ witness, index })).filter(({ witness }) => witness.on === type),
    );
    this.seen = nothingObserved(machine.config);
    this.start();
  }

  /** Begins another run: nothing observed, nothing broken. Witnesses met stay met. */
  restart(): void {
    this.seen = nothingObserved(this.machine.config);
    this.broken.clear();
    this.findings.length = 0;
    this.steps = 0;
    this.start();
  }

  /** Every property is looked at in the first state too. */
  private start(): void {
    const { config, initial, model } = this.machine;
    this.seenOfOthers.length = 0;
    for (const _ of config.otherAssignments) this.seenOfOthers.push(nothingObserved(config));
    for (const [partition, seen] of [this.seen, ...this.seenOfOthers].entries()) {
      const first = viewOf(initial, partition);
      const moment: Moment = { model, before: first, after: first, events: [], seenBefore: seen, seen };
      for (const { property } of this.watches) this.judge(property, moment);
    }
  }

  /** Looks at one step. True when a property broke that had not broken before in this run. */
  look(before: State, { state, events }: Step): boolean {
    this.steps++;
    const seenBefore = this.seen;
    if (this.seenOfOthers.length > 0) return this.lookAtEach(before, state, events);
    const seen = observe(seenBefore, before, state, events);
    this.seen = seen;
    return this.lookAt(before, state, events, seenBefore, seen);
  }

  /** The same with several partitions: the step as each of them sees it. */
  private lookAtEach(before: State, after: State, events: readonly Event[]): boolean {
    const was = [this.seen, ...this.seenOfOthers];
    let found = false;
    const own = was.map((_, partition) => eventsOf(events, partition, was.length));
    const seenOfAll = was.map((seen, partition) =>
      observe(seen, viewOf(before, partition), viewOf(after, partition), at(own, partition)),
    );
    this.seen = at(seenOfAll, 0);
    this.seenOfOthers.splice(0, was.length - 1, ...seenOfAll.slice(1));
    for (const [partition, seen] of seenOfAll.entries()) {
      const [from, to] = [viewOf(before, partition), viewOf(after, partition)];
      if (this.lookAt(from, to, at(own, partition), at(was, partition), seen, seenOfAll)) found = true;
    }
    return found;
  }

  private lookAt(
    before: State,
    state: State,
    events: readonly Event[],
    seenBefore: Observed,
    seen: Observed,
    seenOfAll?: readonly Observed[],
  ): boolean {
    let happened = 0;
    for (let i = 0; i < events.length; i++) happened |= at32(EVENT_BIT[at(events, i).type]);
    let changed = 0;
    if (state.logs !== before.logs) changed |= 1;
    if (state.replicas !== before.replicas) changed |= 2;
    // Records that all have applied go from the metadata log without a sign: what counts is the newest image.
    if (state.metadata !== before.metadata && newestImage(state.metadata) !== newestImage(before.metadata))
      changed |= 4;
    if (state.processes !== before.processes) changed |= 8;
    if ((happened | changed) === 0) return false;

    const { model } = this.machine;
    const moment: Moment =
      seenOfAll === undefined
        ? { model, before, after: state, events, seenBefore, seen }
        : { model, before, after: state, events, seenBefore, seen, seenOfAll };
    if (happened !== 0) this.witness(happened, moment);
    const found = this.findings.length;
    const concerned = this.concernedBy(happened, changed);
    for (let i = 0; i < concerned.length; i++) this.judge(at(concerned, i), moment);
    return this.findings.length > found;
  }

  /** The properties that such a step can make change their mind; there are few kinds of steps. */
  private concernedBy(happened: number, changed: number): readonly Property[] {
    const key = happened * (1 << WATCHED.length) + changed;
    const known = this.concerned.get(key);
    if (known !== undefined) return known;
    const concerned = this.watches
      .filter(({ events, changes }) => (events & happened) !== 0 || (changes & changed) !== 0)
      .map(({ property }) => property);
    this.concerned.set(key, concerned);
    return concerned;
  }

  private judge(property: Property, moment: Moment): void {
    if (this.broken.size > 0 && this.broken.has(property.id)) return;
    const evidence = property.check(moment);
    if (evidence === undefined) return;
    this.broken.add(property.id);
    const found = { property: property.id, step: this.steps, ...evidence };
    if (this.seenOfOthers.length === 0) {
      this.findings.push(found);
      return;
    }
    const partition = moment.after.view?.partition ?? 0;
    this.findings.push({ ...found, partition, says: `partition ${partition}: ${evidence.says}` });
  }

  private witness(happened: number, moment: Moment): void {
    for (let bits = happened; bits !== 0; bits &= bits - 1) {
      const candidates = at(this.witnessesByBit, 31 - Math.clz32(bits & -bits));
      for (let i = 0; i < candidates.length; i++) {
        const { index, witness } = at(candidates, i);
        if (this.met[index] === true) continue;
        this.met[index] = moment.events.some(
          (event) => event.type === witness.on && witness.met(event, moment),
        );
      }
    }
  }

  observed(): Observed {
    return this.seen;
  }

  /** By partition. */
  observedOfAll(): readonly Observed[] {
    return [this.seen, ...this.seenOfOthers];
  }

  /** Ids of the witnesses met since this checker was made. */
  witnessesMet(): string[] {
    return WITNESSES.filter((_, index) => this.met[index] === true).map(({ id }) => id);
  }
}

const at32 = (bit: number | undefined): number => bit ?? 0;
