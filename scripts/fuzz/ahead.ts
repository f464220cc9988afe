/**
 * Makes the runs of a campaign on several threads. Whose turn is next depends on what the runs before came to, so runs
 * are made ahead, a stretch of one driver's at a time, and wait until their turn comes. Each depends on its number
 * alone: the campaign is the same, run by run, however many threads there are, and only what was made in vain differs.
 */
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import { programFile } from '../program/bundle.ts';
import type { CampaignPlan } from './plan.ts';
import type { Reporter, RunReport } from './reports.ts';

/** Runs of one driver, `to` exclusive. */
export interface Stretch {
  readonly who: number;
  readonly from: number;
  readonly to: number;
}

export interface Made {
  readonly who: number;
  readonly run: number;
  /** Absent where making it threw. */
  readonly report: RunReport | undefined;
}

/** About so many actions make a stretch: some hundredths of a second. */
const STRETCH_ACTIONS = 4000;
/** And so many runs are made ahead of their turn for each thread at the most. */
const AHEAD_RUNS = 64;
/** Guess before the first run has ended. */
const ACTIONS_OF_A_RUN = 200;

interface Helper {
  readonly worker: Worker;
  readonly port: MessagePort;
  /** Runs it has been asked for and has not told of. */
  owes: number;
}

/** One driver's runs: those that are under way, and those that wait. */
interface Line {
  readonly reporter: Reporter;
  /** The first that nobody has been asked for. */
  next: number;
  /** Runs whose turn has come, and the actions that they took. */
  taken: number;
  actions: number;
  readonly waiting: Map<number, RunReport | undefined>;
}

interface AheadOptions {
  readonly threads: number;
  readonly limit: number | undefined;
  readonly onTrouble: (says: string) => void;
}

export class Ahead {
  private readonly plan: CampaignPlan;
  private readonly helpersWanted: number;
  /** Of all runs together, as far as it is known. */
  private readonly limit: number | undefined;
  private readonly onTrouble: (says: string) => void;
  private readonly lines: readonly Line[];
  private readonly helpers: Helper[] = [];
  /** Runs that somebody has been asked for and whose turn has not come. */
  private outstanding = 0;
  private known = { runs: 0, actions: 0 };
  private failure: Error | undefined;
  private wake: () => void = () => undefined;
  private begun = false;
  private closed = false;
  /** Runs that other threads have made. */
  fromOthers = 0;

  /**
   * `threads` with the one that calls, `limit`: runs of the campaign, or undefined where time ends it; `onTrouble` is told
   * why there are no other threads.
   */
  constructor(
    plan: CampaignPlan,
    reporters: readonly Reporter[],
    { threads, limit, onTrouble }: AheadOptions,
  ) {
    this.plan = plan;
    this.helpersWanted = threads - 1;
    this.limit = limit;
    this.onTrouble = onTrouble;
    this.lines = reporters.map((reporter) => ({
      reporter,
      next: 0,
      taken: 0,
      actions: 0,
      waiting: new Map<number, RunReport | undefined>(),
    }));
  }

  /** Lets the other threads begin, once: a campaign that ends at once needs none. Resolves when they have been started. */
  async begin(): Promise<void> {
    if (this.begun || this.helpersWanted === 0) return;
    this.begun = true;
    try {
      const file = await programFile('fuzz-worker');
      for (let i = 0; i < this.helpersWanted && !this.closed; i++) this.start(file);
    } catch (thrown) {
      this.onTrouble(
        `no other thread could start: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
      );
    }
  }

  private start(file: string): void {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(file, {
      execArgv: [],
      workerData: { plan: this.plan, port: port2 },
      transferList: [port2],
    });
    const helper: Helper = { worker, port: port1, owes: 0 };
    worker.on('error', (error) => {
      this.failure ??= error;
      this.wake();
    });
    port1.on('message', (made: Made) => {
      this.hear(helper, made);
    });
    this.helpers.push(helper);
  }

  /** The run whose turn has come: the next of that driver. */
  async take(who: number, run: number): Promise<RunReport> {
    const line = this.line(who);
    for (;;) {
      if (this.failure !== undefined) throw this.failure;
      this.listen();
      this.handOut();
      if (line.waiting.has(run)) {
        const report = line.waiting.get(run);
        line.waiting.delete(run);
        this.outstanding--;
        return this.taken(line, report ?? line.reporter.make(run));
      }
      if (run >= line.next) {
        line.next = run + 1;
        const report = line.reporter.make(run);
        this.learn(report);
        return this.taken(line, report);
      }
      // Another thread is at it: meanwhile this one makes what will be asked for.
      if (this.mayMake(1)) this.makeAhead(this.furthestBehind());
      else await this.heard();
    }
  }

  private makeAhead(line: Line): void {
    const run = line.next++;
    const report = line.reporter.make(run);
    this.learn(report);
    this.outstanding++;
    line.waiting.set(run, report);
  }

  private heard(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private taken(line: Line, report: RunReport): RunReport {
    line.taken++;
    line.actions += report.actions;
    return report;
  }

  private learn({ actions }: RunReport): void {
    this.known.runs++;
    this.known.actions += actions;
  }

  private hear(helper: Helper, { who, run, report }: Made): void {
    helper.owes--;
    this.fromOthers++;
    if (report !== undefined) this.learn(report);
    this.line(who).waiting.set(run, report);
    this.wake();
  }

  /** What has come meanwhile: the event loop does not turn between two runs. */
  private listen(): void {
    for (const helper of this.helpers) {
      for (;;) {
        const received = receiveMessageOnPort(helper.port) as { readonly message: Made } | undefined;
        if (received === undefined) break;
        this.hear(helper, received.message);
      }
    }
  }

  /** Whoever has not much left to do gets more. */
  private handOut(): void {
    for (const helper of this.helpers) {
      const line = this.furthestBehind();
      const length = Math.max(1, Math.round(STRETCH_ACTIONS / this.meanOf(line)));
      if (helper.owes >= length || !this.mayMake(length)) continue;
      const stretch = { who: this.lines.indexOf(line), from: line.next, to: line.next + length };
      line.next = stretch.to;
      helper.owes += length;
      this.outstanding += length;
      helper.port.postMessage(stretch satisfies Stretch);
    }
  }

  private mayMake(runs: number): boolean {
    const taken = this.lines.reduce((sum, line) => sum + line.taken, 0);
    const ahead = this.outstanding + runs;
    return (
      ahead <= AHEAD_RUNS * (this.helpersWanted + 1) &&
      (this.limit === undefined || taken + ahead <= this.limit)
    );
  }

  /** Whose runs, those that wait or are under way counted as usual ones, took the fewest actions: its turn comes first. */
  private furthestBehind(): Line {
    let least = this.line(0);
    for (const line of this.lines) if (this.expected(line) < this.expected(least)) least = line;
    return least;
  }

  private expected(line: Line): number {
    return line.actions + (line.next - line.taken) * this.meanOf(line);
  }

  private meanOf({ taken, actions }: Line): number {
    if (taken > 0) return Math.max(1, actions / taken);
    return this.known.runs > 0 ? Math.max(1, this.known.actions / this.known.runs) : ACTIONS_OF_A_RUN;
  }

  private line(who: number): Line {
    const line = this.lines[who];
    if (line === undefined) throw new RangeError(`driver ${who} of ${this.lines.length}`);
    return line;
  }

  /** Ends the other threads, whatever they are at. */
  async close(): Promise<void> {
    this.closed = true;
    for (const { port } of this.helpers) port.close();
    await Promise.all(this.helpers.map(({ worker }) => worker.terminate()));
  }
}
