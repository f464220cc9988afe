/** What the clients of a timed run saw, and when (ms of virtual time). */
import { recordOf, type Event, type Workload } from '../../model/index.ts';
import { at } from '../property.ts';

export interface Delivery {
  readonly record: number;
  readonly partition: number;
  readonly time: number;
}

export class ClientHistory {
  private readonly workload: Workload;
  /** By record: when its producer was told of success, or of failure. */
  readonly acked = new Map<number, number>();
  readonly failed = new Map<number, number>();
  /** Records that retention or an administrator deleted. */
  readonly deleted = new Set<number>();
  /** By partition and offset: the record that was committed there first. */
  private readonly committed: number[][] = [];
  /** By consumer, in the order in which it got them. */
  readonly deliveries: readonly Delivery[][];

  constructor(workload: Workload, consumers: number) {
    this.workload = workload;
    this.deliveries = Array.from({ length: consumers }, () => []);
  }

  follow(events: readonly Event[], time: number): void {
    for (const event of events) {
      const { partition = 0 } = event;
      if (event.type === 'acked') this.acked.set(event.record, time);
      else if (event.type === 'failed') this.failed.set(event.record, time);
      else if (event.type === 'high-watermark-advanced') {
        for (let i = 0; i < event.entries.length; i++) {
          (this.committed[partition] ??= [])[event.from + i] ??= recordOf(at(event.entries, i));
        }
      } else if (event.type === 'log-start-moved') {
        for (const record of (this.committed[partition] ?? []).slice(0, event.to)) this.deleted.add(record);
      } else if (event.type === 'delivered') {
        at(this.deliveries, event.consumer).push({ record: event.record, partition, time });
      }
    }
  }

  producerOf(record: number): number {
    return record % this.workload.length;
  }

  /** Its place among the records of its producer. */
  nthOf(record: number): number {
    return Math.floor(record / this.workload.length);
  }

  /** When the application handed the record over (ms). */
  handedOver(record: number): number {
    const { start, every } = at(this.workload, this.producerOf(record));
    return start + this.nthOf(record) * every;
  }
}
