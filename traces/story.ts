/** Says in plain English what a step of a run did. */
import {
  logEnd,
  members,
  partitionsOf,
  partyName,
  readsFrom,
  recordOf,
  recordsOf,
  type Action,
  type Message,
  viewOf,
  type State,
} from '../model/index.ts';
import { broker, message, number, party, type Deed } from './deed.ts';
import { effectsOf } from './effects.ts';
import type { Frame } from './run.ts';
import { ZOOKEEPER_DEEDS } from './story-zookeeper.ts';
import { listed, records } from './words.ts';

/** One sentence: what was done, and after a colon what came of it. */
export function tell(frame: Frame): string {
  const { action, after, events } = frame;
  const partitions = partitionsOf(after);
  const at = Number(action.partition ?? 0);
  const deed = DEEDS[action.kind];
  const [from, to] = [viewOf(frame.before, at), viewOf(after, at)];
  const own = events.filter(({ partition = 0 }) => partition === at);
  const done = deed === undefined ? spelledOut(action) : deed({ action, before: from, after: to, events });
  const effects = effectsOf(own, from, to, actorOf(action));
  for (let other = 0; other < partitions; other++) {
    if (other === at) continue;
    const there = events.filter(({ partition = 0 }) => partition === other);
    const came = effectsOf(there, viewOf(frame.before, other), viewOf(after, other), undefined);
    effects.push(...came.map((effect) => `in partition ${other} ${effect}`));
  }
  const said = effects.length === 0 ? done : `${done}: ${effects.join('; ')}`;
  return at === 0 ? said : `partition ${at}: ${said}`;
}

/** Who acts, as a party; what comes of the action is told without naming it again. */
function actorOf({ broker, leader, to }: Action): number | undefined {
  const actor = broker ?? leader ?? to;
  return typeof actor === 'number' ? actor : undefined;
}

/** The message of this kind that the step sent. */
function sent<K extends Message['kind']>(
  { before, after }: Deed,
  kind: K,
): Extract<Message, { readonly kind: K }> | undefined {
  const known = before.channels.flat();
  const of = (message: Message): message is Extract<Message, { readonly kind: K }> =>
    message.kind === kind && !known.includes(message);
  return after.channels.flat().find(of);
}

const offer =
  (again: string) =>
  (deed: Deed): string => {
    const produce = sent(deed, 'Produce');
    const to = produce === undefined ? 'nobody' : partyName(produce.to);
    return `producer ${number(deed.action, 'producer')} sends ${batchOf(produce)} to ${to}${again}`;
  };

/** The records of a batch, which go together. */
function batchOf(produce: Extract<Message, { readonly kind: 'Produce' }> | undefined): string {
  if (produce === undefined) return 'record ?';
  return `${records(recordsOf(produce))}${produce.more === undefined ? '' : ' in one batch'}`;
}

const learnsLeader =
  (client: 'producer' | 'consumer') =>
  (deed: Deed): string => {
    const id = number(deed.action, client);
    const known = (client === 'producer' ? deed.after.producers : deed.after.consumers)[id];
    const leader = known === undefined || known.leader < 0 ? 'nobody leads' : `broker ${known.leader} leads`;
    return `${client} ${id} learns from ${broker(deed)} that ${leader} (epoch ${known?.leaderEpoch ?? '?'})`;
  };

function polls(deed: Deed): string {
  const id = number(deed.action, 'consumer');
  const consumer = deed.before.consumers[id];
  const from = consumer === undefined ? 0 : readsFrom(consumer);
  const read = deed.events.filter((event) => event.type === 'delivered');
  if (read.length === 0) {
    const then = deed.after.consumers[id];
    const sentTo = then?.preferredReadReplica;
    const turns =
      sentTo === consumer?.preferredReadReplica
        ? ''
        : sentTo !== undefined
          ? `, which sends it to broker ${sentTo}`
          : then?.unset === true
            ? ', which does not know its position, and gives that up'
            : ', and turns to its leader';
    return `consumer ${id} polls broker ${from}${turns}`;
  }
  const { offset = 0 } = read[0] ?? {};
  const what = records(read.map(({ record }) => record));
  return `consumer ${id} reads ${what} from broker ${from}, offset ${offset} on`;
}

