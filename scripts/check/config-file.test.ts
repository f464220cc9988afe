import { describe, expect, it } from 'vitest';
import { configIn, MOST_BYTES, readConfigFile } from './config-file.ts';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const read = (text: string) => configIn(text, 'server.properties');

describe('a Kafka configuration file', () => {
  it('is read as Java reads properties', () => {
    const text = [
      '\uFEFF# brokers',
      '! another comment',
      'min.insync.replicas = 2 ',
      'unclean.leader.election.enable: TRUE',
      'acks -1',
      'default.replication.\\',
      '    factor=3',
      'min.insync.replicas=1',
    ].join('\r\n');
    expect(read(text).values).toEqual({
      'min.insync.replicas': 1,
      'unclean.leader.election.enable': true,
      acks: 'all',
      'default.replication.factor': 3,
    });
  });

  it('names what says nothing about replication, apart from what the model has not', () => {
    const { values, ignored, unmodelled } = read(
      'log.dirs=/data\nbroker.rack=a\nbuffer.memory=33554432\n__proto__=1\nnum.partitions=6\n',
    );
    expect(values).toEqual({});
    expect(ignored).toEqual(['__proto__', 'log.dirs', 'num.partitions']);
    expect(unmodelled).toEqual(['broker.rack', 'buffer.memory']);
  });

  it('takes a broker’s name of a setting, unless the topic’s own is there', () => {
    expect(read('log.flush.interval.messages=10').values).toEqual({ 'flush.messages': 10 });
    expect(read('flush.messages=1\nlog.flush.interval.messages=10').values).toEqual({ 'flush.messages': 1 });
  });

  it.each([
    [
      'min.insync.replicas=two',
      /^server\.properties, line 1: min\.insync\.replicas must be a whole number, 1 to 5, got "two"$/,
    ],
    ['\n\nacks=2', /^server\.properties, line 3: acks must be one of 0, 1, all, got "2"$/],
    ['unclean.leader.election.enable=yes', /must be true or false, got "yes"$/],
    ['min.insync.replicas', /got ""$/],
    ['a=\\u12x', /^server\.properties: malformed/],
    ['\0\x01\x02', /no text file/],
  ])('is refused with one line for %j', (text, says) => {
    expect(() => read(text)).toThrow(says);
  });

  it('is refused where it is too large or not there', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'highwater-'));
    const file = path.join(folder, 'huge.properties');
    writeFileSync(file, '#'.repeat(MOST_BYTES + 1));
    expect(() => readConfigFile(file)).toThrow(/a configuration has at most 1048576$/);
    expect(() => readConfigFile(path.join(folder, 'none'))).toThrow(/none: there is no such file$/);
    rmSync(folder, { recursive: true });
  });
});
