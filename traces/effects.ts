/** Says what came of a step, from its events. */
import { logEnd, newestImage, recordOf, type BrokerSet, type Event, type State } from '../model/index.ts';
import { brokerList, records } from './words.ts';

/** Why a consumer does not go on at its position. */
const RESET: Readonly<Record<Extract<Event, { readonly type: 'offset-reset' }>['why'], string>> = {
  'out-of-range': 'is out of range',
  truncated: 'finds the log truncated below its position',
  restarted: 'has forgotten its position',
  'no-position': 'has no position',
};

/** What a phrase may need besides its event. */
interface Scene {
  readonly after: State;
  /** ELR before the event. */
  readonly elrBefore: BrokerSet;
  /** How a phrase about the broker begins: empty for the one who acts, who is named already. */
  readonly subject: (broker: number) => string;
}

/** One phrase per event that the deed does not tell by itself. `actor` is a party. */
export function effectsOf(
  events: readonly Event[],
  before: State,
  after: State,
  actor: number | undefined,
): string[] {
  const subject = (broker: number): string => (broker === actor ? '' : `broker ${broker} `);
  let elrBefore = newestImage(before.metadata).partitions[0]?.elr ?? 0;
  const phrases: string[] = [];
  for (const event of events) {
    const phrase = effectOf(event, { after, elrBefore, subject });
    if (phrase !== undefined) phrases.push(phrase);
    if (event.type === 'partition-changed') elrBefore = event.elr;
  }
  return phrases;
}

function effectOf(event: Event, { after, elrBefore, subject }: Scene): string | undefined {
  switch (event.type) {
    case 'appended':
      return `${subject(event.broker)}appends ${records([recordOf(event.entry)])} at offset ${event.offset}`;
    case 'replicated':
      return event.entries.length === 0
        ? undefined
        : `${subject(event.broker)}appends ${records(event.entries.map(recordOf))} at offset ${event.offset}`;
    case 'truncated':
      return `${subject(event.broker)}truncates its log from ${event.from} to ${event.to}`;
    case 'truncation-undone':
      return event.entries.length === 0
        ? `the leader-epoch checkpoint of broker ${event.broker} is that of before a truncation`
        : `${records(event.entries.map(recordOf))} of broker ${event.broker} ${event.entries.length === 1 ? 'is' : 'are'} there again at offset ${event.offset}`;
    case 'log-start-moved':
      return `${subject(event.broker)}${event.why === 'leader' ? 'hears that its log starts' : 'has its log start'} at ${event.to}`;
    case 'log-restarted':
      return `${subject(event.broker)}drops its log, which ended at ${event.from}, and goes on at ${event.to}`;
    case 'log-deleted':
      return `${subject(event.broker)}deletes its log, which ended at ${event.to}: it holds no replica any more`;
    case 'destroyed':
      return `${records(event.lost.map(recordOf))} of broker ${event.broker} ${event.lost.length === 1 ? 'is' : 'are'} gone`;
    case 'high-watermark-advanced':
      return `${subject(event.broker)}moves its high watermark ${event.from} → ${event.to}, committing ${records(event.entries.map(recordOf))}`;
    case 'became-leader': {
      const log = after.logs[event.broker];
      const missed = event.missedEpochs ? ' without having seen the epoch before' : '';
      return `${subject(event.broker)}becomes leader in epoch ${event.leaderEpoch}${missed}; its log ends at ${log === undefined ? '?' : logEnd(log)}`;
    }
    case 'became-follower':
      return `${subject(event.broker)}follows ${event.leader < 0 ? 'nobody' : `broker ${event.leader}`} in epoch ${event.leaderEpoch}`;
    case 'partition-changed':
      return partitionChanged(event, elrBefore, after.zookeeper !== undefined);
    case 'acked':
      return event.acks === 0
        ? `producer ${event.producer} takes record ${event.record} as sent`
        : `producer ${event.producer} knows record ${event.record} as ${event.acks === 1 ? 'written' : 'committed'} at offset ${event.offset}`;
    case 'failed':
      return after.producers[event.producer]?.fatal === true
        ? `producer ${event.producer} reports record ${event.record} as failed, ${event.error}: it is of no use any more`
        : `producer ${event.producer} reports record ${event.record} as failed, ${event.error}`;
    case 'offset-reset':
      return `consumer ${event.consumer} ${RESET[event.why]} and goes from offset ${event.from} to ${event.to}`;
    case 'consumer-stopped':
      return `consumer ${event.consumer} is out of range at offset ${event.position} and stops`;
    case 'fetch-refused':
      return `${subject(event.broker)}refuses with ${event.error}`;
    case 'isr-change-proposed':
      return `${subject(event.broker)}proposes ISR ${brokerList(event.isrBefore)} → ${brokerList(event.isr)}`;
    case 'isr-change-refused':
      return `the ISR change of broker ${event.broker} is refused with ${event.error}`;
    case 'stale-response-dropped':
      return 'it is stale and dropped';
    case 'directory-failed':
      return `${subject(event.broker)}goes on without the replica`;
    case 'broker-registered':
      return event.unclean ? 'its last stop counts as unclean' : undefined;
    case 'broker-fenced':
      return after.zookeeper === undefined
        ? `broker ${event.broker} is fenced`
        : `the znode of broker ${event.broker} is gone`;
    case 'broker-unfenced':
      return after.zookeeper === undefined ? `broker ${event.broker} is unfenced` : undefined;
    case 'metadata-skipped':
      return `${event.versions} earlier ${event.versions === 1 ? 'version is' : 'versions are'} never looked at`;
    case 'sent':
    case 'delivered':
    case 'broker-stopped':
    case 'broker-started':
    case 'controller-elected':
      return undefined;
  }
}

function partitionChanged(
  event: Extract<Event, { readonly type: 'partition-changed' }>,
  elrBefore: BrokerSet,
  isInZooKeeper: boolean,
): string {
  const { leader, leaderEpoch, isrBefore, isr, elr, election, assignment } = event;
  const parts: string[] = [];
  if (assignment !== undefined) {
    const { replicas, adding, removing } = assignment;
    parts.push(`the replicas are [${replicas.join(' ')}]`);
    if (adding !== 0) parts.push(`adding ${brokerList(adding)}`);
    if (removing !== 0) parts.push(`removing ${brokerList(removing)}`);
  }
  if (election === 'none-electable') parts.push(`nobody leads in epoch ${leaderEpoch}`);
  else if (election !== undefined) {
    parts.push(
      `broker ${leader} is elected for epoch ${leaderEpoch}${election === 'clean' ? '' : ` (${election})`}`,
    );
  }
  if (isr !== isrBefore) parts.push(`ISR ${brokerList(isrBefore)} → ${brokerList(isr)}`);
  if (elr !== elrBefore) parts.push(`ELR ${brokerList(elrBefore)} → ${brokerList(elr)}`);
  if (parts.length > 0) return parts.join(', ');
  return isInZooKeeper
    ? `only the leader epoch moves, to ${leaderEpoch}`
    : 'what changes is the last known leader or the recovery state';
}
