import { describe, expect, it } from 'vitest';
import { CONTROLLER, consumerParty, defaultSettings, producerParty } from '../model/index.ts';
import { largest, strangerIn, withoutParty } from './params.ts';

const cut = (from: number, to: number) => ({ kind: 'cut-one-way', from, to });

describe('parameters', () => {
  it('name nobody who does not exist', () => {
    const settings = { ...defaultSettings, producers: 2, consumers: 2 };
    expect(strangerIn(cut(0, producerParty(1)), settings)).toBeUndefined();
    expect(strangerIn(cut(0, consumerParty(1)), settings)).toBeUndefined();
    expect(strangerIn(cut(0, CONTROLLER), settings)).toBeUndefined();
    expect(strangerIn(cut(0, producerParty(2)), settings)).toBe('to');
    expect(strangerIn(cut(0, producerParty(2)), { ...settings, producers: 3 })).toBeUndefined();
    expect(strangerIn({ kind: 'send-record', producer: 2 }, settings)).toBe('producer');
    expect([largest('producer'), largest('consumer')]).toEqual([2, 1]);
    expect(largest('to')).toBe(producerParty(2));
  });

  it('name those that follow by the number before, once one of their sort is gone', () => {
    const [first, second, third] = [producerParty(0), producerParty(1), producerParty(2)];
    expect(withoutParty(cut(0, third), first)).toEqual(cut(0, second));
    expect(withoutParty(cut(0, third), second)).toEqual(cut(0, second));
    expect(withoutParty(cut(0, third), third)).toBeUndefined();
    expect(withoutParty(cut(0, third), consumerParty(0))).toEqual(cut(0, third));
    expect(withoutParty(cut(0, consumerParty(1)), first)).toEqual(cut(0, consumerParty(1)));
    expect(withoutParty(cut(0, consumerParty(1)), consumerParty(0))).toEqual(cut(0, consumerParty(0)));
    expect(withoutParty({ kind: 'send-record', producer: 2 }, first)).toEqual({
      kind: 'send-record',
      producer: 1,
    });
    expect(withoutParty(cut(2, third), 1)).toEqual(cut(1, third));
  });
});
