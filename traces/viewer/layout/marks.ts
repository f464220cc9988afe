/** What happens at a party in a step, in a word or two: for the lanes, where the sentence has no room. */
import {
  ACTIONS,
  CONTROLLER,
  consumerParty,
  producerParty,
  recordOf,
  type Action,
  type Event,
} from '../../../model/index.ts';
import type { Frame } from '../../run.ts';
import { brokerList } from '../../words.ts';
import { eventsIn, isElsewhere, type Film } from '../film.ts';

export type MarkSort = 'plain' | 'fault' | 'healing' | 'leader' | 'loss';

export interface Mark {
  readonly party: number;
  readonly sort: MarkSort;
  /** Empty where the sentence is enough. */
  readonly says: string;
}

const ROLES = new Map(ACTIONS.map(({ kind, role }) => [kind, role]));

/** The marks of a step, at most one per party; the party that acts comes first. */
export function marksOf(frame: Frame, film: Film): readonly Mark[] {
  const { action, before } = frame;
  const { zookeeper } = before;
  const marks = new Map<number, Mark>();
  const actor = isElsewhere(frame, film) ? undefined : actorOf(action);
  if (actor !== undefined) marks.set(actor, { party: actor, sort: sortOf(action), says: deedOf(action) });
  for (const event of eventsIn(frame, film)) {
    const mark =
      rackMark(action, event) ?? (zookeeper === undefined ? undefined : znodeMark(event)) ?? markOf(event);
    if (mark === undefined) continue;
    const known = marks.get(mark.party);
    marks.set(mark.party, known === undefined ? mark : joined(known, mark));
  }
  return [...marks.values()];
}

/** Each broker that goes down with its rack. */
const rackMark = ({ kind }: Action, event: Event): Mark | undefined =>
  kind === 'rack-power-loss' && event.type === 'broker-stopped'
    ? { party: event.broker, sort: 'fault', says: 'power loss' }
    : undefined;

const joined = (first: Mark, second: Mark): Mark => ({
  party: first.party,
  // What the controller decides is no fault, even if the schedule asked for it.
  sort: first.sort === 'plain' || second.sort === 'leader' ? second.sort : first.sort,
  says: [first.says, second.says].filter((says) => says !== '').join(', '),
});

/** The broker that these name does nothing itself: it is taken for dead. */
const SEEN_BY_KEEPER: ReadonlySet<string> = new Set([
  'fence-broker',
  'session-expires',
  'zookeeper-session-expires',
]);

/** ZooKeeper decides nothing: in its lane stands what was written there. */
function znodeMark(event: Event): Mark | undefined {
  const at = (says: string, sort: MarkSort = 'plain'): Mark => ({ party: CONTROLLER, sort, says });
  switch (event.type) {
    case 'partition-changed':
      if (event.election === undefined) return undefined;
      return at(event.leader < 0 ? 'leader: none' : `leader: broker ${event.leader}`, 'leader');
    case 'broker-fenced':
      return at(`broker ${event.broker} gone`);
    case 'broker-unfenced':
      return at(`broker ${event.broker} here`);
    default:
      return undefined;
  }
}

function actorOf(action: Action): number | undefined {
  const number = (param: string): number | undefined => {
    const value = action[param];
    return typeof value === 'number' ? value : undefined;
  };
  if (action.kind.startsWith('lose-') && action.kind !== 'lose-controller') return undefined;
  if (action.kind.startsWith('abandon-')) return number('from');
  if (action.kind.startsWith('cut-') || action.kind === 'heal') return undefined;
  if (action.kind === 'rack-power-loss') return undefined;
  if (SEEN_BY_KEEPER.has(action.kind)) return CONTROLLER;
  const producer = number('producer');
  const consumer = number('consumer');
  if (producer !== undefined) return producerParty(producer);
  if (consumer !== undefined) return consumerParty(consumer);
  return number('leader') ?? number('controller') ?? number('broker') ?? number('to') ?? CONTROLLER;
}

function sortOf({ kind }: Action): MarkSort {
  switch (ROLES.get(kind)) {
    case 'perturbation':
      return 'fault';
    case 'healing':
      return 'healing';
    case 'protocol':
    case undefined:
      return 'plain';
  }
}

