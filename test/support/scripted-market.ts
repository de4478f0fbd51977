// A market whose every figure a test writes down: constant unless the test changes it by venue
// time. It satisfies the interface of the generated markets, so that the exchange cannot tell.

import { decimal } from '../../src/base/decimal.ts';
import { hourMs, secondMs } from '../../src/base/time.ts';
import { type InstrumentId, instrumentIdOf } from '../../src/domain/instrument.ts';
import { continuousTiers } from '../../src/domain/margin.ts';
import type { Level } from '../../src/domain/venue-event.ts';
import type { SimInstrument } from '../../src/sim/api.ts';
import type { ExogenousMarket } from '../../src/sim/market-api.ts';

export interface Script {
  readonly startMs: number;
  /** Price of everything, by venue time; books lie around it. */
  readonly price: (tsMs: number) => number;
  /** Settled rate, by venue time. */
  readonly rate: (tsMs: number) => number;
  readonly intervalMs: (tsMs: number) => number;
  /** Quantity of each level. */
  readonly levelQty: number;
  readonly levels: number;
  readonly halfSpread: number;
  readonly step: number;
  /** A second perpetual, of ETH, that is like the first. */
  readonly second: boolean;
}

const calm: Script = {
  startMs: 1_700_000_000_000 - (1_700_000_000_000 % (8 * hourMs)),
  price: () => 100,
  rate: () => 0.0001,
  intervalMs: () => 8 * hourMs,
  levelQty: 5,
  levels: 10,
  halfSpread: 0.1,
  step: 0.1,
  second: false,
};

/**
 * BTC at 100: bids 99.9, 99.8, ... and asks 100.1, 100.2, ... with 5 each, unless scripted
 * otherwise.
 */
export function scriptedMarket(
  venue: string,
  script: Partial<Script> = {},
): ExogenousMarket & { readonly perp: InstrumentId; readonly spot: InstrumentId } {
  const s = { ...calm, ...script };
  const listings = [listing(venue, 'linear-perp'), listing(venue, 'spot')];
  if (s.second) listings.push(listing(venue, 'linear-perp', 'ETH'));
  const isPerp = (id: string): boolean => id.endsWith('PERP');
  const [perp, spot] = listings.map((listing) => listing.instrument.id) as [string, string];
  const grid = (tsMs: number): number => Math.floor(tsMs / secondMs) * secondMs;
  const price = (tsMs: number): number => s.price(grid(tsMs));
  const clean = (value: number): number => Number(value.toFixed(6));
  const next = (tsMs: number): number => {
    const interval = s.intervalMs(tsMs);
    return (Math.floor(tsMs / interval) + 1) * interval;
  };
  const settlements = (id: string, range: { fromMs: number; toMs: number }): number[] => {
    const times: number[] = [];
    if (!isPerp(id)) return times;
    for (let at = next(range.fromMs); at <= range.toMs; at = next(at)) times.push(at);
    return times;
  };
  return {
    kind: 'seeded',
    seed: 1,
    startMs: s.startMs,
    endMs: null,
    gridMs: secondMs,
    venues: [venue],
    perp,
    spot,
    gridTime: grid,
    instruments: () => listings,
    index: (_underlying, tsMs) => price(tsMs),
    mid: (_id, tsMs) => price(tsMs),
    mark: (_id, tsMs) => price(tsMs),
    premium: () => 0,
    baseBook: (_id, tsMs, levels) => {
      const side = (sign: number): Level[] =>
        Array.from({ length: Math.min(levels, s.levels) }, (_, k) => [
          clean(price(tsMs) + sign * (s.halfSpread + k * s.step)),
          s.levelQty,
        ]);
      return { bids: side(-1), asks: side(1) };
    },
    intervalMs: (id, tsMs) => (isPerp(id) ? s.intervalMs(tsMs) : null),
    settlesAtMs: (id, tsMs) => (isPerp(id) ? next(tsMs) : null),
    settlements,
    fundingEstimate: (_id, tsMs) => s.rate(next(tsMs)),
    fundingSettled: (id, at) =>
      settlements(id, { fromMs: at - 1, toMs: at }).length > 0 ? s.rate(at) : null,
    labels: () => [],
  };
}

/** Tick 0.1, lot 0.001, at least 0.001 and 5 USDT; maker 0.02%, taker 0.05%; two brackets. */
function listing(venue: string, kind: 'linear-perp' | 'spot', base = 'BTC'): SimInstrument {
  const futures = venue === 'binance' ? 'futures' : 'unified';
  const spot = venue === 'binance' ? 'spot' : 'unified';
  return {
    instrument: {
      id: instrumentIdOf({ venue, kind, base, quote: 'USDT' }),
      venue,
      symbol: kind === 'spot' ? `${base}USDT-SPOT` : `${base}USDT`,
      kind,
      base,
      quote: 'USDT',
      settle: 'USDT',
      wallet: kind === 'spot' ? spot : futures,
      contractSize: decimal('1'),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      tickSize: decimal('0.1'),
      lotSize: decimal('0.001'),
      qtyMin: decimal('0.001'),
      qtyMax: decimal('1000'),
      notionalMin: decimal('5'),
      status: 'trading',
      fundingIntervalMs: kind === 'spot' ? null : 8 * hourMs,
      leverageMax: kind === 'spot' ? null : 50,
    },
    underlying: base,
    marginTiers: continuousTiers([
      { sizeMax: decimal('10000'), leverageMax: 50, maintenanceRate: decimal('0.01') },
      { sizeMax: decimal('1000000'), leverageMax: 20, maintenanceRate: decimal('0.025') },
    ]),
    fundingCap: 0.003,
    fundingFloor: -0.003,
    fundingIntervalDefaultMs: kind === 'spot' ? null : 8 * hourMs,
    feeRateMaker: decimal('0.0002'),
    feeRateTaker: decimal('0.0005'),
    priceBand: 0.5,
  };
}
