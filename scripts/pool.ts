/** Does jobs on several threads. Each answer depends on its job alone, so it does not matter who does which, and when. */
import { Worker } from 'node:worker_threads';
import { programFile, type Program } from './program/bundle.ts';

export interface PoolOptions<Answer> {
  readonly threads: number;
  readonly stop: { readonly requested: boolean };
  /** Told of each answer as it comes, with the place of its job among all. */
  readonly onDone: (answer: Answer, index: number) => void;
}

/** How often it is looked whether a signal has come, in ms. */
const LOOK_EVERY_MS = 100;

/**
 * Resolves when all are done, or when a signal asked to stop; jobs under way are lost then. `program` is that of a
 * thread: it gets a job as a message, and answers with one.
 */
export async function doJobs<Job, Answer>(
  program: Program,
  jobs: readonly Job[],
  options: PoolOptions<Answer>,
): Promise<void> {
  const { stop, onDone } = options;
  if (jobs.length === 0 || stop.requested) return;
  const file = await programFile(program);
  const workers: Worker[] = [];
  let next = 0;
  let done = 0;
  let look: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      look = setInterval(() => {
        if (stop.requested) resolve();
      }, LOOK_EVERY_MS);
      for (let i = 0; i < Math.min(options.threads, jobs.length); i++) {
        const worker = new Worker(file, { execArgv: [] });
        workers.push(worker);
        let index = -1;
        const give = (): void => {
          index = next++;
          const job = jobs[index];
          if (job !== undefined) worker.postMessage(job);
        };
        worker.on('error', reject);
        worker.on('message', (answer: Answer) => {
          if (stop.requested) return;
          onDone(answer, index);
          if (++done === jobs.length) resolve();
          else give();
        });
        give();
      }
    });
  } finally {
    clearInterval(look);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}
