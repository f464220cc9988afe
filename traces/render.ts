/** A run as text for a terminal: four lines that say what it is, then a line per step with what it changed. */
import {
  FAULT_KINDS,
  KAFKA_KEY_NAMES,
  newestImage,
  presetSettings,
  UNLIMITED,
  type Settings,
  type State,
} from '../model/index.ts';
import type { Finding } from '../properties/index.ts';
import { brokerCell, CELLS_MOST } from './broker-cell.ts';
import type { Searched, Trace } from './format.ts';
import { propertyOf, type Run } from './run.ts';
import { tell } from './story.ts';
import { brokerList, counted, listed } from './words.ts';

/** How parts of the text are set off; each returns its argument with what a terminal needs around it. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
}

const same = (text: string): string => text;
/** No colours. */
export const PLAIN: Paint = { bold: same, dim: same, red: same };

export interface RenderOptions {
  /** The command that replays the run. */
  readonly command: string;
  /** Without colours unless told. */
  readonly paint?: Paint;
  /** Characters in a line; 110 unless told. */
  readonly width?: number;
}

const WIDTH = 110;
/** The columns get narrower before the sentence gets shorter than this. */
const SENTENCE_LEAST = 36;

/** The whole report of a run, without a newline at its end. */
export function renderText(trace: Trace, run: Run, options: RenderOptions): string {
  const { paint = PLAIN, width = WIDTH } = options;
  const [about = '', ...rest] = headOf(trace, options.command);
  const head = [paint.bold(about), ...rest].flatMap((line) => wrap(line, width, '  '));
  const columns = columnsOf(run, width);
  return [
    ...head,
    '',
    ...wrap(run.machine.model.zookeeper ? LEGEND + IN_ZOOKEEPER : LEGEND, width, '').map(paint.dim),
    '',
    ...tableOf(run, columns, paint, width),
  ].join('\n');
}

/** Four lines: what breaks, under which settings, how long the run is, how to see it again. */
function headOf(trace: Trace, command: string): string[] {
  const { property, broken, brokenAt, actions, minimal, searched, name } = trace;
  const title = name === undefined ? '' : `${name}: `;
  const about =
    property === null
      ? `${title}breaks nothing`
      : `${title}breaks ${property}: ${propertyOf(property).promise}`;
  const others = broken.filter((id) => id !== property);
  return [
    about,
    settingsLine(trace.settings),
    [
      counted(actions.length, 'action') + (minimal === 'no' ? '' : ` (${minimal})`),
      ...(brokenAt === null ? [] : [`broken by action ${brokenAt}`]),
      ...(searched === undefined || minimal === 'shortest' ? [] : [searchedSays(searched)]),
      ...(others.length === 0 ? [] : [`also broken: ${others.join(', ')}`]),
    ].join('; '),
    `replay: ${command}`,
  ];
}

/** Why a run is not called shortest. */
export const searchedSays = ({ upTo, states }: Searched): string =>
  `no run of up to ${counted(upTo, 'action')} breaks it, longer ones were not all looked at (${counted(states, 'state')})`;

/** Release and actors, then only what differs from the defaults. */
export function settingsLine(settings: Settings): string {
  const { release, rules, kafka, brokers, producers, consumers, records, afterFailure, faults, mutant } =
    settings;
  const suite = presetSettings('suite');
  const { budgets } = faults;
  const allowed = FAULT_KINDS.filter((kind) => budgets[kind] > 0).map((kind) =>
    budgets[kind] === UNLIMITED ? kind : `${kind}:${budgets[kind]}`,
  );
  return [
    `release ${release}`,
    counted(brokers, 'broker'),
    counted(producers, 'producer'),
    counted(consumers, 'consumer'),
    `${counted(records, 'record')} each`,
    ...Object.keys(rules)
      .sort()
      .map((name) => `${name}=${rules[name] ?? ''}`),
    ...KAFKA_KEY_NAMES.filter((key) => kafka[key] !== suite[key]).map((key) => `${key}=${kafka[key]}`),
    ...(afterFailure === 'drop' ? [] : [`after a failure ${afterFailure}`]),
    ...(allowed.length === 0 ? ['no faults'] : [`faults ${allowed.join(' ')}`]),
    ...mutant.map((clause) => `without "${clause}"`),
  ].join(', ');
}

const LEGEND =
  'A line shows what a step changed. L2 leads in epoch 2, F2 follows, - does neither, x is down; s starting, ' +
  'c stopping, z paused or waiting for its disk. 4/2 is record 4 written in epoch 2, _ a deleted one, | the high watermark. Controller: leader@epoch [ISR].';
const IN_ZOOKEEPER = ' c1: broker 1 is the controller.';

