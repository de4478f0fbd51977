// A status as a running demo has it, for tests of what is shown and served.
import type { PairStatusView, RateView, SystemStatus } from '../../src/api/contract.ts';

const hourMs = 3_600_000;
export const fixtureTsMs = 1_767_600_000_000; // 2026-01-05T08:00:00Z

export function rate(instrument: string, perInterval: number, hours: number): RateView {
  const [venue = '', name = ''] = instrument.split(':');
  return {
    instrument,
    venue,
    base: name.split('-')[0] ?? '',
    ratePerInterval: perInterval,
    intervalMs: hours * hourMs,
    settlesAtMs: fixtureTsMs + hourMs,
    apr: (perInterval * 8_760) / hours,
  };
}

export function pair(overrides: Partial<PairStatusView> = {}): PairStatusView {
  return {
    id: 'p1',
    strategy: 'perp-perp',
    phase: 'open',
    mode: 'taker-taker',
    modeReason: 'taker-taker for 20.0 bp: no other way is cheaper by enough',
    expectedCost: 0.002,
    long: 'bybit:PEPE-USDT-PERP',
    short: 'binance:PEPE-USDT-PERP',
    longQty: '1000000',
    shortQty: '-1000000',
    notionalUsd: 3_985.4,
    openedAtMs: fixtureTsMs - 2 * hourMs,
    closedAtMs: null,
    closeReason: null,
    fundingUsd: 6.99,
    carryPerHour: 0.00177,
    legBreaks: 0,
    ...overrides,
  };
}

export function status(overrides: Partial<SystemStatus> = {}): SystemStatus {
  const venue = (name: string) => ({
    venue: name,
    publicUp: true,
    privateUp: true,
    restUp: true,
    reconciled: true,
    restrictedBy: [],
    differences: [],
    instruments: 24,
    frames: 1_000,
    unrecognized: 0,
    reconnects: 0,
    quoteAgeMs: 80,
    orderHeadroom: 0.9,
    orderSocketUp: true,
    clockOffsetMs: 12,
    clockRoundTripMs: 3,
  });
  return {
    runId: 'abc123-1',
    mode: 'testnet',
    seed: 7,
    tsMs: fixtureTsMs,
    wallMs: 1_795_423_697_849,
    startedWallMs: 1_795_423_637_849,
    startedTsMs: fixtureTsMs - 8 * hourMs,
    risk: { mode: 'running', reason: '', windingDown: false },
    health: { live: true, ready: true, reasons: [] },
    venues: ['binance', 'okx', 'bybit'].map(venue),
    pairs: [],
    rates: [
      rate('binance:PEPE-USDT-PERP', 0.0001, 8),
      rate('okx:PEPE-USDT-PERP', 0.00005, 4),
      rate('bybit:PEPE-USDT-PERP', -0.001759, 1),
      rate('binance:BTC-USDT-PERP', 0.0001, 8),
      rate('okx:BTC-USDT-PERP', 0.0001, 8),
    ],
    equityUsd: { start: 120_000, now: 120_012.5, peak: 120_015, drawdownMax: 0.0001 },
    pnl: {
      funding: '14.2',
      basis: '-0.5',
      residualDelta: '0',
      fees: '-1.2',
      borrow: '0',
      collateralFx: '0',
      residual: '0',
      total: '12.5',
    },
    slippageUsd: 0.4,
    orders: { sent: 4, filled: 4, rejected: 0, canceled: 0, unknown: 0 },
    pairCounts: { opened: 1, closed: 0, closedAtEnd: 0, open: 1, legBreaks: 0 },
    fundingPayments: 3,
    denied: 0,
    nakedDeltaMsMax: 35.2,
    journal: { path: '/tmp/state/journal.farb', records: 187 },
    latencyUs: { tickToDecision: { p50: 5.6, p99: 80 }, tickToOrder: { p50: 400, p99: null } },
    quotesConflated: 12,
    process: {
      eventLoopDelayMs: { p50: 0.5, p99: 4, max: null },
      gcPauses: { count: 3, totalMs: 6, maxMs: 4.5 },
    },
    rssMb: 180,
    alerts: [],
    ...overrides,
  };
}
