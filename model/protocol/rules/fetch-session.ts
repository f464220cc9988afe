/**
 * Fetch sessions, as far as they hide something: within one the leader remembers what its follower asks for, and up to 2.4
 * that left the leader epoch out, so that only the first fetch of a session was compared (KAFKA-9338). A session is of one
 * life of the leader, and ends with the connection. Kafka: FetchSession, CachedPartition, FetchSessionHandler.
 */
import type { Draft } from '../draft.ts';
import { NO_EPOCH } from '../state/log.ts';
import type { MessageOf } from '../state/message.ts';
import type { Fetcher } from '../state/replica.ts';
import { sessionForgetsEpoch } from './shared-switches.ts';

type InSession = Pick<Fetcher, 'session'>;

const sessionOf = (session: number | undefined): InSession => (session === undefined ? {} : { session });

/** What an answer of the leader says of the session that it belongs to. */
export const sessionToldBy = (draft: Draft, leader: number): InSession =>
  sessionForgetsEpoch(draft.model) ? { session: draft.process(leader).incarnation } : {};

/** The session that a fetcher goes on with: the thread of a leader goes on as long as there is something to fetch from it. */
export const sessionWith = (fetcher: Fetcher | null, leader: number): InSession =>
  sessionOf(fetcher?.leader === leader ? fetcher.session : undefined);

/** The leader epoch that a fetch is compared by: none within a session that the leader knows. */
export const comparedEpoch = (
  draft: Draft,
  leader: number,
  { session, currentLeaderEpoch }: MessageOf<'Fetch'> | MessageOf<'DelayedFetch'>,
): number => (session === draft.process(leader).incarnation ? NO_EPOCH : currentLeaderEpoch);

/** An answer opens the session, or goes on with it. */
export function hearOfSession(draft: Draft, follower: number, response: MessageOf<'FetchResponse'>): void {
  const replica = draft.replica(follower);
  const { fetcher } = replica;
  const { session } = response;
  if (session === undefined || fetcher?.leader !== response.from || fetcher.session === session) return;
  draft.setReplica(follower, { ...replica, fetcher: { ...fetcher, session } });
}

/** The connection is gone: the next fetch begins another session. */
export function endSession(draft: Draft, follower: number, leader: number): void {
  const replica = draft.replica(follower);
  if (replica.fetcher?.leader !== leader || replica.fetcher.session === undefined) return;
  const { session: _ended, ...fetcher } = replica.fetcher;
  draft.setReplica(follower, { ...replica, fetcher });
}
