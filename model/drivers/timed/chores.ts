/** What brokers and the controller do at fixed intervals. */
import { at } from '../../protocol/draft.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import type { State } from '../../protocol/state/state.ts';
import type { Deed } from './repertoire.ts';
import type { Follower, Scene } from './scene.ts';

/** `log.flush.start.offset.checkpoint.interval.ms`, which nobody changes. */
const CHECKPOINT_START = 60_000;

/** The election of the preferred leader, by whoever may be the controller. */
export const preferredElections = ({ model, repertoire }: Scene): readonly ActionCode[] =>
  model.zookeeper
    ? repertoire.byBroker('move-to-preferred-leader')
    : [repertoire.code('elect-preferred-leader')];

export class Chores implements Follower {
  private readonly scene: Scene;
  private readonly shrink: readonly ActionCode[];
  private readonly checkpoint: readonly ActionCode[];
  private readonly checkpointStart: readonly ActionCode[];
  private readonly flush: readonly ActionCode[];
  /** By broker: counts its lives, so that the chores of an earlier one end. */
  private readonly lives: number[];

  constructor(scene: Scene) {
    this.scene = scene;
    const brokers = Array.from({ length: scene.model.config.brokers }, (_, id) => id);
    this.shrink = scene.repertoire.byBroker('shrink-isr');
    this.checkpoint = scene.repertoire.byBroker('checkpoint-high-watermark');
    this.checkpointStart = scene.model.deletesRecords
      ? scene.repertoire.byBroker('checkpoint-log-start')
      : [];
    const { config, powerMayFail } = scene.model;
    this.flush = config.flushesInTime && powerMayFail ? scene.repertoire.byBroker('flush-log') : [];
    this.lives = brokers.map(() => 0);
    // The brokers were not started in the same millisecond.
    const phase = scene.streams.stream('phases');
    for (const broker of brokers) {
      this.begin(broker, phase.below(this.shrinkInterval()), phase.below(this.checkpointInterval()));
    }
    for (const balance of preferredElections(scene)) {
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
    this.every(this.shrinkInterval(), shrinkIn - this.shrinkInterval(), at(this.shrink, broker), lives);
    this.every(
      this.checkpointInterval(),
      checkpointIn - this.checkpointInterval(),
      at(this.checkpoint, broker),
      lives,
    );
    const checkpointStart = this.checkpointStart[broker];
    if (checkpointStart !== undefined) this.every(CHECKPOINT_START, 0, checkpointStart, lives);
    const flush = this.flush[broker];
    if (flush !== undefined) this.every(this.scene.timing['flush.ms'], 0, flush, lives);
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
