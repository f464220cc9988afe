/** A producer, plain or idempotent. Kafka: KafkaProducer, Sender, RecordAccumulator. */
import { producerOf, producerParty } from '../base/party.ts';
import type { Config, Model } from '../config.ts';
import { at, type Draft } from '../draft.ts';
import {
  defineAction,
  eachProducer,
  eachProducerAndBroker,
  rule,
  whereBudgeted,
  world,
  type Choices,
  type Test,
} from '../define-action.ts';
import { arrives, responseInFlight } from '../guards.ts';
import {
  currentPartition,
  connected,
  eachMessage,
  firstOnConnection,
  partitionKnownTo,
  channelBetween,
  processOf,
  replicaOf,
  servesRequests,
} from '../look.ts';
import {
  acknowledged,
  countingFrom0,
  hasIdLeft,
  isFirstUndecided,
  judge,
  markUnresolved,
  mayNumber,
  numberBatch,
  requeued,
  resolved,
  restarted,
  sequenceOfBatch,
  startedOver,
  type Verdict,
} from '../rules/idempotence.ts';
import { errorClassOf } from '../rules/produce-errors.ts';
import { eachRecord, recordsIn, recordsOf, UNCOUNTED, type Batch, type Producer } from '../state/clients.ts';
import { ABANDONED, type ErrorCode, type MessageOf } from '../state/message.ts';
import type { State } from '../state/state.ts';
import { NO_LEADER, waitingAt } from '../state/replica.ts';
import { viewsOf } from '../state/partitions.ts';

const producerAt = (state: State, id: number): Producer => at(state.producers, id);

/** Kafka: TransactionManager.maybeFailWithError, Sender.runOnce. */
const isUsable = world('the producer got no fatal error', (_m, s, id) => {
  return producerAt(s, id).fatal !== true;
});
const knowsLeader = world('it knows a leader', (_m, s, id) => producerAt(s, id).leader !== NO_LEADER);
const hasRoom = world('fewer than max.in.flight.requests.per.connection are in flight', (m, s, id) => {
  const { inFlight, leader } = producerAt(s, id);
  const { maxInFlight } = at(m.config.producers, id);
  let there = 0;
  for (let i = 0; i < inFlight.length; i++) if (inFlight[i]?.broker === leader) there++;
  return there < maxInFlight;
});
/** Wherever it went (KAFKA-3197, 0.10.0). Kafka: Sender.guaranteeMessageOrder, RecordAccumulator.mutePartition. */
const keepsOrder = rule('a producer with one request in flight has no other batch under way', (m, s, id) => {
  return at(m.config.producers, id).maxInFlight > 1 || producerAt(s, id).inFlight.length === 0;
});

/** The record ids of a producer never meet another's: the n-th record of producer p of P is n × P + p. */
export const recordId = (producers: number, producer: number, nth: number): number =>
  nth * producers + producer;

function sendBatch(draft: Draft, id: number, producer: Producer, batch: Batch): void {
  const { acks } = at(draft.model.config.producers, id);
  const { numbered, more } = batch;
  draft.send({
    kind: 'Produce',
    from: producerParty(id),
    to: batch.broker,
    incarnation: 0,
    record: batch.record,
    ...(numbered === undefined ? {} : { stamp: numbered.stamp }),
    ...(more === undefined ? {} : { more }),
  });
  // acks=0 waits for nothing: the client takes the records as sent at once.
  if (acks === 0) {
    eachRecord(batch, (record) => {
      draft.emit({ type: 'acked', producer: id, record, acks, offset: -1 });
    });
  }
  draft.setProducer(id, acks === 0 ? producer : { ...producer, inFlight: [...producer.inFlight, batch] });
}

/** Records that the application has handed over, whatever partition they went to. */
export function handedOver(state: State, id: number): number {
  let sent = producerAt(state, id).sent;
  if (state.others !== undefined) {
    sent = 0;
    for (const view of viewsOf(state)) sent += producerAt(view, id).sent;
  }
  return sent;
}

export const hasStopped = (state: State, id: number): boolean =>
  state.others === undefined
    ? producerAt(state, id).stopped === true
    : viewsOf(state).some((view) => producerAt(view, id).stopped === true);

