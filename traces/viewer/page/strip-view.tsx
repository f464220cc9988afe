/** The logs of the replicas at one step, drawn offset by offset. */
import type { JSX } from 'preact';
import type { Cell, Strip, Strips } from '../layout/strips.ts';
import { fillOf } from './colours.ts';

const LABELS = 156;
const CELL = 42;
const HEIGHT = 24;
const ROW = 43;
const TOP = 46;

/** Offsets that fit. */
export const OFFSETS = 7;
export const stripsWidth = LABELS + OFFSETS * CELL + 22;
export const stripsHeight = ({ strips }: Strips): number => TOP + strips.length * ROW;

export function StripView({ strips }: { strips: Strips }): JSX.Element {
  const x = (offset: number): number => LABELS + (offset - strips.start) * CELL;
  const offsets = Array.from({ length: Math.max(1, strips.end - strips.start) }, (_, i) => strips.start + i);
  return (
    <g>
      <text class="small faint" x={0} y={11}>
        offset
      </text>
      {offsets.map((offset) => (
        <text key={offset} class="small faint" x={x(offset) + CELL / 2} y={11} text-anchor="middle">
          {offset}
        </text>
      ))}
      <text class="strong" x={0} y={34}>
        committed
      </text>
      {strips.start > 0 && (
        <text class="faint" x={LABELS - 14} y={34}>
          …
        </text>
      )}
      {strips.committed.map(({ offset, record, acknowledged, lost }) => (
        <g key={offset}>
          <rect
            class={`cell ${lost ? 'lost' : 'plain'}`}
            x={x(offset) + 1}
            y={18}
            width={CELL - 2}
            height={HEIGHT}
            rx="3"
          />
          <text class={lost ? 'on-alarm' : undefined} x={x(offset) + CELL / 2} y={34} text-anchor="middle">
            {`${lost ? '✗' : ''}r${record}${acknowledged ? '✓' : ''}`}
          </text>
        </g>
      ))}
      {strips.committed.length === 0 && (
        <text class="faint" x={LABELS} y={34}>
          nothing yet
        </text>
      )}
      {strips.strips.map((strip, i) => (
        <g key={strip.broker} transform={`translate(0 ${TOP + i * ROW})`}>
          <BrokerStrip strip={strip} x={x} />
        </g>
      ))}
    </g>
  );
}

function BrokerStrip({ strip, x }: { strip: Strip; x: (offset: number) => number }): JSX.Element {
  const { broker, standing, cells, highWatermark, logEnd, counts, leads } = strip;
  return (
    <g>
      <text class="strong" x={0} y={20}>
        {`${leads >= 0 ? '★ ' : ''}broker ${broker}`}
      </text>
      <text class="small faint" x={0} y={34}>
        {standing}
      </text>
      {counts.map((chip, i) => {
        const right = LABELS - 5 - counts.slice(i + 1).reduce((sum, other) => sum + chipWidth(other) + 3, 0);
        return (
          <g key={chip}>
            <rect class="chip" x={right - chipWidth(chip)} y={9} width={chipWidth(chip)} height={15} rx="7" />
            <text class="small" x={right - chipWidth(chip) / 2} y={20} text-anchor="middle">
              {chip}
            </text>
          </g>
        );
      })}
      <line
        class="log-end"
        x1={x(0) < LABELS ? LABELS : x(0)}
        x2={Math.max(LABELS, x(logEnd))}
        y1={37.5}
        y2={37.5}
      />
      {cells.map((cell) => (
        <CellView key={cell.offset} cell={cell} x={x(cell.offset)} />
      ))}
      <path class="log-end" d={`M${Math.max(LABELS, x(logEnd))} 34v7`} />
      {highWatermark !== undefined && <HighWatermark x={Math.max(LABELS, x(highWatermark))} />}
    </g>
  );
}

const chipWidth = (chip: string): number => (chip.length > 3 ? 42 : 28);

function HighWatermark({ x }: { x: number }): JSX.Element {
  return (
    <g>
      <line class="water" x1={x} x2={x} y1={6} y2={38} />
      <text class="small strong" x={x + 4} y={8}>
        HW
      </text>
    </g>
  );
}

const EMPTY_FATES = ['lost', 'missing', 'gone', 'deleted'] as const;
/** Under the record, where it is not there. */
const WORDS = { lost: 'gone', missing: 'lacks', gone: 'gone', deleted: 'deleted' } as const;

function CellView({ cell, x }: { cell: Cell; x: number }): JSX.Element {
  const { record, epoch, fate, unflushed, acknowledged } = cell;
  const absent = EMPTY_FATES.find((name) => name === fate);
  const isEmpty = absent !== undefined;
  const box = { x: x + 1, y: 11, width: CELL - 2, height: HEIGHT, rx: 3 };
  const ink = fate === 'gone' || fate === 'deleted' ? 'faint' : isEmpty ? 'on-alarm' : 'on-epoch';
  return (
    <g>
      <title>{titleOf(cell)}</title>
      <rect class={`cell ${isEmpty ? fate : fillOf(epoch)} ${unflushed ? 'unflushed' : ''}`} {...box} />
      {fate === 'diverged' && <rect fill="url(#hatch)" {...box} />}
      <text
        class={`${ink} ${fate === 'diverged' ? 'strong' : ''}`}
        x={x + CELL / 2}
        y={22}
        text-anchor="middle"
      >
        {`${isEmpty && fate !== 'deleted' ? '✗ ' : ''}r${record}${acknowledged && !isEmpty ? '✓' : ''}`}
      </text>
      <text class={`small ${ink}`} x={x + CELL / 2} y={32} text-anchor="middle">
        {absent === undefined ? `e${epoch}` : WORDS[absent]}
      </text>
    </g>
  );
}

function titleOf({ offset, record, epoch, fate, unflushed, acknowledged }: Cell): string {
  const what = `record ${record} at offset ${offset}`;
  const promised = acknowledged ? ', acknowledged' : '';
  switch (fate) {
    case 'held':
    case 'diverged':
      return `${what}, written in epoch ${epoch}${promised}${unflushed ? ', not flushed' : ''}${fate === 'diverged' ? ', diverged' : ''}`;
    case 'lost':
      return `${what} is gone from here${promised}`;
    case 'missing':
      return `${what} is missing here${promised}`;
    case 'deleted':
      return `${what}: deleted, the log starts behind it`;
    case 'gone':
      return `${what} was here and is gone; nobody was promised it`;
  }
}

export const LEGEND =
  'Lanes: thick leads, thin follows, dotted neither, grey band down, colour leader epoch; ▲ fault or timeout, ' +
  '★ election; dotted arrows are exchanges within one step. Logs: r1 e2 is record 1 written in leader epoch 2 · ✓ acknowledged · dashed: not flushed to disk · ' +
  'hatched: differs from what was committed · red ✗: promised, and not there · HW: high watermark · ★ leads';
