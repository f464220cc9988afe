/**
 * Elections in which any eligible replica may win, not the first in assignment order: more behaviours than there are, in
 * which brokers are alike. The order stays what it is for the machine: before a step it is turned so that one candidate
 * comes first, and afterwards the assignment is written in rising order again. What breaks in such a search is taken
 * again in the machine's own order before anybody is told.
 */
import {
  newestImage,
  type ActionCode,
  type Layout,
  type Machine,
  type Read,
  type State,
} from '../../model/index.ts';

type Metadata = State['metadata'];
type MetadataImage = Metadata['images'][number];

/** Actions after which another replica may lead. */
const ELECTING = [
  'handle-alter-partition',
  'fence-broker',
  'elect-preferred-leader',
  'elect-unclean-leader',
  'register-broker',
  'heartbeat',
];

/** The candidate stands where codes name the partition: there is one. */
const CANDIDATE_SHIFT = 15;
const CANDIDATES = 3;

/** Whoever leads is the only thing that may tell brokers apart. Undefined where that holds, else why not. */
export function electionFault({ config, model }: Machine): string | undefined {
  if (model.zookeeper) return 'it belongs to KRaft mode';
  if (config.otherAssignments.length > 0) return 'it belongs to one partition';
  if (model.reassigns) return 'a reassignment names brokers';
  if (config.brokers > CANDIDATES + 1) return `it takes at most ${CANDIDATES + 1} brokers`;
  if (config.assignment.length !== config.brokers) return 'every broker has to have a replica';
  if (new Set(config.racks).size > 1 || config.rackAwareSelector) return 'racks tell brokers apart';
  return undefined;
}

export interface Elections {
  /** The first components, with the assignment in rising order. */
  initial(components: readonly unknown[]): unknown[];
  /** Calls `visit` with each candidate that has to be tried for a family, and how its state is read. */
  each(family: number, read: Read, visit: (read: Read, named: (code: ActionCode) => number) => void): void;
  codeOf(label: number): ActionCode;
  readingOf(read: Read, label: number): Read;
  /** Goes over what an action writes, by slot. False where this candidate makes no difference. */
  settle(label: number, read: Read, written: Map<number, unknown>): boolean;
}

export function anyElection(machine: Machine, layout: Layout): Elections {
  const { brokers } = machine.config;
  const metadataSlot = layout.slots.findIndex(({ name }) => name === 'metadata');
  const candidateIn = (label: number): number => (label >>> CANDIDATE_SHIFT) & CANDIDATES;
  const codeOf = (label: number): ActionCode => label & ~(CANDIDATES << CANDIDATE_SHIFT);
  const leaderOf = (metadata: Metadata): number => newestImage(metadata).partitions[0]?.leader ?? -1;

  /** By candidate: metadata in which it comes first. */
  const turned = Array.from({ length: brokers }, () => new WeakMap<Metadata, Metadata>());
  const turnedTo = (metadata: Metadata, candidate: number): Metadata => {
    const known = turned[candidate]?.get(metadata);
    if (known !== undefined) return known;
    const images = metadata.images.with(
      -1,
      withReplicas(newestImage(metadata), (replicas) => [
        candidate,
        ...replicas.filter((broker) => broker !== candidate),
      ]),
    );
    const anew = { ...metadata, images };
    turned[candidate]?.set(metadata, anew);
    return anew;
  };
  /** Functions that read are few, and each is asked again and again. */
  const readers = Array.from({ length: brokers }, () => new Map<Read, Read>());
  const reading = (read: Read, candidate: number): Read => {
    if (candidate === 0) return read;
    let reader = readers[candidate]?.get(read);
    if (reader === undefined) {
      reader = (slot) => (slot === metadataSlot ? turnedTo(read(slot) as Metadata, candidate) : read(slot));
      readers[candidate]?.set(read, reader);
    }
    return reader;
  };

  return {
    initial: (components) =>
      components.map((component, slot) =>
        slot === metadataSlot ? inOrder(component as Metadata) : component,
      ),
    each: (family, read, visit) => {
      const count = ELECTING.includes(machine.kindOf(family)) ? brokers : 1;
      for (let candidate = 0; candidate < count; candidate++) {
        visit(reading(read, candidate), (code) => code | (candidate << CANDIDATE_SHIFT));
      }
    },
    codeOf,
    readingOf: (read, label) => reading(read, candidateIn(label)),
    settle: (label, read, written) => {
      const candidate = candidateIn(label);
      const after = written.get(metadataSlot) as Metadata | undefined;
      if (after === undefined) return candidate === 0;
      const leader = leaderOf(after);
      const isElected = leader !== leaderOf(read(metadataSlot) as Metadata);
      if (isElected && !ELECTING.includes(machine.definition(codeOf(label)).kind)) {
        throw new Error('an action elects a leader that is not known to');
      }
      // Where another one leads, that one is tried itself.
      if (candidate !== 0 && !(isElected && leader === candidate)) return false;
      written.set(metadataSlot, inOrder(after));
      return true;
    },
  };
}

const isInOrder = (replicas: readonly number[]): boolean =>
  replicas.every((broker, i) => i === 0 || (replicas[i - 1] ?? -1) < broker);

function inOrder(metadata: Metadata): Metadata {
  return {
    ...metadata,
    images: metadata.images.map((image) =>
      image.partitions.every(({ replicas }) => isInOrder(replicas))
        ? image
        : withReplicas(image, (replicas) => replicas.toSorted((a, b) => a - b)),
    ),
  };
}

const withReplicas = (
  image: MetadataImage,
  change: (replicas: readonly number[]) => readonly number[],
): MetadataImage => ({
  ...image,
  partitions: image.partitions.map((partition) => ({ ...partition, replicas: change(partition.replicas) })),
});
