/** A thread that makes runs ahead of their turn: gets a stretch of one driver's runs, tells of each. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import type { Made, Stretch } from './ahead.ts';
import { sourcesOf, type CampaignPlan } from './plan.ts';
import { Reporter, type RunReport } from './reports.ts';

if (parentPort === null) throw new Error('this file is run as a worker thread');
const { plan, port } = workerData as { readonly plan: CampaignPlan; readonly port: MessagePort };
const reporters = sourcesOf(plan).map(({ runs }) => new Reporter(runs));

function reportOf(who: number, run: number): RunReport | undefined {
  try {
    return reporters[who]?.make(run);
  } catch {
    // Whoever waits for it makes it again when its turn comes, and meets the same error there, with its stack.
    return undefined;
  }
}

port.on('message', ({ who, from, to }: Stretch) => {
  for (let run = from; run < to; run++) {
    port.postMessage({ who, run, report: reportOf(who, run) } satisfies Made);
  }
});
