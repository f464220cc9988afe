/** Makes trials on several threads. Each depends on its plan alone, so it does not matter who makes which, and when. */
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { workerFile } from '../worker-code.ts';
import type { Job, Tried } from './job.ts';

export interface PoolOptions {
  readonly threads: number;
  readonly stop: { readonly requested: boolean };
  /** Told of each trial as it ends, in the order in which they end. */
  readonly onTried: (tried: Tried, index: number) => void;
}

/** How often it is looked whether a signal has come, in ms. */
const LOOK_EVERY_MS = 100;

/** Resolves when all are made, or when a signal asked to stop; trials under way are lost then. */
export async function makeTrials(jobs: readonly Job[], options: PoolOptions): Promise<void> {
  const { stop, onTried } = options;
  if (jobs.length === 0 || stop.requested) return;
  const file = await workerFile(path.join(import.meta.dirname, 'worker.ts'));
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
        worker.on('message', (tried: Tried) => {
          if (stop.requested) return;
          onTried(tried, index);
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
