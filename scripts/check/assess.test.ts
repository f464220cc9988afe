import { beforeAll, describe, expect, it } from 'vitest';
import { defaultSettings, type Settings } from '../../model/index.ts';
import { PLAIN } from '../../traces/index.ts';
import { assess, type Assessment } from './assess.ts';
import { changesOf } from './changes.ts';
import { notesOn } from './notes.ts';
import { QUESTIONS } from './questions.ts';
import { checkHtml, checkJson, checkText, judge, type CheckOutcome } from './report.ts';
import { PROPERTIES } from '../../properties/index.ts';

/** acks=1: a kill of the leader loses what it answered for. */
const settings: Settings = {
  ...defaultSettings,
  release: '4.1-repaired',
  kafka: { ...defaultSettings.kafka, acks: '1' },
};

let assessment: Assessment;
let outcome: CheckOutcome;
beforeAll(async () => {
  assessment = await assess({
    settings,
    faults: ['F0'],
    seed: 1,
    runs: 24,
    threads: 2,
    stop: { requested: false },
    onProgress: () => undefined,
  });
  outcome = {
    ...assessment,
    ...judge(assessment),
    settings,
    faults: ['F0'],
    seed: 1,
    runsEach: 24,
    ignored: ['<script>'],
    unmodelled: [],
    notes: ['one thing'],
    saved: [{ question: 'acknowledged', file: 'x.json', page: 'x-runs/a.html' }],
    seconds: 1,
  };
}, 60_000);

const answered = (id: string) => assessment.answers.find(({ question }) => question.id === id);

describe('what a configuration stands', () => {
  it('is no where a run breaks it, with the mildest faults and the shortest run', () => {
    expect(answered('acknowledged')).toMatchObject({
      under: { F0: 'no' },
      broken: { faults: 'F0', by: { property: 'acked-durable' } },
    });
    expect(answered('acknowledged')?.broken?.by.steps).toBeLessThan(12);
    expect(answered('read-committed')?.under).toEqual({ F0: 'yes' });
    expect(outcome.verdict).toBe('violated');
  });

  it('is repaired by the one setting that makes the difference, which was run', () => {
    expect(answered('acknowledged')?.repairs).toEqual([{ says: 'acks=all', runs: 24 }]);
    expect(answered('acknowledged')?.inVain).toContain('min.insync.replicas=3');
  });

  it('is told in plain words, as data and as a page that escapes what it shows', () => {
    const text = checkText(outcome, PLAIN);
    expect(text).toContain('mind: one thing');
    expect(text).toMatch(/An acknowledged message is not lost while any .*: no \(F0\)/);
    const repairedBy = (brokenIn: number): string => {
      const answers = outcome.answers.map((answer) =>
        answer.broken === undefined ? answer : { ...answer, broken: { ...answer.broken, brokenIn } },
      );
      const lines = checkText({ ...outcome, answers }, PLAIN).split('\n');
      return lines.find((line) => line.includes('repaired by'))?.trim() ?? '';
    };
    expect(repairedBy(7)).toBe(
      'repaired by acks=all (no break in 24 runs); without it 7 of 24 runs break it',
    );
    expect(repairedBy(1)).toBe(
      'perhaps repaired by acks=all (no break in 24 runs); that is little to go by, as without it only 1 of 24 runs break it',
    );
    expect(checkJson(outcome)).toMatchObject({ verdict: 'violated', runsOfEachTrial: 24 });
    const page = checkHtml(outcome);
    expect(page).toContain('<a href="x-runs/a.html">');
    expect(page).not.toContain('<script');
  });
});

it('says incomplete where a signal ended it, and where runs reached too little', async () => {
  const nothing = {
    settings,
    faults: ['F0'],
    seed: 1,
    runs: 2,
    threads: 1,
    onProgress: () => undefined,
  } as const;
  const stopped = await assess({ ...nothing, stop: { requested: true } });
  expect(judge(stopped)).toEqual({ verdict: 'incomplete', because: 'stopped by a signal' });
  const answers = QUESTIONS.map((question) => ({
    question,
    under: { F0: 'unreached' as const },
    broken: undefined,
    unconfirmed: undefined,
    repairs: [],
    inVain: [],
  }));
  expect(judge({ ...stopped, complete: true, answers }).because).toMatch(
    /^too few runs to say anything of "/,
  );
});

it('asks of every guarantee and promise', () => {
  const asked = QUESTIONS.flatMap(({ properties }) => properties);
  const all = PROPERTIES.filter(({ kind }) => kind !== 'lemma').map(({ id }) => id);
  expect(all.filter((id) => !asked.includes(id))).toEqual([]);
});

describe('notes', () => {
  const notes = (kafka: Partial<Settings['kafka']>, release: Settings['release'] = '4.1', mentioned = ['']) =>
    notesOn({ ...settings, release, kafka: { ...settings.kafka, ...kafka } }, mentioned);

  it('say what settings mean that are not safe or do not fit', () => {
    expect(notes({})).toEqual([]);
    expect(notes({ 'default.replication.factor': 1 })[0]).toContain('nothing is replicated');
    expect(notes({ 'min.insync.replicas': 4 })[0]).toContain('it counts as 3');
    expect(notes({ 'min.insync.replicas': 4 }, '3.6')[0]).toContain('nothing is ever accepted');
    expect(notes({ 'min.insync.replicas': 3, acks: 'all' })[0]).toContain('while one is away');
  });

  it('say where a file is of another kind of cluster than the release', () => {
    expect(notes({}, '4.1', ['zookeeper.connect'])[0]).toContain('with KRaft');
    expect(notes({}, '2.8', ['zookeeper.connect'])).toEqual([]);
    expect(notes({}, '3.9-zk', ['process.roles'])[0]).toContain('with ZooKeeper');
  });
});

it('tries changes of one setting only, and none that makes no configuration', () => {
  const said = changesOf({ ...settings, release: '3.9' }).map(({ says }) => says);
  expect(said).toEqual(['acks=all', 'min.insync.replicas=3', 'flush.messages=1', 'release 4.1']);
});
