/** A thread that makes trials: gets a job, gives what came of it, gets the next. */
import { parentPort } from 'node:worker_threads';
import { doJob, type Job } from './job.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
const port = parentPort;

port.on('message', (job: Job) => {
  void doJob(job).then((tried) => {
    port.postMessage(tried);
  });
});
