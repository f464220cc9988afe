/** The matrix for a terminal, as JSON, as Markdown and as a page. */
import path from 'node:path';
import { h } from 'preact';
import { FAULT_CLASSES, type FaultClass } from '../../model/index.ts';
import { EVENTUALLY, PROPERTIES } from '../../properties/index.ts';
import type { Paint } from '../../traces/index.ts';
import { IN_WORDS } from '../fault-classes.ts';
import { htmlDocument, htmlTable, type TableCell } from '../html.ts';
import type { Cell } from './cells.ts';
import { cellSays, groupsOf, type MatrixOutcome } from './outcome.ts';
import type { Row } from './rows.ts';

/** A column: one property, or a kind of them together. */
interface Column {
  readonly name: string;
  readonly properties: readonly string[];
}

const COLUMNS: readonly Column[] = [
  ...PROPERTIES.filter(({ kind }) => kind !== 'lemma').map(({ id }) => ({ name: id, properties: [id] })),
  { name: 'recovers', properties: EVENTUALLY.map(({ id }) => id) },
  { name: 'lemmas', properties: PROPERTIES.filter(({ kind }) => kind === 'lemma').map(({ id }) => id) },
];

/** Worst first. */
const ORDER: readonly Cell['is'][] = ['broken', 'untried', 'unreached', 'passed', 'proved', 'vacuous'];

/** The cells of a column under one class, those that say most first. */
function columnCells(
  outcome: MatrixOutcome,
  row: Row,
  faults: FaultClass,
  { properties }: Column,
): readonly Cell[] {
  return properties
    .map((property) => outcome.cellAt(row, faults, property))
    .toSorted(
      (a, b) => ORDER.indexOf(a.is) - ORDER.indexOf(b.is) || (a.broken?.steps ?? 0) - (b.broken?.steps ?? 0),
    );
}

const MARKS: Readonly<Record<Cell['is'], string>> = {
  proved: '#',
  passed: '+',
  broken: 'x',
  unreached: '?',
  vacuous: '-',
  untried: ' ',
};

const number = (value: number): string => value.toLocaleString('en-US');

export function matrixText(outcome: MatrixOutcome, paint: Paint): string {
  const lines: string[] = [];
  for (const [group, rows] of groupsOf(outcome)) {
    const width = Math.max(...rows.map(({ id }) => id.length));
    const columns = COLUMNS.map((_, i) => String(i + 1).padEnd(FAULT_CLASSES.length)).join(' ');
    lines.push('', paint.bold(group), `${''.padEnd(width)}  ${columns}`);
    for (const row of rows)
      lines.push(
        `${row.id.padEnd(width)}  ${COLUMNS.map((column) => marks(outcome, row, column, paint)).join(' ')}`,
      );
  }
  const different = outcome.cells.filter(({ asExpected }) => !asExpected);
  return [
    ...lines,
    '',
    `in each column ${FAULT_CLASSES.join(' ')}; # proved, + passed, x broken, ! not as expected, ? too few runs, - says nothing here`,
    ...COLUMNS.map(({ name }, i) => `${String(i + 1).padStart(3)} ${name}`),
    ...(different.length === 0 ? [] : ['', paint.bold('not as expected')]),
    ...different
      .slice(0, MOST_DIFFERENT)
      .map((cell) => `  ${cell.row.id}, ${cell.faults}, ${cell.property}: ${cellSays(cell)}`),
    ...(different.length > MOST_DIFFERENT
      ? [`  and ${number(different.length - MOST_DIFFERENT)} more: --json lists them`]
      : []),
    '',
    effort(outcome),
    `${paint.bold(outcome.verdict)}: ${verdictSays(outcome)}`,
  ].join('\n');
}

const MOST_DIFFERENT = 40;

function marks(outcome: MatrixOutcome, row: Row, column: Column, paint: Paint): string {
  return FAULT_CLASSES.map((faults) => {
    const cells = columnCells(outcome, row, faults, column);
    if (cells.some(({ asExpected }) => !asExpected)) return paint.red('!');
    return MARKS[cells[0]?.is ?? 'untried'];
  }).join('');
}

const effort = ({ runs, replayed, seed, seconds, tried, remembered, asked }: MatrixOutcome): string =>
  `${number(tried)} of ${number(asked)} rows under a class of faults tried (${number(remembered)} of them before), each with ` +
  `${number(runs)} generated runs and ${number(replayed)} kept ones; seed ${seed}, ${seconds.toFixed(0)} s`;

