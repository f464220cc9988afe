/** `traces-refresh`: records digests anew where the model changed but the runs did not; lists what is saved. */
import type { Command } from 'commander';
import { digestState } from '../../model/index.ts';
import { replayTrace, writeTrace, type Replay } from '../../traces/index.ts';
import { EXIT, worst, type Verdict } from '../exit.ts';
import { writeAtomically } from '../files.ts';
import { traceIn } from '../trace-file.ts';
import { jsonOption } from '../options.ts';
import { say, sayJson } from '../output.ts';
import { listSaved, savedFiles } from '../saved.ts';

interface Refreshed {
  readonly trace: string;
  readonly verdict: Verdict;
  readonly says: string;
}

export function register(program: Command): void {
  program
    .command('traces-refresh')
    .description('records the digests of traces anew, where every action is enabled and breaks what it did')
    .argument(
      '[files...]',
      'trace files; without any all of traces/saved, which are also listed in its README',
    )
    .addOption(jsonOption())
    .action((files: readonly string[], { json }: { readonly json: boolean }) => {
      const traces = (files.length === 0 ? savedFiles() : files).map(refresh);
      if (files.length === 0) listSaved();
      const verdict = worst(['as-expected', ...traces.map((refreshed) => refreshed.verdict)]);
      if (json) sayJson({ verdict, traces });
      else for (const { trace, says } of traces) say(`${trace}: ${says}`);
      process.exitCode = EXIT[verdict];
    });
}

function refresh(file: string): Refreshed {
  const trace = traceIn(file);
  const replay = replayTrace(trace);
  if (replay.verdict !== 'reproduced') {
    return { trace: file, verdict: replay.verdict, says: `left as it is: ${replay.says}` };
  }
  if (replay.broken.join() !== trace.broken.join()) {
    const says = `left as it is: it breaks ${replay.broken.join(', ')}, and is to break ${trace.broken.join(', ')}`;
    return { trace: file, verdict: 'unexpected', says };
  }
  const isFresh = trace.digests !== undefined && replay.differsAfter === undefined;
  if (isFresh) return { trace: file, verdict: 'as-expected', says: 'fresh already' };
  writeAtomically(file, writeTrace({ ...trace, digests: digestsOf(replay) }));
  return {
    trace: file,
    verdict: 'as-expected',
    says: `refreshed from action ${replay.differsAfter ?? 1} on`,
  };
}

const digestsOf = ({ run }: Replay): string[] => run.frames.map(({ after }) => digestState(after));
