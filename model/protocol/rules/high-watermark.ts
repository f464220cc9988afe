/** When a leader's high watermark advances and what that completes. Kafka: Partition.maybeIncrementLeaderHW. */
import { has, size } from '../base/broker-set.ts';
import { producerParty } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import { logEnd } from '../state/log.ts';
import type { ErrorCode } from '../state/message.ts';
import type { Leading, WaitingProduce } from '../state/replica.ts';
import { effectiveMinIsr, replicasKnownTo } from './assignment.ts';
import { clause, holds, isLeftOut } from './clauses.ts';
import { isCaughtUp, isIsrEligible, maximalIsr } from './isr.ts';
import { commitNeedsMinIsr } from './shared-switches.ts';

const isrLargeEnough = clause('the high watermark moves only while the ISR has min.insync.replicas members');
const waitsForIsr = clause('the high watermark waits for every member of the maximal ISR');
const ackNeedsHighWatermark = clause('acks=all is answered once the high watermark has passed the record');
const ackNeedsMinIsr = clause('acks=all succeeds only while the maximal ISR has min.insync.replicas members');

/** Moves the high watermark as far as the replicas it must wait for allow, then completes waiting requests. */
export function maybeAdvanceHighWatermark(draft: Draft, leader: number): void {
  const { model } = draft;
  const replica = draft.replica(leader);
  const { leading } = replica;
  if (leading === null) return;
  // From 3.7, with ELR or without (KAFKA-15583): below min.insync.replicas nothing is committed.
  if (
    commitNeedsMinIsr(model) &&
    !holds(
      model.leftOut,
      isrLargeEnough,
      size(leading.committedIsr) >= effectiveMinIsr(model, replicasKnownTo(draft, leader).length),
    )
  ) {
    return;
  }
  const log = draft.log(leader);
  const end = logEnd(log);
  let lowest = end;
  const isr = maximalIsr(model, leading);
  for (let id = 0; id < leading.remotes.length; id++) {
    if (id === leader) continue;
    const remote = at(leading.remotes, id);
    if (remote.logEndOffset >= lowest) continue;
    if (waitsFor(draft, leader, leading, isr, id, end)) lowest = remote.logEndOffset;
  }
  if (lowest <= replica.highWatermark) return;
  draft.emit({
    type: 'high-watermark-advanced',
    broker: leader,
    leaderEpoch: replica.leaderEpoch,
    from: replica.highWatermark,
    to: lowest,
    entries: log.entries.slice(replica.highWatermark, lowest),
  });
  draft.setReplica(leader, { ...replica, highWatermark: lowest });
  completeProduces(draft, leader);
}

/**
 * ISR members always; a caught-up replica outside it as well, or it could never catch the moving high watermark
 * (KAFKA-4485), though only if it may join the ISR at all (3.6, KAFKA-15021).
 */
function waitsFor(
  draft: Draft,
  leader: number,
  leading: Leading,
  isr: number,
  follower: number,
  leaderLogEnd: number,
): boolean {
  const { model } = draft;
  if (has(isr, follower)) return !isLeftOut(model.leftOut, waitsForIsr);
  const waits = model.rules['high-watermark-waits-for-caught-up'];
  if (waits === 'no' || !replicasKnownTo(draft, leader).includes(follower)) return false;
  const remote = at(leading.remotes, follower);
  if (!isCaughtUp(model, remote, leaderLogEnd)) return false;
  return waits === 'any' || isIsrEligible(model, draft.imageOf(leader), follower, remote);
}

/** What a waiting acks=all request gets now, or undefined while it waits. Kafka: checkEnoughReplicasReachOffset. */
function produceVerdict(draft: Draft, broker: number, waiting: WaitingProduce): ErrorCode | undefined {
  const { model } = draft;
  const replica = draft.replica(broker);
  if (replica.leading === null) return 'NOT_LEADER_OR_FOLLOWER';
  if (!holds(model.leftOut, ackNeedsHighWatermark, replica.highWatermark >= waiting.requiredOffset))
    return undefined;
  const enough =
    effectiveMinIsr(model, replicasKnownTo(draft, broker).length) <= size(maximalIsr(model, replica.leading));
  return holds(model.leftOut, ackNeedsMinIsr, enough) ? 'NONE' : 'NOT_ENOUGH_REPLICAS_AFTER_APPEND';
}

/** Evaluates the purgatory: when a request is put in, when the high watermark moves. Kafka: DelayedProduce. */
export function completeProduces(draft: Draft, broker: number): void {
  const replica = draft.replica(broker);
  const { leading } = replica;
  if (leading === null || leading.waiting.length === 0) return;
  const still: WaitingProduce[] = [];
  for (const waiting of leading.waiting) {
    const error = produceVerdict(draft, broker, waiting);
    if (error === undefined) still.push(waiting);
    else answerProduce(draft, broker, waiting, error);
  }
  if (still.length < leading.waiting.length) {
    draft.setReplica(broker, { ...replica, leading: { ...leading, waiting: still } });
  }
}

/** Sends the answer to a waiting request; whatever it says, the record stays in the log. */
export function answerProduce(draft: Draft, broker: number, waiting: WaitingProduce, error: ErrorCode): void {
  draft.send({
    kind: 'ProduceResponse',
    from: broker,
    to: producerParty(waiting.producer),
    error,
    record: waiting.record,
    offset: error === 'NONE' ? waiting.requiredOffset - 1 : -1,
  });
}