function verdictSays({ verdict, cells, tried, asked }: MatrixOutcome): string {
  const different = cells.filter(({ asExpected }) => !asExpected).length;
  switch (verdict) {
    case 'as-expected':
      return `all ${number(cells.length)} cells are as expected`;
    case 'unexpected':
      return `${number(different)} of ${number(cells.length)} cells are not as expected`;
    case 'incomplete': {
      if (tried < asked) return 'stopped by a signal; the next run goes on from here';
      const unreached = cells.filter(({ is }) => is === 'unreached').length;
      return `in ${number(unreached)} cells the runs were too few to say anything`;
    }
  }
}

export function matrixJson(outcome: MatrixOutcome): object {
  const { verdict, quick, runs, replayed, seed, seconds, tried, asked } = outcome;
  return {
    verdict,
    says: verdictSays(outcome),
    quick,
    runs,
    replayed,
    seed,
    seconds,
    tried,
    asked,
    rows: outcome.rows.map((row) => ({
      id: row.id,
      group: row.group,
      release: row.settings.release,
      rules: row.settings.rules,
      kafka: row.settings.kafka,
    })),
    cells: outcome.cells.map((cell) => ({
      row: cell.row.id,
      group: cell.row.group,
      faults: cell.faults,
      property: cell.property,
      is: cell.is,
      expected: cell.expected.is,
      asExpected: cell.asExpected,
      because: cell.expected.by,
      runs: cell.runs,
      ...(cell.broken === undefined
        ? {}
        : {
            steps: cell.broken.steps,
            minimal: cell.broken.trace.minimal,
            brokenIn: cell.brokenIn,
            brokenUnder: cell.brokenUnder,
            found: cell.broken.found,
            trace: outcome.savedRun(cell.broken)?.file,
          }),
      ...(cell.proof === undefined ? {} : { proof: cell.proof }),
      ...(cell.witnesses.length === 0 ? {} : { witnesses: cell.witnesses }),
      ...(cell.calibration === undefined ? {} : { calibration: cell.calibration }),
    })),
  };
}

/** What a cell of a table says: how it stands where it holds everywhere, else where it does not. */
function summed<T>(
  outcome: MatrixOutcome,
  row: Row,
  column: Column,
  piece: (cells: readonly [Cell, ...Cell[]], text: string) => T,
): { readonly worst: readonly Cell[]; readonly pieces: readonly T[]; readonly different: boolean } {
  const worst = FAULT_CLASSES.flatMap((faults) => columnCells(outcome, row, faults, column).slice(0, 1));
  // Classes that the same run breaks stand together.
  const alike = new Map<string, [Cell, ...Cell[]]>();
  for (const cell of worst) {
    if (cell.is !== 'broken' && cell.is !== 'unreached') continue;
    const key = JSON.stringify([cell.is, cell.broken?.steps, cell.broken?.found]);
    const known = alike.get(key);
    if (known === undefined) alike.set(key, [cell]);
    else known.push(cell);
  }
  const pieces = [...alike.values()].map((cells) =>
    piece(cells, `${cells.map(({ faults }) => faults).join(' ')} ${cells[0].broken?.steps ?? '?'}`),
  );
  const different = FAULT_CLASSES.some((faults) =>
    columnCells(outcome, row, faults, column).some(({ asExpected }) => !asExpected),
  );
  return { worst, pieces, different };
}

/** How it holds under all classes, in few words. */
function heldWord(worst: readonly Cell[]): string {
  if (worst.every(({ is }) => is === 'untried')) return '';
  if (worst.every(({ is }) => is === 'vacuous')) return 'n/a';
  const proved = worst.filter(({ is }) => is === 'proved').map(({ faults }) => faults);
  if (proved.length === worst.length) return 'proved';
  return proved.length === 0 ? 'held' : `held, proved ${proved.join(' ')}`;
}

/** What was searched through where a cell says that it is proved, by group: a release is a row of several. */
function proofsOf(outcome: MatrixOutcome): readonly (readonly [string, readonly string[]])[] {
  return groupsOf(outcome).flatMap(([group, rows]) => {
    const lines = outcome.cells.flatMap(({ row, faults, proof }) =>
      proof === undefined || !rows.includes(row)
        ? []
        : [`${row.id}, ${faults}: ${proof.bounds}; ${proof.grain}, ${number(proof.states)} states`],
    );
    return lines.length === 0 ? [] : [[group, [...new Set(lines)]] as const];
  });
}

