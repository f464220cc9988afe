/** A thread that calibrates: gets a target, gives the run that caught it, gets the next. */
import { parentPort } from 'node:worker_threads';
import { caughtBy, type CatchJob } from './catch.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
const port = parentPort;

port.on('message', (job: CatchJob) => {
  port.postMessage(caughtBy(job));
});
