/**
 * What a success means to a producer. With acks=all the record is committed and then durable; with acks=1 nobody
 * promises anything, yet everybody wants to know.
 */
import { assigned, currentLeader, holdersNamed, lacks, mayBeLost, wasCommitted } from '../lost.ts';
import type { Evidence, Moment, Property } from '../property.ts';

function check(moment: Moment): Evidence | undefined {
  return acknowledgedUncommitted(moment) ?? acknowledgedAndLost(moment);
}

function acknowledgedUncommitted({ events, seen }: Moment): Evidence | undefined {
  for (const event of events) {
    if (event.type !== 'acked' || event.acks !== -1) continue;
    if (wasCommitted(seen, event.offset, event.record)) continue;
    return {
      says: `producer ${event.producer} was told that record ${event.record} is committed (acks=all), which it is not`,
      record: event.record,
      offset: event.offset,
    };
  }
  return undefined;
}

function acknowledgedAndLost(moment: Moment): Evidence | undefined {
  const { after, seen } = moment;
  if (seen.acks.length === 0 || !mayBeLost(moment)) return undefined;
  const leader = currentLeader(after);
  if (leader < 0) return undefined;
  for (const ack of seen.acks) {
    if (ack.offset < (seen.deletedBelow ?? 0)) continue;
    const holders = assigned(after, ack.holders);
    if (holders === 0 || !lacks(after, leader, ack.offset, ack.record)) continue;
    return {
      says:
        `record ${ack.record} was acknowledged at offset ${ack.offset} (acks=${ack.acks === -1 ? 'all' : ack.acks}); ` +
        `broker ${leader} leads without it, although broker ${holdersNamed(holders)} had it and lost nothing to ` +
        `a storage fault`,
      offset: ack.offset,
      record: ack.record,
    };
  }
  return undefined;
}

export const ackedDurable: Property = {
  id: 'acked-durable',
  kind: 'promise',
  promise:
    'An acknowledged record is committed (acks=all) and not lost while a replica that had it keeps its disk.',
  source: 'Kafka producer configuration, acks',
  vacuousWithout: ['acked', 'leader-change'],
  onEvents: ['acked'],
  onChange: ['logs', 'replicas', 'metadata'],
  check,
};
