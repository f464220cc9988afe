/** Limits on the shape of states: they make the question finite, and a finished search is a proof within them. */
import {
  newestImage,
  type PartitionRegistration,
  type Scale,
  type ShapeBound,
  type Slot,
  type State,
} from '../../model/index.ts';

export interface BoundInfo {
  readonly name: BoundName;
  readonly about: string;
  /** The field of the state whose components count. */
  readonly field: keyof State;
  /** Whether the components count together, or each by itself. */
  readonly together: boolean;
  readonly weight: (component: never) => number;
  /** Numbers that it looks at as they are: where it is set, they are not ranked. */
  readonly scales: readonly Scale[];
}

export const BOUND_NAMES = [
  'epochs',
  'partition-epochs',
  'isr-changes',
  'registrations',
  'log-length',
  'messages',
  'retries',
] as const;
export type BoundName = (typeof BOUND_NAMES)[number];

/** The limit of each bound that is set. */
export type BoundSettings = Readonly<Partial<Record<BoundName, number>>>;

/** Of the partition that counts most. */
const most = (metadata: State['metadata'], weight: (partition: PartitionRegistration) => number): number =>
  Math.max(...newestImage(metadata).partitions.map(weight));

const define = <K extends keyof State>(
  name: BoundName,
  field: K,
  about: string,
  weight: (component: State[K] extends readonly (infer C)[] ? C : State[K]) => number,
  more: { readonly together?: boolean; readonly scales?: readonly Scale[] } = {},
): BoundInfo => ({ name, field, about, together: more.together ?? false, weight, scales: more.scales ?? [] });

export const BOUNDS: readonly BoundInfo[] = [
  define(
    'epochs',
    'metadata',
    'highest leader epoch; the first is 0',
    (metadata) => most(metadata, ({ leaderEpoch }) => leaderEpoch),
    { scales: ['leader-epoch'] },
  ),
  define(
    'partition-epochs',
    'metadata',
    'highest partition epoch; the first is 0',
    (metadata) => most(metadata, ({ partitionEpoch }) => partitionEpoch),
    { scales: ['partition-epoch'] },
  ),
  define(
    'isr-changes',
    'metadata',
    'changes of the partition that change no leader',
    (metadata) => most(metadata, ({ partitionEpoch, leaderEpoch }) => partitionEpoch - leaderEpoch),
    { scales: ['leader-epoch', 'partition-epoch'] },
  ),
  define(
    'registrations',
    'metadata',
    'registrations of brokers after the first of each',
    (metadata) => newestImage(metadata).registrations.reduce((sum, { incarnation }) => sum + incarnation, 0),
    { scales: ['incarnation'] },
  ),
  define('log-length', 'logs', 'records in one log', ({ entries }) => entries.length),
  define('messages', 'channels', 'messages in flight', (channel) => channel.length, { together: true }),
  define('retries', 'producers', 'times that a record is sent again', ({ inFlight, retries }) =>
    [...inFlight, ...retries].reduce((most, { attempts }) => Math.max(most, attempts - 1), 0),
  ),
];

/** The bounds as the search counts them. One that counts components by themselves is as many bounds. */
export function shapeBounds(settings: BoundSettings, slots: readonly Slot[]): readonly ShapeBound[] {
  return BOUNDS.flatMap(({ name, field, together, weight }) => {
    const limit = settings[name];
    if (limit === undefined) return [];
    const counted = slots.flatMap((slot, index) => (slot.name.split(' ')[0] === field ? [index] : []));
    const bound = { name, limit, weight: weight as (component: unknown) => number };
    return together ? [{ ...bound, slots: counted }] : counted.map((slot) => ({ ...bound, slots: [slot] }));
  });
}

/** Scales that these bounds look at. */
export const scalesOf = (settings: BoundSettings): readonly Scale[] =>
  BOUNDS.filter(({ name }) => settings[name] !== undefined).flatMap(({ scales }) => scales);
