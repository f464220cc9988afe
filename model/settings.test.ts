import { describe, expect, it } from 'vitest';
import { mayReadFollowers, NO_RACK } from './protocol/config.ts';
import { RELEASES, type ReleaseName } from './protocol/rules/releases.ts';
import {
  configOf,
  defaultSettings,
  parseFaults,
  parseKafkaValue,
  presetSettings,
  withIdempotence,
} from './settings.ts';

describe('enable.idempotence', () => {
  const asked = { ...defaultSettings.kafka, 'enable.idempotence': true };

  it('is refused by a release that does not know it', () => {
    expect(configOf({ ...defaultSettings, release: '0.10.2', kafka: asked })).toEqual({
      error: 'enable.idempotence needs release 0.11.0 or newer (KIP-98)',
    });
    expect(configOf({ ...defaultSettings, release: '0.11.0', kafka: asked })).not.toHaveProperty('error');
  });

  it('gives way there where nobody asked for it', () => {
    const kafka = withIdempotence(presetSettings('kafka', '4.1'), () => false, RELEASES['0.10.2']);
    expect(kafka['enable.idempotence']).toBe(false);
  });
});

describe('--preset kafka', () => {
  it.each<readonly [ReleaseName, string, boolean, number, boolean]>([
    ['0.10.2', '1', false, 0, true],
    ['0.11.0', '1', false, 0, false],
    ['2.0.1', '1', false, 0, false],
    ['2.1', '1', false, 2147483647, false],
    ['2.8', '1', false, 2147483647, false],
    ['3.0-kraft', 'all', true, 2147483647, false],
    ['4.0+elr', 'all', true, 2147483647, false],
  ])('of %s: acks=%s, idempotence %s, %d retries, unclean election %s', (release, acks, ...rest) => {
    const kafka = presetSettings('kafka', release);
    const [idempotence, retries, unclean] = rest;
    expect(kafka).toMatchObject({
      acks,
      'enable.idempotence': idempotence,
      retries,
      'unclean.leader.election.enable': unclean,
    });
    const three = { ...kafka, 'default.replication.factor': 3 };
    expect(configOf({ ...defaultSettings, release, kafka: three })).not.toHaveProperty('error');
  });

  it('waits longer for ZooKeeper and for replicas since 2.5', () => {
    const times = (release: ReleaseName) => {
      const kafka = presetSettings('kafka', release);
      return [kafka['zookeeper.session.timeout.ms'], kafka['replica.lag.time.max.ms']];
    };
    expect(times('2.4')).toEqual([6_000, 10_000]);
    expect(times('2.7')).toEqual([18_000, 30_000]);
  });
});

describe('broker.rack', () => {
  const placed = (racks: string, brokers: number, replicas: number) => {
    const kafka = { ...defaultSettings.kafka, 'broker.rack': racks, 'default.replication.factor': replicas };
    const config = configOf({ ...defaultSettings, kafka, brokers });
    if ('error' in config) throw new Error(config.error);
    return { racks: config.racks, assignment: config.assignment };
  };

  it.each<readonly [string, string, number, number, readonly number[], readonly number[]]>([
    ['no names are one rack', '', 3, 3, [0, 0, 0], [0, 1, 2]],
    ['replicas go to different racks', 'a,a,b,b', 4, 2, [0, 0, 2, 2], [0, 2]],
    ['racks share replicas once each has one', 'a,a,b', 3, 3, [0, 0, 2], [0, 2, 1]],
    ['fewer names than brokers begin again', 'a,b', 5, 3, [0, 1, 0, 1, 0], [0, 1, 2]],
  ])('%s', (_, names, brokers, replicas, racks, assignment) => {
    expect(placed(names, brokers, replicas)).toEqual({ racks, assignment });
  });

  it.each(['a,', ',', 'a b', 'a,b,c,d,e,f', '<script>'])('refuses "%s"', (names) => {
    expect(parseKafkaValue('broker.rack', names)).toEqual({
      error: `broker.rack must be up to five short names with commas between them, got "${names}"`,
    });
  });
});

describe('log.dirs', () => {
  const configured = (faults: string) => {
    const kafka = { ...defaultSettings.kafka, 'log.dirs': '/var/a, /var/b' };
    const parsed = parseFaults(faults, 2, 1);
    if ('error' in parsed) throw new Error(parsed.error);
    return configOf({ ...defaultSettings, release: '3.9-zk', kafka, faults: parsed });
  };

  it('counts', () => {
    expect(configured('kill:1')).toMatchObject({ logDirs: 2 });
    expect(parseKafkaValue('log.dirs', ',')).toEqual({
      error: 'log.dirs must be up to 32 paths with commas between them, got ","',
    });
  });

  it('of which one may fail need KRaft', () => {
    expect(configured('disk-error:1')).toHaveProperty('error', expect.stringMatching(/controller=kraft/));
  });
});

describe('client.rack', () => {
  const selector = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
  const configured = (kafka: object, release: ReleaseName = '4.1') =>
    configOf({ ...defaultSettings, release, consumers: 2, kafka: { ...defaultSettings.kafka, ...kafka } });
  const racks = (client: string, brokers: string) => {
    const config = configured({ 'client.rack': client, 'broker.rack': brokers });
    if ('error' in config) throw new Error(config.error);
    return config.consumers.map(({ rack }) => rack);
  };

  it.each<readonly [string, string, string, readonly number[]]>([
    ['names no rack unless it is given', '', 'a,b,c', [NO_RACK, NO_RACK]],
    ['is the same for all consumers where one is given', 'b', 'a,b,c', [1, 1]],
    ['is one for each consumer', 'c,a', 'a,b,c', [2, 0]],
    ['may name a rack in which no broker stands', 'z,b', 'a,b,c', [NO_RACK, 1]],
    ['means nothing where brokers have none', 'a', '', [NO_RACK, NO_RACK]],
  ])('%s', (_, client, brokers, expected) => {
    expect(racks(client, brokers)).toEqual(expected);
  });

  it('takes a selector to count, and a release that has one', () => {
    const near = { 'client.rack': 'b', 'broker.rack': 'a,b,c' };
    const withSelector = { ...near, 'replica.selector.class': selector };
    const reads = (kafka: object) => {
      const config = configured(kafka);
      return 'error' in config ? config : mayReadFollowers(config);
    };
    expect([reads(near), reads(withSelector), reads({ 'replica.selector.class': selector })]).toEqual([
      false,
      true,
      false,
    ]);
    expect(configured(withSelector, '2.1')).toEqual({
      error: 'replica.selector.class needs release 2.4 or newer (KIP-392)',
    });
  });
});
