/** A record below a high watermark is committed, so whoever may lead next must have it. */
import { has } from '../../protocol/base/broker-set.ts';
import { upTo } from '../define.ts';
import type { Read, SpaceInvariant } from '../space.ts';
import { leads, QUORUM, replicaIn, sameRecord, type Replica } from './state.ts';

type IsrOf = (leader: Replica, read: Read) => number;

const strong: IsrOf = (_, read) => QUORUM.isr.get(read);
const weak: IsrOf = ({ isr }) => isr;

const agreement =
  (id: string, promise: string, isrOf: IsrOf) =>
  (leaderId: number, member: number): SpaceInvariant => ({
    id,
    promise,
    check: (read) => {
      const leader = replicaIn(read, leaderId);
      if (!leads(leaderId, leader) || leader.highWatermark === 0) return undefined;
      // A leader must have what it calls committed, in the ISR or not.
      if (member !== leaderId && !has(isrOf(leader, read), member)) return undefined;
      const { log } = replicaIn(read, member);
      const offset = upTo(leader.highWatermark).find((at) => !sameRecord(leader.log[at], log[at]));
      if (offset === undefined) return undefined;
      return `offset ${offset} is below the high watermark of leader ${leaderId}, and replica ${member} does not have its record`;
    },
  });

/** One instance per replica that may lead and replica that may be in the ISR. */
export const strongIsr = agreement(
  'strong-isr',
  "Whoever believes that it leads shares every record below its high watermark with each member of the quorum's ISR.",
  strong,
);

export const weakIsr = agreement(
  'weak-isr',
  'Whoever believes that it leads shares every record below its high watermark with each member of the ISR that it believes in.',
  weak,
);
