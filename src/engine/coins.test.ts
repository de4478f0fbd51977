// Inverse contracts in the books: profit, fees and funding in coin, and what the coins are worth.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { draftOf } from '../../test/support/risk-fixtures.ts';
import { decimal, formatDecimal, fromNumber, zero } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import type { Effect, EngineInput } from '../domain/event.ts';
import type { Instrument } from '../domain/instrument.ts';
import { residualsOf } from '../domain/ledger.ts';
import type { ApprovedOrder } from '../domain/order.ts';
import type { BalanceEvent, FillEvent } from '../domain/venue-event.ts';
import type { EdgeBreakdown } from '../domain/view.ts';
import { worstCaseOf } from '../risk/worst-case.ts';
import { evolve } from './evolve.ts';
import { checkInvariants } from './invariants.ts';
import { riskBookOf } from './risk-book.ts';
import { type EngineState, emptyState } from './state.ts';

const spot = listed('binance:BTC-USDT-SPOT', { kind: 'spot', wallet: 'spot' });
const perp = listed('binance:BTC-USDT-PERP', { kind: 'linear-perp', wallet: 'futures' });
const coinPerp = listed('binance:BTC-USD-INV', {
  kind: 'inverse-perp',
  wallet: 'coin-futures',
  quote: 'USD',
  settle: 'BTC',
  contractSize: decimal('100'),
  lotSize: decimal('1'),
});
let state: EngineState;
let wallMs = 0;
let fills = 0;

