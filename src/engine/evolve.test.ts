import { beforeEach, describe, expect, it } from 'vitest';
import { decimal, formatDecimal, zero } from '../base/decimal.ts';
import type { Effect, EngineInput } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { BalanceEvent, FillEvent, OrderEvent } from '../domain/venue-event.ts';
import type { EdgeBreakdown } from '../domain/view.ts';
import { evolve } from './evolve.ts';
import { checkInvariants } from './invariants.ts';
import { equityUsd } from './portfolio.ts';
import { type EngineState, emptyState } from './state.ts';

const spot = instrument('binance:BTC-USDT-SPOT', 'spot', 'spot');
const perp = instrument('binance:BTC-USDT-PERP', 'linear-perp', 'futures');
let state: EngineState;
let wallMs = 0;

function instrument(id: string, kind: Instrument['kind'], wallet: string): Instrument {
  return {
    id,
    venue: 'binance',
    symbol: 'BTCUSDT',
    kind,
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet,
    contractSize: decimal('1'),
    qtyUnit: decimal('1'),
    priceUnit: decimal('1'),
    tickSize: decimal('0.1'),
    lotSize: decimal('0.001'),
    qtyMin: null,
    qtyMax: null,
    notionalMin: null,
    status: 'trading',
    fundingIntervalMs: null,
    leverageMax: null,
  };
}

function put(input: EngineInput): void {
  wallMs += 10;
  evolve(state, { seq: state.seq + 1, tsMs: wallMs, wallMs, input, legs: [] });
  checkInvariants(state);
}

function effect(what: Effect): void {
  evolve(state, { seq: state.seq + 1, tsMs: wallMs, wallMs, effect: what });
}

function place(id: string, spec: Instrument, side: 'buy' | 'sell', qty: string): void {
  const order = {
    clientOrderId: id,
    venue: spec.venue,
    instrument: spec.id,
    side,
    qty: decimal(qty),
    limit: decimal('50000'),
    timeInForce: 'ioc',
    reduceOnly: false,
    purpose: 'entry',
    pairId: 'p1',
    arrivalMid: 50_000,
  } as const;
  effect({ kind: 'place-order', order: order as unknown as ApprovedOrder }); // a test's approval
}

function fill(spec: Instrument, changes: Partial<FillEvent> = {}): FillEvent {
  return {
    kind: 'fill',
    venue: spec.venue,
    symbol: spec.symbol,
    instrument: spec.id,
    venueTsMs: 1,
    fillId: '1',
    clientOrderId: 'a',
    venueOrderId: '77',
    side: 'buy',
    price: decimal('50000'),
    qty: decimal('0.1'),
    fee: decimal('-2'),
    feeAsset: 'USDT',
    liquidity: 'taker',
    realizedPnl: spec.kind === 'spot' ? null : zero,
    forced: false,
    ...changes,
  };
}

function order(spec: Instrument, changes: Partial<OrderEvent> = {}): OrderEvent {
  return {
    kind: 'order',
    venue: spec.venue,
    symbol: spec.symbol,
    instrument: spec.id,
    venueTsMs: 1,
    clientOrderId: 'a',
    venueOrderId: '77',
    status: 'filled',
    side: 'buy',
    qty: decimal('0.1'),
    filledQty: decimal('0.1'),
    limit: null,
    averagePrice: null,
    reduceOnly: null,
    reason: null,
    ...changes,
  };
}

function balance(wallet: string, asset: string, total: string): BalanceEvent {
  return {
    kind: 'balance',
    venue: 'binance',
    symbol: null,
    instrument: null,
    venueTsMs: 1,
    asset,
    total: decimal(total),
    available: null,
    wallet,
  };
}

function snapshot(balances: readonly BalanceEvent[], fills: readonly FillEvent[] = []): void {
  put({
    kind: 'venue-snapshot',
    venue: 'binance',
    requestId: 'r',
    ok: true,
    sinceMs: 0,
    openOrders: [],
    orders: [],
    fills,
    fundingPayments: [],
    balances,
    positions: [],
    error: null,
  });
}

