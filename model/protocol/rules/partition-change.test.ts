import { describe, expect, it } from 'vitest';
import { configFor, idsIn, namesOf, setIn, type Wanted } from '../../testing.ts';
import { compile } from '../config.ts';
import type { MetadataImage, PartitionRegistration } from '../state/metadata.ts';
import type { Rules } from './switches.ts';
import { brokerChangesPartition, changePartition, type ElectionType } from './partition-change.ts';

/** `A | AB | C | A`: leader, ISR, ELR, last known leader; `-` for none. Or `no change`. */
type Situation = string;

function registration(situation: Situation): PartitionRegistration {
  const [leader = '', isr = '', elr = '', last = ''] = situation.split(' | ');
  return {
    replicas: [0, 1, 2],
    isr: setIn(isr),
    elr: setIn(elr),
    lastKnownLeader: idsIn(last)[0] ?? -1,
    leader: idsIn(leader)[0] ?? -1,
    leaderEpoch: 5,
    partitionEpoch: 7,
    leaderRecoveryState: 'RECOVERED',
  };
}

const situation = ({ leader, isr, elr, lastKnownLeader }: PartitionRegistration): Situation =>
  [leader < 0 ? 0 : 1 << leader, isr, elr, lastKnownLeader < 0 ? 0 : 1 << lastKnownLeader]
    .map(namesOf)
    .join(' | ');

const elr = { 'eligible-leader-replicas': 'on' } as const;
const noElr = { 'eligible-leader-replicas': 'off' } as const;

interface Row {
  readonly says: string;
  readonly before: Situation;
  /** The ISR aimed at; the one before where it is missing. */
  readonly isr?: string;
  /** Who may lead: registered, unfenced, not shutting down. */
  readonly alive: string;
  readonly unclean?: string;
  readonly type?: ElectionType;
  readonly after: Situation;
  readonly wanted?: Wanted;
}

const rows = (title: string, wanted: Wanted, table: readonly Row[]): void => {
  describe(title, () => {
    it.each(table)('$says: $before -> $after', (row) => {
      const model = compile(configFor({ ...wanted, ...row.wanted }));
      const before = registration(row.before);
      const changed = changePartition(model, before, {
        targetIsr: row.isr === undefined ? before.isr : setIn(row.isr),
        uncleanShutdown: setIn(row.unclean ?? ''),
        acceptable: (broker) => idsIn(row.alive).includes(broker),
        type: row.type ?? 'ONLINE',
        confirmsRecovery: false,
      });
      expect(changed === undefined ? 'no change' : situation(changed.partition)).toBe(row.after);
    });
  });
};

// prettier-ignore
rows('an election without ELR', { rules: noElr }, [
  { says: 'the leader stays while it is valid', before: 'B | ABC | - | -', isr: 'AB', alive: 'AB', after: 'B | AB | - | -' },
  { says: 'the first of the assignment that is in the ISR follows it', before: 'A | ABC | - | -', isr: 'BC', alive: 'BC', after: 'B | BC | - | -' },
  { says: 'assignment order decides, whoever joined the ISR first', before: 'B | ABC | - | -', isr: 'AC', alive: 'AC', after: 'A | AC | - | -' },
  { says: 'a fenced ISR member is passed over', before: 'A | ABC | - | -', isr: 'BC', alive: 'C', after: 'C | BC | - | -' },
  { says: 'nobody outside the ISR is elected cleanly', before: 'A | A | - | -', isr: '', alive: 'BC', after: '- | A | - | -' },
  { says: 'the last member stays in the ISR', before: 'A | A | - | -', isr: '', alive: '', after: '- | A | - | -' },
  { says: 'a leaderless partition takes back its last member', before: '- | A | - | -', alive: 'AB', after: 'A | A | - | -' },
  { says: 'a leaderless partition waits for it', before: '- | A | - | -', alive: 'BC', after: 'no change' },
  { says: 'a change that changes nothing is none', before: 'A | ABC | - | -', alive: 'ABC', after: 'no change' },
]);

