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
/** The library that is made for the venue. */
const sdkOf = { binance: 'binance', okx: 'okx-api', bybit: 'bybit-api' } as const;
const mebibyte = 2 ** 20;

const sdkName = 'binance, okx-api, bybit-api: bytes to event';

export const claims: readonly Claim[] = [
  decoded('frame-json', 'frame to decision against JSON.parse of the same frames', jsonAlone, 8),
  decoded('frame-objects', 'the same against objects', 'JSON.parse, objects, Map, emitter', 10),
  decoded('frame-ccxt', 'the same against ccxt pro', 'ccxt pro handler', 50),
  decoded('frame-sdk', "the same against the venues' own clients", sdkName, 10),
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
  figure('demo', 'farb demo to the first decision', ['startup', 'demo to first'], [3_000, 'ms']),
  startedFrom('demo-node', 'the same against a Node process that does nothing', 'demo to first'),
  figure('start', 'farb start to the first decision', ['startup', 'start to first'], [3_000, 'ms']),
  startedFrom('start-node', 'the same against a Node process that does nothing', 'start to first'),
  figure('memory', 'farb start: idle', ['startup', 'resident'], [150 * mebibyte, 'bytes']),
  {
    ...{ id: 'columns', says: 'columnar backtest against the sum of the same arrays' },
    ...{ bench: 'backtest', ours: 'columnar, one parameter set' },
    ...{ against: 'the sum of the same arrays', as: 'faster', target: null },
  },
  {
    ...{ id: 'import', says: 'farb data import against unpacking the same files', bench: 'data' },
    ...{ ours: 'farb data import', against: 'unpacking the files', as: 'longer', target: null },
  },
  ...recovered('recovery', 'recovery of 10,000,000 records'),
  ...recovered('journal', 'recovery of 200,000 records'),
  ...scaled('scale', '15 seconds'),
  ...scaled('scale-long', 'ten minutes'),
  figure('simulate', 'simulate: venue hours', ['simulate', 'venue hours: all'], [null, 'per s']),
  {
    ...{ id: 'sweep-two', says: 'sweep: two worker processes against one', bench: 'sweep' },
    ...{ ours: 'two', against: 'one worker process', as: 'faster', target: 1.6 },
  },
  ...(['binance', 'okx', 'bybit'] as const).flatMap((venue) => roundtrips(venue)),
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

function startedFrom(id: string, says: string, ours: string): Claim {
  const against = 'a Node process';
  return { id, says, bench: 'startup', ours, against, as: 'longer', target: null };
}

/** A boot that no snapshot spares anything; the target is of the long journal. */
function recovered(bench: 'recovery' | 'journal', says: string): readonly Claim[] {
  const ours = 'recovery without a snapshot';
  const against = 'files read, one checksum each';
  const ratio: Claim = {
    ...{ id: `${bench}-floor`, says: `${says} against a checksum over the same files` },
    ...{ bench, ours, against, as: 'longer', target: null },
  };
  if (bench === 'journal') return [ratio];
  return [
    figure(bench, `${says}, wall time`, [bench, 'the same, wall time'], [20_000, 'ms']),
    ratio,
  ];
}

function scaled(bench: 'scale' | 'scale-long', lasting: string): readonly Claim[] {
  const at = `50,000 frames a second over 1,500 instruments for ${lasting}`;
  const common = { bench, against: null, as: 'figure' } as const;
  return [
    {
      ...{ id: bench, says: `${at}: taken in of sent`, bench, ours: 'frames taken in' },
      ...{ against: 'frames sent', as: 'faster', target: 0.99 },
    },
    {
      ...{ ...common, id: `${bench}-cpu`, says: 'the same: of one core' },
      ...{ ours: 'processor time of', target: 20_000, unit: 'ns' },
    },
    {
      ...{ ...common, id: `${bench}-p99`, says: 'the same: read to decision, p99' },
      ...{ ours: 'read to decision, p99', target: 1_000_000, unit: 'ns' },
    },
    {
      ...{ id: `${bench}-memory`, says: 'the same: memory at the end against the beginning' },
      ...{ bench, ours: 'resident memory, last window', against: 'resident memory, first window' },
      ...{ as: 'longer', target: 1.1 },
    },
  ];
}

/** Not slower than what a user would take instead. */
function roundtrips(venue: keyof typeof sdkOf): readonly Claim[] {
  return (['WebSocket', 'REST'] as const).flatMap((transport) => {
    const way = `${venue}, ${transport}`;
    const common = { bench: 'roundtrip', ours: `${way}: farb: p50` } as const;
    const id = `roundtrip-${venue}-${transport === 'REST' ? 'rest' : 'ws'}`;
    const says = `order to its acknowledgement, ${way}, against`;
    const against = (client: string): Claim => ({
      ...{ ...common, id: `${id}-${client}`, says: `${says} npm's ${client}` },
      ...{ against: `${way}: ${client}: p50`, as: 'faster', target: 1 },
    });
    return [
      {
        ...{ ...common, id, says: `${says} a TCP echo`, against: 'bare TCP echo: p50' },
        ...{ as: 'longer', target: null },
      },
      against(sdkOf[venue]),
      against('ccxt'),
    ];
  });
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
