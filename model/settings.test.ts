import { describe, expect, it } from 'vitest';
import { RELEASES } from './protocol/rules/releases.ts';
import { configOf, defaultSettings, parseKafkaValue, presetSettings, withIdempotence } from './settings.ts';

describe('enable.idempotence', () => {
  const asked = { ...defaultSettings.kafka, 'enable.idempotence': true };

  it('is refused by a release that does not know it', () => {
    expect(configOf({ ...defaultSettings, release: '0.10.2', kafka: asked })).toEqual({
      error: 'enable.idempotence needs release 0.11.0 or newer (KIP-98)',
    });
    expect(configOf({ ...defaultSettings, release: '0.11.0', kafka: asked })).not.toHaveProperty('error');
  });

  it('gives way there where nobody asked for it', () => {
    const kafka = withIdempotence(presetSettings('kafka'), () => false, RELEASES['0.10.2']);
    expect(kafka['enable.idempotence']).toBe(false);
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
