import { describe, expect, it } from 'vitest';
import { A, B, C, Play, withHeartbeat, withMetadata, withProcess, type Wanted } from '../../testing.ts';
import type { Process } from '../state/broker.ts';
import type { Heartbeat } from '../state/controller.ts';
import type { Registration } from '../state/metadata.ts';
import type { State } from '../state/state.ts';
import { heartbeatMatters, heartbeatOutcome } from './heartbeat.ts';

interface Told {
  readonly process?: Partial<Process>;
  readonly registration?: Partial<Registration>;
  readonly heartbeat?: Partial<Heartbeat>;
  /** Broker B leads as well. */
  readonly leads?: boolean;
  /** Metadata offsets that A and C have told the controller. */
  readonly others?: readonly [number, number];
}

const NEWEST = 3;

function situation(wanted: Wanted, told: Told): { readonly play: Play; readonly state: State } {
  const play = new Play(wanted);
  let state = withMetadata(play.state, {
    partition: { leader: told.leads === true ? B : A },
    registrations: { [B]: told.registration ?? {} },
  });
  state = withProcess(state, B, told.process ?? {});
  state = withHeartbeat(state, B, told.heartbeat ?? {});
  const [a, c] = told.others ?? [-1, -1];
  return {
    play,
    state: withHeartbeat(withHeartbeat(state, A, { metadataOffset: a }), C, { metadataOffset: c }),
  };
}

const fenced = { fenced: true } as const;
const stops = { status: 'pending-controlled-shutdown' } as const;
const shuttingDown = { controlledShutdownOffset: NEWEST } as const;

describe('a heartbeat of B', () => {
  // prettier-ignore
  it.each<readonly [string, string, Told]>([
    ['unfenced, nothing wanted', 'touch', {}],
    ['with another broker epoch', 'stale', { process: { brokerEpoch: 0 } }],
    ['fenced, caught up with its registration', 'unfence', { registration: fenced }],
    ['fenced, not caught up with its registration', 'touch', { registration: { ...fenced, epoch: 7 }, process: { brokerEpoch: 7 } }],
    ['fenced, no metadata yet', 'touch', { registration: fenced, process: { metadataOffset: -1 } }],
    ['fenced, wants to stop', 'shutdown-now', { registration: fenced, process: stops }],
    ['unfenced, wants to stop, leads nothing', 'shutdown-now', { process: stops }],
    ['unfenced, wants to stop, leads', 'enter-controlled-shutdown', { process: stops, leads: true }],
    ['shutting down, still leads', 'touch', { process: stops, heartbeat: shuttingDown, leads: true, others: [NEWEST, NEWEST] }],
    ['shutting down, everybody knows', 'shutdown-now', { process: stops, heartbeat: shuttingDown, others: [NEWEST, NEWEST] }],
    ['shutting down, somebody does not know', 'touch', { process: stops, heartbeat: shuttingDown, others: [NEWEST, NEWEST - 1] }],
    ['shutting down, somebody has not told', 'touch', { process: stops, heartbeat: shuttingDown, others: [-1, NEWEST] }],
  ])('%s: %s', (_, outcome, told) => {
    const { play, state } = situation({}, told);
    expect(heartbeatOutcome(play.machine.model, state, B)).toBe(outcome);
  });

  it('does not wait for brokers that are fenced or shut down themselves', () => {
    const { play, state } = situation({}, { process: stops, heartbeat: shuttingDown, others: [NEWEST, -1] });
    const { model } = play.machine;
    const without = withMetadata(state, { registrations: { [C]: fenced } });
    expect(heartbeatOutcome(model, without, B)).toBe('shutdown-now');
    expect(heartbeatOutcome(model, withHeartbeat(state, C, shuttingDown), B)).toBe('shutdown-now');
  });
});

describe('a heartbeat is a step only where it changes something', () => {
  it.each<readonly [string, boolean, Told]>([
    ['nothing new', false, {}],
    ['it renews a session that was about to end', true, { heartbeat: { sessionValid: false } }],
    ['a stale one does nothing', false, { process: { brokerEpoch: 0 }, heartbeat: { sessionValid: false } }],
    ['it unfences', true, { registration: fenced }],
    ['fenced and not yet caught up', false, { registration: fenced, process: { metadataOffset: -1 } }],
  ])('%s: %s', (_, matters, told) => {
    const { play, state } = situation({}, told);
    expect(heartbeatMatters(play.machine.model, state, B)).toBe(matters);
  });

  it('metadata offsets count while somebody shuts down', () => {
    const { play, state } = situation({}, {});
    const { model } = play.machine;
    const waited = withHeartbeat(state, A, shuttingDown);
    expect(heartbeatMatters(model, waited, B)).toBe(true);
    expect(heartbeatMatters(model, withHeartbeat(waited, B, { metadataOffset: NEWEST }), B)).toBe(false);
    expect(heartbeatMatters(model, withMetadata(waited, { registrations: { [B]: fenced } }), B)).toBe(true);
  });
});

describe('a controlled shutdown', () => {
  it('moves the leadership, waits until everybody knows, then lets the broker go', () => {
    const play = new Play({}).act('begin-controlled-shutdown', A).act('heartbeat', A);
    expect(play.registration(A)).toMatchObject({ inControlledShutdown: true, fenced: false });
    expect(play.partition()).toMatchObject({ leader: B, isr: 0b110 });
    expect(play.refusal('heartbeat', A)).toBe('the heartbeat changes something');
    play.everybodyLearns().act('heartbeat', B).act('heartbeat', C).act('heartbeat', A);
    expect(play.registration(A)).toMatchObject({ fenced: true });
    play.act('stop-cleanly', A);
    expect(play.happened('broker-stopped')).toEqual([{ type: 'broker-stopped', broker: A, how: 'clean' }]);
  });

  it('of the last ISR member takes the partition offline at once, without ELR', () => {
    const play = new Play({ release: '4.0', minInsyncReplicas: 1 });
    play.fence(B).fence(C).act('begin-controlled-shutdown', A).act('heartbeat', A);
    expect(play.partition()).toMatchObject({ leader: -1, isr: 0b001 });
    expect(play.state.processes[A]?.status).toBe('pending-controlled-shutdown');
  });

  it('survives a controller failover, from 3.3 on', () => {
    const play = new Play({ release: '3.3' }).act('begin-controlled-shutdown', A).act('heartbeat', A);
    const records = play.state.metadata.images.length;
    play.act('lose-controller').act('elect-controller');
    expect(play.registration(A).inControlledShutdown).toBe(true);
    // Not leading any more, it is told to stop at once; it is not marked a second time.
    play.act('heartbeat', A);
    expect(play.state.processes[A]?.status).toBe('stopping');
    expect(play.state.metadata.images.length).toBe(records + 1);
  });

  it('of a broker that cannot ask ends without the controller', () => {
    const play = new Play({}).act('begin-controlled-shutdown', A).act('cut-both-ways', A, 5);
    expect(play.refusal('stop-cleanly', A)).toBeUndefined();
  });
});
