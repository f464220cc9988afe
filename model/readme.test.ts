/** The tables of the README are generated; UPDATE_DOCS=1 writes them anew. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { RELEASE_NAMES, RELEASES } from './protocol/rules/releases.ts';
import { SWITCH_NAMES, SWITCHES, type SwitchInfo } from './protocol/rules/switches.ts';

const here = import.meta.dirname;
const file = path.join(here, 'README.md');

/** Rules of the protocol notes, and the files under `protocol/` that have them. */
const RULES: readonly (readonly [string, string, readonly string[]])[] = [
  ['R1', 'Produce: admission', ['rules/produce.ts']],
  ['R2', 'Produce: acks=all needs min.insync.replicas', ['rules/produce.ts']],
  ['R3', 'Effective min.insync.replicas', ['config.ts']],
  ['R4', 'Produce: append', ['rules/produce.ts', 'state/log.ts']],
  [
    'R5',
    'Produce: completion of acks=all',
    ['rules/high-watermark.ts', 'rules/roles.ts', 'actions/leader.ts'],
  ],
  ['R6', 'Idempotence check on the leader', ['rules/producer-state.ts']],
  ['R7', 'Fetch request', ['actions/follower.ts']],
  ['R8', 'Fencing of fetches', ['rules/fetch.ts']],
  ['R9', 'Read', ['rules/fetch.ts']],
  ['R10', 'When a fetch is answered', ['actions/leader.ts', 'actions/faults.ts']],
  ['R11', 'What a fetch tells the leader', ['rules/fetch.ts']],
  ['R12', 'What a follower makes of an answer', ['rules/follow.ts']],
  ['R13', 'Order of fetches', ['look.ts', 'actions/faults.ts']],
  ['R14', 'High watermark', ['rules/high-watermark.ts']],
  ['R15', 'High watermark below min.insync.replicas', ['rules/high-watermark.ts']],
  ['R16', 'High watermark of followers', ['rules/follow.ts']],
  ['R17', 'High watermark at a change of role, at a restart', ['rules/roles.ts', 'actions/broker.ts']],
  ['R18', 'Out of sync', ['rules/isr.ts', 'actions/leader.ts']],
  ['R19', 'Caught up', ['rules/fetch.ts', 'rules/isr.ts', 'actions/leader.ts']],
  ['R20', 'ISR expansion', ['rules/isr.ts']],
  ['R21', 'Pending ISR change, maximal ISR', ['rules/isr.ts']],
  ['R22', 'AlterPartition at the controller', ['rules/alter-partition.ts']],
  ['R23', 'AlterPartition at the leader', ['rules/alter-partition.ts', 'actions/leader.ts']],
  ['R24', 'ISR update in ZooKeeper mode', ['zookeeper/isr-changes.ts', 'zookeeper/alter-isr.ts']],
  ['R25', 'ISR changes by the controller', ['rules/partition-change.ts', 'rules/controller.ts']],
  ['R26', 'When a follower starts to fetch anew', ['rules/roles.ts']],
  ['R27', 'Truncation to the high watermark', ['rules/truncate.ts']],
  ['R28', 'Where a follower truncates', ['rules/truncate.ts', 'rules/follow.ts', 'actions/follower.ts']],
  ['R29', 'Truncation on fetch', ['rules/follow.ts', 'rules/fetch.ts']],
  ['R30', 'Epoch cache, end of an epoch', ['state/log.ts']],
  ['R31', 'Out of range', ['rules/follow.ts']],
  ['R33', 'Election', ['rules/partition-change.ts']],
  ['R34', 'Which epoch moves', ['rules/partition-change.ts']],
  ['R35', 'Last known leader', ['rules/partition-change.ts']],
  ['R36', 'ELR', ['rules/partition-change.ts', 'rules/assignment.ts']],
  ['R37', 'Unclean election', ['actions/controller.ts', 'rules/partition-change.ts']],
  ['R38', 'Who may lead', ['rules/partition-change.ts']],
  ['R39', 'Preferred election', ['actions/controller.ts', 'rules/partition-change.ts']],
  ['R40', 'Registration', ['rules/controller.ts', 'actions/broker.ts']],
  ['R41', 'Unclean shutdown', ['rules/controller.ts']],
  [
    'R42',
    'Heartbeats, sessions, fencing',
    ['rules/heartbeat.ts', 'rules/controller.ts', 'actions/controller.ts'],
  ],
  ['R43', 'Start and unfencing', ['actions/broker.ts', 'rules/controller.ts']],
  ['R44', 'Controlled shutdown', ['rules/controller.ts', 'rules/heartbeat.ts', 'actions/broker.ts']],
  ['R46', 'Reassignment', ['rules/reassignment.ts', 'rules/partition-change.ts', 'actions/controller.ts']],
  ['R47', 'Controller failover', ['actions/controller.ts']],
  ['R48', 'Metadata reaches brokers', ['actions/broker.ts']],
  ['R49', 'Becoming leader', ['rules/roles.ts']],
  ['R50', 'Becoming follower', ['rules/roles.ts']],
  ['R51', 'Controller election in ZooKeeper', ['zookeeper/controller.ts', 'zookeeper/actions/controller.ts']],
  [
    'R52',
    'Broker failure and start',
    ['zookeeper/controller.ts', 'zookeeper/live.ts', 'zookeeper/sessions.ts'],
  ],
  ['R53', 'Election strategies', ['zookeeper/elections.ts']],
  ['R54', 'Requests of a controller', ['zookeeper/requests.ts', 'zookeeper/apply.ts']],
  [
    'R55',
    'Controlled shutdown in ZooKeeper mode',
    ['zookeeper/controller.ts', 'zookeeper/actions/broker.ts'],
  ],
  ['R57', 'Failover in ZooKeeper mode', ['zookeeper/controller.ts']],
  ['R58', 'What consumers see', ['rules/consume.ts', 'actions/consumer.ts']],
  ['R59', 'Position and truncation', ['rules/consume.ts']],
  ['R60', 'Consumer out of range', ['rules/consume.ts', 'rules/read-replica.ts']],
  ['R61', 'Reading from followers', ['rules/read-replica.ts', 'actions/consumer.ts']],
  ['R63', 'Send and retry', ['actions/producer.ts']],
  ['R64', 'Idempotent client', ['rules/idempotence.ts', 'actions/producer.ts']],
  ['R65', 'Timeouts of a producer', ['actions/producer.ts', 'actions/leader.ts']],
  ['R76', 'Flush', ['rules/follow.ts', 'actions/faults.ts']],
  ['R77', 'Epoch checkpoint before data', ['state/log.ts', 'actions/faults.ts']],
];

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const numbered = (a: SwitchInfo, b: SwitchInfo): number => Number(a.ref.slice(1)) - Number(b.ref.slice(1));
const byNumber = SWITCH_NAMES.toSorted((a, b) => numbered(SWITCHES[a], SWITCHES[b]));

