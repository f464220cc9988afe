/** A worker process: takes batches until its parent is gone or tells it to stop. */
import { openSync, writeSync } from 'node:fs';
import { UsageError } from '../exit.ts';
import { reasonOf } from '../files.ts';
import { processorOf, Worker } from './batch.ts';
import { headerIn, targetsOfHeader } from './campaign-folder.ts';
import type { FromWorker, ToWorker, WorkerStart } from './crew.ts';
import { Journal, journalFile } from './journal.ts';
import type { RunName } from './lines.ts';
import { inHandText } from './in-hand.ts';

// The parent decides what a signal means; a parent that is gone needs no worker.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));

const { folder, session, number, inHand } = JSON.parse(process.argv[2] ?? '') as WorkerStart;
const send = (message: FromWorker): void => {
  process.send?.(message);
};

const header = headerIn(folder);
const targets = new Map(targetsOfHeader(header, folder).map((target) => [target.id, target]));
const fd = openSync(inHand, 'w');
let turns = 0;
const worker = new Worker({
  seed: header.seed,
  folder,
  journal: new Journal(journalFile(folder, session, `w${number}`)),
  today: new Date().toISOString().slice(0, 10),
  now: () => performance.now(),
  processor: () => processorOf(process.cpuUsage()),
  onRun: (name: RunName) => {
    writeSync(fd, inHandText(name, turns++), 0);
  },
});

process.on('message', (message: ToWorker) => {
  if (message.kind === 'stop') process.exit(0);
  const target = targets.get(message.target);
  if (target === undefined) throw new Error(`no target ${message.target}`);
  try {
    if (message.kind === 'small') {
      const { line } = message;
      const { target: id, batch, run, seed, actions } = line;
      const name: RunName = { target: id, batch, run, seed };
      worker.makeSmall(target, name, { settings: worker.settingsOf(target), actions }, line);
      send({ kind: 'made' });
    } else {
      send({ kind: 'done', line: worker.run({ target, batch: message.batch, skip: message.skip }) });
    }
  } catch (thrown) {
    if (!isTrouble(thrown)) throw thrown;
    const says = thrown instanceof UsageError ? thrown.message : `${folder}: ${reasonOf(thrown)}`;
    send({ kind: 'trouble', says });
  }
});
send({ kind: 'ready' });

/** What the disk refuses, as against a mistake in the program. */
function isTrouble(thrown: unknown): boolean {
  if (thrown instanceof UsageError) return true;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return ['ENOSPC', 'EROFS', 'EACCES', 'EDQUOT', 'EIO', 'EPERM'].includes(code);
}