// prettier-ignore
rows('an unclean election', { rules: noElr }, [
  { says: 'takes anybody alive, alone in the ISR', before: 'A | A | - | -', isr: '', alive: 'BC', type: 'UNCLEAN', after: 'B | B | - | -' },
  { says: 'prefers whoever is in the ISR', before: '- | C | - | -', alive: 'BC', type: 'UNCLEAN', after: 'C | C | - | -' },
  { says: 'takes nobody where nobody is alive', before: 'A | A | - | -', isr: '', alive: '', type: 'UNCLEAN', after: '- | A | - | -' },
  { says: 'throws the ELR away', before: '- | - | BC | A', alive: 'A', type: 'UNCLEAN', after: 'A | A | - | -', wanted: { rules: elr } },
  // Only a re-registered member can be in the ISR and yet not be acceptable.
  { says: 'throws the ELR away also when it takes one of its members', before: '- | B | C | -', alive: 'C', type: 'UNCLEAN', after: 'C | C | - | -', wanted: { rules: elr, minInsyncReplicas: 3 } },
]);

// prettier-ignore
rows('a preferred election', {}, [
  { says: 'takes the head of the assignment', before: 'B | ABC | - | -', alive: 'ABC', type: 'PREFERRED', after: 'A | ABC | - | -' },
  { says: 'leaves the leader where the head is not in the ISR', before: 'B | BC | - | -', alive: 'ABC', type: 'PREFERRED', after: 'no change' },
  { says: 'leaves the leader where the head is fenced', before: 'B | ABC | - | -', alive: 'BC', type: 'PREFERRED', after: 'no change' },
  { says: 'elects as usual where the leader is not valid either', before: '- | BC | - | -', alive: 'BC', type: 'PREFERRED', after: 'B | BC | - | -' },
  { says: 'takes nobody uncleanly', before: '- | A | - | -', alive: 'BC', type: 'PREFERRED', after: 'no change', wanted: { unclean: true, rules: noElr } },
  { says: 'may take the head out of the ELR', before: '- | - | AB | -', alive: 'AB', type: 'PREFERRED', after: 'A | A | B | -' },
]);

// prettier-ignore
rows('ELR with min.insync.replicas=2', { rules: elr }, [
  { says: 'nobody enters it while the ISR is large enough', before: 'A | ABC | - | -', isr: 'AB', alive: 'AB', after: 'A | AB | - | -' },
  { says: 'who leaves an ISR that gets too small enters it', before: 'A | AB | - | -', isr: 'A', alive: 'A', after: 'A | A | B | -' },
  { says: 'who entered earlier stays', before: 'A | A | B | -', isr: '', alive: 'C', after: '- | - | AB | A' },
  { says: 'who joins the ISR leaves it, and a large enough ISR empties it', before: 'A | A | BC | -', isr: 'AB', alive: 'AB', after: 'A | AB | - | -' },
  { says: 'with a larger minimum the others stay', before: 'A | A | BC | -', isr: 'AB', alive: 'AB', after: 'A | AB | C | -', wanted: { minInsyncReplicas: 3 } },
  { says: 'the ISR may become empty', before: 'A | A | - | -', isr: '', alive: '', after: '- | - | A | A' },
  { says: 'it elects when the ISR is empty, and the winner is alone in the ISR', before: '- | - | AB | A', alive: 'B', after: 'B | B | A | -' },
  { says: 'assignment order decides in it too', before: '- | - | BC | A', alive: 'BC', after: 'B | B | C | -' },
  { says: 'it does not elect while somebody is in the ISR', before: '- | A | B | -', alive: 'B', after: 'no change' },
  { says: 'a live ISR member wins over any ELR member', before: 'A | AC | B | -', isr: 'C', alive: 'BC', after: 'C | C | AB | -', wanted: { minInsyncReplicas: 3 } },
  { says: 'an unclean stop costs the place in ISR and ELR', before: 'A | AB | - | -', isr: 'A', unclean: 'B', alive: 'A', after: 'A | A | - | -' },
  { says: 'an unclean stop costs the place in the ELR', before: '- | - | AB | A', unclean: 'B', alive: '', after: '- | - | A | A' },
]);

// prettier-ignore
rows('the last known leader (4.1)', { rules: elr }, [
  { says: 'is remembered when the ISR becomes empty', before: 'A | A | - | -', isr: '', unclean: 'A', alive: '', after: '- | - | - | A' },
  { says: 'is remembered once, from the first time', before: '- | - | AB | A', unclean: 'B', alive: '', after: '- | - | A | A' },
  { says: 'is taken back when ISR and ELR are empty and it lives', before: '- | - | - | A', alive: 'A', after: 'A | A | - | -' },
  { says: 'is not taken while it is dead', before: '- | - | - | A', alive: 'BC', after: 'no change' },
  { says: 'is not taken while the ELR has somebody', before: '- | - | B | A', alive: 'A', after: 'no change' },
  { says: 'is forgotten once somebody leads', before: '- | - | B | A', alive: 'B', after: 'B | B | - | -' },
  { says: 'is taken by the very change that empties the ELR', before: '- | - | B | A', unclean: 'B', alive: 'A', after: 'A | A | - | -' },
]);

