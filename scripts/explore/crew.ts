/** The other threads of a search, started once it turns out to be long. */
import { Worker } from 'node:worker_threads';
import type {
  AnswersMemory,
  Control,
  HandOptions,
  HandReport,
  Others,
  StoreMemory,
  StorePlaces,
} from '../../model/index.ts';
import { programFile } from '../program/bundle.ts';
import type { Problem } from './problem.ts';

/** What a thread is given when it starts. */
export interface Start {
  readonly problem: Problem;
  readonly memory: StoreMemory;
  readonly control: Control;
  readonly options: HandOptions;
  /** Bytes that each thread may use for what it remembers. */
  readonly heapShare: number;
  /** Where threads tell each other what they have worked out. */
  readonly answers: AnswersMemory | undefined;
}

/** What one thread is given: the first one, that of whoever starts it, has the number 0. */
export interface OwnStart extends Start {
  readonly number: number;
}

/** What it is told whenever there is work. */
export interface Order {
  readonly threads: number;
  readonly places: StorePlaces | undefined;
}

const program = (): Promise<string> => programFile('explore-worker');

export class Crew implements Others {
  private readonly start: Start;
  private readonly onTrouble: (says: string) => void;
  /** Threads that have been started; those that are ready take part. */
  private readonly hired: Worker[] = [];
  private readonly workers: Worker[] = [];
  private ready = 0;
  /** Threads at work, and what those that are through have done. */
  private working = 0;
  private reports: HandReport[] = [];
  private failure: unknown;
  private dismissed = false;
  private wake: () => void = () => undefined;

  constructor(start: Start, onTrouble: (says: string) => void) {
    this.start = start;
    this.onTrouble = onTrouble;
  }

  /**
   * Has the program of the threads made. That takes another process, and a system may refuse one to a process that has
   * laid claim to more memory than there is.
   */
  static prepare(): void {
    program().catch(() => undefined);
  }

  /** Starts threads; they join when they are ready. */
  hire(count: number): void {
    program().then(
      (file) => this.startAll(file, count),
      (thrown: unknown) => this.trouble(thrown),
    );
  }

  private trouble(thrown: unknown): void {
    this.onTrouble(`a thread could not start: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }

  private startAll(file: string, count: number): void {
    if (this.dismissed) return;
    for (let i = 0; i < count; i++) {
      const worker = new Worker(file, {
        workerData: { ...this.start, number: i + 1 } satisfies OwnStart,
        execArgv: [],
      });
      this.hired.push(worker);
      worker.on('error', (error) => {
        // A thread that never came to work is missed by nobody; one that fails at work has states in its hands.
        if (this.workers.includes(worker)) this.failure = error;
        else this.trouble(error);
        this.wake();
      });
      worker.on('message', (message: 'ready' | HandReport) => {
        if (message === 'ready') {
          this.workers.push(worker);
          this.ready++;
          return;
        }
        this.reports.push(message);
        if (this.reports.length === this.working) this.wake();
      });
    }
  }

  get size(): number {
    return this.ready;
  }

  begin(places: StorePlaces | undefined): void {
    this.working = this.workers.length;
    this.reports = [];
    const order: Order = { threads: this.working + 1, places };
    for (const worker of this.workers) worker.postMessage(order);
  }

  finished(): readonly HandReport[] | undefined {
    if (this.failure !== undefined) throw this.failure as Error;
    return this.reports.length === this.working ? this.reports : undefined;
  }

  /** Resolves when the threads at work are through. */
  async wait(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      if (this.failure !== undefined || this.reports.length === this.working) resolve();
    });
  }

  /** Ends them all, also those that have not come to work yet. */
  async dismiss(): Promise<void> {
    this.dismissed = true;
    await Promise.all(this.hired.map((worker) => worker.terminate()));
  }
}
