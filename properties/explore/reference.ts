/** The reference machine, its observer and the properties, in the form that the exhaustive search explores. */
import {
  assemble,
  brokerSymmetry,
  clientSymmetry,
  componentsOf,
  eventsOf,
  int,
  isSeenBy,
  layoutOf,
  observe,
  observedShape,
  restartsFetchingAt,
  rankingOf,
  Tracked,
  viewOf,
  type Event,
  type Exchange,
  type Explorable,
  type Happening,
  type Judgement,
  type Layout,
  type Machine,
  type Message,
  type Observed,
  type Read,
  type Recovery,
  type Scale,
  type Slot,
  type State,
  type Write,
} from '../../model/index.ts';
import { at, promisedBy, type Moment, type Property } from '../property.ts';
import { nothingSeen, type Seen } from '../partitions.ts';
import { debtorsOf } from './debtors.ts';
import { anyElection } from './elections.ts';
import { checkpointsOf, mayHideCheckpoints } from './checkpoints.ts';
import { isPointless } from './pointless.ts';
import { deadParts } from './reductions.ts';
import { scalesOf, shapeBounds, type BoundSettings } from './bounds.ts';
import { DISTANCES } from './towards.ts';
import { wantsOf, type RecoveryBy } from './well.ts';
import { WITNESSES, type Witness } from '../witnesses.ts';

/** A step as properties see it, without the states. */
interface Occurrence {
  /** Slots that differ. */
  readonly changed: readonly number[];
  /** For whom something happened. */
  readonly concerned: readonly OccurrenceInPartition[];
}

interface OccurrenceInPartition {
  readonly partition: number;
  readonly events: readonly Event[];
  readonly properties: readonly Property[];
  readonly witnesses: readonly Witness[];
}

/** What is one transition: an action, or an exchange; up to `detached` times in a run something is split off it. */
export type Grain = { readonly name: 'message' } | { readonly name: 'exchange'; readonly detached: number };

export const MOST_DETACHED = 16;

/** No action has this code. */
const FAULTS_END = 0xff;

const NOTHING: Judgement = { broken: [], met: [] };

export interface ExplorableOptions {
  readonly bounds: BoundSettings;
  readonly grain: Grain;
  readonly ranks?: boolean;
  /** Whether states that differ in what nobody reads any more are one; they are unless this is false. */
  readonly buries?: boolean;
  /** Whether in exchange grain states that differ in high-watermark checkpoints are one; they are unless this is false. */
  readonly hidesCheckpoints?: boolean;
  /** Asks whether all can become well again, and of whom. Nothing is remembered of a run then, no property is looked at. */
  readonly recovery?: RecoveryBy | undefined;
  /** Whether any eligible replica may be elected, in place of the first in assignment order; only in message grain. */
  readonly election?: 'order' | 'any' | undefined;
  /** Leads the search towards a break of this property. */
  readonly towards?: string | undefined;
}