beforeEach(() => {
  state = emptyState();
  wallMs = 1_000;
  put({
    kind: 'booted',
    runId: 'r',
    installation: 'abcdef',
    epoch: 1,
    seed: null,
    venues: ['binance'],
    configDigest: '',
  });
  put({ kind: 'instruments', venue: 'binance', instruments: [spot, perp], feeRates: {} });
  snapshot([balance('spot', 'USDT', '10000'), balance('futures', 'USDT', '10000')]);
  const key = { strategy: 's', long: spot.id, short: perp.id };
  const intent = {
    kind: 'open',
    key,
    qty: decimal('0.1'),
    longQty: null,
    longLimit: 1,
    shortLimit: 1,
    edge: {} as EdgeBreakdown, // not read here
  } as const;
  effect({ kind: 'pair-created', pairId: 'p1', intent });
});

const cash = (wallet: string, asset: string): string =>
  formatDecimal(state.ledger.balances.get(`cash/binance/${wallet}|${asset}`) ?? zero);

describe('fills', () => {
  it('books one once, whichever message brings it again', () => {
    place('a', perp, 'buy', '0.1');
    put(fill(perp));
    put(fill(perp));
    snapshot([balance('spot', 'USDT', '10000'), balance('futures', 'USDT', '9998')], [fill(perp)]);
    expect(cash('futures', 'USDT')).toBe('9998');
    expect(formatDecimal(state.positions.get(perp.id)?.qty ?? zero)).toBe('0.1');
    expect(state.counters.duplicateFills).toBe(2);
    // The snapshot of this test lists no position: that is the one difference left.
    const left = ['binance:BTC-USDT-PERP: ours 0.1, theirs 0'];
    expect(state.venues.get('binance')?.differences).toEqual(left);
  });

  it('keeps equal trade ids of spot and perpetual apart', () => {
    place('a', perp, 'buy', '0.1');
    place('b', spot, 'buy', '0.1');
    put(fill(perp));
    put(fill(spot, { clientOrderId: 'b', venueOrderId: '78' }));
    expect(state.counters.duplicateFills).toBe(0);
    expect(cash('spot', 'BTC')).toBe('0.1');
  });

  it('takes a fee in base out of what the leg holds', () => {
    place('b', spot, 'buy', '0.1');
    put(fill(spot, { clientOrderId: 'b', fee: decimal('-0.0001'), feeAsset: 'BTC' }));
    expect(formatDecimal(state.pairs.get('p1')?.long.qty ?? zero)).toBe('0.0999');
    expect(cash('spot', 'BTC')).toBe('0.0999');
    expect(cash('spot', 'USDT')).toBe('5000');
    expect(state.attribution.feesUsd).toBeCloseTo(-5, 10);
  });

  it('waits for the order id when a listing names no client id and ours is still unknown', () => {
    place('a', perp, 'sell', '0.1');
    const listed = fill(perp, { clientOrderId: null, side: 'sell' });
    put(listed);
    expect(state.positions.size).toBe(0);
    put(order(perp, { side: 'sell', status: 'open', filledQty: zero }));
    put(listed);
    expect(formatDecimal(state.pairs.get('p1')?.short.qty ?? zero)).toBe('-0.1');
    expect(state.counters.externalFills).toBe(0);
  });

  it('lets a forced fill reduce the leg that holds the position', () => {
    place('a', perp, 'sell', '0.1');
    put(fill(perp, { side: 'sell' }));
    const forced = { fillId: '2', clientOrderId: 'autoclose-1', forced: true } as const;
    put(fill(perp, { ...forced, qty: decimal('0.04'), realizedPnl: decimal('1') }));
    expect(formatDecimal(state.pairs.get('p1')?.short.qty ?? zero)).toBe('-0.06');
    expect(cash('futures', 'USDT')).toBe('9997');
  });
});

