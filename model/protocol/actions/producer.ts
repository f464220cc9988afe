/** A plain producer. Kafka: KafkaProducer, Sender, RecordAccumulator. */
import { producerOf, producerParty } from '../base/party.ts';
import { at, type Draft } from '../draft.ts';
import { defineAction, eachProducer, eachProducerAndBroker, world, type Choices } from '../define-action.ts';
import {
  currentPartition,
  connected,
  eachMessage,
  firstOnConnection,
  inFlight,
  channelBetween,
  processOf,
  reaches,
  replicaOf,
  servesRequests,
} from '../look.ts';
import { UNCOUNTED, type Batch, type Producer } from '../state/clients.ts';
import { ABANDONED, type ErrorCode, type MessageOf } from '../state/message.ts';
import { imageAt } from '../state/metadata.ts';
import type { State } from '../state/state.ts';
import { NO_LEADER } from '../state/replica.ts';

const producerAt = (state: State, id: number): Producer => at(state.producers, id);

/** Errors after which the producer tries again. Kafka: RetriableException. */
const RETRIABLE: readonly ErrorCode[] = [
  'NOT_LEADER_OR_FOLLOWER',
  'UNKNOWN_TOPIC_OR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  'REQUEST_TIMED_OUT',
  'NETWORK_EXCEPTION',
];

const knowsLeader = world('it knows a leader', (_m, s, id) => producerAt(s, id).leader !== NO_LEADER);
const hasRoom = world('fewer than max.in.flight.requests.per.connection are in flight', (m, s, id) => {
  return producerAt(s, id).inFlight.length < at(m.config.producers, id).maxInFlight;
});

/** The record ids of a producer never meet another's: the n-th record of producer p of P is n × P + p. */
export const recordId = (producers: number, producer: number, nth: number): number =>
  nth * producers + producer;

function sendBatch(draft: Draft, id: number, producer: Producer, batch: Batch): void {
  const { acks } = at(draft.model.config.producers, id);
  draft.send({
    kind: 'Produce',
    from: producerParty(id),
    to: batch.broker,
    incarnation: 0,
    record: batch.record,
  });
  // acks=0 waits for nothing: the client takes the record as sent at once.
  if (acks === 0) draft.emit({ type: 'acked', producer: id, record: batch.record, acks, offset: -1 });
  draft.setProducer(id, acks === 0 ? producer : { ...producer, inFlight: [...producer.inFlight, batch] });
}

/** The application hands over its next record, and it goes out. Batches of a partition are drained in order. */
export const sendRecord = defineAction({
  kind: 'send-record',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('it has records left', (m, s, id) => producerAt(s, id).sent < m.config.recordsPerProducer),
    knowsLeader,
    world('nothing waits to be sent again', (_m, s, id) => producerAt(s, id).retries.length === 0),
    hasRoom,
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const record = recordId(draft.model.config.producers.length, id, producer.sent);
    draft.emit({ type: 'sent', producer: id, record, broker: producer.leader });
    sendBatch(
      draft,
      id,
      { ...producer, sent: producer.sent + 1 },
      { record, broker: producer.leader, attempts: 1 },
    );
  },
});

/** The head of the retry queue goes out again, to the leader known by now. */
export const retryRecord = defineAction({
  kind: 'retry-record',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('a batch waits to be sent again', (_m, s, id) => producerAt(s, id).retries.length > 0),
    knowsLeader,
    hasRoom,
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const batch = at(producer.retries, 0);
    sendBatch(
      draft,
      id,
      { ...producer, retries: producer.retries.slice(1) },
      { record: batch.record, broker: producer.leader, attempts: attemptsAfter(draft, id, batch) },
    );
  },
});

/** Where retries never run out, it makes no difference how often a batch went out again. */
function attemptsAfter(draft: Draft, id: number, { attempts }: Batch): number {
  return at(draft.model.config.producers, id).retries < UNCOUNTED ? attempts + 1 : 2;
}

/** A retriable failure puts the batch at the head of the queue, before batches that may be ahead of it by then. */
function failBatch(draft: Draft, id: number, batch: Batch, error: ErrorCode): void {
  const producer = draft.producer(id);
  const inFlight = producer.inFlight.filter((sent) => sent !== batch);
  const again = RETRIABLE.includes(error) && batch.attempts <= at(draft.model.config.producers, id).retries;
  draft.setProducer(id, {
    ...producer,
    inFlight,
    retries: again ? [batch, ...producer.retries] : producer.retries,
  });
  if (!again) draft.emit({ type: 'failed', producer: id, record: batch.record, error });
}