function handlesFetch(deed: Deed): string {
  const fetch = message(deed, 'Fetch');
  const asked = `${party(deed, 'to')} handles the fetch of ${party(deed, 'from')} at offset ${fetch?.fetchOffset ?? '?'}`;
  if (sent(deed, 'DelayedFetch') !== undefined) return `${asked}, which waits for data`;
  const answer = sent(deed, 'FetchResponse');
  return answer === undefined ? asked : `${asked} and answers ${fetchAnswer(answer)}`;
}

function fetchAnswer({
  error,
  entries,
  diverging,
}: Extract<Message, { readonly kind: 'FetchResponse' }>): string {
  if (error !== 'NONE') return error;
  const [divergence] = diverging;
  if (divergence !== undefined) return `that epoch ${divergence.epoch} ends at offset ${divergence.start}`;
  return entries.length === 0 ? 'with nothing new' : `with ${records(entries.map(recordOf))}`;
}

function epochEnd({
  error,
  epochEnd: [known],
}: Extract<Message, { readonly kind: 'OffsetsForLeaderEpochResponse' }>): string {
  if (error !== 'NONE') return error;
  if (known === undefined) return 'that it does not know';
  return `that epoch ${known.epoch} ends at offset ${known.start}`;
}

const loses =
  (kind: Message['kind'], what: string) =>
  (deed: Deed): string => {
    const lost = message(deed, kind);
    const of = lost !== undefined && 'record' in lost ? ` for record ${lost.record}` : '';
    return `the ${what}${of} from ${party(deed, 'from')} to ${party(deed, 'to')} is lost`;
  };

const abandons =
  (what: string) =>
  (deed: Deed): string =>
    `${party(deed, 'from')} gives its ${what} to ${party(deed, 'to')} up, which is still under way`;

const refusedForGood =
  (why: string) =>
  (deed: Deed): string =>
    `${party(deed, 'to')} refuses ${batchOf(message(deed, 'Produce'))} of ${party(deed, 'from')} for good: ${why}`;

/** By kind of action. A kind that is missing here is spelled out with its parameters. */
/** How many records are deleted. */
function deletes({ action }: Deed): string {
  const records = number(action, 'records');
  return records === 1 ? 'the first record' : `the first ${records} records`;
}

