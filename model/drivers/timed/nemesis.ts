/** Applies a fault schedule, undoes each fault in time, and heals everything at the end. */
import { has, setOf } from '../../protocol/base/broker-set.ts';
import { CONTROLLER, consumerParty, PARTIES, producerParty } from '../../protocol/base/party.ts';
import { at } from '../../protocol/draft.ts';
import { currentPartition, processOf } from '../../protocol/look.ts';
import { isUp } from '../../protocol/state/broker.ts';
import { logEnd, logStart } from '../../protocol/state/log.ts';
import type { ActionCode } from '../../protocol/machine.ts';
import type { Message } from '../../protocol/state/message.ts';
import { NO_LEADER } from '../../protocol/state/replica.ts';
import { add } from './conditions.ts';
import { preferredElections } from './chores.ts';
import type { Lag } from './lag.ts';
import type { Scene } from './scene.ts';
import { scheduleEnd, type Schedule, type ScheduledFault, type Target, type TimedFault } from './schedule.ts';
import { cutsOf, type Cut } from './shapes.ts';

/** What became of a scheduled fault. */
export interface FaultOutcome {
  /** Its place in the schedule. */
  readonly index: number;
  /** Undefined where it happened; else why not: the guard of the machine, or a limit of the fault class. */
  readonly skipped: string | undefined;
}

type FaultOf<K extends TimedFault['kind']> = Extract<TimedFault, { readonly kind: K }>;

/** What undoes a fault, or why it did not happen. */
type Applied = (() => void) | string;

const nothing = (): void => undefined;

interface Trap {
  readonly kind: Message['kind'];
  /** 0: the message is lost; else it is abandoned and comes so much later (ms). */
  readonly late: number;
  /** What is done with the message in place of that. */
  readonly deed: string | undefined;
  sprung: boolean;
}

/** What the faults that concern the controller are called, by kind. */
const KRAFT_DEEDS = { fence: 'session-expires', ctrl: 'lose-controller' };
const ZOOKEEPER_DEEDS: typeof KRAFT_DEEDS = {
  fence: 'zookeeper-session-expires',
  ctrl: 'delete-controller-znode',
};

/** What a partition has of its own that faults concern. */
export interface Stage {
  readonly scene: Scene;
  readonly lag: Lag;
}

export class Nemesis {
  private readonly scene: Scene;
  /** By partition. */
  private readonly stages: readonly Stage[];
  /** Looks again at what a fault may have kept from happening. */
  private readonly relieved: () => void;
  private readonly schedule: Schedule;
  private readonly undos = new Map<ScheduledFault, () => void>();
  private traps: Trap[] = [];
  /** By broker: pauses under way. By (from, to): cuts under way. */
  private readonly pauses: Int32Array;
  private readonly cuts = new Int32Array(PARTIES * PARTIES);
  private readonly deeds: typeof KRAFT_DEEDS;
  /** By partition. */
  private readonly lastLeaders: number[];
  readonly outcomes: FaultOutcome[] = [];
  /** When everything is healed (ms). */
  readonly healsAt: number;
  healed = false;

  constructor(scene: Scene, stages: readonly Stage[], schedule: Schedule, relieved: () => void) {
    this.scene = scene;
    this.stages = stages;
    this.lastLeaders = stages.map(() => 0);
    this.relieved = relieved;
    this.schedule = schedule;
    this.pauses = new Int32Array(scene.model.config.brokers);
    this.deeds = scene.model.zookeeper ? ZOOKEEPER_DEEDS : KRAFT_DEEDS;
    this.healsAt = scheduleEnd(schedule);
    for (const [index, scheduled] of schedule.entries()) {
      scene.clock.push(scheduled.at, () => {
        this.begin(index, scheduled);
      });
    }
    scene.clock.push(this.healsAt, () => {
      this.healAll();
    });
  }

