/**
 * Keeps what one thread remembers within its share of the memory. Answers and decoded values are objects whose size
 * nobody knows but the garbage collector, so it is asked; it is also told to collect, because left alone it lets
 * garbage grow to a multiple of what is in use.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Part of what the engine gives its heap that may be in use; beyond all of it, it ends the program. */
const OF_ENGINE = 0.7;
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
  private readonly watched: Forgetful[];
  private readonly share: number;
  private limit: number;
  private heapLimit: number;
  private readonly collect: () => void;

  /** `share`: bytes that this thread may use besides what it uses now. */
  constructor(hand: Forgetful, share: number) {
    setFlagsFromString('--expose-gc');
    this.collect = runInNewContext('gc') as () => void;
    this.watched = [hand];
    this.share = share;
    this.limit = this.used() + share;
    this.heapLimit = getHeapStatistics().heap_size_limit * OF_ENGINE;
  }

  /** Within the same share, someone else remembers too. */
  watch(other: Forgetful): void {
    this.watched.push(other);
  }

  private used(): number {
    return this.watched.reduce(
      (sum, { rememberedBytes }) => sum + rememberedBytes,
      getHeapStatistics().used_heap_size,
    );
  }

  /** Whether both limits are kept, with `margin` as a part of each to spare. */
  private fits(margin: number): boolean {
    return (
      this.used() < this.limit - this.share * margin &&
      getHeapStatistics().used_heap_size < this.heapLimit * (1 - margin)
    );
  }

  /** To be called often, while the hand rests. */
  keep(): void {
    if (this.fits(0)) return;
    this.collect();
    if (this.fits(1 - KEPT)) return;
    for (const one of this.watched) one.forget();
    this.collect();
    // What cannot be forgotten must not make it forget all the time.
    this.limit = Math.max(this.limit, this.used() + this.share / 2);
    this.heapLimit = Math.max(this.heapLimit, getHeapStatistics().used_heap_size * 1.2);
  }
}
