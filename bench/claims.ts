// What the project says of its speed, as data: which row of which benchmark against which other row
// of the same run, and the figure that was set as a target before it was measured. Each is shown in
// docs/BENCHMARKS.md whether it is met or not.

import type { Row } from './measure.ts';

export interface Claim {
  /** Stable: the record of earlier runs is kept by it. */
  readonly id: string;
  readonly says: string;
  readonly bench: string;
  /** How the name of our row begins; of several the first. */
  readonly ours: string;
  /** The row of the same run that it is held against; null = our own figure is the claim. */
  readonly against: string | null;
  /**
   * faster: how many times as fast as the other. longer: how many times as long as the other.
   * figure: our own, in the row's unit.
   */
  readonly as: 'faster' | 'longer' | 'figure';
  /** Least for faster and for rates, most for longer and for times and bytes; null = only shown. */
  readonly target: number | null;
  /** Of a figure, to be shown before it was ever measured. */
  readonly unit?: Row['unit'];
}

const mixed = 'best bid/ask, three venues mixed: ';
const jsonAlone = 'toString and JSON.parse alone';
const depthVenues = ['binance', 'okx', 'bybit'] as const;
/** At least so many times as fast as ccxt pro, by levels of the frame. */
const depthTargets = { 20: 18, 100: 15 } as const;
const wire = { echo: 'bare TCP echo: p50', ccxt: 'ccxt pro, watchOrderBook + createOrder: p50' };
const mebibyte = 2 ** 20;

export const claims: readonly Claim[] = [
  decoded('frame-json', 'frame to decision against JSON.parse of the same frames', jsonAlone, 8),
  decoded('frame-objects', 'the same against objects', 'JSON.parse, objects, Map, emitter', 10),
  decoded('frame-ccxt', 'the same against ccxt pro', 'ccxt pro handler', 50),
  {
    ...{ id: 'frame', says: 'frame to decision, three venues mixed', bench: 'decode' },
    ...{ ours: `${mixed}bytes to decision`, against: null, as: 'figure', target: 300 },
    unit: 'ns',
  },
  ...depthVenues.flatMap((venue) => ([20, 100] as const).flatMap((n) => depth(venue, n))),
  figure('socket', 'socket to decision', ['socket', 'frames a second'], [1_000_000, 'per s']),
  {
    ...{ id: 'socket-ccxt', says: 'socket to decision against ccxt pro', bench: 'socket' },
    ...{ ours: 'own client', against: 'ccxt pro end to end', as: 'faster', target: 15 },
  },
  figure('scan-all', 'full scan of 45,000 directed pairs', ['scan', 'scanAll'], [500_000, 'ns']),
  figure('scan-12', 'one instrument over 12 venues', ['scan', 'onQuote, 22 pairs'], [300, 'ns']),
  figure('engine', 'engine: events stepped', ['engine', 'events stepped'], [null, 'per s']),
  figure('fold', 'engine: records folded', ['engine', 'records folded'], [null, 'per s']),
  figure('append', 'journal: append', ['journal', 'append, os, commits: host'], [200_000, 'per s']),
  figure('exact', 'exact engine, events', ['backtest', 'exact engine'], [1_000_000, 'per s']),
  figure('start', 'farb start to the first decision', ['startup', 'start to first'], [3_000, 'ms']),
  figure('memory', 'farb start: idle', ['startup', 'resident'], [150 * mebibyte, 'bytes']),
  {
    ...{ id: 'scale', says: '50,000 frames a second over 1,500 instruments: taken in of sent' },
    ...{ bench: 'scale', ours: 'frames taken in', against: 'frames sent' },
    ...{ as: 'faster', target: 0.99 },
  },
  figure('scale-cpu', 'the same: of one core', ['scale', 'processor time of'], [20_000, 'ns']),
  wired('order-ws', 'tick to order, WebSocket, against a TCP echo', 'longer', wire.echo, 1.5),
  wired('order-ws-ccxt', 'the same against ccxt pro', 'faster', wire.ccxt, 6),
  wired('order-rest', 'tick to order, REST, against a TCP echo', 'longer', wire.echo, null),
  wired('order-rest-ccxt', 'the same against ccxt pro', 'faster', wire.ccxt, null),
];

function decoded(id: string, says: string, other: string, target: number): Claim {
  const ours = `${mixed}bytes to decision`;
  return { id, says, bench: 'decode', ours, against: `${mixed}${other}`, as: 'faster', target };
}

function depth(venue: string, levels: keyof typeof depthTargets): readonly Claim[] {
  const of = `${venue} depth of ${levels} levels`;
  const says = `${venue}, ${levels} levels into the book against`;
  const common = { bench: 'decode', ours: of, as: 'faster' } as const;
  const id = `depth-${venue}-${levels}`;
  return [
    {
      ...common,
      id: `${id}-map`,
      says: `${says} JSON.parse + Map`,
      against: `${of}*Map`,
      target: 8,
    },
    {
      ...common,
      ...{ id: `${id}-ccxt`, says: `${says} ccxt pro`, against: `${of}*ccxt pro` },
      target: depthTargets[levels],
    },
  ];
}

function figure(
  id: string,
  says: string,
  [bench, ours]: readonly [string, string],
  [target, unit]: readonly [number | null, Row['unit']],
): Claim {
  return { id, says, bench, ours, against: null, as: 'figure', target, unit };
}

function wired(
  id: string,
  says: string,
  as: 'faster' | 'longer',
  against: string,
  target: number | null,
): Claim {
  const transport = id.includes('rest') ? 'REST' : 'WebSocket';
  return {
    id,
    says,
    bench: 'wire',
    ours: `farb, order over ${transport}: p50`,
    against,
    as,
    target,
  };
}
