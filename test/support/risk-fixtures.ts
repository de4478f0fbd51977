// Books and orders for tests of risk: two perpetuals at 100 on venues a and b.
import { decimal } from '../../src/base/decimal.ts';
import type { OrderDraft } from '../../src/domain/order.ts';
import type {
  ExposureMargin,
  InstrumentExposure,
  RiskBook,
  WalletFunds,
} from '../../src/domain/verdict.ts';

/** A perpetual at 100 with fresh data. */
export function exposureOf(instrument: string, changes: Partial<InstrumentExposure> = {}) {
  const venue = instrument.split(':')[0] ?? '';
  const exposure: InstrumentExposure = {
    instrument,
    venue,
    base: 'BTC',
    isSpot: false,
    qty: 0,
    baseUnit: 1,
    buysLeft: 0,
    sellsLeft: 0,
    price: 100,
    quoteAgeMs: 100,
    fundingAgeMs: 1_000,
    margin: marginOf(),
    ...changes,
  };
  return exposure;
}

/** 3 times in wallet w, in USDT, without tiers. */
export function marginOf(changes: Partial<ExposureMargin> = {}): ExposureMargin {
  return {
    ...{ wallet: 'w', asset: 'USDT', isInverse: false, leverage: 3, tiers: null },
    feeRateTaker: 0.0005,
    ...changes,
  };
}

/** Of wallet w, in USDT. */
export function fundsOf(venue: string, equity: number | null): WalletFunds {
  const unknown = equity === null ? 'no balance has been read yet' : null;
  return { venue, wallet: 'w', asset: 'USDT', equity, unknown };
}

export function bookOf(changes: Partial<RiskBook> = {}): RiskBook {
  return {
    mode: 'running',
    wallMs: 1_000_000,
    equityUsd: 50_000,
    dayStartEquityUsd: 50_000,
    peakEquityUsd: 50_000,
    exposures: [exposureOf('a:P'), exposureOf('b:P')],
    collateral: [],
    wallets: [fundsOf('a', 25_000), fundsOf('b', 25_000)],
    pairsOpen: 0,
    ordersOpen: 0,
    ordersLastSecond: 0,
    venuesReady: ['a', 'b'],
    storeDown: false,
    ...changes,
  };
}

export function draftOf(changes: Partial<OrderDraft> = {}): OrderDraft {
  return {
    clientOrderId: 'x1',
    venue: (changes.instrument ?? 'a:P').split(':')[0] ?? '',
    instrument: 'a:P',
    side: 'buy',
    qty: decimal('40'),
    limit: decimal('100.1'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: 'p1',
    arrivalMid: 100,
    ...changes,
  };
}

/** Buys 40 at a, sells 40 at b: 4,000 USD a leg. */
export const entry = [
  draftOf(),
  draftOf({ instrument: 'b:P', side: 'sell', limit: decimal('99.9') }),
];