describe('orders', () => {
  it('a fill that overtakes its ack leaves the order filled; stale messages change nothing', () => {
    place('a', perp, 'buy', '0.1');
    put(fill(perp));
    expect(state.orders.get('a')?.status).toBe('filled');
    put(order(perp, { status: 'open', filledQty: zero }));
    put(order(perp, { status: 'canceled', filledQty: zero }));
    expect(state.orders.get('a')?.status).toBe('filled');
  });

  it('keeps the leg working until the fills that the venue reported are booked', () => {
    place('a', perp, 'buy', '0.1');
    put(order(perp, { status: 'canceled', filledQty: decimal('0.04') }));
    expect(state.pairs.get('p1')?.short.workingOrderId).toBe('a');
    put(fill(perp, { qty: decimal('0.04') }));
    expect(state.pairs.get('p1')?.short.workingOrderId).toBeNull();
  });

  it('an acknowledged placement is not yet a live order', () => {
    place('a', perp, 'buy', '0.1');
    const outcome = 'acked';
    put({ kind: 'place-result', venue: 'binance', clientOrderId: 'a', outcome, error: null });
    expect(state.orders.get('a')?.status).toBe('pending');
  });

  it('refuses an order id that was used before', () => {
    place('a', perp, 'buy', '0.1');
    expect(() => place('a', perp, 'buy', '0.1')).toThrow('order id a is repeated');
  });
});

describe('a boot', () => {
  it('takes every unsettled order for unknown and starts the naked clock anew', () => {
    place('a', perp, 'sell', '0.1');
    place('b', spot, 'buy', '0.1');
    put(fill(spot, { clientOrderId: 'b' }));
    expect(state.pairs.get('p1')?.nakedSinceWallMs).toBe(wallMs);
    wallMs += 60_000;
    const { runId, installation, seed, configDigest } = state;
    const venues = ['binance'];
    put({ kind: 'booted', runId, installation, epoch: 2, seed, venues, configDigest });
    expect(state.orders.get('a')?.status).toBe('unknown');
    expect(state.pairs.get('p1')?.nakedSinceWallMs).toBe(wallMs);
    expect(state.counters.nakedDeltaMsMax).toBe(0);
    expect(state.counters.nakedWhileDownMsMax).toBeGreaterThan(59_000);
    expect(state.venues.get('binance')?.reconciled).toBe(false);
  });

  it('refuses an epoch that does not pass the last', () => {
    const again = { runId: 'r', installation: 'abcdef', epoch: 1, seed: null, configDigest: '' };
    expect(() => put({ kind: 'booted', venues: [], ...again })).toThrow('does not pass');
  });
});

describe('equity', () => {
  it('is unknown until a coin in the wallet has a price, and has no profit from it', () => {
    state = emptyState();
    wallMs = 1_000;
    const boot = { runId: 'r', installation: 'abcdef', epoch: 1, seed: null, configDigest: '' };
    put({ kind: 'booted', venues: ['binance'], ...boot });
    put({ kind: 'instruments', venue: 'binance', instruments: [spot], feeRates: {} });
    snapshot([balance('spot', 'USDT', '1000'), balance('spot', 'BTC', '0.5')]);
    expect(equityUsd(state)).toBeNull();
    put({ kind: 'marks', marks: [{ instrument: spot.id, price: 50_000, ageMs: 0 }] });
    expect(state.equity.startUsd).toBe(26_000);
    put({ kind: 'marks', marks: [{ instrument: spot.id, price: 51_000, ageMs: 0 }] });
    expect(state.equity.lastUsd).toBe(26_500);
    expect(state.attribution.residualDeltaUsd).toBe(500);
  });

  it('starts a new day at midnight of venue time', () => {
    put({ kind: 'marks', marks: [] });
    expect(state.equity.dayStartUsd).toBe(20_000);
    wallMs = 90_000_000;
    place('a', perp, 'buy', '0.1');
    put(fill(perp, { fee: decimal('-50') }));
    put({ kind: 'marks', marks: [{ instrument: perp.id, price: 50_000, ageMs: 0 }] });
    expect(state.equity.dayStartUsd).toBe(19_950);
    expect(state.equity.peakUsd).toBe(20_000);
  });
});

describe('reconciliation', () => {
  it('names a difference exactly, counts it, and is matched when it is gone', () => {
    snapshot([balance('spot', 'USDT', '9999.5'), balance('futures', 'USDT', '10000')]);
    const venue = state.venues.get('binance');
    expect(venue?.differences).toEqual(['binance spot USDT: ours 10000, theirs 9999.5']);
    expect(venue?.mismatches).toBe(1);
    snapshot([balance('spot', 'USDT', '10000'), balance('futures', 'USDT', '10000')]);
    expect(venue?.mismatches).toBe(0);
  });
});