function listed(id: string, terms: Partial<Instrument>): Instrument {
  return {
    id,
    venue: 'binance',
    symbol: id,
    kind: 'spot',
    base: 'BTC',
    quote: 'USDT',
    settle: 'USDT',
    wallet: 'spot',
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
    ...terms,
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

function mark(price: number, coinPerpPrice = price): void {
  const of = (instrument: Instrument, at: number) => {
    return { instrument: instrument.id, price: at, ageMs: 0 };
  };
  put({ kind: 'marks', marks: [of(coinPerp, coinPerpPrice), of(perp, price), of(spot, price)] });
}

interface Trade {
  readonly side: 'buy' | 'sell';
  readonly qty: string;
  readonly price: string;
  readonly fee?: string;
}

/** Of a pair's order, or of nobody's (null). */
function trade(spec: Instrument, pairId: string | null, { side, qty, price, fee }: Trade): void {
  const id = `o${++fills}`;
  if (pairId !== null) {
    const draft = { ...draftOf(), clientOrderId: id, venue: spec.venue, instrument: spec.id, side };
    const limit = decimal(price);
    const order = { ...draft, qty: decimal(qty), limit, pairId, arrivalMid: Number(price) };
    effect({ kind: 'place-order', order: order as unknown as ApprovedOrder }); // a test's approval
  }
  const fill: FillEvent = {
    kind: 'fill',
    venue: spec.venue,
    symbol: spec.symbol,
    instrument: spec.id,
    venueTsMs: 1,
    fillId: id,
    clientOrderId: pairId === null ? 'by-hand' : id,
    venueOrderId: id,
    side,
    price: decimal(price),
    qty: decimal(qty),
    fee: decimal(fee ?? '0'),
    feeAsset: spec.settle,
    liquidity: 'taker',
    realizedPnl: null, // the books work it out
    forced: false,
  };
  put(fill);
}

function fund(amount: string): void {
  put({
    kind: 'funding-payment',
    venue: 'binance',
    symbol: coinPerp.symbol,
    instrument: coinPerp.id,
    venueTsMs: wallMs,
    id: `f${++fills}`,
    wallet: 'coin-futures',
    asset: 'BTC',
    amount: decimal(amount),
  });
}

function balance(wallet: string, asset: string, total: string): BalanceEvent {
  const of = { venue: 'binance', symbol: null, instrument: null, venueTsMs: 1 } as const;
  return { kind: 'balance', ...of, asset, total: decimal(total), available: null, wallet };
}

const cash = (wallet: string, asset: string): string =>
  formatDecimal(state.ledger.balances.get(`cash/binance/${wallet}|${asset}`) ?? zero);

const held = (spec: Instrument): string => formatDecimal(state.positions.get(spec.id)?.qty ?? zero);

/** What equity gained that no cause explains. */
function unexplained(): number {
  const { fundingUsd, basisUsd, residualDeltaUsd, feesUsd, borrowUsd, collateralFxUsd } =
    state.attribution;
  const causes = fundingUsd + basisUsd + residualDeltaUsd + feesUsd + borrowUsd + collateralFxUsd;
  return (state.equity.lastUsd ?? 0) - (state.equity.startUsd ?? 0) - causes;
}

beforeEach(() => {
  open(1);
});

function open(coins: number): void {
  state = emptyState();
  wallMs = 1_000;
  const boot = { runId: 'r', installation: 'abcdef', epoch: 1, seed: null, configDigest: '' };
  put({ kind: 'booted', venues: ['binance'], ...boot });
  const instruments = [spot, perp, coinPerp];
  const feeRates = { [coinPerp.id]: { taker: 0.0005, maker: 0.0001 } };
  put({ kind: 'instruments', venue: 'binance', instruments, feeRates });
  put({
    kind: 'venue-snapshot',
    venue: 'binance',
    requestId: 'r',
    ok: true,
    sinceMs: 0,
    openOrders: [],
    orders: [],
    fills: [],
    fundingPayments: [],
    balances: [
      balance('futures', 'USDT', '10000'),
      balance('coin-futures', 'BTC', formatDecimal(fromNumber(coins))),
    ],
    positions: [],
    error: null,
  });
  const intent = {
    kind: 'open',
    key: { strategy: 's', long: perp.id, short: coinPerp.id },
    qty: decimal('0.4'),
    longQty: null,
    longLimit: 1,
    shortLimit: 1,
    edge: {} as EdgeBreakdown, // not read here
  } as const;
  effect({ kind: 'pair-created', pairId: 'p1', intent });
}

describe('an inverse leg', () => {
  it('earns, pays and is paid in coin, by hand', () => {
    mark(50_000);
    // 10,000 USDT and 1 BTC at 50,000.
    expect(state.equity.startUsd).toBe(60_000);
    // Short 200 contracts of 100 USD: 20,000 USD are 0.4 BTC. Fee 5 bp: 0.0002 BTC = 10 USD.
    trade(coinPerp, 'p1', { side: 'sell', qty: '200', price: '50000', fee: '-0.0002' });
    expect(held(coinPerp)).toBe('-200');
    expect(cash('coin-futures', 'BTC')).toBe('0.9998');
    expect(state.attribution.feesUsd).toBeCloseTo(-10, 9);

    // At 40,000 the 20,000 USD are 0.5 BTC: + 0.1 BTC = + 4,000 USD, and nothing hedges it.
    // The coins: 0.9998 x (40,000 - 50,000) = - 9,998 USD.
    mark(40_000);
    expect(state.attribution.residualDeltaUsd).toBeCloseTo(4_000, 8);
    expect(state.attribution.collateralFxUsd).toBeCloseTo(-9_998, 8);
    // 10,000 + (0.9998 + 0.1) x 40,000 = 53,992 = 60,000 - 10 + 4,000 - 9,998.
    expect(state.equity.lastUsd).toBeCloseTo(53_992, 8);

    // Funding -(q m / P) F = -(-200 x 100 / 40,000) x 0.0001 = + 0.00005 BTC = 2 USD.
    fund('0.00005');
    expect(state.attribution.fundingUsd).toBeCloseTo(2, 9);
    expect(state.pairs.get('p1')?.fundingUsd).toBeCloseTo(2, 9);

    // Bought back at 40,000: 20,000 / 40,000 - 20,000 / 50,000 = 0.1 BTC realized; fee 0.00025 BTC.
    // 0.9998 + 0.00005 + 0.1 - 0.00025 = 1.0996 BTC.
    trade(coinPerp, 'p1', { side: 'buy', qty: '200', price: '40000', fee: '-0.00025' });
    expect(held(coinPerp)).toBe('0');
    expect(cash('coin-futures', 'BTC')).toBe('1.0996');
    expect(state.attribution.feesUsd).toBeCloseTo(-20, 9);

    // From here on it is coin and nothing else: 1.0996 x (44,000 - 40,000) = 4,398.40 USD.
    const fxBefore = state.attribution.collateralFxUsd;
    mark(44_000);
    expect(state.attribution.collateralFxUsd - fxBefore).toBeCloseTo(4_398.4, 7);
    expect(unexplained()).toBeCloseTo(0, 7);
  });

  it('hedges a linear one by its base units: the pair earns basis alone', () => {
    mark(50_000);
    trade(perp, 'p1', { side: 'buy', qty: '0.4', price: '50000' });
    trade(coinPerp, 'p1', { side: 'sell', qty: '200', price: '50000' });
    // Linear: 0.4 x -10,000 = -4,000 USD. Inverse: + 0.1 BTC x 40,000 = + 4,000 USD.
    mark(40_000);
    expect(state.attribution.basisUsd).toBeCloseTo(0, 8);
    expect(state.attribution.residualDeltaUsd).toBeCloseTo(0, 8);
    // Now the inverse falls 1 % below: 20,000 / 39,600 - 20,000 / 40,000 = 0.00505051 BTC, which
    // is 202.02 USD at the coin's own 40,000. 0.4 of its 0.5 base units are matched: 161.62 basis,
    // 40.40 of the rest.
    mark(40_000, 39_600);
    expect(state.attribution.basisUsd).toBeCloseTo(161.616, 2);
    expect(state.attribution.residualDeltaUsd).toBeCloseTo(40.404, 2);
    expect(unexplained()).toBeCloseTo(0, 7);
  });

  it('that is taken over from the account earns from its price on', () => {
    mark(50_000);
    const terms = { venue: 'binance', instrument: coinPerp.id } as const;
    effect({ kind: 'position-adopted', ...terms, qty: decimal('-200'), price: decimal('50000') });
    mark(40_000);
    // As above: 0.1 BTC = 4,000 USD.
    expect(state.attribution.residualDeltaUsd).toBeCloseTo(4_000, 8);
    trade(coinPerp, null, { side: 'buy', qty: '200', price: '40000' });
    expect(cash('coin-futures', 'BTC')).toBe('1.1');
    mark(40_000);
    expect(unexplained()).toBeCloseTo(0, 7);
  });

  it('counts what the coins of the wallet move apart from what the legs earn', () => {
    mark(50_000);
    mark(60_000);
    expect(state.attribution.collateralFxUsd).toBeCloseTo(10_000, 8);
    expect(state.attribution.residualDeltaUsd).toBe(0);
  });
});

describe('bills in coin', () => {
  const hour = 500_000 * hourMs;

  it('go by the notional in coin', () => {
    mark(50_000);
    // 20,000 USD at 50,000 are 0.4 BTC; x 0.0005 = 0.0002 BTC.
    trade(coinPerp, 'p1', { side: 'sell', qty: '200', price: '50000', fee: '-0.0002' });
    expect(state.bills).toMatchObject({ feesChecked: 1, feesDiffering: 0 });
    trade(coinPerp, 'p1', { side: 'sell', qty: '200', price: '50000', fee: '-0.00021' });
    expect(state.bills).toMatchObject({ feesChecked: 2, feesDiffering: 1 });

    // -(-400 x 100 / 40,000) x 0.0001 = + 0.0001 BTC.
    wallMs = hour;
    fund('0.0001');
    const terms = { venue: 'binance', instrument: coinPerp.id, settledAtMs: hour } as const;
    const [rate, price] = [decimal('0.0001'), decimal('40000')];
    put({ kind: 'funding-settled', ...terms, rate, mark: price });
    expect(state.bills).toMatchObject({ fundingChecked: 1, fundingDiffering: 0 });
  });
});

describe('the risk book', () => {
  it('counts an inverse in base units, its orders as well, and the coins beside it', () => {
    mark(50_000);
    const order = draftOf({ instrument: coinPerp.id, venue: 'binance', side: 'sell' });
    const sell200 = { ...order, qty: decimal('200') };
    // 1 BTC of collateral is long 50,000 USD; selling 200 x 100 USD leaves 30,000 at worst filled,
    // 50,000 at worst not.
    const all = { coinMarginShare: 1 };
    const before = worstCaseOf(riskBookOf(state, [], all, [coinPerp.id]), [sell200]);
    expect(before.netDeltaUsd.get('BTC')).toBeCloseTo(50_000, 8);
    expect(before.positionUsd.get(coinPerp.id)).toBeCloseTo(20_000, 8);
    trade(coinPerp, 'p1', { side: 'sell', qty: '500', price: '50000' });
    // Short 50,000 USD against 50,000 USD of coin: flat.
    const after = worstCaseOf(riskBookOf(state, [], { coinMarginShare: 1 }), []);
    expect(after.netDeltaUsd.get('BTC')).toBeCloseTo(0, 8);
    expect(after.grossUsd).toBeCloseTo(50_000, 8);
  });
});

type Step =
  | { readonly kind: 'mark'; readonly price: number; readonly gap: number }
  | { readonly kind: 'trade'; readonly qty: number; readonly gap: number; readonly own: boolean }
  | { readonly kind: 'linear'; readonly qty: number }
  | { readonly kind: 'fund'; readonly satoshi: number };

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant('mark' as const),
      price: fc.integer({ min: 20_000, max: 90_000 }),
      gap: fc.integer({ min: -300, max: 300 }),
    }),
    fc.record({
      kind: fc.constant('trade' as const),
      qty: fc.integer({ min: -400, max: 400 }).filter((qty) => qty !== 0),
      gap: fc.integer({ min: -300, max: 300 }),
      own: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('linear' as const),
      qty: fc.integer({ min: -400, max: 400 }).filter((qty) => qty !== 0),
    }),
    fc.record({
      kind: fc.constant('fund' as const),
      satoshi: fc.integer({ min: -100_000, max: 100_000 }),
    }),
  ),
  { maxLength: 30 },
);

describe('over any course of prices, trades and funding', () => {
  it('the causes sum to the change of equity and the ledger to zero per asset', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 0, max: 50 }), (course, coins) => {
        open(coins / 10);
        let price = 50_000;
        mark(price);
        for (const step of course) {
          if (step.kind === 'mark') {
            price = step.price;
            mark(price, price + step.gap);
          } else if (step.kind === 'fund') {
            fund(formatDecimal(fromNumber(step.satoshi / 1e8)));
          } else {
            const isCoin = step.kind === 'trade';
            const qty = isCoin ? Math.abs(step.qty) : Math.abs(step.qty) / 1_000;
            const fee = isCoin ? '-0.00001' : '-0.01';
            const at = isCoin ? price + step.gap : price;
            const side = step.qty > 0 ? 'buy' : 'sell';
            const pairId = isCoin && !step.own ? null : 'p1';
            const terms = { side, qty: String(qty), price: String(at), fee } as const;
            trade(isCoin ? coinPerp : perp, pairId, terms);
          }
        }
        mark(price);
        for (const residual of residualsOf(state.ledger).values()) expect(residual).toBe(zero);
        expect(Math.abs(unexplained())).toBeLessThan(1e-4);
      }),
      { numRuns: 200 },
    );
  });
});
