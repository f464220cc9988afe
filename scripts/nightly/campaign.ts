/** Runs a campaign in its folder until its time is up, its batches are through, or a signal asks to stop. */
import { reasonOf } from '../files.ts';
import { Agenda } from './agenda.ts';
import { targetsOfHeader, type Header } from './campaign-folder.ts';
import { Crew, type Work } from './crew.ts';
import { Journal, journalFile, linesOf, sessionsIn } from './journal.ts';
import type { BatchLine, Line, RawLine, RunName } from './lines.ts';
import { liveView } from './live.ts';

export interface CampaignOptions {
  readonly folder: string;
  readonly header: Header;
  readonly workers: number;
  /** Megabytes for each worker. */
  readonly memory: number;
  readonly runLimit: number;
  /** For all sessions together (ms), or undefined where the number of batches decides. */
  readonly ms: number | undefined;
  /** Batches of each target, all shards together counted per shard, or undefined where time decides. */
  readonly batches: number | undefined;
  readonly stop: { readonly requested: boolean };
  /** Told at once of what is no finding but keeps the campaign from being whole. */
  readonly onTrouble: (says: string) => void;
  /** Told of each batch that is through. */
  readonly onBatch?: ((line: BatchLine) => void) | undefined;
}

const TICK_MS = 1000;

const keyOf = ({ target, batch, run }: RunName): string => `${target} ${batch} ${run}`;

/** What was written before: how long it took, and raw findings of which nothing was made yet. */
function learnt(lines: Iterable<Line>, agenda: Agenda): { readonly ms: number; readonly raw: RawLine[] } {
  const sessions = new Map<number, number>();
  const raw = new Map<string, RawLine>();
  const settled = new Set<string>();
  for (const line of lines) {
    agenda.learn(line);
    if (line.kind === 'tick') sessions.set(line.session, line.ms);
    if (line.kind === 'raw') raw.set(keyOf(line), line);
    // One that broke the engine would do so again.
    if (line.kind === 'small' || line.kind === 'crash') settled.add(keyOf(line));
  }
  return {
    ms: [...sessions.values()].reduce((sum, ms) => sum + ms, 0),
    raw: [...raw.values()].filter((line) => !settled.has(keyOf(line))),
  };
}

/** Gives the reason why it ended before its time, where it did. */
export async function runCampaign(options: CampaignOptions): Promise<string | undefined> {
  const { folder, header, stop, ms } = options;
  const targets = targetsOfHeader(header, folder);
  const agenda = new Agenda(targets, header.shard, options.batches);
  const before = learnt(linesOf(folder), agenda);
  const session = sessionsIn(folder);
  const journal = new Journal(journalFile(folder, session, 'main'));
  const started = performance.now();
  const spent = (): number => before.ms + performance.now() - started;
  const isOver = (): boolean => stop.requested || (ms !== undefined && spent() >= ms);
  const live = liveView(targets.length, () => performance.now());
  let trouble: string | undefined;
  const inTrouble = (says: string): void => {
    if (trouble === undefined) options.onTrouble(says);
    trouble ??= says;
  };
  const safely = (write: () => void): void => {
    try {
      write();
    } catch (thrown) {
      inTrouble(`${folder}: ${reasonOf(thrown)}`);
    }
  };
  const tick = (): void => {
    safely(() => journal.append({ kind: 'tick', session, ms: Math.round(performance.now() - started) }));
    live.tick(
      ms === undefined ? agenda.share() : spent() / ms,
      ms === undefined ? undefined : Math.max(0, ms - spent()),
    );
  };
  tick();

  const crew = new Crew({
    folder,
    session,
    workers: options.workers,
    memory: options.memory,
    runLimit: options.runLimit,
    next: (): Work | undefined => {
      if (trouble !== undefined) return undefined;
      const line = before.raw.shift();
      if (line !== undefined) return { kind: 'small', line };
      const order = isOver() ? undefined : agenda.next();
      return order === undefined ? undefined : { kind: 'batch', order };
    },
    onDone: (line) => {
      agenda.learn(line);
      live.done(line);
      options.onBatch?.(line);
    },
    onCrash: (line, work) => {
      safely(() => journal.appendSafely(line));
      agenda.learn(line);
      if (work.kind === 'batch') agenda.cutShort(work.order);
    },
    onTrouble: inTrouble,
  });
  const timer = setInterval(tick, TICK_MS);
  await crew.work();
  clearInterval(timer);
  tick();
  live.stop();
  journal.close();
  if (trouble !== undefined) return `the campaign ended early: ${trouble}`;
  return stop.requested ? 'stopped by a signal' : undefined;
}
