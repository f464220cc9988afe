/** What the clients of a timed run saw, and when (ms of virtual time). */
import type { Event, Workload } from '../../model/index.ts';
import { at } from '../property.ts';

export interface Delivery {
  readonly record: number;
  readonly time: number;
}

export class ClientHistory {
  private readonly workload: Workload;
  /** By record: when its producer was told of success, or of failure. */
  readonly acked = new Map<number, number>();
  readonly failed = new Map<number, number>();
  /** By consumer, in the order in which it got them. */
  readonly deliveries: readonly Delivery[][];

  constructor(workload: Workload, consumers: number) {
    this.workload = workload;
    this.deliveries = Array.from({ length: consumers }, () => []);
  }

  follow(events: readonly Event[], time: number): void {
    for (const event of events) {
      if (event.type === 'acked') this.acked.set(event.record, time);
      else if (event.type === 'failed') this.failed.set(event.record, time);
      else if (event.type === 'delivered') {
        at(this.deliveries, event.consumer).push({ record: event.record, time });
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
