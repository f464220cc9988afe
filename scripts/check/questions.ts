/** What people who run Kafka want to rely on, in their words, and the properties that say so. */
import type { KafkaSettings } from '../../model/index.ts';
import { EVENTUALLY } from '../../properties/index.ts';

export interface Question {
  readonly id: string;
  readonly says: string;
  /** Answered with yes where none of these breaks. */
  readonly properties: readonly string[];
  /** Asked only where somebody promises it. */
  readonly promised?: (kafka: KafkaSettings) => boolean;
}

export const QUESTIONS: readonly Question[] = [
  { id: 'order', says: 'Messages are in order', properties: ['ordering', 'producer-order'] },
  {
    id: 'one-history',
    says: 'All consumers get the same messages at the same offsets',
    properties: ['agreement', 'consistent-reads'],
  },
  {
    id: 'commit',
    says: 'A message is committed only once every in-sync replica has it',
    properties: ['commit-on-isr'],
  },
  {
    id: 'in-sync-survives',
    says: 'A committed message survives while an in-sync replica lives',
    properties: ['durability/in-sync', 'durability/no-storage-fault'],
  },
  {
    id: 'holder-survives',
    says: 'A committed message survives while any replica that had it keeps its disk',
    properties: ['durability/holder'],
  },
  {
    id: 'acknowledged',
    says: 'An acknowledged message is not lost while any replica that had it keeps its disk',
    properties: ['acked-durable'],
  },
  {
    id: 'read-committed',
    says: 'Consumers see only committed messages',
    properties: ['committed-reads'],
  },
  { id: 'read-stays', says: 'A message that was read stays', properties: ['visible-stays'] },
  { id: 'no-skip', says: 'Consumers skip nothing', properties: ['no-skip'] },
  {
    id: 'position',
    says: 'No consumer waits beyond the end of what it reads',
    properties: ['position-valid'],
  },
  {
    id: 'once',
    says: 'No message of an idempotent producer is there twice',
    properties: ['no-duplicates'],
    promised: (kafka) => kafka['enable.idempotence'] === true,
  },
  {
    id: 'told',
    says: 'A producer hears once how each send ended',
    properties: ['error-is-unknown'],
  },
  {
    id: 'recovers',
    says: 'Once all faults are over, everything works again',
    properties: EVENTUALLY.map(({ id }) => id),
  },
];