/** `tracesFrom` is the folder of the kept runs, relative to where the page will stand. */
export function matrixMarkdown(outcome: MatrixOutcome, tracesFrom: string): string {
  const lines: string[] = ['# Which guarantee holds', ''];
  const proofs = proofsOf(outcome);
  for (const [group, rows] of groupsOf(outcome)) {
    lines.push(`**${group}**`, '');
    lines.push(
      rowOf(['', ...COLUMNS.map(({ name }) => `\`${name}\``)]),
      rowOf(['', ...COLUMNS].map(() => '---')),
    );
    for (const row of rows) {
      const cells = COLUMNS.map((column) => {
        const { worst, pieces, different } = summed(outcome, row, column, ([{ broken }], text) => {
          const found = broken?.found;
          return found?.by === 'replay'
            ? `[${text}](${path.posix.join(tracesFrom, `${found.of}.json`)})`
            : text;
        });
        const said = pieces.length === 0 ? heldWord(worst) : pieces.join('<br>');
        return different ? `**!** ${said}` : said;
      });
      lines.push(rowOf([row.id, ...cells]));
    }
    lines.push('');
  }
  return [
    ...lines,
    'A number is how many actions the shortest known run takes to break it under a class of faults; a link leads to the kept ' +
      'run that it was found from. Where no class is named it held under all of them, in the runs made.',
    '',
    ...FAULT_CLASSES.map((name) => `- ${name}: ${IN_WORDS[name]}`),
    '',
    ...(proofs.length === 0
      ? []
      : [
          'Proved: every behaviour within these bounds was searched.',
          '',
          ...proofs.flatMap(([group, lines]) => [
            `**${group}**`,
            '',
            ...lines.map((line) => `- ${line}`),
            '',
          ]),
        ]),
    `${effort({ ...outcome, seconds: 0 })
      .replace(/, 0 s$/, '')
      .replace(/ \([^)]* of them before\)/, '')}. ${outcome.verdict}.`,
    '',
  ].join('\n');
}

const rowOf = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

export function matrixHtml(outcome: MatrixOutcome): string {
  const tables = groupsOf(outcome).flatMap(([group, rows]) => [
    htmlTable(
      group,
      ['', ...COLUMNS.map(({ name }) => name)],
      rows.map((row) => [
        row.id,
        ...COLUMNS.map((column): TableCell => {
          const { worst, pieces, different } = summed(outcome, row, column, (cells, text) => {
            const [{ broken }] = cells;
            const page = broken === undefined ? undefined : outcome.savedRun(broken)?.page;
            const title = cells
              .map((cell) => `${cell.faults}, ${cell.property}: ${cellSays(cell)}`)
              .join('\n');
            return h(
              'div',
              null,
              page === undefined ? h('span', { title }, text) : h('a', { href: page, title }, text),
            );
          });
          const broken = worst.some(({ is }) => is === 'broken');
          return {
            text: pieces.length === 0 ? heldWord(worst) : [...pieces],
            tone: [
              broken ? 'bad' : pieces.length === 0 ? 'good' : 'none',
              ...(different ? ['alarm'] : []),
            ].join(' '),
            title:
              pieces.length === 0
                ? worst.map((cell) => `${cell.faults}: ${cellSays(cell)}`).join('\n')
                : undefined,
          };
        }),
      ]),
    ),
  ]);
  const different = outcome.cells.filter(({ asExpected }) => !asExpected);
  const proofs = proofsOf(outcome);
  return htmlDocument(
    'Which guarantee holds',
    h('p', null, `${outcome.verdict}: ${verdictSays(outcome)}. ${effort(outcome)}.`),
    h(
      'p',
      null,
      'A number says in how many actions it breaks under a class of faults, and leads to the run. Hover over a cell for how it was tried.',
    ),
    ...tables,
    h('ul', null, ...FAULT_CLASSES.map((name) => h('li', { class: 'faint' }, `${name}: ${IN_WORDS[name]}`))),
    ...(proofs.length === 0
      ? []
      : [
          h('p', null, 'Proved: every behaviour within these bounds was searched.'),
          ...proofs.flatMap(([group, lines]) => [
            h('p', { class: 'faint' }, group),
            h('ul', null, ...lines.map((line) => h('li', { class: 'faint' }, line))),
          ]),
        ]),
    ...(different.length === 0
      ? []
      : [
          h('h2', null, 'Not as expected'),
          h(
            'ul',
            null,
            ...different.map((cell) =>
              h('li', null, `${cell.row.id}, ${cell.faults}, ${cell.property}: ${cellSays(cell)}`),
            ),
          ),
        ]),
  );
}
