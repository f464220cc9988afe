import { describe, expect, it } from 'vitest';
import { A, B, C, Play } from '../model/testing.ts';
import { defaultSettings, parseFaults, type Settings } from '../model/index.ts';
import { PROPERTIES, WalkCampaign } from '../properties/index.ts';

/** The settings that close a trap, under the faults that spring it: nothing breaks in as many walks. */
const SAFE: readonly {
  readonly name: string;
  readonly closes: string;
  readonly faults: string;
  readonly kafka?: Partial<Settings['kafka']>;
}[] = [
  {
    name: 'replicas in different racks lose no record to the loss of a rack',
    closes: 'lost-rack',
    faults: 'rack:1',
    kafka: { 'broker.rack': 'a,b,c' },
  },
  {
    name: 'with flush.messages=1 no power loss takes a record',
    closes: 'power-loss-of-every-replica',
    faults: 'rack:3',
    kafka: { 'broker.rack': 'a,b,c', 'flush.messages': 1 },
  },
  {
    name: 'kills and clean elections take nothing that one in-sync replica acknowledged',
    closes: 'single-in-sync-replica',
    faults: 'shrink:3,kill:3',
    kafka: { 'default.replication.factor': 2, 'min.insync.replicas': 1 },
  },
  {
    name: 'kills of every replica take nothing from the page cache',
    closes: 'power-loss-of-every-replica',
    faults: 'kill:6',
  },
  {
    name: 'what consumers read from followers was committed and stays',
    closes: 'reset-by-a-follower',
    faults: 'F1e',
    kafka: {
      'broker.rack': 'a,b,c',
      'client.rack': 'c',
      'replica.selector.class': 'org.apache.kafka.common.replica.RackAwareReplicaSelector',
    },
  },
];

describe.each(SAFE)('$name', ({ faults, kafka }) => {
  it('breaks nothing, and elects leaders on the way', () => {
    const budgets = parseFaults(faults, 2, 3);
    if ('error' in budgets) throw new Error(budgets.error);
    const settings: Settings = {
      ...defaultSettings,
      release: '4.1-repaired',
      kafka: { ...defaultSettings.kafka, ...kafka },
      records: 2,
      faults: budgets,
    };
    const campaign = new WalkCampaign({
      settings,
      properties: PROPERTIES,
      seed: 1,
      actions: 200,
      tolerated: new Set(),
    });
    for (let run = 0; run < 100; run++) expect(campaign.run(run)).toBeUndefined();
    expect(campaign.tally().witnesses.met).toEqual(
      expect.arrayContaining(['commit', 'delivered', 'leader-change']),
    );
  });
});

describe('min.insync.replicas=2 while one replica is away', () => {
  const answered = (assignment: readonly number[]) => {
    const play = new Play({
      release: '4.1',
      brokers: 3,
      assignment,
      minInsyncReplicas: 2,
      producers: [{ acks: -1 }],
      faults: { kill: 1 },
    });
    play.act('kill', B).fence(B).learn(A).produce();
    if (assignment.includes(C)) play.learn(C).catchUp(C).catchUp(C);
    return play.inFlight('ProduceResponse').map(({ error }) => error);
  };

  it('stops acks=all where there are two replicas, and not where there are three', () => {
    expect(answered([A, B])).toEqual(['NOT_ENOUGH_REPLICAS']);
    expect(answered([A, B, C])).toEqual(['NONE']);
  });
});