  private begin(index: number, scheduled: ScheduledFault): void {
    this.noteLeaders();
    this.stampAll();
    const applied = this.apply(scheduled.fault, scheduled.for);
    this.relieved();
    if (typeof applied === 'string') {
      this.outcomes.push({ index, skipped: applied });
      return;
    }
    this.outcomes.push({ index, skipped: undefined });
    this.undos.set(scheduled, applied);
    this.scene.clock.push(this.scene.now + scheduled.for, () => {
      this.undo(scheduled);
    });
  }

  private undo(scheduled: ScheduledFault): void {
    const undo = this.undos.get(scheduled);
    if (undo === undefined) return;
    this.undos.delete(scheduled);
    this.stampAll();
    undo();
    this.relieved();
  }

  /** The end of the faults: no link is cut, no broker paused or kept down, nothing slow, a controller is elected. */
  private healAll(): void {
    // Faults that begin in this very millisecond come first: they were created before.
    for (const scheduled of this.schedule) this.undo(scheduled);
    this.traps = [];
    this.scene.conditions.downUntil.fill(0);
    this.scene.conditions.electionAt = 0;
    this.healed = true;
    this.relieved();
  }

  private apply(fault: TimedFault, lasts: number): Applied {
    const { conditions, latency, repertoire } = this.scene;
    switch (fault.kind) {
      case 'kill':
        return this.stop('kill', this.resolve(fault.broker), lasts);
      case 'wipe':
        return this.stop('wipe-disk', this.resolve(fault.broker), lasts);
      case 'clean-stop':
        return this.stop('begin-controlled-shutdown', this.resolve(fault.broker), lasts);
      case 'power-loss':
        return this.losePower(this.resolve(fault.broker), fault.lost, lasts);
      case 'stale-file':
        return this.stopBeforeSync(fault, lasts);
      case 'rack':
        return this.loseRack(this.resolve(fault.broker), fault.lost, lasts);
      case 'pause':
        return this.pause(this.resolve(fault.broker));
      case 'disk-stall':
        return this.stallDisk(this.resolve(fault.broker));
      case 'disk-error':
        return this.failDisk(this.resolve(fault.broker), lasts);
      case 'retention':
        return this.deleteFirst('delete-old-segments', fault.broker, fault);
      case 'delete-records':
        return this.deleteFirst('delete-records', 'leader', fault);
      case 'cut':
        return 'shape' in fault
          ? this.cutAll(cutsOf(fault.shape, this.cast()))
          : this.cutAll([{ from: fault.from, to: fault.to, both: fault.both }]);
      case 'slow':
        if ('broker' in fault) {
          return this.count(conditions.fetchDelay, this.resolve(fault.broker), fault.extra);
        }
        if ('network' in fault) return latency.degrade(fault.network);
        latency.slow(fault.from, fault.to, fault.extra);
        return () => {
          latency.slow(fault.from, fault.to, -fault.extra);
        };
      case 'shrink':
        return this.count(conditions.fetcherStopped, this.resolve(fault.broker), 1);
      case 'lag':
        return this.count(conditions.metadataStalled, this.resolve(fault.broker), 1);
      case 'ctrl':
        return this.loseController(lasts);
      case 'fence':
        return this.scene.attempt(repertoire.code(this.deeds.fence, this.resolve(fault.broker))) ?? nothing;
      case 'move':
        return this.move();
      case 'reassign':
        return this.reassign(fault);
      case 'add-partition':
        return this.scene.attempt(repertoire.code('add-partition')) ?? nothing;
      case 'client-kill': {
        const restart = fault.client === 'producer' ? 'restart-producer' : 'restart-consumer';
        return this.scene.attempt(repertoire.code(restart, fault.id)) ?? nothing;
      }
      case 'bad-record':
        return this.failToSend(fault.producer);
      case 'refused':
        return this.arm('Produce', 0, fault.fatal ? 'refuse-version' : 'refuse-write');
      case 'lost':
        return this.arm(fault.message, 'late' in fault ? fault.late : 0);
    }
  }

  // Processes

