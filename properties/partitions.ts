/** Several partitions, as properties see them: each step is one moment per partition, and each is observed by itself. */
import {
  eventsOf,
  nothingObserved,
  observe,
  partitionsOf,
  viewOf,
  type Config,
  type Model,
  type Observed,
  type State,
  type Step,
} from '../model/index.ts';
import { at, type Moment } from './property.ts';

/** What has been observed, by partition. */
export type Seen = readonly Observed[];

export const nothingSeen = (config: Config): Seen =>
  Array.from({ length: 1 + config.otherAssignments.length }, () => nothingObserved(config));

/** What is remembered after the step. */
export function learnt(seen: Seen, before: State, { state, events }: Step): Seen {
  return seen.map((known, partition) =>
    observe(
      known,
      viewOf(before, partition),
      viewOf(state, partition),
      eventsOf(events, partition, seen.length),
    ),
  );
}

/** The step as each partition sees it, first the first. The first state of a run is a step without events. */
export function momentsOf(
  model: Model,
  before: State,
  { state, events }: Step,
  seenBefore: Seen,
  seen: Seen,
): readonly Moment[] {
  return Array.from({ length: partitionsOf(state) }, (_, partition) => ({
    model,
    before: viewOf(before, partition),
    after: viewOf(state, partition),
    events: eventsOf(events, partition, seen.length),
    seenBefore: at(seenBefore, partition),
    seen: at(seen, partition),
    ...(seen.length === 1 ? {} : { seenOfAll: seen }),
  }));
}
