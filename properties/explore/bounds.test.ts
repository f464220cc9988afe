import { describe, expect, it } from 'vitest';
import { createMachine, layoutOf } from '../../model/index.ts';
import { configFor, Play } from '../../model/testing.ts';
import { BOUND_NAMES, BOUNDS, shapeBounds, type BoundName } from './bounds.ts';

/** The weight of a state by a bound: of all components together, or of the heaviest. */
function weightOf(name: BoundName, { state }: Play): number {
  const { field, together, weight } = BOUNDS.find((bound) => bound.name === name)!;
  const value = state[field];
  const weights = (Array.isArray(value) ? value : [value]).map((component) => weight(component as never));
  return together ? weights.reduce((sum, one) => sum + one, 0) : Math.max(...weights);
}

describe('the shape bounds', () => {
  it('weigh nothing at the start', () => {
    const play = new Play({});
    expect(BOUND_NAMES.map((name) => weightOf(name, play))).toEqual(BOUND_NAMES.map(() => 0));
  });

  it('weigh records, messages and retries', () => {
    const play = new Play({ consumers: [] }).produce();
    expect(weightOf('log-length', play)).toBe(1);
    // The request waits at the leader for the followers: it is not in flight.
    const before = weightOf('messages', play);
    play.act('send-fetch', 1).act('send-fetch', 2);
    expect(weightOf('messages', play)).toBe(before + 2);
    expect(weightOf('retries', play)).toBe(0);
  });

  it('weigh epochs and changes of the ISR', () => {
    const play = new Play({});
    play.act('lag-elapses', 0, 2).act('shrink-isr', 0).act('handle-alter-partition', 0, 5, 0);
    expect(weightOf('partition-epochs', play)).toBe(1);
    expect(weightOf('isr-changes', play)).toBe(1);
    expect(weightOf('epochs', play)).toBe(0);
  });

  it('count over all channels together, and over logs one by one', () => {
    const { slots } = layoutOf(createMachine(configFor({ brokers: 2 })).initial);
    const bounds = shapeBounds({ messages: 3, 'log-length': 1 }, slots);
    const logs = bounds.filter(({ name }) => name === 'log-length');
    expect(logs.map((bound) => bound.slots.map((slot) => slots[slot]?.name))).toEqual([
      ['logs 0'],
      ['logs 1'],
    ]);
    const [messages, ...more] = bounds.filter(({ name }) => name === 'messages');
    expect(more).toEqual([]);
    expect(messages?.slots.every((slot) => slots[slot]?.name.startsWith('channels '))).toBe(true);
    expect(shapeBounds({}, slots)).toEqual([]);
  });
});
