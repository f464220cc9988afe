/** One broker in a few characters: what it does, its log, its high watermark. */
import { epochOf, logStart, recordOf, type Log, type State } from '../model/index.ts';

/** Records that a cell shows at most: the newest. */
export const CELLS_MOST = 5;

/** `L2 0/0 1/1|2/2`: it leads in epoch 2; of three records two are below its high watermark. */
export function brokerCell(state: State, broker: number, cells: number): string {
  const process = state.processes[broker];
  const replica = state.replicas[broker];
  const log = state.logs[broker];
  if (process === undefined || replica === undefined || log === undefined) return '';
  const { status, paused, stalled } = process;
  if (status === 'down') return `x ${logCell(log, undefined, cells)}`.trimEnd();
  const role = replica.leading !== null ? 'L' : replica.fetcher !== null ? 'F' : '-';
  const epoch = role === '-' ? '' : String(replica.leaderEpoch);
  const stage = status === 'starting' ? 's' : status === 'running' ? '' : 'c';
  return `${role}${epoch}${stage}${paused || stalled === true ? 'z' : ''} ${logCell(log, replica.highWatermark, cells)}`.trimEnd();
}

function logCell(log: Log, highWatermark: number | undefined, cells: number): string {
  const { entries } = log;
  const start = Math.max(0, entries.length - cells);
  const first = logStart(log);
  const shown = entries.map((entry, offset) =>
    offset < first ? '_' : `${recordOf(entry)}/${epochOf(entry)}`,
  );
  const part = (from: number, to: number): string => shown.slice(Math.max(from, start), to).join(' ');
  const elided = start > 0 ? '…' : '';
  if (highWatermark === undefined) return elided + part(start, shown.length);
  // A high watermark among the records left out is told by its number.
  if (highWatermark < start) return `${highWatermark}|…${part(start, shown.length)}`;
  return `${elided}${part(start, highWatermark)}|${part(highWatermark, shown.length)}`;
}