export const receiveProduceResponse = defineAction({
  kind: 'handle-produce-response',
  reads: ['links'],
  readsMessages: ['ProduceResponse'],
  who: 'producer',
  role: 'protocol',
  params: ['from', 'to', 'nth'],
  choices: eachMessage('ProduceResponse'),
  guards: [
    world('the response is in flight', inFlight('ProduceResponse')),
    world('the link is not cut', (_m, s, from, to) => reaches(s, from, to)),
    world('no earlier response of its connection waits', (_m, s, from, to, nth) =>
      firstOnConnection(s, 'ProduceResponse', from, to, nth),
    ),
  ],
  effect: (draft, from, to, nth) => {
    settle(draft, producerOf(to), draft.receive('ProduceResponse', from, to, nth));
  },
});

function settle(draft: Draft, id: number, response: MessageOf<'ProduceResponse'>): void {
  const producer = draft.producer(id);
  const batch = producer.inFlight.find(
    (sent) => sent.record === response.record && sent.broker === response.from,
  );
  if (batch === undefined) return;
  if (response.error !== 'NONE') {
    failBatch(draft, id, batch, response.error);
    return;
  }
  const { acks } = at(draft.model.config.producers, id);
  draft.setProducer(id, { ...producer, inFlight: producer.inFlight.filter((sent) => sent !== batch) });
  draft.emit({ type: 'acked', producer: id, record: batch.record, acks, offset: response.offset });
}

/** First batch in flight of which neither request, nor wait in a purgatory, nor answer is left. */
function abandonedBatch(state: State, id: number): Batch | undefined {
  return producerAt(state, id).inFlight.find((batch) => {
    const waits = replicaOf(state, batch.broker).leading?.waiting.some(
      (waiting) => waiting.producer === id && waiting.record === batch.record,
    );
    if (waits === true) return false;
    return !channelBetween(state, 'Produce', producerParty(id), batch.broker).some(
      (message) =>
        (message.kind === 'ProduceResponse' ||
          (message.kind === 'Produce' && message.incarnation !== ABANDONED)) &&
        message.record === batch.record,
    );
  });
}

/** The connection died: whether the record was written is not known. Kafka: NETWORK_EXCEPTION. */
export const noticeDisconnect = defineAction({
  kind: 'notice-disconnect',
  reads: ['producers', 'replicas'],
  readsMessages: ['Produce', 'ProduceResponse'],
  who: 'producer',
  role: 'protocol',
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('something is in flight', (_m, s, id) => producerAt(s, id).inFlight.length > 0),
    world('a request or its answer is lost', (_m, s, id) => abandonedBatch(s, id) !== undefined),
  ],
  effect: (draft, id) => {
    const batch = abandonedBatch(draft.base, id);
    if (batch !== undefined) failBatch(draft, id, batch, 'NETWORK_EXCEPTION');
  },
});

/** `delivery.timeout.ms` of the oldest batch elapses: reported as failed, though it may be in the log or come there. */
export const expireBatch = defineAction({
  kind: 'expire-batch',
  reads: ['producers'],
  who: 'producer',
  role: 'perturbation',
  fault: 'lost',
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('a batch is undecided', (_m, s, id) => {
      const { inFlight, retries } = producerAt(s, id);
      return inFlight.length + retries.length > 0;
    }),
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const [oldest] = [...producer.retries, ...producer.inFlight];
    if (oldest === undefined) return;
    draft.setProducer(id, {
      ...producer,
      retries: producer.retries.filter((batch) => batch !== oldest),
      inFlight: producer.inFlight.filter((batch) => batch !== oldest),
    });
    draft.emit({ type: 'failed', producer: id, record: oldest.record, error: 'REQUEST_TIMED_OUT' });
  },
});

/** Nobody knows a newer leader epoch than the controller. */
const eachBrokerIfOutdated: Choices = (model, state, visit, own) => {
  const newest = currentPartition(state).leaderEpoch;
  if (state.producers.some((producer) => producer.leaderEpoch < newest)) {
    eachProducerAndBroker(model, state, visit, own);
  }
};

/** Any broker tells what its metadata says; a lower leader epoch than known is ignored (KIP-320). */
export const refreshProducerMetadata = defineAction({
  kind: 'refresh-producer-metadata',
  reads: ['producers', 'processes', 'links', 'metadata'],
  who: 'producer',
  role: 'protocol',
  params: ['producer', 'broker'],
  choices: eachBrokerIfOutdated,
  guards: [
    world('the broker serves requests', (_m, s, _id, broker) => servesRequests(processOf(s, broker))),
    world('the links are not cut', (_m, s, id, broker) => connected(s, producerParty(id), broker)),
    world('the broker knows a newer leader epoch', (_m, s, id, broker) => {
      const { metadataOffset } = processOf(s, broker);
      if (metadataOffset < 0) return false;
      return (
        at(imageAt(s.metadata, metadataOffset).partitions, 0).leaderEpoch > producerAt(s, id).leaderEpoch
      );
    }),
  ],
  effect: (draft, id, broker) => {
    const { leader, leaderEpoch } = at(draft.imageOf(broker).partitions, 0);
    draft.setProducer(id, { ...draft.producer(id), leader, leaderEpoch });
  },
});
