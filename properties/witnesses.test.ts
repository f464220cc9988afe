import { expect, it } from 'vitest';
import { configOf, defaultSettings, parseFaults, type Settings } from '../model/index.ts';
import { PROPERTIES, WalkCampaign, WITNESSES } from './index.ts';

/** One broker, two records, and answers that are lost. */
function settingsWith(kafka: Partial<Settings['kafka']>): Settings {
  const faults = parseFaults('lost:2', 1, 3);
  if ('error' in faults) throw new Error(faults.error);
  const alone = { 'default.replication.factor': 1, 'min.insync.replicas': 1 };
  return {
    ...defaultSettings,
    brokers: 1,
    kafka: { ...defaultSettings.kafka, ...alone, ...kafka },
    records: 2,
    faults,
  };
}

const PRODUCERS: readonly (readonly [string, Partial<Settings['kafka']>, readonly string[]])[] = [
  ['acks=0', { acks: '0' }, []],
  ['no retries', { retries: 0 }, []],
  ['acks=all', {}, ['retried']],
  ['idempotence', { 'enable.idempotence': true }, ['retried', 'idempotent-retry']],
];

it.each(PRODUCERS)('%s can send again what it may, and does', (_, kafka, retries) => {
  const settings = settingsWith(kafka);
  const config = configOf(settings);
  if ('error' in config) throw new Error(config.error);
  const ofRetries = (ids: readonly string[]) => ids.filter((id) => /retried|retry/.test(id));
  expect(ofRetries(WITNESSES.flatMap(({ id, possible }) => (possible(config) ? [id] : [])))).toEqual(retries);

  const campaign = new WalkCampaign({
    ...{ settings, properties: PROPERTIES, seed: 1, actions: 60, tolerated: new Set<string>() },
  });
  for (let run = 0; run < 60; run++) campaign.run(run);
  expect(ofRetries(campaign.tally().witnesses.met)).toEqual(retries);
});