describe('the last known leader in other rules', () => {
  const change = (rules: Partial<Rules>, type: ElectionType): Situation => {
    const model = compile(configFor({ rules: { ...elr, ...rules } }));
    const acceptable = (broker: number): boolean => broker !== 0;
    // prettier-ignore
    const changed = changePartition(model, registration('- | - | - | A'), { targetIsr: 0, uncleanShutdown: 0, acceptable, type, confirmsRecovery: false });
    return changed === undefined ? 'no change' : situation(changed.partition);
  };

  it('was taken dead up to 4.0, even before somebody alive would be taken uncleanly', () => {
    const dead = { 'last-known-leader-must-be-alive': 'no' } as const;
    expect(change(dead, 'ONLINE')).toBe('A | A | - | -');
    expect(change(dead, 'UNCLEAN')).toBe('A | A | - | -');
    expect(change({}, 'UNCLEAN')).toBe('B | B | - | -');
  });

  it('waits for unclean election to be allowed when repaired', () => {
    const rules = { ...elr, 'last-known-leader-election': 'if-unclean-allowed' } as const;
    const model = compile(configFor({ rules }));
    const ask = (type: ElectionType): string | undefined =>
      changePartition(model, registration('- | - | - | A'), {
        targetIsr: 0,
        uncleanShutdown: 0,
        acceptable: () => true,
        type,
        confirmsRecovery: false,
      })?.election;
    expect([ask('ONLINE'), ask('UNCLEAN')]).toEqual([undefined, 'last-known-leader']);
  });
});

describe('epochs', () => {
  const after = (
    rules: Partial<Rules>,
    before: Situation,
    isr: string,
    alive: string,
  ): readonly [number, number] | undefined => {
    const changed = changePartition(compile(configFor({ rules })), registration(before), {
      targetIsr: setIn(isr),
      uncleanShutdown: 0,
      acceptable: (broker) => idsIn(alive).includes(broker),
      type: 'ONLINE',
      confirmsRecovery: false,
    });
    return changed && [changed.partition.leaderEpoch - 5, changed.partition.partitionEpoch - 7];
  };
  const old = { ...noElr, 'isr-shrink-bumps-leader-epoch': 'yes' } as const;

  // prettier-ignore
  it.each<readonly [string, Partial<Rules>, Situation, string, string, readonly [number, number] | undefined]>([
    ['an election moves both', noElr, 'A | ABC | - | -', 'BC', 'BC', [1, 1]],
    ['losing the leader moves both', noElr, 'A | A | - | -', '', '', [1, 1]],
    ['an ISR that grows moves only the partition epoch', noElr, 'A | AB | - | -', 'ABC', 'ABC', [0, 1]],
    ['an ISR that shrinks moves only the partition epoch', noElr, 'A | ABC | - | -', 'AB', 'AB', [0, 1]],
    ['up to 3.5 an ISR that shrinks moves both', old, 'A | ABC | - | -', 'AB', 'AB', [1, 1]],
    ['up to 3.5 an ISR that grows moves only the partition epoch', old, 'A | AB | - | -', 'ABC', 'ABC', [0, 1]],
    ['up to 3.5 a retained last member that goes again moves both', old, '- | A | - | -', '', '', [1, 1]],
    ['from 3.6 it moves nothing', noElr, '- | A | - | -', '', '', undefined],
    ['what changes the ELR alone moves only the partition epoch', elr, 'A | AB | C | -', 'AB', 'AB', [0, 1]],
  ])('%s', (_, rules, before, isr, alive, moved) => {
    expect(after(rules, before, isr, alive)).toEqual(moved);
  });
});