  private stop(kind: string, broker: number, lasts: number): Applied {
    const refused = this.scene.attempt(this.scene.repertoire.code(kind, broker));
    if (refused !== undefined) return refused;
    return this.keepDown(broker, lasts);
  }

  /** A broker that is down is started by the agenda once nothing keeps it down. */
  private keepDown(broker: number, lasts: number): () => void {
    const { downUntil } = this.scene.conditions;
    downUntil[broker] = Math.max(downUntil[broker] ?? 0, this.scene.now + lasts);
    return nothing;
  }

  /** Where everything is flushed, power takes the process only. */
  private losePower(broker: number, lost: number, lasts: number): Applied {
    const unflushed = this.mostUnflushed(broker);
    const { repertoire } = this.scene;
    const code =
      unflushed > 0 && lost > 0
        ? repertoire.code('power-loss', broker, Math.min(lost, unflushed))
        : repertoire.code('kill', broker);
    const refused = this.scene.attempt(code);
    if (refused !== undefined) return refused;
    this.silence(broker);
    return this.keepDown(broker, lasts);
  }

  /** Of all partitions. */
  private mostUnflushed(broker: number): number {
    const unflushed = this.stages.map(({ scene }) => {
      const log = at(scene.state.logs, broker);
      return logEnd(log) - log.recoveryPoint;
    });
    return Math.max(...unflushed);
  }

  /** A machine without power does not even reset its connections. */
  private silence(broker: number): void {
    this.scene.conditions.silentSince[broker] = this.scene.now;
  }

  private stopBeforeSync(fault: FaultOf<'stale-file'>, lasts: number): Applied {
    const { partition = 0, records } = fault;
    const broker = this.resolve(fault.broker, partition);
    const { scene } = at(this.stages, partition);
    const { unsyncedTail, staleEpochs } = at(scene.state.logs, broker);
    const back = Math.min(records, unsyncedTail?.entries.length ?? 0);
    const code = scene.repertoire.code('stop-before-sync', broker, back, staleEpochs === undefined ? 0 : 1);
    const refused = this.scene.attempt(code);
    if (refused !== undefined) return refused;
    if (back > 0) this.silence(broker);
    return this.keepDown(broker, lasts);
  }

  private loseRack(broker: number, lost: number, lasts: number): Applied {
    const { racks } = this.scene.model.config;
    const rack = at(racks, broker);
    const brokers = racks.flatMap((other, id) => (other === rack ? [id] : []));
    const unflushed = brokers.map((id) => this.mostUnflushed(id));
    const code = this.scene.repertoire.code(
      'rack-power-loss',
      rack,
      Math.min(lost, Math.max(...unflushed)),
      0,
    );
    const refused = this.scene.attempt(code);
    if (refused !== undefined) return refused;
    for (const id of brokers) {
      this.silence(id);
      this.keepDown(id, lasts);
    }
    return nothing;
  }

  private pause(broker: number): Applied {
    const { repertoire, state } = this.scene;
    if (!processOf(state, broker).paused) {
      const refused = this.scene.attempt(repertoire.code('pause', broker));
      if (refused !== undefined) return refused;
      // Pauses of an earlier life ended with it.
      this.pauses[broker] = 0;
    }
    add(this.pauses, broker, 1);
    const { incarnation } = processOf(state, broker);
    return () => {
      const process = processOf(this.scene.state, broker);
      if (process.incarnation !== incarnation || !isUp(process)) return;
      add(this.pauses, broker, -1);
      if (this.pauses[broker] === 0) this.scene.attempt(repertoire.code('resume', broker));
    };
  }

  private reassign({ replicas, cancelled, partition = 0 }: FaultOf<'reassign'>): Applied {
    const { repertoire } = at(this.stages, partition).scene;
    const refused = this.scene.attempt(
      repertoire.code('reassign-partition', at(replicas, 0), setOf(replicas)),
    );
    if (refused !== undefined) return refused;
    return () => {
      if (cancelled) this.scene.attempt(repertoire.code('cancel-reassignment'));
    };
  }