/** Where records of this producer go that failed, or -1. */
const deadLetters = ({ producers, otherAssignments }: Config, id: number): number =>
  at(producers, id).afterFailure === 'send-elsewhere' ? otherAssignments.length : -1;

/**
 * The n-th record of a producer has key n mod the most partitions that there may be, and goes to the partition that the
 * key picks among those that the producer knows, but for the one of dead letters. Kafka: BuiltInPartitioner.partitionForKey.
 */
export function isNextPartition(config: Config, state: State, id: number): boolean {
  const views = viewsOf(state);
  const letters = deadLetters(config, id);
  let known = 0;
  for (const [partition, view] of views.entries()) {
    if (partition !== letters && producerAt(view, id).leaderEpoch >= 0) known++;
  }
  const key = handedOver(state, id) % (views.length - (letters < 0 ? 0 : 1));
  return key % known === (state.view?.partition ?? 0);
}

/** The application has so many records for the partition that its producer has not taken yet. */
const handsOverSo = ({ config }: Model, s: State, id: number, records: number): boolean => {
  if (hasStopped(s, id) || producerAt(s, id).fatal === true) return false;
  if (handedOver(s, id) + records > config.recordsPerProducer) return false;
  return s.others === undefined || isNextPartition(config, s, id);
};
const handsOver: Test = (m, s, id) => handsOverSo(m, s, id, 1);
/** So many records are there for a batch: of the application, or in the buffer. */
const hasRecords: Test = (m, s, id, records) => {
  const { buffer } = producerAt(s, id);
  return buffer === undefined ? handsOverSo(m, s, id, records) : buffer.length >= records;
};
const buffers = world(
  'it keeps what was handed over and not sent',
  (_m, s, id) => producerAt(s, id).buffer !== undefined,
);
/** `buffer.memory` is one for all partitions. Kafka: BufferPool. */
const bufferHasRoom: Test = (m, s, id) => {
  const { bufferRecords } = at(m.config.producers, id);
  return bufferRecords === 0 || heldRecords(s, id) < bufferRecords;
};

/** Records that a producer was handed, for whatever partition, and that are undecided. */
export function heldRecords(state: State, id: number): number {
  if (state.others === undefined) return heldIn(producerAt(state, id));
  let held = 0;
  for (const view of viewsOf(state)) held += heldIn(producerAt(view, id));
  return held;
}

function heldIn({ buffer = [], inFlight, retries }: Producer): number {
  let held = buffer.length;
  for (let i = 0; i < inFlight.length; i++) held += recordsIn(at(inFlight, i));
  for (let i = 0; i < retries.length; i++) held += recordsIn(at(retries, i));
  return held;
}

const hasRecordsLeft = world('the application has records left', handsOver);
const whereBuffersRunOut = (model: Model): boolean => model.buffers;
const nextRecord = ({ config }: Model, state: State, id: number, nth = 0): number =>
  recordId(config.producers.length, id, handedOver(state, id) + nth);

/** The application hands over its next record, and there is room for it. Kafka: BufferPool.allocate. */
export const handOverRecord = defineAction({
  kind: 'hand-over-record',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  under: whereBuffersRunOut,
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [
    buffers,
    hasRecordsLeft,
    rule('a producer takes no more records than its buffer holds', bufferHasRoom),
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const { buffer = [], sent } = producer;
    draft.setProducer(id, {
      ...producer,
      sent: sent + 1,
      buffer: [...buffer, nextRecord(draft.model, draft.base, id)],
    });
  },
});

/** `max.block.ms` passes without room in the buffer: the record was never sent. Kafka: BufferExhaustedException. */
export const refuseRecord = defineAction({
  kind: 'refuse-record',
  reads: ['producers'],
  who: 'producer',
  role: 'perturbation',
  fault: 'lost',
  under: whereBuffersRunOut,
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [
    buffers,
    hasRecordsLeft,
    world('its buffer is full', (m, s, id, b, c) => !bufferHasRoom(m, s, id, b, c)),
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const { afterFailure } = at(draft.model.config.producers, id);
    draft.setProducer(id, {
      ...producer,
      ...(afterFailure === 'send-again' ? {} : { sent: producer.sent + 1 }),
      ...(afterFailure === 'stop' ? { stopped: true } : {}),
    });
    const record = nextRecord(draft.model, draft.base, id);
    draft.emit({ type: 'failed', producer: id, record, error: 'REQUEST_TIMED_OUT' });
  },
});