/** How wide the columns are, and how many records of a log they show. */
interface Columns {
  readonly number: number;
  readonly brokers: readonly number[];
  readonly controller: number;
  readonly sentence: number;
  readonly cells: number;
}

function columnsOf({ machine, frames }: Run, width: number): Columns {
  const states = [machine.initial, ...frames.map(({ after }) => after)];
  const number = String(frames.length).length;
  const controller = widest('controller', states.map(controllerCell));
  const fitting = (cells: number): Columns => {
    const brokers = Array.from({ length: machine.config.brokers }, (_, broker) =>
      widest(
        `broker ${broker}`,
        states.map((state) => brokerCell(state, broker, cells)),
      ),
    );
    const taken = brokers.reduce((sum, column) => sum + column + 2, number + 2 + controller + 2);
    const sentence = Math.max(width - taken, SENTENCE_LEAST);
    return taken + SENTENCE_LEAST <= width || cells === 1
      ? { number, brokers, controller, sentence, cells }
      : fitting(cells - 1);
  };
  return fitting(CELLS_MOST);
}

const widest = (title: string, cells: readonly string[]): number =>
  cells.reduce((most, cell) => Math.max(most, cell.length), title.length);

function controllerCell({ controller, metadata, zookeeper }: State): string {
  const partition = newestImage(metadata).partitions[0];
  if (partition === undefined) return '';
  const { leader, leaderEpoch, isr, elr } = partition;
  const eligible = elr === 0 ? '' : ` elr ${brokerList(elr)}`;
  const isActive = zookeeper === undefined ? controller.active : zookeeper.controller >= 0;
  const who = isActive ? (zookeeper === undefined ? '' : `c${zookeeper.controller} `) : 'x ';
  return `${who}${leader < 0 ? '-' : leader}@${leaderEpoch} ${brokerList(isr)}${eligible}`;
}

function tableOf(run: Run, columns: Columns, paint: Paint, width: number): string[] {
  const { machine, frames, findings, refused } = run;
  const cellsOf = (state: State): string[] => [
    ...columns.brokers.map((_, broker) => brokerCell(state, broker, columns.cells)),
    controllerCell(state),
  ];
  const titles = [...columns.brokers.map((_, broker) => `broker ${broker}`), 'controller'];
  const lines = [
    ...row(columns, '', titles, '').map(paint.bold),
    ...row(columns, '0', cellsOf(machine.initial), 'the first state'),
    ...brokenAfter(findings, 0, paint, width),
  ];
  const waiting = [...refused];
  for (const [index, frame] of frames.entries()) {
    while (waiting[0] !== undefined && waiting[0].position < frame.position) {
      lines.push(...refusal(waiting.shift(), paint, width));
    }
    const before = cellsOf(frame.before);
    const changed = cellsOf(frame.after).map((cell, i) => (cell === before[i] ? '' : cell));
    lines.push(...row(columns, String(frame.position), changed, tell(frame)));
    lines.push(...brokenAfter(findings, index + 1, paint, width));
  }
  return [...lines, ...waiting.flatMap((left) => refusal(left, paint, width))];
}

function row(columns: Columns, number: string, cells: readonly string[], sentence: string): string[] {
  const widths = [...columns.brokers, columns.controller];
  const left = cells.map((cell, i) => cell.padEnd(widths[i] ?? 0));
  const start = [number.padStart(columns.number), ...left].join('  ');
  const [first = '', ...more] = wrap(sentence, columns.sentence, '  ');
  const indent = ' '.repeat(start.length);
  return [`${start}  ${first}`, ...more.map((line) => `${indent}  ${line}`)].map((line) => line.trimEnd());
}

const brokenAfter = (findings: readonly Finding[], step: number, paint: Paint, width: number): string[] =>
  findings
    .filter((finding) => finding.step === step)
    .flatMap(({ property, says }) => wrap(`*** ${property} is broken: ${says}`, width, '    '))
    .map(paint.red);

const refusal = (refused: Run['refused'][number] | undefined, paint: Paint, width: number): string[] => {
  if (refused === undefined) return [];
  const { position, action, guard } = refused;
  const { kind, ...params } = action;
  const named = listed(Object.entries(params).map(([name, value]) => `${name} ${value}`));
  const what = Object.keys(params).length === 0 ? kind : `${kind} (${named})`;
  return wrap(`${position}  ${what} is not enabled: not so that ${guard}`, width, '    ').map(paint.red);
};

/** Breaks a line at spaces. Lines after the first begin with `indent`. */
function wrap(line: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current !== '' && current.length + 1 + word.length > width) {
      lines.push(current);
      current = indent + word;
    } else {
      current = current === '' && lines.length === 0 ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
