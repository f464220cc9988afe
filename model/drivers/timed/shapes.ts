/** Named shapes of a broken network: pure functions from who there is to the links that are cut. */

/** Who there is, as party numbers. `leader` leads the partition when the fault begins. */
export interface Cast {
  readonly brokers: readonly number[];
  readonly leader: number;
  readonly controller: number;
  readonly clients: readonly number[];
}

/** Nothing that `from` sends arrives; with `both`, neither does what comes back. */
export interface Cut {
  readonly from: number;
  readonly to: number;
  readonly both: boolean;
}

const both = (from: number, to: number): Cut => ({ from, to, both: true });
const oneWay = (from: number, to: number): Cut => ({ from, to, both: false });
const others = ({ brokers, leader }: Cast): number[] => brokers.filter((broker) => broker !== leader);

/** Every pair of one from each side. */
const between = (left: readonly number[], right: readonly number[]): Cut[] =>
  left.flatMap((a) => right.map((b) => both(a, b)));

/** The smaller half of the brokers, the leader first in it, and the rest. */
function halves(cast: Cast): readonly [readonly number[], readonly number[]] {
  const ordered = [cast.leader, ...others(cast)];
  const half = Math.floor(ordered.length / 2);
  return [ordered.slice(0, half), ordered.slice(half)];
}

export const SHAPES = {
  /** The leader is alone. */
  'isolate-leader': (cast) => between([cast.leader], [...others(cast), cast.controller, ...cast.clients]),
  /** The leader is cut from the controller only: its session ends while it serves everybody. */
  'isolate-controller': (cast) => [both(cast.leader, cast.controller)],
  /** The leader is cut from the controller and its followers, but not from clients: it does not know that it is deposed. */
  'zombie-leader': (cast) => between([cast.leader], [...others(cast), cast.controller]),
  /** The leader is cut from its followers, but not from the controller: nobody deposes it. */
  'leader-without-followers': (cast) => between([cast.leader], others(cast)),
  /** The leader hears no follower, but they hear it. */
  'deaf-leader': (cast) => others(cast).map((broker) => oneWay(broker, cast.leader)),
  /** Clients cannot reach the leader; the cluster sees nothing of it. */
  'leader-without-clients': (cast) => between([cast.leader], cast.clients),
  /** Two halves, the leader in the smaller one and the controller with the larger. */
  split: (cast) => {
    const [small, large] = halves(cast);
    return [...between(small, large), ...between(small, [cast.controller])];
  },
  /** Two halves that only the last broker sees both of. */
  bridge: (cast) => {
    const ordered = [cast.leader, ...others(cast)];
    const sides = ordered.slice(0, -1);
    const half = Math.floor(sides.length / 2);
    return between(sides.slice(0, half), sides.slice(half));
  },
  /** Each broker hears a majority, and no two hear the same one. */
  'majorities-ring': ({ brokers }) => {
    const majority = Math.floor(brokers.length / 2) + 1;
    return brokers.flatMap((broker, index) =>
      brokers
        .filter((_, other) => (other - index + brokers.length) % brokers.length >= majority)
        .map((unheard) => oneWay(unheard, broker)),
    );
  },
} as const satisfies Record<string, (cast: Cast) => Cut[]>;

export type ShapeName = keyof typeof SHAPES;
export const SHAPE_NAMES = Object.keys(SHAPES) as readonly ShapeName[];

/** The links that a shape cuts among this cast. */
export const cutsOf = (shape: ShapeName, cast: Cast): readonly Cut[] => SHAPES[shape](cast);