const DEEDS: Readonly<Record<string, (deed: Deed) => string>> = {
  'send-record': offer(''),
  'send-batch': offer(''),
  'retry-record': offer(' again'),
  'handle-produce-response': (deed) => {
    const answer = message(deed, 'ProduceResponse');
    return `${party(deed, 'to')} gets the answer ${answer?.error ?? '?'} for record ${answer?.record ?? '?'}`;
  },
  'notice-disconnect': ({ action }) => `producer ${number(action, 'producer')} notices a dead connection`,
  'refresh-producer-metadata': learnsLeader('producer'),
  'expire-batch': ({ action }) =>
    `delivery.timeout.ms of the oldest record of producer ${number(action, 'producer')} passes`,
  'hand-over-record': ({ action }) =>
    `the application hands producer ${number(action, 'producer')} its next record`,
  'refuse-record': ({ action }) =>
    `producer ${number(action, 'producer')} has had no room for the next record for max.block.ms`,
  'fail-to-send': ({ action }) =>
    `producer ${number(action, 'producer')} cannot serialise its next record, or it is larger than max.request.size`,
  'refuse-write': refusedForGood('the right to write is gone'),
  'refuse-version': refusedForGood('it knows no such request'),
  'open-another-producer': ({ action }) =>
    `the application closes producer ${number(action, 'producer')} and opens another in its place`,
  'restart-producer': ({ action }) => `producer ${number(action, 'producer')} is killed and starts again`,
  'restart-consumer': ({ action }) => `consumer ${number(action, 'consumer')} is killed and starts again`,
  poll: polls,
  'poll-leader': polls,
  'poll-follower': polls,
  'expire-preferred-read-replica': ({ action }) =>
    `consumer ${number(action, 'consumer')} is to ask its leader again where to read`,
  'refresh-consumer-metadata': learnsLeader('consumer'),
  'handle-produce': (deed) => {
    const produce = message(deed, 'Produce');
    const answer = sent(deed, 'ProduceResponse');
    const refused =
      answer !== undefined && answer.error !== 'NONE' && answer.record === produce?.record
        ? ` and answers ${answer.error}`
        : '';
    return `${party(deed, 'to')} handles ${batchOf(produce)} of ${party(deed, 'from')}${refused}`;
  },
  'handle-fetch': handlesFetch,
  'answer-delayed-fetch': (deed) => {
    const answer = sent(deed, 'FetchResponse');
    const what = answer === undefined ? '' : ` ${fetchAnswer(answer)}`;
    return `${party(deed, 'to')} answers the waiting fetch of ${party(deed, 'from')}${what}`;
  },
  'shrink-isr': (deed) => `${broker(deed)} looks for lagging ISR members`,
  'retry-alter-partition': (deed) => `${broker(deed)} asks for its ISR change again`,
  'handle-alter-partition-response': (deed) => {
    const answer = message(deed, 'AlterPartitionResponse');
    return `${party(deed, 'to')} gets the answer ${answer?.error ?? '?'} to its ISR change`;
  },
  'expire-produce': (deed) => `the oldest acks=all request that waits at ${broker(deed)} times out`,
  'lag-elapses': (deed) => {
    const remote = (state: State) =>
      state.replicas[number(deed.action, 'leader')]?.leading?.remotes[number(deed.action, 'follower')];
    const wasCaughtUp = remote(deed.before)?.caughtUpRecently === true;
    const since = wasCaughtUp ? 'was caught up' : 'fetched';
    return `replica.lag.time.max.ms passes at ${broker(deed, 'leader')} since ${broker(deed, 'follower')} ${since}`;
  },
  'send-fetch': (deed) => {
    const fetch = sent(deed, 'Fetch');
    const what =
      fetch !== undefined
        ? ` from ${partyName(fetch.to)} at offset ${fetch.fetchOffset}, epoch ${fetch.currentLeaderEpoch}`
        : '';
    return `${broker(deed)} fetches${what}`;
  },
  'handle-fetch-response': (deed) => {
    const answer = message(deed, 'FetchResponse');
    const what = answer !== undefined && answer.error !== 'NONE' ? `: ${answer.error}` : '';
    return `${party(deed, 'to')} takes the answer of ${party(deed, 'from')}${what}`;
  },
  'send-offsets-for-leader-epoch': (deed) => {
    const request = sent(deed, 'OffsetsForLeaderEpoch');
    if (request === undefined) return `${broker(deed)} has nothing to truncate`;
    return `${broker(deed)} asks ${partyName(request.to)} where epoch ${request.leaderEpoch} ends`;
  },
  'handle-offsets-for-leader-epoch': (deed) => {
    const asked = `${party(deed, 'to')} is asked by ${party(deed, 'from')} where an epoch ends`;
    const answer = sent(deed, 'OffsetsForLeaderEpochResponse');
    return answer === undefined ? asked : `${asked} and answers ${epochEnd(answer)}`;
  },
  'handle-offsets-for-leader-epoch-response': (deed) => {
    const answer = message(deed, 'OffsetsForLeaderEpochResponse');
    const what = answer === undefined ? '' : ` ${epochEnd(answer)}`;
    return `${party(deed, 'to')} takes the answer of ${party(deed, 'from')}${what}`;
  },
  'register-broker': (deed) => `${broker(deed)} registers`,
  heartbeat: (deed) => `${broker(deed)} sends a heartbeat`,
  'apply-metadata': (deed) => {
    const offset = deed.after.processes[number(deed.action, 'broker')]?.metadataOffset;
    return `${broker(deed)} applies metadata up to offset ${offset ?? '?'}`;
  },
  'checkpoint-high-watermark': (deed) => {
    const at = deed.after.logs[number(deed.action, 'broker')]?.highWatermarkCheckpoint;
    return `${broker(deed)} checkpoints its high watermark ${at ?? '?'}`;
  },
  'flush-log': (deed) => `${broker(deed)} fsyncs its log`,
  'delete-old-segments': (deed) => `retention deletes ${deletes(deed)} of ${broker(deed)}`,
  'delete-records': (deed) => `an administrator has ${broker(deed)} delete ${deletes(deed)}`,
  'checkpoint-log-start': (deed) => {
    const at = deed.after.logs[number(deed.action, 'broker')]?.logStartCheckpoint;
    return `${broker(deed)} checkpoints its log start ${at ?? 0}`;
  },
  'begin-controlled-shutdown': (deed) => `${broker(deed)} is told to stop cleanly`,
  'stop-cleanly': (deed) => `${broker(deed)} flushes its log and stops cleanly`,
  'start-broker': (deed) => {
    const log = deed.after.logs[number(deed.action, 'broker')];
    return `${broker(deed)} starts; its log ends at ${log === undefined ? '?' : logEnd(log)}`;
  },
  'handle-alter-partition': (deed) => `the controller handles the ISR change of ${party(deed, 'from')}`,
  'session-expires': (deed) => `the session of ${broker(deed)} expires`,
  'fence-broker': (deed) => `the controller fences ${broker(deed)}`,
  'elect-preferred-leader': () => 'the controller elects the preferred leader',
  'elect-unclean-leader': () => 'the controller runs an unclean election',
  'reassign-partition': ({ action }) => {
    const { preferred = 0, replicas = 0 } = action;
    const others = members(Number(replicas)).filter((id) => id !== preferred);
    return `an administrator asks for the replicas [${[preferred, ...others].join(' ')}]`;
  },
  'add-partition': () => 'an administrator adds a partition',
  'cancel-reassignment': () => 'an administrator cancels the reassignment',
  'lose-controller': () => 'the controller fails',
  'elect-controller': () => 'a new controller takes over',
  kill: (deed) => `${broker(deed)} is killed`,
  'power-loss': (deed) => `${broker(deed)} loses power`,
  'stop-before-sync': (deed) => {
    const { records, epochs } = deed.action;
    const back =
      records === 0
        ? []
        : [`${String(records)} of what was cut off ${records === 1 ? 'is' : 'are'} there again`];
    const stale = epochs === 0 ? [] : ['the leader-epoch checkpoint is that of before'];
    return `${broker(deed)} stops before a truncation is on its disk: ${[...back, ...stale].join(', ')}`;
  },
  'rack-power-loss': (deed) => {
    const stopped = deed.events.flatMap((event) => (event.type === 'broker-stopped' ? [event.broker] : []));
    return `rack ${number(deed.action, 'rack')} loses power, and with it ${stopped.length === 1 ? 'broker' : 'brokers'} ${listed(stopped)}`;
  },
  'wipe-disk': (deed) => `${broker(deed)} loses its disk`,
  pause: (deed) => `${broker(deed)} pauses`,
  'fail-log-directory': (deed) =>
    deed.events.some(({ type }) => type === 'broker-stopped')
      ? `the only log directory of ${broker(deed)} fails, and it halts`
      : `a log directory of ${broker(deed)} fails`,
  'repair-log-directory': (deed) =>
    `the log directory of ${broker(deed)} is repaired, and the broker stopped`,
  'stall-disk': (deed) => `the disk of ${broker(deed)} stalls`,
  'unstall-disk': (deed) => `the disk of ${broker(deed)} answers again`,
  resume: (deed) => `${broker(deed)} resumes`,
  'cut-one-way': (deed) => `the link from ${party(deed, 'from')} to ${party(deed, 'to')} is cut`,
  'cut-both-ways': (deed) => `the link between ${party(deed, 'a')} and ${party(deed, 'b')} is cut`,
  heal: (deed) => `the link between ${party(deed, 'a')} and ${party(deed, 'b')} heals`,
  'lose-fetch': loses('Fetch', 'fetch'),
  'lose-fetch-response': loses('FetchResponse', 'answer to a fetch'),
  'lose-offsets-for-leader-epoch': loses('OffsetsForLeaderEpoch', 'query for an epoch'),
  'lose-offsets-for-leader-epoch-response': loses('OffsetsForLeaderEpochResponse', 'answer about an epoch'),
  'lose-alter-partition': loses('AlterPartition', 'ISR change'),
  'lose-alter-partition-response': loses('AlterPartitionResponse', 'answer to an ISR change'),
  'lose-produce': loses('Produce', 'request'),
  'lose-produce-response': loses('ProduceResponse', 'answer'),
  'abandon-fetch': abandons('fetch'),
  'abandon-delayed-fetch': (deed) =>
    `${party(deed, 'from')} gives up its fetch that waits at ${party(deed, 'to')}`,
  'abandon-offsets-for-leader-epoch': abandons('query for an epoch'),
  'abandon-alter-partition': abandons('ISR change'),
  'abandon-produce': abandons('request'),
  ...ZOOKEEPER_DEEDS,
};

/** `some-kind (broker 2, nth 0)`. */
function spelledOut({ kind, ...params }: Action): string {
  const named = Object.entries(params).map(([name, value]) => `${name} ${value}`);
  return named.length === 0 ? kind : `${kind} (${named.join(', ')})`;
}