/**
 * The next record cannot be serialised, or is larger than `max.request.size`: send() fails, and nothing of it reaches a
 * batch or takes a number. An application that sends it again, unchanged, gets no further.
 * Kafka: KafkaProducer.doSend, ensureValidRecordSize; SerializationException, RecordTooLargeException.
 */
export const failToSend = defineAction({
  kind: 'fail-to-send',
  reads: ['producers'],
  who: 'producer',
  role: 'perturbation',
  fault: 'bad-record',
  under: whereBudgeted('bad-record'),
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [hasRecordsLeft],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    // What cannot be sent here cannot be sent anywhere.
    const { afterFailure } = at(draft.model.config.producers, id);
    const goesOn = afterFailure === 'drop' || afterFailure === 'send-elsewhere';
    draft.setProducer(id, {
      ...producer,
      sent: producer.sent + 1,
      ...(goesOn ? {} : { stopped: true }),
    });
    const record = nextRecord(draft.model, draft.base, id);
    draft.emit({ type: 'failed', producer: id, record, error: 'MESSAGE_TOO_LARGE' });
  },
});

const mayNumberNext = rule(
  'a producer sends nothing new while it does not know whether an expired batch was written',
  (_m, s, id) => mayNumber(producerAt(s, id)),
);
const nothingWaits = world(
  'nothing waits to be sent again',
  (_m, s, id) => producerAt(s, id).retries.length === 0,
);

/** The next record goes out: that of the application, or the oldest in the buffer. Batches of a partition are drained in order. */
export const sendRecord = defineAction({
  kind: 'send-record',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('it has records left', (m, s, id) => hasRecords(m, s, id, 1, 0)),
    knowsLeader,
    nothingWaits,
    hasRoom,
    keepsOrder,
    mayNumberNext,
  ],
  effect: (draft, id) => {
    sendNew(draft, id, 1);
  },
});

/**
 * The same with several records: as many as came together while the batch waited, up to `batch.size`.
 * Kafka: RecordAccumulator.append, drain.
 */
export const sendBatchOfRecords = defineAction({
  kind: 'send-batch',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  under: ({ batches }) => batches,
  ofPartition: true,
  params: ['producer', 'records'],
  choices: (model, _state, visit) => {
    for (const [id, { batchRecords }] of model.config.producers.entries()) {
      for (let records = 2; records <= batchRecords; records++) visit(id, records, 0);
    }
  },
  guards: [
    world('a batch holds so many', (m, _s, id, records) => {
      return records > 1 && records <= at(m.config.producers, id).batchRecords;
    }),
    world('it has so many records left', hasRecords),
    knowsLeader,
    nothingWaits,
    hasRoom,
    keepsOrder,
    mayNumberNext,
  ],
  effect: sendNew,
});

function sendNew(draft: Draft, id: number, records: number): void {
  const producer = draft.producer(id);
  const { buffer } = producer;
  const nth = (n: number): number =>
    buffer === undefined ? nextRecord(draft.model, draft.base, id, n) : at(buffer, n);
  const first: Batch = {
    record: nth(0),
    broker: producer.leader,
    attempts: 1,
    ...(records === 1 ? {} : { more: Array.from({ length: records - 1 }, (_, i) => nth(i + 1)) }),
  };
  eachRecord(first, (record) => {
    draft.emit({ type: 'sent', producer: id, record, broker: producer.leader });
  });
  const taken = buffer === undefined ? { sent: producer.sent + records } : { buffer: buffer.slice(records) };
  const numbered = numberBatch({ ...producer, ...taken }, first);
  sendBatch(draft, id, numbered.producer, numbered.batch);
}

/** The head of the retry queue goes out again, to the leader known by now. */
export const retryRecord = defineAction({
  kind: 'retry-record',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('a batch waits to be sent again', (_m, s, id) => producerAt(s, id).retries.length > 0),
    isUsable,
    knowsLeader,
    hasRoom,
    keepsOrder,
    rule('a numbered batch is sent again only once every earlier one is decided', (_m, s, id) => {
      const producer = producerAt(s, id);
      return isFirstUndecided(producer, at(producer.retries, 0));
    }),
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const { numbered, ...batch } = at(producer.retries, 0);
    const left = { ...producer, retries: producer.retries.slice(1) };
    const again: Batch = { ...batch, broker: producer.leader, attempts: attemptsAfter(draft, id, batch) };
    if (numbered === undefined) {
      const first = numberBatch(left, again);
      sendBatch(draft, id, first.producer, first.batch);
    } else {
      sendBatch(draft, id, left, { ...again, numbered: { ...numbered, renumbered: false } });
    }
  },
});