const DEEDS: Readonly<Record<string, (action: Action) => string>> = {
  kill: () => 'killed',
  'power-loss': () => 'power loss',
  'stop-before-sync': () => 'truncation undone',
  'wipe-disk': () => 'disk lost',
  pause: () => 'pauses',
  resume: () => 'resumes',
  'fail-log-directory': () => 'directory fails',
  'repair-log-directory': () => 'repaired, stops',
  'stall-disk': () => 'disk stalls',
  'unstall-disk': () => 'disk answers',
  'delete-old-segments': () => 'retention',
  'delete-records': () => 'records deleted',
  'start-broker': () => 'starts',
  'begin-controlled-shutdown': () => 'told to stop',
  'stop-cleanly': () => 'stops',
  'session-expires': ({ broker }) => `session of broker ${broker ?? '?'} ends`,
  'lag-elapses': ({ follower }) => `broker ${follower ?? '?'} lags`,
  'reassign-partition': () => 'replicas move',
  'cancel-reassignment': () => 'cancelled',
  'add-partition': () => 'partition added',
  'become-controller': () => 'becomes controller',
  'resign-as-controller': () => 'resigns',
  'zookeeper-session-expires': () => 'session ends',
  'delete-controller-znode': () => '/controller deleted',
  'lose-controller': () => 'fails',
  'elect-controller': () => 'new one',
  'expire-batch': () => 'timeout',
  'expire-produce': () => 'timeout',
  'refuse-record': () => 'no room',
  'fail-to-send': () => 'cannot be sent',
  'refuse-write': () => 'refuses for good',
  'refuse-version': () => 'refuses for good',
  'open-another-producer': () => 'another one',
  'restart-producer': () => 'starts again',
  'restart-consumer': () => 'starts again',
  'expire-preferred-read-replica': () => 'asks the leader again',
};

const deedOf = (action: Action): string => DEEDS[action.kind]?.(action) ?? '';

function markOf(event: Event): Mark | undefined {
  const at = (party: number, says: string, sort: MarkSort = 'plain'): Mark => ({ party, sort, says });
  const names = (entries: readonly number[]): string =>
    entries.map((entry) => `r${recordOf(entry)}`).join(' ');
  switch (event.type) {
    case 'appended':
      return at(event.broker, `+${names([event.entry])}`);
    case 'replicated':
      return event.entries.length === 0 ? undefined : at(event.broker, `+${names(event.entries)}`);
    case 'truncation-undone':
      return event.entries.length === 0 ? undefined : at(event.broker, `+${names(event.entries)}`, 'loss');
    case 'truncated':
      return at(event.broker, `truncates to ${event.to}`, 'loss');
    case 'log-start-moved':
      return at(event.broker, `starts at ${event.to}`);
    case 'log-restarted':
      return at(event.broker, `goes on at ${event.to}`, 'loss');
    case 'log-deleted':
      return at(event.broker, 'deletes its log', 'healing');
    case 'destroyed':
      return at(event.broker, `−${names(event.lost)}`, 'loss');
    case 'high-watermark-advanced':
      return at(event.broker, `HW ${event.to}`);
    case 'became-leader':
      return at(event.broker, `leads e${event.leaderEpoch}`, 'leader');
    case 'partition-changed':
      return event.election === undefined
        ? at(CONTROLLER, `ISR ${brokerList(event.isr)}`)
        : at(CONTROLLER, event.leader < 0 ? 'no leader' : `elects broker ${event.leader}`, 'leader');
    case 'acked':
      return at(producerParty(event.producer), `r${event.record} acked`);
    case 'failed':
      return at(producerParty(event.producer), `r${event.record} failed`, 'loss');
    case 'delivered':
      return at(consumerParty(event.consumer), `r${event.record}`);
    case 'offset-reset':
      return at(
        consumerParty(event.consumer),
        `${event.to < event.from ? 'back' : 'on'} to ${event.to}`,
        'loss',
      );
    case 'consumer-stopped':
      return at(consumerParty(event.consumer), 'stops', 'loss');
    case 'fetch-refused':
      return at(event.broker, 'refuses', 'fault');
    case 'isr-change-refused':
      return at(event.broker, 'refused', 'fault');
    case 'broker-fenced':
      return at(CONTROLLER, `fences broker ${event.broker}`);
    case 'broker-unfenced':
      return at(CONTROLLER, `unfences broker ${event.broker}`);
    case 'sent':
    case 'became-follower':
    case 'isr-change-proposed':
    case 'stale-response-dropped':
    case 'broker-stopped':
    case 'directory-failed':
    case 'broker-started':
    case 'broker-registered':
    case 'metadata-skipped':
    case 'controller-elected':
      return undefined;
  }
}
