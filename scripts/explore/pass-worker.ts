/** A thread that makes passes of a bitstate search. */
import { parentPort, workerData } from 'node:worker_threads';
import { makePasses, type PassPlan } from './passes.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
parentPort.postMessage(await makePasses(workerData as PassPlan, () => undefined));
