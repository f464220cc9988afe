import { expect, it } from 'vitest';
import { A, Play, type Wanted } from '../../model/testing.ts';
import { watched } from '../testing.ts';

/** The preferred leader goes on without its log directory, and everybody knows. */
const offline = (wanted: Wanted = {}) => {
  const play = new Play({ logDirs: 2, ...wanted });
  const { says } = watched(play);
  play.act('fail-log-directory', A).act('heartbeat', A).everybodyLearns();
  return { play, says };
};

it('nobody is elected without log directory, unless the controller does not look at that', () => {
  const { play } = offline();
  expect(play.refusal('elect-preferred-leader')).toBe('the election changes something');

  const mutant = offline({
    release: '4.0',
    unclean: true,
    mutant: ['a leader is elected only where its log directory is online'],
  });
  mutant.play.fence(1).fence(2);
  expect(mutant.says('offline-leads-nothing')).toBe('broker 0 leads, though its log directory is offline');
});
