/** What a property is, and what it sees. */
import type { Event, Model, Observed, State } from '../model/index.ts';

/** One step of a run, as properties see it. The first state of a run is a step without events. */
export interface Moment {
  readonly model: Model;
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
  readonly seenBefore: Observed;
  readonly seen: Observed;
  /** Only with several partitions: what was observed of each. */
  readonly seenOfAll?: readonly Observed[];
}

/** What broke, in words that name brokers, offsets and records; and since when it was bound to. */
export interface Evidence {
  readonly says: string;
  /** The offset concerned, where there is one. */
  readonly offset?: number;
  readonly record?: number;
}

/** `incomplete` of the observer; the leader epochs in which it saw records committed. */
export type RarelyNeeded = 'incomplete' | 'commit-epochs';

export type PropertyKind = 'guarantee' | 'promise' | 'lemma';

export interface Property {
  /** Used in traces, JSON and expectations. */
  readonly id: string;
  readonly kind: PropertyKind;
  /** The promise in one sentence. */
  readonly promise: string;
  /** Where it comes from. */
  readonly source: string;
  /** Set where only one kind of controller promises it. */
  readonly only?: 'kraft';
  /** Witnesses without which holding says nothing. */
  readonly vacuousWithout: readonly string[];
  /** Looked at only at a step with one of these events … */
  readonly onEvents: readonly Event['type'][];
  /** … or in which one of these components changed; of the metadata, its newest image. */
  readonly onChange: readonly ('logs' | 'replicas' | 'metadata' | 'processes')[];
  /** Rests on a part of what the observer remembers that hardly any property rests on. */
  readonly restsOn?: RarelyNeeded;
  readonly check: (moment: Moment) => Evidence | undefined;
}

export interface Violation extends Evidence {
  readonly property: string;
}

export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}

/** The properties that the controller of a configuration promises at all. */
export const promisedBy = ({ zookeeper }: Model, properties: readonly Property[]): readonly Property[] =>
  zookeeper ? properties.filter(({ only }) => only !== 'kraft') : properties;