  private stallDisk(broker: number): Applied {
    const { repertoire } = this.scene;
    const refused = this.scene.attempt(repertoire.code('stall-disk', broker));
    return (
      refused ??
      (() => {
        this.scene.attempt(repertoire.code('unstall-disk', broker));
      })
    );
  }

  private failDisk(broker: number, lasts: number): Applied {
    const { repertoire, model } = this.scene;
    const refused = this.scene.attempt(repertoire.code('fail-log-directory', broker));
    if (refused !== undefined) return refused;
    if (model.config.logDirs === 1) return this.keepDown(broker, lasts);
    return () => {
      this.scene.attempt(repertoire.code('repair-log-directory', broker));
    };
  }

  /** As many records as asked for, or all that may go; where there is none, or no process, the machine refuses. */
  private deleteFirst(
    kind: string,
    target: Target,
    { records, partition = 0 }: FaultOf<'retention' | 'delete-records'>,
  ): Applied {
    const broker = this.resolve(target, partition);
    const { repertoire, state } = at(this.stages, partition).scene;
    const there = at(state.replicas, broker).highWatermark - logStart(at(state.logs, broker));
    return (
      this.scene.attempt(repertoire.code(kind, broker, Math.max(1, Math.min(records, there)))) ?? nothing
    );
  }

  private loseController(lasts: number): Applied {
    const refused = this.scene.attempt(this.scene.repertoire.code(this.deeds.ctrl));
    if (refused !== undefined) return refused;
    this.scene.conditions.electionAt = this.scene.now + lasts;
    return nothing;
  }

  private move(): Applied {
    const { model } = this.scene;
    const codes = preferredElections(
      model,
      this.stages.map(({ scene }) => scene.repertoire),
    );
    // In ZooKeeper mode whoever takes itself for the controller.
    return this.firstOf(codes, 'nobody is the controller', !model.zookeeper);
  }

  /** To whichever partition the next record goes. */
  private failToSend(producer: number): Applied {
    const codes = this.stages.map(({ scene }) => scene.repertoire.code('fail-to-send', producer));
    return this.firstOf(codes, 'there is no producer', false);
  }

  /** Takes the first of these that is enabled, or `all` that are; else tells why the last one is not. */
  private firstOf(codes: readonly ActionCode[], otherwise: string, all: boolean): Applied {
    let refused = otherwise;
    let taken = false;
    for (const code of codes) {
      const why = this.scene.attempt(code);
      if (why !== undefined) refused = why;
      else if (!all) return nothing;
      else taken = true;
    }
    return taken ? nothing : refused;
  }

  private count(counts: Int32Array, broker: number, change: number): Applied {
    add(counts, broker, change);
    return () => {
      add(counts, broker, -change);
    };
  }

  // Links

  private cutAll(cuts: readonly Cut[]): Applied {
    const taken: Cut[] = [];
    let refused: string | undefined;
    for (const cut of cuts) {
      const why = this.cut(cut);
      if (why === undefined) taken.push(cut);
      else refused = why;
    }
    if (taken.length === 0) return refused ?? 'the shape cuts no link';
    return () => {
      for (const cut of taken) this.mend(cut);
    };
  }

  private cut({ from, to, both }: Cut): string | undefined {
    const { repertoire } = this.scene;
    const forth = this.isCut(from, to);
    const back = this.isCut(to, from);
    let refused: string | undefined;
    if (both && !forth && !back) {
      refused = this.scene.attempt(
        repertoire.code('cut-both-ways', ...(this.isLink(from, to) ? [from, to] : [to, from])),
      );
    } else {
      if (!forth) refused = this.scene.attempt(repertoire.code('cut-one-way', from, to));
      if (both && !back && refused === undefined) {
        refused = this.scene.attempt(repertoire.code('cut-one-way', to, from));
      }
    }
    if (refused !== undefined) return refused;
    add(this.cuts, from * PARTIES + to, 1);
    if (both) add(this.cuts, to * PARTIES + from, 1);
    return undefined;
  }