describe('leader recovery (KIP-704)', () => {
  const recovery = (state: 'RECOVERED' | 'RECOVERING', confirmsRecovery: boolean, alive: string): unknown =>
    changePartition(
      compile(configFor({ rules: noElr })),
      { ...registration('A | A | - | -'), leaderRecoveryState: state },
      {
        targetIsr: setIn('AB'),
        uncleanShutdown: 0,
        acceptable: (broker) => idsIn(alive).includes(broker),
        type: 'UNCLEAN',
        confirmsRecovery,
      },
    )?.partition.leaderRecoveryState;

  it.each([
    ['an unclean leader starts as RECOVERING', 'RECOVERED', false, 'C', 'RECOVERING'],
    ['a clean one does not', 'RECOVERED', false, 'AB', 'RECOVERED'],
    ['its next ISR change confirms', 'RECOVERING', true, 'AB', 'RECOVERED'],
    ['another change does not', 'RECOVERING', false, 'AB', 'RECOVERING'],
    ['confirmation wins over an unclean election in the same record', 'RECOVERING', true, 'C', 'RECOVERED'],
  ] as const)('%s', (_, state, confirms, alive, expected) => {
    expect(recovery(state, confirms, alive)).toBe(expected);
  });
});

describe('the last member of the ISR', () => {
  it.each([
    ['always', false, '- | A | - | -'],
    ['always', true, '- | A | - | -'],
    ['unless-unclean', false, '- | A | - | -'],
    ['unless-unclean', true, '- | - | - | -'],
  ] as const)('stays %s (unclean election %s): %s', (value, unclean, expected) => {
    const model = compile(configFor({ unclean, rules: { ...noElr, 'last-isr-member-retained': value } }));
    const changed = changePartition(model, registration('A | A | - | -'), {
      targetIsr: 0,
      uncleanShutdown: 0,
      acceptable: () => false,
      type: 'ONLINE',
      confirmsRecovery: false,
    });
    expect(changed && situation(changed.partition)).toBe(expected);
  });
});

describe('a broker that comes or goes', () => {
  const image = (before: Situation, fenced: string): MetadataImage => ({
    // prettier-ignore
    registrations: [0, 1, 2].map((id) => ({ epoch: id, incarnation: 0, fenced: idsIn(fenced).includes(id), inControlledShutdown: false })),
    partitions: [registration(before)],
  });
  const nobody = { remove: -1, add: -1, unclean: -1 };

  // prettier-ignore
  it.each<readonly [string, Situation, string, Partial<typeof nobody>, Situation]>([
    ['fenced leader: the next of the ISR leads', 'A | ABC | - | -', '', { remove: 0 }, 'B | BC | - | -'],
    ['fenced follower: it leaves the ISR', 'A | ABC | - | -', '', { remove: 2 }, 'A | AB | - | -'],
    ['fenced, not in the ISR: nothing', 'A | AB | - | -', '', { remove: 2 }, 'no change'],
    ['fenced, in the ELR: it stays there', 'A | A | B | -', '', { remove: 1 }, 'no change'],
    ['unfenced, nobody leads: it leads', '- | - | AB | A', 'AC', { add: 0 }, 'A | A | B | -'],
    ['unfenced, nobody leads, another is eligible and alive', '- | - | AB | C', 'AC', { add: 2 }, 'B | B | A | -'],
    ['unfenced, somebody leads: nothing, it comes back by fetching', 'B | BC | - | -', 'A', { add: 0 }, 'no change'],
    ['back from an unclean stop, in the ISR', 'A | AB | - | -', '', { unclean: 1 }, 'A | A | - | -'],
    ['back from an unclean stop, in the ELR', 'A | A | B | -', '', { unclean: 1 }, 'A | A | - | -'],
    ['back from an unclean stop, in neither: nothing', 'A | AC | - | -', '', { unclean: 1 }, 'no change'],
    ['back from an unclean stop as leader: it is not elected again', 'A | AB | - | -', '', { unclean: 0 }, 'B | B | - | -'],
  ])('%s', (_, before, fenced, change, after) => {
    const model = compile(configFor({ rules: elr }));
    const changed = brokerChangesPartition(model, image(before, fenced), { ...nobody, ...change });
    expect(changed === undefined ? 'no change' : situation(changed.partition)).toBe(after);
  });

  it('without ELR an unclean stop is handled like any other', () => {
    const model = compile(configFor({ rules: noElr }));
    const changed = brokerChangesPartition(model, image('A | A | - | -', ''), { ...nobody, unclean: 0 });
    expect(changed && situation(changed.partition)).toBe('- | A | - | -');
  });
});