const TABLES: Readonly<Record<string, string>> = {
  rules: table(
    ['', 'rule', 'files in `protocol/`'],
    RULES.map(([ref, about, files]) => [ref, about, files.map((name) => `\`${name}\``).join(', ')]),
  ),
  switches: table(
    ['', 'rule', 'question', 'values', 'source'],
    byNumber.map((name) => {
      const { ref, asks, values, source, unverified }: SwitchInfo = SWITCHES[name];
      return [ref, `\`${name}\``, asks, values.join(', '), unverified === undefined ? source : `${source} †`];
    }),
  ),
  releases: table(
    ['rule', ...RELEASE_NAMES],
    byNumber.map((name) => [
      `\`${name}\``,
      ...RELEASE_NAMES.map((release, i) => {
        const before = RELEASE_NAMES[i - 1];
        const value = RELEASES[release][name];
        return before !== undefined && RELEASES[before][name] === value ? '·' : value;
      }),
    ]),
  ),
};

/** The text with its tables as they should be. */
const upToDate = (text: string): string =>
  Object.entries(TABLES).reduce((before, [name, wanted]) => {
    const place = new RegExp(`<!-- table of ${name} -->[^]*?<!-- end of ${name} -->`);
    expect(before, `the README has a place for the table of ${name}`).toMatch(place);
    return before.replace(place, () => `<!-- table of ${name} -->\n\n${wanted}\n\n<!-- end of ${name} -->`);
  }, text);

describe('the README of the model', () => {
  it('has tables that agree with the switches and releases (UPDATE_DOCS=1 writes them)', () => {
    const text = readFileSync(file, 'utf8');
    const wanted = upToDate(text);
    if (process.env.UPDATE_DOCS === '1') writeFileSync(file, wanted);
    else expect(text).toBe(wanted);
  });

  it('names only files that exist', () => {
    const text = readFileSync(file, 'utf8');
    for (const [, , files] of RULES) {
      for (const name of files) expect(existsSync(path.join(here, 'protocol', name)), name).toBe(true);
    }
    for (const [, name = ''] of text.matchAll(/`([a-z/-]+(?:\.ts|\/))`/g)) {
      const found = ['', 'protocol'].some((folder) => existsSync(path.join(here, folder, name)));
      expect(found, name).toBe(true);
    }
  });

  it('says what is left out', () => {
    const [, section = ''] = /## What is left out\n([^]*?)\n## /.exec(readFileSync(file, 'utf8')) ?? [];
    expect(section.match(/^- \*\*/gm)?.length).toBeGreaterThan(10);
  });

  it('knows every rule switch, each with a number and values of its own', () => {
    const switches: readonly SwitchInfo[] = SWITCH_NAMES.map((name) => SWITCHES[name]);
    expect(new Set(switches.map(({ ref }) => ref)).size).toBe(switches.length);
    for (const { ref, values } of switches) {
      expect(ref).toMatch(/^[SRX]\d+$/);
      expect(new Set(values).size).toBe(values.length);
    }
  });

  it('gives every release a value of each switch that the switch has', () => {
    for (const release of RELEASE_NAMES) {
      for (const name of SWITCH_NAMES) expect(SWITCHES[name].values).toContain(RELEASES[release][name]);
    }
  });
});
