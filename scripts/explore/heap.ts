/**
 * Keeps what one thread remembers within its share of the memory. Answers and decoded values are objects whose size
 * nobody knows but the garbage collector, so it is asked; it is also told to collect, because left alone it lets
 * garbage grow to a multiple of what is in use.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Part of the share that may still be in use after a collection; above, everything is forgotten. */
const KEPT = 0.6;

/** Who remembers. */
interface Forgetful {
  /** Bytes outside the heap. */
  readonly rememberedBytes: number;
  /** Forgets everything that can be worked out again. */
  forget(): void;
}

export class Heap {
  private readonly hand: Forgetful;
  private readonly share: number;
  private limit: number;
  private readonly collect: () => void;

  /** `share`: bytes that this thread may use besides what it uses now. */
  constructor(hand: Forgetful, share: number) {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
    this.hand = hand;
    this.share = share;
    this.limit = this.used() + share;
  }

  private used(): number {
    return getHeapStatistics().used_heap_size + this.hand.rememberedBytes;
  }

  /** To be called often, while the hand rests. */
  keep(): void {
    if (this.used() < this.limit) return;
    this.collect();
    const over = this.used() - this.limit;
    if (over < -this.share * (1 - KEPT)) return;
    this.hand.forget();
    this.collect();
    // What cannot be forgotten must not make it forget all the time.
    this.limit = Math.max(this.limit, this.used() + this.share / 2);
  }
}
