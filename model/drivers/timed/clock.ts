/**
 * The queue of what is to happen: ordered by time, then by creation number, so that what falls on the same
 * millisecond has one defined order. A binary heap over three parallel arrays.
 */
export class Clock<T> {
  private readonly times: number[] = [];
  private readonly numbers: number[] = [];
  private readonly items: T[] = [];
  private created = 0;

  get size(): number {
    return this.items.length;
  }

  /** The next creation number, for what is ordered together with this queue but waits elsewhere. */
  number(): number {
    return this.created++;
  }

  /** Puts `item` in, due at `time` (ms, a whole number). */
  push(time: number, item: T): void {
    if (!Number.isSafeInteger(time)) throw new RangeError(`a time is whole milliseconds, got ${time}`);
    const number = this.created++;
    let hole = this.items.length;
    this.set(hole, time, number, item);
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!this.before(time, number, parent)) break;
      this.move(parent, hole);
      hole = parent;
    }
    this.set(hole, time, number, item);
  }

  /** Whether the head is due before what stands at (time, number); false for an empty queue. */
  isDueBefore(time: number, number: number): boolean {
    if (this.items.length === 0) return false;
    const head = this.times[0] ?? 0;
    return head < time || (head === time && (this.numbers[0] ?? 0) < number);
  }

  /** When the head is due (ms), or undefined. */
  next(): number | undefined {
    return this.times[0];
  }

  /** Takes the head out, or gives undefined. */
  pop(): T | undefined {
    const head = this.items[0];
    const time = this.times.pop();
    const number = this.numbers.pop();
    const item = this.items.pop();
    if (time === undefined || number === undefined || item === undefined) return undefined;
    const { length } = this.items;
    if (length === 0) return head;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= length) break;
      if (child + 1 < length && this.isBefore(child + 1, child)) child++;
      if (this.before(time, number, child)) break;
      this.move(child, hole);
      hole = child;
    }
    this.set(hole, time, number, item);
    return head;
  }

  private before(time: number, number: number, index: number): boolean {
    const other = this.times[index] ?? 0;
    return time < other || (time === other && number < (this.numbers[index] ?? 0));
  }

  private isBefore(a: number, b: number): boolean {
    return this.before(this.times[a] ?? 0, this.numbers[a] ?? 0, b);
  }

  private move(from: number, to: number): void {
    this.times[to] = this.times[from] ?? 0;
    this.numbers[to] = this.numbers[from] ?? 0;
    this.items[to] = this.items[from] as T;
  }

  private set(index: number, time: number, number: number, item: T): void {
    this.times[index] = time;
    this.numbers[index] = number;
    this.items[index] = item;
  }
}
