import { describe, expect, it } from 'vitest';
import { ACTIONS, CONTROLLER, createMachine, producerParty, type Action } from '../../model/index.ts';
import { configFor, Play } from '../../model/testing.ts';
import { debtorsOf, OWED_BY } from './debtors.ts';

describe('what is owed', () => {
  it('is called as the machine calls it', () => {
    const kinds = ACTIONS.map(({ kind }) => kind);
    expect(Object.keys(OWED_BY).filter((kind) => !kinds.includes(kind))).toEqual([]);
  });

  it.each<[number, Action]>([
    [CONTROLLER, { kind: 'fence-broker', broker: 1 }],
    [1, { kind: 'heartbeat', broker: 1 }],
    [0, { kind: 'answer-delayed-fetch', from: 1, to: 0, nth: 0 }],
    [producerParty(0), { kind: 'retry-record', producer: 0 }],
  ])('is owed by who does it: party %i, %o', (party, action) => {
    const machine = createMachine(configFor({}));
    const { settles } = debtorsOf(machine);
    const debtors = [CONTROLLER, 0, 1, 2, producerParty(0)];
    expect(debtors[settles(machine.encode(action)!)]).toBe(party);
  });

  it('is not what begins something', () => {
    const { machine } = new Play({});
    const { settles } = debtorsOf(machine);
    expect(settles(machine.encode({ kind: 'send-fetch', broker: 1 })!)).toBe(-1);
  });
});
