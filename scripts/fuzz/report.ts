/** What a campaign has shown, as text for people. */
import { PROPERTIES } from '../../properties/index.ts';
import { settingsLine, type Paint } from '../../traces/index.ts';
import { commandLine } from '../invocation.ts';
import type { FuzzOutcome } from './outcome.ts';

const number = (value: number): string => value.toLocaleString('en-US');
const perSecond = (count: number, seconds: number): string =>
  number(Math.round(count / Math.max(seconds, 0.001)));

/** The summary that stands under everything else. */
export function summary(outcome: FuzzOutcome, paint: Paint): string {
  const { runs, actions, seconds, drivers, seed, witnesses } = outcome;
  const lines = [
    '',
    paint.bold(`${settingsLine(outcome.settings)}; seed ${seed}`),
    `${number(runs)} runs (${drivers.join(', ')}), ${number(actions)} actions in ${seconds.toFixed(1)} s, ` +
      `${perSecond(actions, seconds)} actions/s`,
    `reached: ${witnesses.met.length} of ${witnesses.met.length + witnesses.unmet.length} witnesses` +
      (witnesses.unmet.length === 0 ? '' : `; not: ${witnesses.unmet.join(', ')}`),
    `faults taken: ${faultsTaken(outcome)}`,
    ...guaranteeTable(outcome, paint),
    ...calibrationLines(outcome),
    '',
    verdictLine(outcome, paint),
  ];
  return lines.join('\n');
}

const FAULTS = [
  'kill',
  'power-loss',
  'rack-power-loss',
  'wipe-disk',
  'begin-controlled-shutdown',
  'pause',
  'stall-disk',
  'fail-log-directory',
  'delete-old-segments',
  'delete-records',
  'cut-one-way',
  'cut-both-ways',
  'elect-preferred-leader',
  'reassign-partition',
  'cancel-reassignment',
  'add-partition',
  'fail-to-send',
  'refuse-write',
  'refuse-version',
  'lose-controller',
] as const;

function faultsTaken({ taken }: FuzzOutcome): string {
  const some = FAULTS.filter((kind) => (taken[kind] ?? 0) > 0).map(
    (kind) => `${kind} ${number(taken[kind] ?? 0)}`,
  );
  return some.length === 0 ? 'none' : some.join(', ');
}

/** The guarantees and promises, each with in how many runs it broke. */
function guaranteeTable({ brokenIn }: FuzzOutcome, paint: Paint): string[] {
  const shown = PROPERTIES.filter(({ id, kind }) => kind !== 'lemma' || (brokenIn[id] ?? 0) > 0);
  const width = Math.max(...shown.map(({ id }) => id.length));
  return [
    '',
    ...shown.map(({ id, kind }) => {
      const broken = brokenIn[id] ?? 0;
      const state =
        broken === 0 ? 'held' : paint.red(`broken in ${number(broken)} run${broken === 1 ? '' : 's'}`);
      return `  ${id.padEnd(width)}  ${kind.padEnd(9)}  ${state}`;
    }),
  ];
}

/** What the pass is worth, with everything that keeps the figures from being those of this very campaign. */
function calibrationLines({ calibration }: FuzzOutcome): string[] {
  if (calibration === undefined) return [];
  const { from, settings, drivers, seed, runs, sameOptions, fresh, mutants, bugs } = calibration;
  const unmeasured = [...mutants.unmeasured, ...bugs.unmeasured];
  return [
    '',
    `calibration: ${number(runs)} runs catch ${mutants.caught.length} of ${mutants.total} mutants of the rules ` +
      `and ${bugs.caught.length} of ${bugs.total} known bugs`,
    from === 'live'
      ? '  measured under the options of this campaign'
      : `  measured before: ${settings}; ${drivers.join(', ')}, seed ${seed}`,
    ...(sameOptions ? [] : ['  this campaign had other options: --calibrate measures under these']),
    ...(fresh
      ? []
      : [`  out of date, the model has changed since: ${commandLine('calibrate')} measures anew`]),
    ...(bugs.missed.length === 0 ? [] : [`  bugs not caught: ${bugs.missed.join(', ')}`]),
    ...(mutants.missed.length === 0
      ? []
      : [`  ${number(mutants.missed.length)} mutants not caught: --json lists them`]),
    ...(unmeasured.length === 0 ? [] : [`  not measured: ${unmeasured.join('; ')}`]),
  ];
}

function verdictLine(outcome: FuzzOutcome, paint: Paint): string {
  switch (outcome.verdict) {
    case 'passed':
      return `${paint.bold('passed')}: no violation in the runs made, every possible witness met`;
    case 'incomplete':
      return `${paint.bold('incomplete')}: ${outcome.because ?? ''}`;
    case 'violated': {
      const [first] = outcome.findings;
      const about = first === undefined ? '' : `: ${first.property}, ${first.trace.actions.length} actions`;
      const where = first === undefined ? '' : `\n  ${commandLine('replay', [first.file])}`;
      return `${paint.red('violated')}${about}${where}`;
    }
  }
}
