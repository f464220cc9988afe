/** Makes trials on several threads. */
import { doJobs, type PoolOptions as Options } from '../pool.ts';
import type { Job, Tried } from './job.ts';

export type PoolOptions = Options<Tried>;

export const makeTrials = (jobs: readonly Job[], options: PoolOptions): Promise<void> =>
  doJobs('trial-worker', jobs, options);
