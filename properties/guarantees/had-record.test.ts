/** What a broker had counts as had where only a storage fault took it, also where the fault brought something older back. */
import { expect, it } from 'vitest';
import { createMachine, nothingObserved, observe, type Event, type Observed } from '../../model/index.ts';
import { append, EMPTY_LOG, entry } from '../../model/protocol/state/log.ts';
import { B, configFor } from '../../model/testing.ts';
import { hadRecord } from './commit-on-isr.ts';

const { config, initial } = createMachine(configFor({}));
const [older, first, second] = [entry(0, 0), entry(1, 1), entry(2, 1)];

/** Events that follow each other, each with the log that B has once it is through. */
function after(...steps: readonly (readonly [Event, readonly number[]])[]): (record: number) => boolean {
  let seen: Observed = nothingObserved(config);
  let state = initial;
  for (const [event, entries] of steps) {
    const logs = initial.logs.map((log, broker) => (broker === B ? append(EMPTY_LOG, entries) : log));
    const next = { ...state, logs };
    seen = observe(seen, state, next, [event]);
    state = next;
  }
  // Record 1 stood at offset 0, record 2 at offset 1.
  return (record) => hadRecord(state, seen, B, record - 1, record);
}

const destroyed: Event = { type: 'destroyed', broker: B, from: 2, to: 0, lost: [first, second] };
const undone: Event = { type: 'truncation-undone', broker: B, offset: 0, entries: [older] };

it('a fault took both records, and brought an older one back in place of the first', () => {
  const had = after([destroyed, [older]], [undone, [older]]);
  expect([had(1), had(2), had(3)]).toEqual([true, true, false]);
});

it('the older one is cut off again', () => {
  const had = after(
    [destroyed, [older]],
    [undone, [older]],
    [{ type: 'truncated', broker: B, from: 1, to: 0 }, []],
  );
  expect([had(1), had(2), had(3)]).toEqual([true, true, false]);
});

it('what is fetched anew and truncated by the protocol is had no longer', () => {
  const had = after(
    [destroyed, []],
    [{ type: 'replicated', broker: B, offset: 0, entries: [first, second] }, [first, second]],
    [{ type: 'truncated', broker: B, from: 2, to: 0 }, []],
  );
  expect([had(1), had(2)]).toEqual([false, false]);
});
