/**
 * Worker processes. Not threads: a run that eats its memory or never ends takes one process with it and nothing else,
 * and what it had in hand is known. Not a pool from a package: those hide the process that died and what it was at.
 */
import { fork, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { programFile } from '../program/bundle.ts';
import type { Order } from './batch.ts';
import { inHandIn } from './in-hand.ts';
import { journalFolder } from './journal.ts';
import type { BatchLine, CrashLine, RawLine } from './lines.ts';

/** What a worker is told when it starts. */
export interface WorkerStart {
  readonly folder: string;
  readonly session: number;
  readonly number: number;
  /** File in which it says what it has in hand. */
  readonly inHand: string;
}

export type ToWorker =
  | {
      readonly kind: 'batch';
      readonly target: string;
      readonly batch: number;
      readonly skip: readonly number[];
    }
  | { readonly kind: 'small'; readonly target: string; readonly line: RawLine }
  | { readonly kind: 'stop' };

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'made' }
  | { readonly kind: 'done'; readonly line: BatchLine }
  | { readonly kind: 'trouble'; readonly says: string };

/** What there is to do. */
export type Work =
  { readonly kind: 'batch'; readonly order: Order } | { readonly kind: 'small'; readonly line: RawLine };

export interface CrewOptions {
  readonly folder: string;
  readonly session: number;
  readonly workers: number;
  /** Megabytes that each may use. */
  readonly memory: number;
  /** A run that goes on for longer ends its worker (ms). */
  readonly runLimit: number;
  /** The next thing to do, or undefined where there is nothing left for now. */
  readonly next: () => Work | undefined;
  readonly onDone: (line: BatchLine) => void;
  /** A worker died over a run; its work is not through. */
  readonly onCrash: (line: CrashLine, work: Work) => void;
  /** The disk refuses what has to be kept, or no worker can be started: the campaign ends. */
  readonly onTrouble: (says: string) => void;
}

const WATCH_EVERY_MS = 500;
const STDERR_KEPT = 4000;
/** Room for young objects, in MiB: a worker keeps machines of many targets, and with Node's 16 spends a third more. */
const YOUNG_MB = 64;
/** There is a worker for each core: threads that collect garbage beside it would only take the cores of the others. */
export const WORKER_NODE_OPTIONS: readonly string[] = [
  `--max-semi-space-size=${YOUNG_MB}`,
  '--single-threaded-gc',
];
/** So many workers in a row that die before they have done anything: it is not the runs. */
const STILLBORN = 3;

interface Seat {
  readonly number: number;
  child: ChildProcess | undefined;
  work: Work | undefined;
  /** Where it said last what it has in hand, and when that was. */
  turn: number;
  since: number;
  stderr: string;
  /** Why it was killed, where this crew did it. */
  killedFor: string | undefined;
}

export class Crew {
  private readonly options: CrewOptions;
  private readonly seats: Seat[];
  private file = '';
  private ended = false;
  private stillborn = 0;
  private finished: () => void = () => undefined;
  private readonly watch: NodeJS.Timeout;

  constructor(options: CrewOptions) {
    this.options = options;
    this.seats = Array.from({ length: options.workers }, (_, number) => ({
      number,
      child: undefined,
      work: undefined,
      turn: -1,
      since: 0,
      stderr: '',
      killedFor: undefined,
    }));
    this.watch = setInterval(() => this.lookAfter(), WATCH_EVERY_MS);
  }

  /** Works until there is nothing left to do and everything in hand is through. */
  async work(): Promise<void> {
    this.file = await programFile('night-worker');
    for (const seat of this.seats) this.start(seat);
    await new Promise<void>((resolve) => {
      this.finished = resolve;
      this.endIfIdle();
    });
    clearInterval(this.watch);
  }

