/** A thread of a search: builds the machine anew, shares the states, and works whenever it is told to. */
import { parentPort, workerData } from 'node:worker_threads';
import { Hand } from '../../model/index.ts';
import { Heap } from './heap.ts';
import type { Order, OwnStart } from './crew.ts';
import { explorableOf } from './problem.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
const port = parentPort;
const { problem, memory, control, options, heapShare, answers, number } = workerData as OwnStart;
const hand = new Hand(explorableOf(problem), memory, {
  ...options,
  shares: answers && { memory: answers, own: number },
});
const heap = new Heap(hand, heapShare);
/** Looks at the heap are cheap, but not free. */
const CLAIMS_PER_LOOK = 8;
let claims = 0;
const keepHeap = (): boolean => {
  if (++claims % CLAIMS_PER_LOOK === 0) heap.keep();
  return false;
};

port.on('message', ({ threads, places }: Order) => {
  if (places !== undefined) hand.store.refresh(places);
  hand.work(control, threads, keepHeap);
  port.postMessage(hand.report());
});
port.postMessage('ready');
