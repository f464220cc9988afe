/** A thread that makes trials: gets a plan, gives what came of it, gets the next. */
import { parentPort } from 'node:worker_threads';
import { trial, type TrialPlan } from '../../traces/index.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
const port = parentPort;

port.on('message', (plan: TrialPlan) => {
  port.postMessage(trial(plan));
});
