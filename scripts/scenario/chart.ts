/** The course of metrics as sparklines, one line each. */
import { METRICS, type SampledSeries } from '../../properties/index.ts';

const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/** As many values as fit, each the highest of those it stands for, so that no peak is lost. */
function squeezed(values: readonly (number | null)[], width: number): (number | null)[] {
  const per = Math.max(1, Math.ceil(values.length / width));
  return Array.from({ length: Math.ceil(values.length / per) }, (_, column) => {
    const some = values.slice(column * per, (column + 1) * per).filter((value) => value !== null);
    return some.length === 0 ? null : Math.max(...some);
  });
}

/** Bars from 0 to the highest value; a blank where there is none. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = squeezed(values, width);
  const most = Math.max(...shown.map((value) => value ?? 0), 0);
  return shown
    .map((value) => {
      if (value === null) return ' ';
      const step = most === 0 ? 0 : Math.ceil((value / most) * (BARS.length - 1));
      return BARS[step] ?? BARS[0];
    })
    .join('');
}

const highest = (values: readonly (number | null)[]): number =>
  values.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);

/** A number as short as it is plain. */
const plain = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3));

/** The metrics that moved as a chart; the others by name. */
export function chart({ every, series }: SampledSeries, width: number): string[] {
  const moved = METRICS.filter(({ name }) => highest(series[name]) > 0);
  const still = METRICS.filter(({ name }) => !moved.some((other) => other.name === name));
  const label = Math.max(0, ...moved.map(({ name }) => name.length));
  const seconds = ((series.OfflinePartitionsCount.length - 1) * every) / 1_000;
  const lines = moved.map(({ name }) => {
    const line = sparkline(series[name], Math.max(20, width - label - 22));
    return `  ${name.padEnd(label)}  ${line}  up to ${plain(highest(series[name]))}`;
  });
  return [
    `metrics over ${Math.round(seconds)} s of virtual time:`,
    ...lines,
    ...(still.length === 0 ? [] : [`  nothing but 0: ${still.map(({ name }) => name).join(', ')}`]),
  ];
}