export function explorableMachine(
  machine: Machine,
  wanted: readonly Property[],
  options: ExplorableOptions,
): Explorable {
  const properties = promisedBy(machine.model, wanted);
  const layout = layoutOf(machine.initial);
  const nothing = nothingSeen(machine.config);
  const observed = nothing.map((_, partition): Slot => ({
    name: partition === 0 ? 'observed' : `observed ${partition}`,
    shape: observedShape,
  }));
  const splits: Slot = { name: 'splits', shape: int(0, MOST_DETACHED) };
  const { grain } = options;
  const recovery = options.recovery === undefined ? undefined : recoveryOf(machine, layout, options.recovery);
  const staysDown = options.recovery === 'survivors';
  const observedSlot = layout.slots.length;
  const plainSlots = [...layout.slots, ...observed, ...(grain.name === 'exchange' ? [splits] : [])];
  const hides =
    grain.name === 'exchange' &&
    recovery === undefined &&
    options.hidesCheckpoints !== false &&
    mayHideCheckpoints(machine);
  const checkpoints = hides ? checkpointsOf(machine, layout, plainSlots.length) : undefined;
  const elections = options.election === 'any' ? anyElection(machine, layout) : undefined;
  const codeOf = checkpoints?.codeOf ?? elections?.codeOf ?? ((label: number) => label);
  const slots = [...plainSlots, ...(checkpoints?.slots ?? [])];
  // Within an exchange producers take their turns in a fixed order; consumers do nothing that another one meets.
  // Of several partitions, which client it was would have to be told in each.
  const symmetry =
    elections !== undefined
      ? brokerSymmetry(machine.config, slots)
      : recovery === undefined && nothing.length === 1
        ? clientSymmetry(machine.config, slots, grain.name === 'message' ? 'clients' : 'consumers')
        : undefined;
  // A search reads through the same functions again and again.
  const views = new Map<Read, Tracked>();
  const trackedBy = (read: Read): Tracked => {
    let view = views.get(read);
    if (view === undefined) views.set(read, (view = new Tracked(layout, read)));
    return view;
  };
  // What happens is one of a few things, and what changes is in one of a few places.
  const happenings = new Map<string, Happening | undefined>();
  const happening = (events: readonly Event[], changed: readonly number[]): Happening | undefined => {
    const key = JSON.stringify([events, changed]);
    if (happenings.has(key)) return happenings.get(key);
    const made = happened(key, properties, events, changed, layout, nothing.length);
    happenings.set(key, made);
    return made;
  };
  const laterStates = new Map<Read, Map<Tracked, Map<string, State>>>();
  const laterBy = (after: Read, view: Tracked, changed: readonly number[]): State => {
    const byView = getOrAdd(laterStates, after, () => new Map<Tracked, Map<string, State>>());
    const byChange = getOrAdd(byView, view, () => new Map<string, State>());
    return getOrAdd(
      byChange,
      changed.join(),
      () => new Tracked(layout, after, view, (slot) => !changed.includes(slot)).state,
    );
  };
  const first = componentsOf(layout, machine.initial);
  return {
    slots,
    initial: [
      ...(checkpoints?.hidden(first) ?? elections?.initial(first) ?? first),
      ...nothing,
      ...(grain.name === 'exchange' ? [0] : []),
      ...(checkpoints?.initial ?? []),
    ],
    groups: groupsOf(slots),
    families: machine.families + (recovery === undefined ? 0 : 1),
    // Which candidate is elected turns out when the action is taken.
    offersAreEnabled: elections === undefined,
    choices: (family, read, offer) => {
      if (family === machine.families) {
        if (recovery?.isCalm(read) === false) offer(FAULTS_END);
        return;
      }
      if (staysDown && machine.kindOf(family) === 'start-broker' && recovery?.isCalm(read) === true) return;
      if (elections !== undefined) {
        elections.each(family, read, (readTurned, named) => {
          const { state } = trackedBy(readTurned);
          machine.family(state, family, (code) => {
            if (!isPointless(machine, state, code)) offer(named(code));
          });
        });
        return;
      }
      const { state } = trackedBy(read);
      machine.family(state, family, (label) => {
        if (isPointless(machine, state, label)) return;
        if (checkpoints === undefined) offer(label);
        else checkpoints.each(read, label, offer);
      });
    },
    take: (label, read, write) => {
      if (label === FAULTS_END) {
        endFaults(layout, read, write);
        return undefined;
      }
      const before = trackedBy((checkpoints ?? elections)?.readingOf(read, label) ?? read);
      // Only what was offered is taken; guards asked again would be more that the answer rests on.
      const { state, events } = machine.stepEnabled(before.state, codeOf(label));
      const written = new Map<number, unknown>();
      before.changes(state, (slot, value) => void written.set(slot, value));
      if (elections?.settle(label, read, written) === false) return false;
      const changed = [...written.keys()];
      checkpoints?.settle(label, read, written);
      for (const [slot, value] of written) write(slot, value);
      return recovery === undefined ? happening(events, changed) : undefined;
    },
    happeningOf: (key) => {
      const [events, changed] = JSON.parse(key) as [Event[], number[]];
      return happening(events, changed);
    },
    judge: (what, before, after, write) => {
      const occurrence = what.value as Occurrence;
      const { changed, concerned } = occurrence;
      const view = trackedBy(before);
      const earlier = view.state;
      const later = laterBy(after, view, changed);
      const seenIn = (partition: number): Observed => before(observedSlot + partition) as Observed;
      const learnt = new Map<number, Observed>();
      for (const { partition, events } of concerned) {
        const seenBefore = seenIn(partition);
        const seen = observe(seenBefore, viewOf(earlier, partition), viewOf(later, partition), events);
        learnt.set(partition, seen);
        if (seen !== seenBefore) write(observedSlot + partition, seen);
      }
      const seenNow = (partition: number): Observed => learnt.get(partition) ?? seenIn(partition);
      return judged(
        concerned.map((one) => {
          const { partition, events } = one;
          const moment: Moment = {
            model: machine.model,
            before: viewOf(earlier, partition),
            after: viewOf(later, partition),
            events,
            seenBefore: seenIn(partition),
            seen: seenNow(partition),
          };
          // What others have seen is looked at only where it is asked for.
          return [one, nothing.length === 1 ? moment : withOthers(moment, nothing.length, seenNow)] as const;
        }),
      );
    },
    checks: [],
    bounds: shapeBounds(options.bounds, slots),
    ranking:
      options.ranks === false
        ? undefined
        : rankingOf(slots, machine.config.brokers, exactScales(machine, options.bounds)),
    ...(symmetry === undefined ? {} : { symmetry }),
    ...(options.buries === false || recovery !== undefined
      ? {}
      : { dead: deadParts(machine, slots, options.bounds, properties) }),
    ...(checkpoints === undefined ? {} : { runOf: (labels) => checkpoints.runOf(labels) }),
    ...(elections === undefined ? {} : { runOf: (labels) => labels.map(codeOf) }),
    ...(grain.name === 'exchange'
      ? {
          exchange: {
            ...exchangeOf(machine, layout, grain.detached, codeOf),
            splits: observedSlot + nothing.length,
          },
        }
      : {}),
    ...(recovery === undefined ? {} : { recovery }),
    ...(options.towards === undefined
      ? {}
      : { towards: distanceIn(layout, options.towards, nothing.length) }),
    describe: (label) => JSON.stringify(machine.decode(codeOf(label))),
  };
}

