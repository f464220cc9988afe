/** For tests: the command line, run in this process or as one of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { main } from './main.ts';

export interface Ended {
  /** The exit code; null where a signal ended a process. */
  readonly status: number | null;
  readonly out: string;
  /** Lines on standard error. */
  readonly err: readonly string[];
}

const lines = (text: string): readonly string[] => text.split('\n').filter((line) => line !== '');

/** Runs the command line here, which takes no time to start; for one run at a time, as it catches all output. */
export async function highwater(...args: readonly string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const kept = { stdout: process.stdout.write, stderr: process.stderr.write, exitCode: process.exitCode };
  for (const stream of ['stdout', 'stderr'] as const) {
    process[stream].write = (chunk: Uint8Array | string): boolean => {
      written[stream] += chunk.toString();
      return true;
    };
  }
  process.exitCode = undefined;
  try {
    const status = await main(args);
    return { status, out: written.stdout, err: lines(written.stderr) };
  } finally {
    process.stdout.write = kept.stdout;
    process.stderr.write = kept.stderr;
    process.exitCode = kept.exitCode;
  }
}

/** Options of Node for a program that sends itself a signal as soon as it listens to it. */
export const SIGNALLED_AT_ONCE = [
  '--import',
  `data:text/javascript,${encodeURIComponent(`process.on('newListener', (event) => {
    if (event === 'SIGTERM') setImmediate(() => process.kill(process.pid, event));
  });`)}`,
];

interface ProcessOptions {
  /** Options of Node itself. */
  readonly node?: readonly string[];
  /** Hears of everything on standard error. */
  readonly onOutput?: (child: ChildProcess) => void;
}

/** Runs the command line as a process of its own, with nothing to read: for signals, and for the program as a whole. */
export function highwaterProcess(
  args: readonly string[],
  { node = [], onOutput }: ProcessOptions = {},
): Promise<Ended> {
  const { NO_COLOR: _none, ...env } = process.env;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...node, path.join('scripts', 'cli.mjs'), ...args], {
      cwd: path.join(import.meta.dirname, '..'),
      env,
    });
    child.stdin.end();
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
      onOutput?.(child);
    });
    child.on('close', (status) => resolve({ status, out, err: lines(err) }));
  });
}