/** Where retries never run out, it makes no difference how often a batch went out again. */
function attemptsAfter(draft: Draft, id: number, { attempts }: Batch): number {
  return at(draft.model.config.producers, id).retries < UNCOUNTED ? attempts + 1 : 2;
}

/** What becomes of a batch that the broker refused, or that got no answer. Kafka: Sender.canRetry, failBatch. */
function verdictOn(draft: Draft, id: number, batch: Batch, error: ErrorCode, logStart?: number): Verdict {
  const { idempotence } = draft.producer(id);
  const retriable = errorClassOf(error) === 'retriable';
  if (batch.attempts > at(draft.model.config.producers, id).retries) {
    // A gap is closed even then; of other errors nobody knows whether they left one.
    return { again: false, then: error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' ? 'start-over' : 'nothing' };
  }
  return idempotence === undefined
    ? { again: retriable, then: 'nothing' }
    : judge(draft.model, idempotence, batch, error, retriable, logStart);
}

/** A plain producer puts the batch before all others, also before batches that may be ahead of it by then. */
function failBatch(draft: Draft, id: number, batch: Batch, error: ErrorCode, logStart?: number): void {
  const producer = draft.producer(id);
  if (producer.idempotence !== undefined && errorClassOf(error) === 'fatal') {
    failForGood(draft, id, error);
    return;
  }
  const { again, then } = verdictOn(draft, id, batch, error, logStart);
  const left: Producer = {
    ...producer,
    inFlight: producer.inFlight.filter((sent) => sent !== batch),
    retries: !again
      ? producer.retries
      : producer.idempotence === undefined
        ? [batch, ...producer.retries]
        : requeued(producer.retries, batch),
  };
  const next = resolved(draft.model, renumberedAfter(draft.model, then, left));
  draft.setProducer(id, again ? next : toldOf(draft, id, next, batch));
  if (!again) failed(draft, id, batch, error);
}

/**
 * The producer is of no use any more: everything that it holds fails, for whatever partition it is. Kafka:
 * TransactionManager.transitionToFatalError, RecordAccumulator.abortBatches.
 */
function failForGood(draft: Draft, id: number, error: ErrorCode): void {
  const held: Batch[][] = [];
  draft.forEachPartition(() => {
    const producer = draft.producer(id);
    const { inFlight, retries, buffer } = producer;
    held.push([...inFlight, ...retries, ...(buffer ?? []).map((record) => unsent(producer, record))]);
    draft.setProducer(id, {
      ...producer,
      ...{ inFlight: [], retries: [], fatal: true },
      ...(buffer === undefined ? {} : { buffer: [] }),
    });
  });
  // What the application sends again waits for another producer.
  draft.forEachPartition(() => {
    for (const batch of at(held, draft.partition)) {
      draft.setProducer(id, toldOf(draft, id, draft.producer(id), batch));
      failed(draft, id, batch, error);
    }
  });
}

/** A record in the buffer, as the batch that it would have been. */
const unsent = ({ leader }: Producer, record: number): Batch => ({
  ...{ record, attempts: 1 },
  broker: Math.max(0, leader),
});

function renumberedAfter(model: Model, then: Verdict['then'], producer: Producer): Producer {
  switch (then) {
    case 'nothing':
      return producer;
    case 'start-over':
      return startedOver(model, producer);
    case 'count-from-0':
      return countingFrom0(producer);
  }
}

function failed(draft: Draft, id: number, batch: Batch, error: ErrorCode): void {
  eachRecord(batch, (record) => {
    draft.emit({ type: 'failed', producer: id, record, error });
  });
}

/** The application hears that records failed. What it sends again are new records to the producer. */
function toldOf(draft: Draft, id: number, producer: Producer, batch: Batch): Producer {
  switch (at(draft.model.config.producers, id).afterFailure) {
    case 'drop':
      return producer;
    case 'stop':
      return { ...producer, stopped: true };
    case 'send-again':
      return { ...producer, retries: [...producer.retries, ...eachAlone(batch)] };
    case 'send-elsewhere':
      sendElsewhere(draft, id, batch);
      return producer;
  }
}

/** To the partition of dead letters these are new records. What fails there is dropped. */
function sendElsewhere(draft: Draft, id: number, batch: Batch): void {
  const { partition: here } = draft;
  const letters = deadLetters(draft.model.config, id);
  if (here === letters) return;
  draft.focus(letters);
  const producer = draft.producer(id);
  draft.setProducer(id, { ...producer, retries: [...producer.retries, ...eachAlone(batch)] });
  draft.focus(here);
}

/** Each record of a batch as one by itself that was never sent. */
const eachAlone = (batch: Batch): readonly Batch[] =>
  recordsOf(batch).map((record) => ({ record, broker: batch.broker, attempts: 1 }));

export const receiveProduceResponse = defineAction({
  kind: 'handle-produce-response',
  reads: ['links'],
  readsMessages: ['ProduceResponse'],
  who: 'producer',
  role: 'protocol',
  ofPartition: true,
  params: ['from', 'to', 'nth'],
  choices: eachMessage('ProduceResponse'),
  guards: [
    responseInFlight('ProduceResponse'),
    arrives,
    world('no earlier response of its connection waits', (m, s, from, to, nth) =>
      firstOnConnection(m, s, 'ProduceResponse', from, to, nth),
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
  // To a producer a duplicate counts as written, though it is not told where (0.11).
  if (response.error !== 'NONE' && response.error !== 'DUPLICATE_SEQUENCE_NUMBER') {
    failBatch(draft, id, batch, response.error, response.logStart);
    return;
  }
  const { acks } = at(draft.model.config.producers, id);
  const { idempotence } = producer;
  const left: Producer = {
    ...producer,
    inFlight: producer.inFlight.filter((sent) => sent !== batch),
    ...(idempotence === undefined
      ? {}
      : { idempotence: acknowledged(draft.model, idempotence, batch, response.offset) }),
  };
  draft.setProducer(id, resolved(draft.model, left));
  const first = response.offset < 0 ? -1 : response.offset - recordsIn(batch) + 1;
  eachRecord(batch, (record, nth) => {
    draft.emit({ type: 'acked', producer: id, record, acks, offset: first < 0 ? -1 : first + nth });
  });
}

/** First batch in flight of which neither request, nor wait in a purgatory, nor answer is left. */
function abandonedBatch(state: State, id: number): Batch | undefined {
  return producerAt(state, id).inFlight.find((batch) => {
    const waits = waitingAt(replicaOf(state, batch.broker)).some(
      (waiting) => waiting.producer === id && waiting.record === batch.record,
    );
    if (waits) return false;
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
  ofPartition: true,
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

/** What was never sent is in doubt for nobody. */
function expireUnsent(draft: Draft, id: number, producer: Producer): void {
  const [record, ...buffer] = producer.buffer ?? [];
  if (record === undefined) return;
  draft.setProducer(id, toldOf(draft, id, { ...producer, buffer }, unsent(producer, record)));
  draft.emit({ type: 'failed', producer: id, record, error: 'REQUEST_TIMED_OUT' });
}

/** `delivery.timeout.ms` of the oldest batch elapses: reported as failed, though it may be in the log or come there. */
export const expireBatch = defineAction({
  kind: 'expire-batch',
  reads: ['producers'],
  who: 'producer',
  role: 'perturbation',
  fault: 'lost',
  ofPartition: true,
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('a batch is undecided', (_m, s, id) => {
      const { inFlight, retries, buffer } = producerAt(s, id);
      return inFlight.length + retries.length + (buffer?.length ?? 0) > 0;
    }),
  ],
  effect: (draft, id) => {
    const producer = draft.producer(id);
    const { idempotence } = producer;
    const oldest = oldestUndecided(producer);
    if (oldest === undefined) {
      expireUnsent(draft, id, producer);
      return;
    }
    const wasSentAgain = oldest.attempts > 1 || producer.retries.includes(oldest);
    const left: Producer = {
      ...producer,
      retries: producer.retries.filter((batch) => batch !== oldest),
      inFlight: producer.inFlight.filter((batch) => batch !== oldest),
      ...(idempotence !== undefined && wasSentAgain
        ? { idempotence: markUnresolved(idempotence, oldest) }
        : {}),
    };
    draft.setProducer(id, toldOf(draft, id, resolved(draft.model, left), oldest));
    failed(draft, id, oldest, 'REQUEST_TIMED_OUT');
  },
});

/**
 * The application is killed and started again: it hands over once more what it was not told about. A producer without
 * transactional.id gets another producer id, and no leader knows its batches again. Kafka: InitProducerId.
 */
export const restartProducer = defineAction({
  kind: 'restart-producer',
  reads: ['producers'],
  who: 'producer',
  role: 'perturbation',
  fault: 'client-kill',
  under: whereBudgeted('client-kill'),
  params: ['producer'],
  choices: eachProducer,
  guards: [
    // A plain producer whose batches all wait to be sent again would begin where it is.
    world('a batch is in flight, or undecided and numbered', (_m, s, id) =>
      viewsOf(s).some((view) => {
        const { inFlight, retries, idempotence } = producerAt(view, id);
        return inFlight.length > 0 || (retries.length > 0 && idempotence !== undefined);
      }),
    ),
    world('a producer id is left', (m, s, id) =>
      viewsOf(s).every((view) => hasIdLeft(m, producerAt(view, id))),
    ),
  ],
  effect: (draft, id) => {
    draft.forEachPartition(() => {
      beginAgain(draft, id);
    });
  },
});

function beginAgain(draft: Draft, id: number): void {
  const { inFlight, retries, fatal: _, ...producer } = draft.producer(id);
  for (let broker = 0; broker < draft.model.config.brokers; broker++) draft.breakConnection(id, broker);
  const again = [...inFlight, ...retries].flatMap(eachAlone).sort((a, b) => a.record - b.record);
  const idempotence = restarted(draft.model, draft.producer(id));
  draft.setProducer(id, {
    ...producer,
    inFlight: [],
    retries: again,
    ...(idempotence === undefined ? {} : { idempotence }),
  });
}

/** The application closes a producer that got a fatal error and opens another, unless it stops at failures. */
export const openAnotherProducer = defineAction({
  kind: 'open-another-producer',
  reads: ['producers'],
  who: 'producer',
  role: 'protocol',
  under: whereBudgeted('refused'),
  params: ['producer'],
  choices: eachProducer,
  guards: [
    world('it got a fatal error', (_m, s, id) => producerAt(s, id).fatal === true),
    world('the application goes on after a failure', (_m, s, id) => !hasStopped(s, id)),
    world('a producer id is left', (m, s, id) =>
      viewsOf(s).every((view) => hasIdLeft(m, producerAt(view, id))),
    ),
  ],
  effect: (draft, id) => {
    draft.forEachPartition(() => {
      const { fatal: _, ...producer } = draft.producer(id);
      for (let broker = 0; broker < draft.model.config.brokers; broker++) draft.breakConnection(id, broker);
      const idempotence = restarted(draft.model, producer);
      draft.setProducer(id, { ...producer, ...(idempotence === undefined ? {} : { idempotence }) });
    });
  },
});

/** Numbered batches are as old as their sequence says, whichever of them is to be sent again. */
export function oldestUndecided({ inFlight, retries }: Producer): Batch | undefined {
  const all = [...retries, ...inFlight];
  const least = Math.min(...all.map(sequenceOfBatch));
  return all.find((batch) => sequenceOfBatch(batch) === least);
}

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
  reads: ['producers', 'processes', 'links', 'metadata', 'caches'],
  who: 'producer',
  role: 'protocol',
  ofPartition: true,
  params: ['producer', 'broker'],
  choices: eachBrokerIfOutdated,
  guards: [
    world('the broker serves requests', (_m, s, _id, broker) => servesRequests(processOf(s, broker))),
    world('the links are not cut', (_m, s, id, broker) => connected(s, producerParty(id), broker)),
    world('the broker knows a newer leader epoch', (_m, s, id, broker) => {
      const known = partitionKnownTo(s, broker);
      return known !== undefined && known.leaderEpoch > producerAt(s, id).leaderEpoch;
    }),
  ],
  effect: (draft, id, broker) => {
    const { leader, leaderEpoch } = at(draft.imageOf(broker).partitions, 0);
    draft.setProducer(id, { ...draft.producer(id), leader, leaderEpoch });
  },
});