/** Of several partitions, that of the one which seems nearest. */
function distanceIn(layout: Layout, property: string, partitions: number): (read: Read) => number {
  const distance = DISTANCES[property];
  if (distance === undefined) throw new RangeError(`nothing leads towards ${property}`);
  return (read) => {
    const state = stateIn(layout, read);
    let least = Number.POSITIVE_INFINITY;
    for (let partition = 0; partition < partitions; partition++) {
      const seen = read(layout.slots.length + partition) as Observed;
      least = Math.min(least, distance(viewOf(state, partition), seen));
    }
    return least;
  };
}

/** The moment with what was seen in all partitions, which is read when somebody asks. */
const withOthers = (moment: Moment, partitions: number, seenIn: (partition: number) => Observed): Moment => ({
  ...moment,
  get seenOfAll(): Seen {
    return Array.from({ length: partitions }, (_, partition) => seenIn(partition));
  },
});

const stateIn = (layout: Layout, read: Read): State =>
  assemble(
    layout,
    layout.slots.map((_, index) => read(index)),
  );

const environmentSlot = ({ fields }: Layout): number => {
  const field = fields.find(({ key }) => key === 'environment');
  if (field === undefined) throw new Error('a state without an environment');
  return field.from;
};

function endFaults(layout: Layout, read: Read, write: Write): void {
  const slot = environmentSlot(layout);
  const environment = read(slot) as State['environment'];
  write(slot, { ...environment, budgets: environment.budgets.map(() => 0) });
}

/** With no fault left, what may happen is what heals and what goes on. */
function recoveryOf(machine: Machine, layout: Layout, by: RecoveryBy): Recovery {
  const wants = wantsOf(machine.model, by);
  const slot = environmentSlot(layout);
  const stateOf = (read: Read): State => stateIn(layout, read);
  const isWell = (state: State): boolean => wants.every(({ holds }) => holds(state));
  const recovery: Recovery = {
    calms: FAULTS_END,
    isCalm: (read) => (read(slot) as State['environment']).budgets.every((budget) => budget === 0),
    isWell: (read) => isWell(stateOf(read)),
    wants: wants.map(({ says, holds }) => ({ says, holds: (read) => holds(stateOf(read)) })),
    from: (values) => {
      const plain = explorableMachine(machine, [], { bounds: {}, grain: { name: 'message' }, recovery: by });
      return {
        ...plain,
        initial: plain.initial.map((_, index) => values[index]),
        checks: [{ id: 'well', check: (read) => !recovery.isWell(read) }],
      };
    },
  };
  return recovery;
}

