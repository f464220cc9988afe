/** What the metrics of a run come to, clock or no clock: what was counted, and the highest value of each gauge. */
import { ERROR_CLASSES, type ErrorClass, type Model } from '../../model/index.ts';
import {
  failedRecords,
  failedRecordsOf,
  isrMark,
  offlinePartitionsCount,
  retriedRecords,
  uncleanElections,
  underMinIsrPartitionCount,
  underReplicatedPartitions,
  type MetricStep,
} from './marks.ts';

export interface MetricTotals {
  /** Totals of clients and Count of each meter, all brokers together. */
  readonly counts: {
    readonly 'record-error-total': number;
    /** The same by what the error is to a producer; no meter of Kafka's tells them apart. */
    readonly 'record-error-total by class': Readonly<Record<ErrorClass, number>>;
    readonly 'record-retry-total': number;
    /** Null where the release has no such meter. */
    readonly UncleanLeaderElectionsPerSec: number | null;
    readonly IsrShrinksPerSec: number;
    readonly IsrExpandsPerSec: number;
  };
  /** The highest value of each gauge, all brokers together. */
  readonly highest: {
    readonly UnderReplicatedPartitions: number;
    readonly UnderMinIsrPartitionCount: number;
    readonly OfflinePartitionsCount: number;
  };
}

/** Adds a run up, step by step. */
export class TotalMetrics {
  private readonly model: Model;
  private errors = 0;
  private readonly byClass = new Map<ErrorClass, number>(ERROR_CLASSES.map((name) => [name, 0]));
  private retries = 0;
  private unclean = 0;
  private shrinks = 0;
  private expands = 0;
  private underReplicated = 0;
  private underMinIsr = 0;
  private offline = 0;

  constructor(model: Model) {
    this.model = model;
  }

  follow(step: MetricStep): void {
    const { model } = this;
    for (let id = 0; id < model.config.producers.length; id++) {
      this.errors += failedRecords(step, id);
      this.retries += retriedRecords(step, id);
    }
    for (const name of ERROR_CLASSES) {
      this.byClass.set(name, (this.byClass.get(name) ?? 0) + failedRecordsOf(step, name));
    }
    this.unclean += uncleanElections(model, step) ?? 0;
    const changed = isrMark(step)?.mark;
    if (changed === 'shrink') this.shrinks++;
    if (changed === 'expand') this.expands++;
    const { after } = step;
    this.underReplicated = Math.max(this.underReplicated, underReplicatedPartitions(model, after));
    this.underMinIsr = Math.max(this.underMinIsr, underMinIsrPartitionCount(model, after));
    this.offline = Math.max(this.offline, offlinePartitionsCount(model, after));
  }

  totals(): MetricTotals {
    const counts = uncleanElections(this.model, { events: [] });
    return {
      counts: {
        'record-error-total': this.errors,
        'record-error-total by class': Object.fromEntries(this.byClass) as Record<ErrorClass, number>,
        'record-retry-total': this.retries,
        UncleanLeaderElectionsPerSec: counts === undefined ? null : this.unclean,
        IsrShrinksPerSec: this.shrinks,
        IsrExpandsPerSec: this.expands,
      },
      highest: {
        UnderReplicatedPartitions: this.underReplicated,
        UnderMinIsrPartitionCount: this.underMinIsr,
        OfflinePartitionsCount: this.offline,
      },
    };
  }
}

/** The totals of a run that was taken again. */
export function totalsOf(
  model: Model,
  frames: readonly (Omit<MetricStep, 'kind'> & { readonly action: { readonly kind: string } })[],
): MetricTotals {
  const total = new TotalMetrics(model);
  for (const { action, before, after, events } of frames) {
    total.follow({ kind: action.kind, before, after, events });
  }
  return total.totals();
}
