/** The sentence of a step, with what only somebody who saw the whole run can add. */
import { recordOf, type Event, type State } from '../../model/index.ts';
import { tell } from '../story.ts';
import { listed } from '../words.ts';
import { eventsIn, frameAt, seenAt, stateAt, type Film } from './film.ts';

export function sentenceAt(film: Film, step: number): string {
  const frame = frameAt(film, step);
  if (frame === undefined) return 'the first state';
  const lacks = eventsIn(frame, film).flatMap((event) => lacking(film, step, event));
  return [tell(frame), ...lacks].join('; ');
}

/** What a new leader lacks of all that was committed. */
function lacking(film: Film, step: number, event: Event): string[] {
  if (event.type !== 'became-leader') return [];
  const offsets = lackedBy(stateAt(film, step), film, step, event.broker);
  if (offsets.length === 0) return [];
  const were = offsets.length === 1 ? 'which was' : 'which were';
  return [`it lacks ${offsets.length === 1 ? 'offset' : 'offsets'} ${listed(offsets)}, ${were} committed`];
}

function lackedBy(state: State, film: Film, step: number, broker: number): number[] {
  const entries = state.logs[broker]?.entries ?? [];
  const { commits, deletedBelow = 0 } = seenAt(film, step);
  return commits.flatMap(({ record, offset }) => {
    if (offset < deletedBelow) return [];
    const held = entries[offset];
    return held !== undefined && recordOf(held) === record ? [] : [offset];
  });
}
