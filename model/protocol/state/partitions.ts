/**
 * Several partitions, one at a time: rules, guards, the observer and properties all speak of one partition. They are shown
 * the state as that partition sees it, so that nothing but this file and the draft knows where the others are kept.
 */
import type { MetadataImage, MetadataLog } from './metadata.ts';
import type { PartitionState, State } from './state.ts';

/** The most partitions that a run has. */
export const MAX_PARTITIONS = 3;

export const partitionsOf = (state: State): number => 1 + (state.others?.length ?? 0);

const views = new WeakMap<State, State[]>();
const NO_VIEWS: readonly PartitionState[] = [];

/** The state as a partition sees it; of the first that is the state itself. The same object each time. */
export function viewOf(state: State, partition: number): State {
  const whole = state.view?.whole ?? state;
  if (partition === 0) return whole;
  let known = views.get(whole);
  if (known === undefined) views.set(whole, (known = []));
  return (known[partition] ??= makeView(whole, partition));
}

function makeView(whole: State, partition: number, metadata = turned(whole.metadata, partition)): State {
  const part = (whole.others ?? NO_VIEWS)[partition - 1];
  if (part === undefined) throw new RangeError(`no partition ${partition}`);
  const { alterPartitions, ...own } = part;
  return { ...whole, ...own, metadata, view: { whole, partition, alterPartitions } };
}

/**
 * Of a state whose components are not what they seem, as a search has it: what each partition but the first has in place
 * of the metadata log. Nothing of the state is looked at.
 */
export function rememberViews(whole: State, metadata: readonly MetadataLog[]): void {
  views.set(whole, [whole, ...metadata.map((log, i) => makeView(whole, i + 1, log))]);
}

/** The state as each partition sees it. */
export const viewsOf = (state: State): readonly State[] =>
  Array.from({ length: partitionsOf(state) }, (_, partition) => viewOf(state, partition));

const turnedImages = new WeakMap<MetadataImage, MetadataImage[]>();
const turnedLogs = new WeakMap<MetadataLog, MetadataLog[]>();

/** The image with this partition and the first in each other's place. Turned twice it is the same object again. */
export function turnedImage(image: MetadataImage, partition: number): MetadataImage {
  if (partition === 0) return image;
  const known = turnedImages.get(image)?.[partition];
  if (known !== undefined) return known;
  const partitions = image.partitions.slice();
  const [first] = partitions;
  const other = partitions[partition];
  if (first === undefined || other === undefined) throw new RangeError(`no partition ${partition}`);
  partitions[0] = other;
  partitions[partition] = first;
  const made = { ...image, partitions };
  remember(turnedImages, image, partition, made);
  remember(turnedImages, made, partition, image);
  return made;
}

/** The same of every image of the metadata log. */
export function turned(log: MetadataLog, partition: number): MetadataLog {
  if (partition === 0) return log;
  const known = turnedLogs.get(log)?.[partition];
  if (known !== undefined) return known;
  const made = { ...log, images: log.images.map((image) => turnedImage(image, partition)) };
  remember(turnedLogs, log, partition, made);
  remember(turnedLogs, made, partition, log);
  return made;
}

function remember<T extends object>(table: WeakMap<T, T[]>, key: T, partition: number, made: T): void {
  const row = table.get(key);
  if (row === undefined) table.set(key, Object.assign([], { [partition]: made }));
  else row[partition] = made;
}
