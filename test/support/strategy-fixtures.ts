// Instruments, legs and views for tests of strategies and risk: plain numbers, one place.
import fc from 'fast-check';
import { decimal } from '../../src/base/decimal.ts';
import { hourMs } from '../../src/base/time.ts';
import {
  type Instrument,
  type InstrumentKind,
  instrumentIdOf,
} from '../../src/domain/instrument.ts';
import type { Level } from '../../src/domain/venue-event.ts';
import type { FundingView, LegView, PairView } from '../../src/domain/view.ts';

/** 2024-02-28 00:00 UTC: on every settlement grid. */
export const midnightMs = 1_709_078_400_000;
export const wallNowMs = 5_000_000;

export function instrumentOf(
  venue: string,
  kind: InstrumentKind,
  changes: Partial<Instrument> = {},
): Instrument {
  const base = changes.base ?? 'BTC';
  return {
    id: instrumentIdOf({ venue, kind, base, quote: changes.quote ?? 'USDT' }),
    venue,
    symbol: `${base}USDT`,
    kind,
    base,
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'unified',
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.01'),
    lotSize: decimal('0.001'),
    qtyMin: decimal('0.001'),
    qtyMax: null,
    notionalMin: decimal('5'),
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
    ...changes,
  };
}

export interface LegSpec {
  readonly bid?: number;
  readonly ask?: number;
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
  /** Displayed at the best price. */
  readonly displayed?: number;
  readonly ratePerInterval?: number;
  readonly intervalHours?: number;
  readonly settlesAtMs?: number;
  readonly feeRateTaker?: number;
  readonly changes?: Partial<LegView>;
}

/** A leg at 100 with no spread, deep, and a rate of zero every 8 h, unless told otherwise. */
export function legOf(instrument: Instrument, spec: LegSpec = {}): LegView {
  const displayed = spec.displayed ?? 1_000_000;
  const { bid = 100, ask = 100 } = spec;
  const intervalMs = (spec.intervalHours ?? 8) * hourMs;
  const funding: FundingView | null =
    instrument.kind === 'spot'
      ? null
      : {
          ratePerInterval: spec.ratePerInterval ?? 0,
          intervalMs,
          settlesAtMs: spec.settlesAtMs ?? nextOnGrid(intervalMs),
        };
  return {
    instrument: instrument.id,
    venue: instrument.venue,
    kind: instrument.kind,
    bid,
    bidQty: displayed,
    ask,
    askQty: displayed,
    bids: spec.bids ?? [],
    asks: spec.asks ?? [],
    mark: null,
    index: null,
    funding,
    feeRateTaker: spec.feeRateTaker ?? 0.0005,
    quoteAgeMs: 100,
    fundingAgeMs: funding === null ? null : 1_000,
    ...spec.changes,
  };
}

/** Half past two at night: away from every settlement grid but the hourly one. */
export const quietMs = midnightMs + 2.5 * hourMs;

function nextOnGrid(intervalMs: number): number {
  return midnightMs + Math.ceil((quietMs - midnightMs) / intervalMs) * intervalMs;
}

export function viewOf(longLeg: LegView, shortLeg: LegView, tsMs = quietMs): PairView {
  return {
    strategy: longLeg.kind === 'spot' ? 'cash-carry' : 'perp-perp',
    long: longLeg.instrument,
    short: shortLeg.instrument,
    tsMs,
    wallMs: wallNowMs,
    longLeg,
    shortLeg,
  };
}

/** Evenly spread over [min, max]; fast-check's doubles are mostly next to zero. */
export function evenly(min: number, max: number): fc.Arbitrary<number> {
  return fc.nat(1_000_000).map((n) => min + ((max - min) * n) / 1_000_000);
}