  /** The machine heals both ways at once: a way that another fault still wants cut is cut again. */
  private mend({ from, to, both }: Cut): void {
    const { repertoire } = this.scene;
    add(this.cuts, from * PARTIES + to, -1);
    if (both) add(this.cuts, to * PARTIES + from, -1);
    const forth = this.wantsCut(from, to);
    const back = this.wantsCut(to, from);
    if (forth === this.isCut(from, to) && back === this.isCut(to, from)) return;
    this.scene.attempt(repertoire.code('heal', ...(this.isLink(from, to) ? [from, to] : [to, from])));
    if (forth) this.scene.attempt(repertoire.code('cut-one-way', from, to));
    if (back) this.scene.attempt(repertoire.code('cut-one-way', to, from));
  }

  private isCut(from: number, to: number): boolean {
    return has(at(this.scene.state.links.cut, from), to);
  }

  private wantsCut(from: number, to: number): boolean {
    return (this.cuts[from * PARTIES + to] ?? 0) > 0;
  }

  /** Links are named from one side: between brokers the lower id, else the broker first. */
  private isLink(a: number, b: number): boolean {
    const { links } = this.scene.model;
    for (let i = 0; i < links.length; i += 2) if (links[i] === a && links[i + 1] === b) return true;
    return false;
  }

  // Messages

  private arm(kind: Message['kind'], late: number, deed?: string): Applied {
    const trap: Trap = { kind, late, deed, sprung: false };
    this.traps.push(trap);
    return () => {
      this.traps = this.traps.filter((armed) => armed !== trap);
    };
  }

  /** A message was sent: a trap armed for its kind takes it before anything else happens to it. */
  sent(message: Message, scene: Scene): void {
    if (this.traps.length === 0) return;
    const trap = this.traps.find(({ kind, sprung }) => kind === message.kind && !sprung);
    if (trap === undefined) return;
    trap.sprung = true;
    this.scene.clock.push(this.scene.now, () => {
      this.spring(trap, message, scene);
    });
  }

  private spring({ kind, late, deed }: Trap, message: Message, scene: Scene): void {
    const { inFlight, repertoire } = scene;
    const { from, to } = message;
    const nth = inFlight.nth(message);
    if (nth < 0) return;
    const verb = late === 0 ? 'lose' : 'abandon';
    const code = repertoire.code(deed ?? `${verb}-${kebab(kind)}`, from, to, nth);
    if (this.scene.attempt(code) !== undefined || late === 0) return;
    inFlight.delay(kind, from, to, nth, late);
    this.relieved();
  }

  // Who

  private noteLeaders(): void {
    for (let partition = 0; partition < this.stages.length; partition++) {
      const { leader } = currentPartition(at(this.stages, partition).scene.state);
      if (leader !== NO_LEADER) this.lastLeaders[partition] = leader;
    }
  }

  private stampAll(): void {
    for (let partition = 0; partition < this.stages.length; partition++) {
      at(this.stages, partition).lag.stampAll();
    }
  }

  private resolve(target: Target, partition = 0): number {
    if (typeof target === 'number') return target;
    const lastLeader = at(this.lastLeaders, partition);
    if (target === 'leader') return lastLeader;
    const { replicas, isr } = currentPartition(at(this.stages, partition).scene.state);
    const others = replicas.filter((broker) => broker !== lastLeader);
    return others.find((broker) => has(isr, broker)) ?? others[0] ?? lastLeader;
  }

  private cast(): Parameters<typeof cutsOf>[1] {
    const { brokers, producers, consumers } = this.scene.model.config;
    return {
      brokers: Array.from({ length: brokers }, (_, id) => id),
      leader: at(this.lastLeaders, 0),
      controller: CONTROLLER,
      clients: [
        ...producers.map((_, id) => producerParty(id)),
        ...consumers.map((_, id) => consumerParty(id)),
      ],
    };
  }
}

const kebab = (kind: Message['kind']): string => kind.replace(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
