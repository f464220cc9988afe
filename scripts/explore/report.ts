/** What a search has shown, as text for people. */
import type { SearchTotals } from '../../model/index.ts';
import { machineOf, renderText, runActions, settingsLine, type Paint } from '../../traces/index.ts';
import { commandLine, shellWord, withoutOptions } from '../invocation.ts';
import { pageCommand } from '../page-file.ts';
import { brokenIn, grainOf, type ExploreOutcome, type SavedCounterexample } from './outcome.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const MIB = 1024 * 1024;

const perSecond = (count: number, ms: number): string => number(Math.round((count * 1000) / Math.max(ms, 1)));

/** One line on how far a search has come. */
export function progressText(
  { depth, states, frontier }: SearchTotals,
  elapsedMs: number,
  bytes: number,
): string {
  return (
    `level ${depth + 1}, ${number(states)} states, ${perSecond(states, elapsedMs)}/s, ` +
    `${number(frontier)} to go, ${number(Math.round(bytes / MIB))} MiB`
  );
}

/** Under the counterexample, if there is one: what was covered, and what that says. */
export function summary(outcome: ExploreOutcome, paint: Paint): string {
  const { problem, result, finding } = outcome;
  const { totals, counterexample } = result;
  const subject =
    problem.kind === 'spec'
      ? [problem.name, ...Object.entries(problem.bounds).map(([name, value]) => `${name} ${value}`)].join(
          ', ',
        )
      : settingsLine(problem.settings);
  return [
    ...(finding === undefined ? (counterexample?.says ?? []).map(step) : [told(finding, paint)]),
    '',
    paint.bold(subject),
    `${number(totals.states)} distinct states, ${number(totals.transitions)} transitions, ${totals.depth} levels, ` +
      `${(result.elapsedMs / 1000).toFixed(1)} s, ${perSecond(totals.states, result.elapsedMs)} states/s, ` +
      `${(result.bytes / Math.max(totals.states, 1)).toFixed(0)} bytes a state`,
    ...boundLines(outcome),
    ...witnessLines(outcome),
    ...recoveryLines(outcome),
    ...calibrationLines(outcome),
    '',
    verdictLine(outcome, paint),
  ].join('\n');
}

/** The command that goes on with a search: it is given the options that it was started with. */
const resumeLine = (file: string): string =>
  commandLine('explore', [
    ...withoutOptions(process.argv.slice(3), ['--checkpoint', '--resume']).map(shellWord),
    ...['--checkpoint', '--resume'].flatMap((option) => [option, shellWord(file)]),
  ]);

const step = (says: string, index: number): string => `${String(index + 1).padStart(3)}  ${says}`;

function told({ trace, file }: SavedCounterexample, paint: Paint): string {
  const machine = machineOf(trace.settings);
  const codes = trace.actions.flatMap((action) => machine.encode(action) ?? []);
  return renderText(trace, runActions(machine, codes, 'strict'), {
    command: commandLine('replay', [file]),
    paint,
  });
}

function boundLines({ result }: ExploreOutcome): string[] {
  const { bounds } = result;
  if (bounds.length === 0) return [];
  const each = bounds.map(({ name, limit, cut }) => `${name} ${limit} (cut ${number(cut)} times)`);
  return [`bounds: ${each.join(', ')}`];
}

function calibrationLines({ calibration }: ExploreOutcome): string[] {
  if (calibration === undefined) return [];
  const { mutants, bugs } = calibration;
  const named = (says: string, ids: readonly string[]): string[] =>
    ids.length === 0 ? [] : [`  ${says}: ${ids.join(', ')}`];
  const counted = (says: string, count: number): string[] =>
    count === 0
      ? []
      : [`  ${number(count)} ${count === 1 ? 'mutant' : 'mutants'} ${says}: --json lists them`];
  return [
    `calibration: the same search finds ${mutants.caught.length} of ${mutants.total} mutants of the rules ` +
      `and ${bugs.caught.length} of ${bugs.total} known bugs`,
    ...named('bugs not found', bugs.missed),
    ...named('bugs not searched to the end', bugs.unfinished),
    ...counted('not found', mutants.missed.length),
    ...counted('not searched to the end', mutants.unfinished.length),
  ];
}

function recoveryLines({ result: { recovery } }: ExploreOutcome): string[] {
  if (recovery === undefined) return [];
  const { calm, stuck } = recovery;
  const calmLine = `faults have ended in ${number(calm)} states, which stand for all others too`;
  if (stuck === undefined) return [calmLine];
  const { reachable, lacks } = stuck;
  const states = `${number(reachable)} ${reachable === 1 ? 'state' : 'states'}`;
  const what =
    lacks.length === 0 ? 'none has all that is wanted at once' : `in none of them ${lacks.join('; ')}`;
  return [calmLine, `after the run above ${states} can still be met, whatever heals: ${what}`];
}

function witnessLines({ problem, result, unmet }: ExploreOutcome): string[] {
  if (problem.kind === 'spec' || problem.recovery !== undefined) return [];
  const { met } = result.totals;
  const missing = result.end === 'complete' ? 'cannot be reached within the bounds' : 'not reached';
  return [
    `reached: ${met.length} of ${met.length + unmet.length} witnesses` +
      (unmet.length === 0 ? '' : `; ${missing}: ${unmet.join(', ')}`),
  ];
}

function verdictLine(outcome: ExploreOutcome, paint: Paint): string {
  const { verdict, because, problem, result, finding, symmetry } = outcome;
  const grain = grainOf(problem);
  const led = problem.kind === 'machine' && problem.towards !== undefined;
  const how = [
    ...(grain === undefined ? [] : [`${grain} grain`]),
    ...(problem.kind === 'machine' && problem.election !== undefined ? ['any eligible replica elected'] : []),
    ...(symmetry ? ['symmetry'] : []),
    ...(result.reduced ? ['partial-order reduction'] : []),
    ...(led ? ['best first'] : []),
    ...(result.sweep === undefined ? [] : [`bitstate, seeds 0 to ${result.sweep.passes - 1}`]),
  ].join(', ');
  const inBrackets = how === '' ? '' : ` (${how})`;
  switch (verdict) {
    case 'proved':
      return result.recovery === undefined
        ? `${paint.bold('proved')}${inBrackets}: no behaviour within the bounds breaks a property`
        : `${paint.bold('proved')}${inBrackets}: once faults end, all can become well again from every state within the bounds`;
    case 'incomplete': {
      const goesOn = result.checkpoint === undefined ? '' : `\n  ${resumeLine(result.checkpoint)}`;
      return `${paint.bold('incomplete')}${inBrackets}: ${because ?? ''}${goesOn}`;
    }
    case 'violated': {
      const { counterexample } = result;
      const broken = brokenIn(outcome);
      const length = finding?.trace.actions.length ?? counterexample?.labels.length ?? 0;
      const shortest =
        finding?.trace.minimal === 'shortest' || (finding === undefined && counterexample?.shortest === true)
          ? ', none is shorter'
          : '';
      const where =
        finding === undefined
          ? ''
          : `\n  ${commandLine('replay', [finding.file])}\n  ${pageCommand(finding.file)}`;
      return `${paint.red('violated')}${inBrackets}: ${broken.join(', ')}, ${length} actions${shortest}${where}`;
    }
  }
}