/** Scales on which more is looked at than which of two numbers is larger. */
function exactScales({ config }: Machine, bounds: BoundSettings): readonly Scale[] {
  const skips = restartsFetchingAt(config) === 'leader-changed-or-epoch-skipped';
  return [...scalesOf(bounds), ...(skips ? (['leader-epoch'] as const) : [])];
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function happened(
  key: string,
  properties: readonly Property[],
  events: readonly Event[],
  changed: readonly number[],
  layout: Layout,
  partitions: number,
): Happening | undefined {
  const concerned: OccurrenceInPartition[] = [];
  for (let partition = 0; partition < partitions; partition++) {
    const own = eventsOf(events, partition, partitions);
    const one = happenedIn(partition, properties, own, changed, layout);
    if (one !== undefined) concerned.push(one);
  }
  if (concerned.length === 0) return undefined;
  const occurrence: Occurrence = { changed, concerned };
  return { key, value: occurrence };
}

function happenedIn(
  partition: number,
  properties: readonly Property[],
  events: readonly Event[],
  changed: readonly number[],
  { fields }: Layout,
): OccurrenceInPartition | undefined {
  const inField = changed.flatMap((slot) => {
    const field = fields.findLast(({ from }) => from <= slot);
    return field === undefined || !isSeenBy(field, partition) ? [] : [field.key];
  });
  const concerned = properties.filter(
    ({ onEvents, onChange }) =>
      events.some(({ type }) => onEvents.includes(type)) || onChange.some((field) => inField.includes(field)),
  );
  const witnesses = WITNESSES.filter(({ on }) => events.some(({ type }) => type === on));
  // The observer follows the premise of a guarantee through every change of metadata and processes.
  const observes = events.length > 0 || inField.includes('metadata') || inField.includes('processes');
  return observes || concerned.length > 0
    ? { partition, events, properties: concerned, witnesses }
    : undefined;
}

function judged(moments: readonly (readonly [OccurrenceInPartition, Moment])[]): Judgement {
  const broken = new Set<string>();
  const met = new Set<string>();
  for (const [{ events, properties, witnesses }, moment] of moments) {
    for (const { id, check } of properties) if (check(moment) !== undefined) broken.add(id);
    for (const { id, on, met: isMet } of witnesses) {
      if (events.some((event) => event.type === on && isMet(event, moment))) met.add(id);
    }
  }
  return broken.size === 0 && met.size === 0 ? NOTHING : { broken: [...broken], met: [...met] };
}

function exchangeOf(
  machine: Machine,
  { fields }: Layout,
  detached: number,
  codeOf: (label: number) => number,
): Omit<Exchange, 'splits'> {
  const channels = fields.filter(({ key }) => key === 'channels');
  const debtors = debtorsOf(machine);
  return {
    detached,
    slots: channels.flatMap(({ from, length }) => Array.from({ length }, (_, i) => from + i)),
    underWay: (value) => (value as readonly Message[]).filter(({ kind }) => kind !== 'DelayedFetch').length,
    owed: debtors.owed,
    continuing: debtors.continuing,
    consumes: (label) => {
      if (label === FAULTS_END) return -1;
      const code = codeOf(label);
      const channel = machine.handledChannel(code);
      return channel < 0 ? -1 : at(channels, machine.partitionOf(code)).from + channel;
    },
    settles: (label) => (label === FAULTS_END ? -1 : debtors.settles(codeOf(label))),
  };
}

const OF_BROKERS = [
  'processes',
  'disks',
  'logs',
  'replicas',
  'alterPartitions',
  'checkpoints',
  'controllers',
  'caches',
];

/** What belongs together is stored together: a broker, the channels, the clients. */
function groupsOf(slots: readonly Slot[]): readonly (readonly number[])[] {
  const groups = new Map<string, number[]>();
  for (const [slot, { name }] of slots.entries()) {
    const [field = '', index = '', partition = ''] = name.split(' ');
    const group = OF_BROKERS.includes(field)
      ? `broker ${index}`
      : field === 'channels'
        ? `channels ${Math.floor(Number(index) / 4)} ${partition}`
        : ['producers', 'consumers'].includes(field)
          ? 'clients'
          : ['metadata', 'controller', 'zookeeper'].includes(field)
            ? 'controller'
            : ['links', 'environment', 'splits'].includes(field)
              ? 'environment'
              : field;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [slot]);
    else members.push(slot);
  }
  return [...groups.values()];
}
