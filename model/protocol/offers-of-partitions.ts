/**
 * What is enabled with several partitions: of each partition the actions that are its own, looked for in the state as it
 * sees it, and once the actions of brokers, machines and the network, which may look at all of them.
 */
import type { Model } from './config.ts';
import type { ActionDefinition } from './define-action.ts';
import { drawKind, Offers, type Encode, type IsEnabled, type Lottery } from './offers.ts';
import { viewsOf } from './state/partitions.ts';
import type { State } from './state/state.ts';

export class OffersOfPartitions {
  private readonly shared: Offers;
  private readonly own: readonly Offers[];

  constructor(
    model: Model,
    actions: readonly ActionDefinition[],
    isEnabled: IsEnabled,
    encode: Encode,
    inPartition: (code: number, partition: number) => number,
  ) {
    const isOwn = ({ ofPartition }: ActionDefinition): boolean => ofPartition === true;
    this.shared = new Offers(
      model,
      actions.filter((action) => !isOwn(action)),
      isEnabled,
      encode,
    );
    const own = actions.filter(isOwn);
    const partitions = 1 + model.config.otherAssignments.length;
    this.own = Array.from(
      { length: partitions },
      (_, partition) =>
        new Offers(model, own, isEnabled, (index, a, b, c) => inPartition(encode(index, a, b, c), partition)),
    );
  }

  look(state: State): void {
    const views = viewsOf(state);
    const before = this.shared.looked();
    this.shared.lookAtAll(views);
    for (const [partition, offers] of this.own.entries()) {
      // What a producer hands over next depends on what it has handed over to any partition.
      const sends = before !== undefined && before !== state && producersDiffer(viewsOf(before), views);
      offers.look(views[partition] ?? state, sends);
    }
  }

  knows(state: State, action: number, own: number, code: number): boolean {
    if (state !== this.shared.looked()) return false;
    return (
      this.shared.hasOffered(action, own, code) ||
      this.own.some((offers) => offers.hasOffered(action, own, code))
    );
  }

  all(out: number[]): void {
    this.shared.all(out);
    for (const offers of this.own) offers.all(out);
  }

  draw(lottery: Lottery, below: (bound: number) => number): number {
    return drawKind(this, lottery, below);
  }

  mayBeOpen(action: number): boolean {
    return this.shared.mayBeOpen(action) || this.own.some((offers) => offers.mayBeOpen(action));
  }

  workOutAll(): void {
    this.shared.workOutAll();
    for (const offers of this.own) offers.workOutAll();
  }

  drawChoice(action: number, below: (bound: number) => number): number {
    const all = [this.shared, ...this.own];
    const counts = all.map((offers) => offers.count(action));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return -1;
    let drawn = total === 1 ? 0 : below(total);
    for (const [i, offers] of all.entries()) {
      const count = counts[i] ?? 0;
      if (drawn < count) return offers.choice(action, drawn);
      drawn -= count;
    }
    return -1;
  }
}

const producersDiffer = (a: readonly State[], b: readonly State[]): boolean =>
  a.some((view, partition) => view.producers !== b[partition]?.producers);
