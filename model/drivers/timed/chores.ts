/** What brokers and the controller do at fixed intervals. */
import { at } from '../../protocol/draft.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Model } from '../../protocol/config.ts';
import type { Deed, Repertoire } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

/** `log.flush.start.offset.checkpoint.interval.ms`, which nobody changes. */
const CHECKPOINT_START = 60_000;

/** The election of the preferred leader of each partition, by whoever may be the controller. */
export const preferredElections = (
  { zookeeper }: Model,
  repertoires: readonly Repertoire[],
): readonly ActionCode[] =>
  repertoires.flatMap((repertoire) =>
    zookeeper ? repertoire.byBroker('move-to-preferred-leader') : [repertoire.code('elect-preferred-leader')],
  );

export class Chores implements Follower {
  private readonly scene: Scene;
  /** By partition. */
  private readonly repertoires: readonly Repertoire[];
  /** By broker: counts its lives, so that the chores of an earlier one end. */
  private readonly lives: number[];

  constructor(scene: Scene, repertoires: readonly Repertoire[]) {
    this.scene = scene;
    this.repertoires = repertoires;
    const brokers = Array.from({ length: scene.model.config.brokers }, (_, id) => id);
    this.lives = brokers.map(() => 0);
    // The brokers were not started in the same millisecond.
    const phase = scene.streams.stream('phases');
    for (const broker of brokers) {
      this.begin(broker, phase.below(this.shrinkInterval()), phase.below(this.checkpointInterval()));
    }
    for (const balance of preferredElections(scene.model, repertoires)) {
      this.every(scene.timing['leader.imbalance.check.interval.seconds'] * 1_000, 0, balance, () => true);
    }
  }

  follow(_before: State, _after: State, deed: Deed): void {
    if (deed.kind !== 'start-broker') return;
    this.lives[deed.a] = at(this.lives, deed.a) + 1;
    this.begin(deed.a, this.shrinkInterval(), this.checkpointInterval());
  }

  private shrinkInterval(): number {
    return Math.max(1, Math.floor(this.scene.timing['replica.lag.time.max.ms'] / 2));
  }

  private checkpointInterval(): number {
    return this.scene.timing['replica.high.watermark.checkpoint.interval.ms'];
  }

  private begin(broker: number, shrinkIn: number, checkpointIn: number): void {
    const life = at(this.lives, broker);
    const lives = (): boolean => this.lives[broker] === life;
    const { timing, model } = this.scene;
    const { deletesRecords, powerMayFail } = model;
    // One task of the broker goes through its partitions.
    for (const repertoire of this.repertoires) {
      const chore = (kind: string, interval: number, first = interval): void => {
        this.every(interval, first - interval, at(repertoire.byBroker(kind), broker), lives);
      };
      chore('shrink-isr', this.shrinkInterval(), shrinkIn);
      chore('checkpoint-high-watermark', this.checkpointInterval(), checkpointIn);
      if (deletesRecords) chore('checkpoint-log-start', CHECKPOINT_START);
      if (model.config.flushesInTime && powerMayFail) chore('flush-log', timing['flush.ms']);
    }
  }

  /** Tries the action each `interval` ms, first in `interval + shift`, for as long as `goesOn` holds. */
  private every(interval: number, shift: number, code: ActionCode, goesOn: () => boolean): void {
    const { clock } = this.scene;
    const chore = (): void => {
      if (!goesOn()) return;
      this.scene.attempt(code);
      clock.push(this.scene.now + interval, chore);
    };
    clock.push(this.scene.now + Math.max(0, interval + shift), chore);
  }
}
