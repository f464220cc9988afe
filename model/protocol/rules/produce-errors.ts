/**
 * What an error means to a producer without transactions. Kafka: RetriableException, TransactionManager.handleFailedBatch,
 * maybeTransitionToErrorState.
 */
import type { ErrorCode } from '../state/message.ts';

/**
 * `retriable`: the batch goes out again. `abortable`: the batch fails, and with it a transaction would; an idempotent producer
 * goes on in a new epoch, a plain one as if nothing were. `fatal`: an idempotent producer is of no use any more, and all
 * that it holds fails too; to a plain one this is as the one before. Of a sequence that is out of order and of a producer that is
 * not known its book-keeping decides: such a batch mostly goes out again.
 */
export const ERROR_CLASSES = ['retriable', 'abortable', 'fatal'] as const;
export type ErrorClass = (typeof ERROR_CLASSES)[number];

/** Kafka: RetriableException. */
const RETRIABLE: readonly ErrorCode[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
];

/**
 * Without transactions nothing else is fatal to a producer from 2.8 on. Up to 2.7 CLUSTER_AUTHORIZATION_FAILED was as well
 * (KIP-679), and up to 2.6 INVALID_PRODUCER_EPOCH (KIP-588), which nobody gets before there are epochs (2.5, KIP-360).
 */
export const errorClassOf = (error: ErrorCode): ErrorClass =>
  RETRIABLE.includes(error) ? 'retriable' : error === 'UNSUPPORTED_VERSION' ? 'fatal' : 'abortable';
