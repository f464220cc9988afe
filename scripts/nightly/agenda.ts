/** Which batch comes next: targets share the time by their weights, shards share the batches by their numbers. */
import { CANARY_FINDS, CRASHES_A_TARGET } from './limits.ts';
import type { BatchLine, Line } from './lines.ts';
import type { Order } from './batch.ts';
import type { Target } from './targets.ts';

export interface Shard {
  /** From 1. */
  readonly part: number;
  readonly of: number;
}

interface Post {
  readonly target: Target;
  next: number;
  spentMs: number;
  handedOut: number;
  canaryFinds: number;
  crashes: number;
}

export class Agenda {
  private readonly posts: readonly Post[];
  private readonly shard: Shard;
  /** Batches that each target gets in this shard, or undefined where time decides. */
  private readonly batches: number | undefined;
  private readonly done = new Set<string>();
  private readonly skips = new Map<string, number[]>();
  /** Batches that a crash cut short. */
  private readonly again: Order[] = [];

  constructor(targets: readonly Target[], shard: Shard, batches: number | undefined) {
    // Canaries first: they are through after a few finds, and without them the night says nothing.
    const canariesFirst = targets.toSorted(
      (a, b) => Number(b.expects === 'canary') - Number(a.expects === 'canary'),
    );
    this.posts = canariesFirst.map((target) => ({
      target,
      next: shard.part - 1,
      spentMs: 0,
      handedOut: 0,
      canaryFinds: 0,
      crashes: 0,
    }));
    this.shard = shard;
    this.batches = batches;
  }

  /** Takes in what was written before, by this session or an earlier one. */
  learn(line: Line): void {
    if (line.kind === 'batch') this.through(line);
    if (line.kind === 'crash') {
      const key = `${line.target} ${line.batch}`;
      const skip = this.skips.get(key) ?? [];
      if (!skip.includes(line.run)) this.skips.set(key, [...skip, line.run]);
      const post = this.posts.find(({ target }) => target.id === line.target);
      if (post !== undefined) post.crashes++;
    }
  }

  private through(line: BatchLine): void {
    const key = `${line.target} ${line.batch}`;
    const post = this.posts.find(({ target }) => target.id === line.target);
    if (post === undefined || this.done.has(key)) return;
    this.done.add(key);
    post.spentMs += line.ms;
    const { property } = post.target;
    if (property !== undefined) post.canaryFinds += line.brokenIn[property] ?? 0;
  }

  /** A batch that a crash cut short comes again, without the run that did it. */
  cutShort({ target, batch }: Order): void {
    this.again.push({ target, batch, skip: [] });
  }

  /** The next batch, or undefined where there is nothing left to do. */
  next(): Order | undefined {
    const again = this.again.shift();
    if (again !== undefined && this.isOpen(this.postOf(again.target)))
      return this.order(again.target, again.batch);
    const [post] = this.posts
      .filter((one) => this.isOpen(one) && this.hasBatches(one))
      .sort((a, b) => share(a) - share(b));
    if (post === undefined) return undefined;
    while (this.done.has(`${post.target.id} ${post.next}`)) post.next += this.shard.of;
    const batch = post.next;
    post.next += this.shard.of;
    post.handedOut++;
    return this.order(post.target, batch);
  }

  /** How much of the batches is through, where their number is given. */
  share(): number {
    return this.batches === undefined ? 0 : this.done.size / (this.batches * this.posts.length);
  }

  private order(target: Target, batch: number): Order {
    return { target, batch, skip: this.skips.get(`${target.id} ${batch}`) ?? [] };
  }

  private postOf(target: Target): Post {
    const post = this.posts.find((one) => one.target.id === target.id);
    if (post === undefined) throw new Error(`no target ${target.id}`);
    return post;
  }

  private isOpen({ canaryFinds, crashes }: Post): boolean {
    return canaryFinds < CANARY_FINDS && crashes < CRASHES_A_TARGET;
  }

  private hasBatches({ target, next }: Post): boolean {
    if (this.batches === undefined) return true;
    let open = next;
    while (this.done.has(`${target.id} ${open}`)) open += this.shard.of;
    return open < this.batches * this.shard.of;
  }
}

/** Batches in hand count as well: several workers are not all sent to the target that had least. */
const share = ({ target, spentMs, handedOut }: Post): number => (spentMs + handedOut) / target.weight;