  private start(seat: Seat): void {
    const { folder, session, memory } = this.options;
    const start: WorkerStart = { folder, session, number: seat.number, inHand: this.inHandOf(seat) };
    const child = fork(this.file, [JSON.stringify(start)], {
      execArgv: [`--max-old-space-size=${memory}`, ...WORKER_NODE_OPTIONS],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    Object.assign(seat, { child, turn: -1, since: performance.now(), stderr: '', killedFor: undefined });
    child.stderr?.on('data', (chunk: Buffer) => {
      seat.stderr = (seat.stderr + chunk.toString()).slice(-STDERR_KEPT);
    });
    child.on('message', (message: FromWorker) => this.heard(seat, message));
    child.on('exit', (code, signal) => this.left(seat, code, signal));
  }

  private inHandOf = ({ number }: Seat): string =>
    path.join(journalFolder(this.options.folder), `in-hand-${number}`);

  private heard(seat: Seat, message: FromWorker): void {
    switch (message.kind) {
      case 'trouble':
        this.options.onTrouble(message.says);
        this.ended = true;
        break;
      case 'done':
        this.options.onDone(message.line);
        break;
      case 'ready':
      case 'made':
        break;
    }
    if (message.kind !== 'ready') this.stillborn = 0;
    seat.work = undefined;
    this.give(seat);
  }

  private give(seat: Seat): void {
    const work = this.ended ? undefined : this.options.next();
    if (work === undefined) {
      this.send(seat, { kind: 'stop' });
      return;
    }
    seat.work = work;
    seat.since = performance.now();
    this.send(
      seat,
      work.kind === 'batch'
        ? { kind: 'batch', target: work.order.target.id, batch: work.order.batch, skip: work.order.skip }
        : { kind: 'small', target: work.line.target, line: work.line },
    );
  }

  private send({ child }: Seat, message: ToWorker): void {
    // A worker that has just died is heard of by its exit.
    if (child?.connected === true) child.send(message, () => undefined);
  }

  private left(seat: Seat, code: number | null, signal: string | null): void {
    const { work } = seat;
    seat.child = undefined;
    seat.work = undefined;
    if (work !== undefined) {
      this.options.onCrash(this.crashOf(seat, work, signal ?? `exit ${code ?? '?'}`), work);
    } else if (code !== 0 && !this.ended && ++this.stillborn >= STILLBORN) {
      this.options.onTrouble(`workers cannot be started: ${lastLine(seat.stderr)}`);
      this.ended = true;
    }
    if (!this.ended && (work !== undefined || code !== 0)) this.start(seat);
    this.endIfIdle();
  }

  private crashOf(seat: Seat, work: Work, how: string): CrashLine {
    const inHand = inHandIn(this.inHandOf(seat));
    const about =
      work.kind === 'batch' ? { target: work.order.target.id, batch: work.order.batch } : work.line;
    const isOfWork = inHand?.name.target === about.target && inHand.name.batch === about.batch;
    const why = seat.killedFor ?? `${how}: ${lastLine(seat.stderr)}`;
    const name = isOfWork ? inHand.name : { target: about.target, batch: about.batch, run: 0, seed: 0 };
    return {
      kind: 'crash',
      target: name.target,
      batch: name.batch,
      run: name.run,
      seed: name.seed,
      says: why,
    };
  }

  /** Ends workers that do not get on. */
  private lookAfter(): void {
    const { runLimit } = this.options;
    for (const seat of this.seats) {
      if (seat.child === undefined || seat.work === undefined) continue;
      const turn = inHandIn(this.inHandOf(seat))?.turn ?? -1;
      const now = performance.now();
      if (turn !== seat.turn) Object.assign(seat, { turn, since: now });
      if (now - seat.since <= runLimit || seat.killedFor !== undefined) continue;
      seat.killedFor = `it went on for more than ${runLimit / 1000} s`;
      seat.child.kill('SIGKILL');
    }
  }

  private endIfIdle(): void {
    if (this.seats.every(({ child }) => child === undefined)) this.finished();
  }
}

/** The line of what a dying process wrote that says why. */
function lastLine(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  const telling = lines.find((line) => /FATAL ERROR|Error/.test(line));
  return (telling ?? lines.at(-1) ?? 'it said nothing').trim().slice(0, 300);
}
