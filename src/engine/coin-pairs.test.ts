// Pairs with an inverse leg through the engine: opened, completed and closed in contracts, hedged
// at the price of the entry, with every dollar in its cause and the coins of the margin apart.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  balance,
  binancePerp,
  EngineRig,
  okxPerp,
  ordersIn,
  quote,
} from '../../test/support/engine-rig.ts';
import { decimal, formatDecimal, one, zero } from '../base/decimal.ts';
import type { Effect } from '../domain/event.ts';
import { Catalog, type Instrument } from '../domain/instrument.ts';
import { residualsOf } from '../domain/ledger.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import type { OrderDraft } from '../domain/order.ts';
import { deltaOf } from '../domain/pair.ts';
import type { LegView, PairView } from '../domain/view.ts';
import { worstCaseOf } from '../risk/worst-case.ts';
import { coinPerps } from '../strategy/coin-perps.ts';
import { newDecision, send, submit } from './decision.ts';
import { legViewOf } from './legs.ts';
import { riskBookOf } from './risk-book.ts';

const okxCoin: Instrument = {
  ...okxPerp,
  id: 'okx:BTC-USD-INV',
  kind: 'inverse-perp',
  quote: 'USD',
  settle: 'BTC',
  contractSize: decimal('100'),
  lotSize: one,
  qtyMin: one,
};
const binanceCoin: Instrument = {
  ...okxCoin,
  id: 'binance:BTC-USD-INV',
  venue: 'binance',
  wallet: 'coin-futures',
  contractSize: decimal('10'),
};
const params = { ...coinPerps.defaults, notionalUsdMin: 100 };
const hourMs = 3_600_000;

function coins(venue: string, wallet: string) {
  return { ...balance(venue, wallet, decimal('2')), asset: 'BTC' };
}

/** Two BTC lie as margin at each venue. */
function running(over: object = {}): EngineRig {
  const limits = { ...new EngineRig().policy.limits, ...over };
  const rig = new EngineRig({ strategies: [{ strategy: coinPerps, params }], limits });
  rig.boot();
  for (const [venue, instruments, wallet] of [
    ['binance', [binancePerp, binanceCoin], 'coin-futures'],
    ['okx', [okxPerp, okxCoin], 'unified'],
  ] as const) {
    rig.put({ kind: 'instruments', venue, instruments, feeRates: {} });
    for (const channel of ['rest', 'public', 'private'] as const) rig.status(venue, channel, 'up');
    const dollars = balance(venue, venue === 'okx' ? 'unified' : 'futures', decimal('100000'));
    rig.snapshot(venue, { balances: [dollars, coins(venue, wallet)] });
  }
  marks(rig, 50_000);
  return rig;
}

function marks(rig: EngineRig, price: number, coinGap = 0): readonly Effect[] {
  const at = (of: Instrument, gap: number) => {
    return { instrument: of.id, price: price + gap, ageMs: 0 };
  };
  const linear = [at(binancePerp, 0), at(okxPerp, 0)];
  return rig.put({ kind: 'marks', marks: [...linear, at(binanceCoin, 0), at(okxCoin, coinGap)] });
}

function view(rig: EngineRig, of: Instrument, price: number, rate: number): LegView {
  const settlesAtMs = rig.wallMs + hourMs / 2;
  return quote(of, {
    ...{ bid: price - 1, ask: price + 1, mark: price, index: price },
    funding: { ratePerInterval: rate, intervalMs: hourMs, settlesAtMs },
  });
}

function seen(rig: EngineRig, long: Instrument, short: Instrument, price = 50_000) {
  const views: PairView = {
    ...{ strategy: 'coin-perps', long: long.id, short: short.id },
    ...{ tsMs: rig.wallMs, wallMs: rig.wallMs },
    longLeg: view(rig, long, price, 0),
    shortLeg: view(rig, short, price, 0.002),
  };
  return rig.put({ kind: 'pair-seen', passes: true, view: views });
}

/** What the pair's timer does, at quotes of this price. */
function look(rig: EngineRig, price: number, ...legs: readonly Instrument[]): readonly Effect[] {
  const timer = 'pair:p1-1';
  rig.wallMs = Math.max(rig.wallMs, rig.state.timers.get(timer)?.dueMs ?? 0);
  return rig.put(
    { kind: 'timer', timer },
    legs.map((leg) => view(rig, leg, price, 0)),
  );
}

function fill(rig: EngineRig, id: string, price: number, qty?: string): readonly Effect[] {
  const known = rig.state.orders.get(id)?.order;
  const isCoin = known?.instrument.endsWith('-INV');
  const effects = rig.put({
    ...rig.fillOf(id, { price: decimal(String(price)), feeAsset: isCoin ? 'BTC' : 'USDT' }),
    ...(qty === undefined ? {} : { qty: decimal(qty) }),
    realizedPnl: null, // the books work it out
  });
  return effects;
}

/** The rest of an order is cancelled, with fresh quotes of the legs of `binancePerp, okxCoin`. */
function ended(rig: EngineRig, id: string | undefined, filledQty: string): readonly Effect[] {
  const known = rig.state.orders.get(id ?? '')?.order;
  if (known === undefined) throw new Error('no such order');
  const { venue, instrument, clientOrderId, side, qty } = known;
  const at = { venueTsMs: rig.wallMs, symbol: null, venueOrderId: null, reason: null };
  const figures = { limit: null, averagePrice: null, reduceOnly: null };
  return rig.put(
    {
      ...{ kind: 'order', status: 'canceled', venue, instrument, clientOrderId, side, qty },
      ...{ ...at, ...figures, filledQty: decimal(filledQty) },
    },
    [view(rig, binancePerp, 50_000, 0), view(rig, okxCoin, 50_000, 0)],
  );
}

const pairOf = (rig: EngineRig) => {
  const [pair] = rig.state.pairs.values();
  if (pair === undefined) throw new Error('no pair');
  return pair;
};
const sent = (effects: readonly Effect[]) =>
  ordersIn(effects).map(({ side, qty, instrument, purpose, reduceOnly }) => {
    const text = `${purpose} ${side} ${formatDecimal(qty)} ${instrument}`;
    return reduceOnly ? `${text} reduce-only` : text;
  });

/** Opened and filled at the price. */
function opened(rig: EngineRig, long: Instrument, short: Instrument, price = 50_000): void {
  for (const { clientOrderId } of ordersIn(seen(rig, long, short, price))) {
    fill(rig, clientOrderId, price);
  }
  look(rig, price, long, short);
  expect(pairOf(rig).phase).toBe('open');
}

function unexplained({ state }: EngineRig): number {
  const { fundingUsd, basisUsd, residualDeltaUsd, feesUsd, borrowUsd, collateralFxUsd } =
    state.attribution;
  const causes = fundingUsd + basisUsd + residualDeltaUsd + feesUsd + borrowUsd + collateralFxUsd;
  return (state.equity.lastUsd ?? 0) - (state.equity.startUsd ?? 0) - causes;
}

describe('a pair with an inverse leg', () => {
  it('opens in base units on the linear leg and in contracts on the inverse one', () => {
    const rig = running();
    // At most 4,000 USD at 50,001; one contract of 100 USD at the bid of 49,999 is 0.00200004 BTC.
    expect(sent(seen(rig, binancePerp, okxCoin))).toEqual([
      'entry buy 0.078 binance:BTC-USDT-PERP',
      'entry sell 39 okx:BTC-USD-INV',
    ]);
    const { bandQty, units } = pairOf(rig);
    expect(formatDecimal(units?.short ?? zero)).toBe('0.00200004');
    expect(bandQty).toBe(units?.short);
  });

  it('of two inverse legs holds equal dollars of face', () => {
    const rig = running();
    expect(sent(seen(rig, binanceCoin, okxCoin))).toEqual([
      'entry buy 400 binance:BTC-USD-INV',
      'entry sell 40 okx:BTC-USD-INV',
    ]);
    for (const id of [...rig.state.orders.keys()]) fill(rig, id, 50_000);
    expect(deltaOf(pairOf(rig))).toBe(zero);
  });

  it('whose inverse leg filled in part is completed by the contracts that are missing', () => {
    const rig = running();
    const [buy, sell] = ordersIn(seen(rig, binancePerp, okxCoin));
    fill(rig, buy?.clientOrderId ?? '', 50_000);
    fill(rig, sell?.clientOrderId ?? '', 50_000, '30');
    const effects = ended(rig, sell?.clientOrderId, '30');
    // 0.078 BTC less 30 x 0.00200004 leaves 0.0179988: 8 contracts, and less than one is flat.
    expect(sent(effects)).toContain('hedge sell 8 okx:BTC-USD-INV');
  });

  it('whose linear leg filled in part is completed in base units, or cut in contracts', () => {
    const rig = running();
    const [buy, sell] = ordersIn(seen(rig, binancePerp, okxCoin));
    fill(rig, sell?.clientOrderId ?? '', 50_000);
    fill(rig, buy?.clientOrderId ?? '', 50_000, '0.05');
    const effects = ended(rig, buy?.clientOrderId, '0.05');
    // 39 x 0.00200004 - 0.05 = 0.02800156.
    expect(sent(effects)).toContain('hedge buy 0.028 binance:BTC-USDT-PERP');
    const halted = running();
    const [first, second] = ordersIn(seen(halted, binancePerp, okxCoin));
    fill(halted, second?.clientOrderId ?? '', 50_000);
    fill(halted, first?.clientOrderId ?? '', 50_000, '0.05');
    halted.put({ kind: 'operator', command: 'halt', by: 'desk' });
    const cut = ended(halted, first?.clientOrderId, '0.05');
    expect(sent(cut)).toContain('unwind buy 14 okx:BTC-USD-INV reduce-only');
  });

  it('that was entered far from the price looked at is hedged at that of its entry', () => {
    const rig = running();
    const [buy, sell] = ordersIn(seen(rig, binancePerp, okxCoin));
    fill(rig, buy?.clientOrderId ?? '', 50_000);
    // Bought late: 3,900 USD are 0.0709 BTC there, and not the 0.078 that were looked at.
    const effects = [
      ...fill(rig, sell?.clientOrderId ?? '', 55_000),
      ...look(rig, 50_000, binancePerp, okxCoin),
      ...look(rig, 50_000, binancePerp, okxCoin),
    ];
    expect(formatDecimal(pairOf(rig).units?.short ?? zero)).toBe('0.0018181818');
    expect(sent(effects)).toEqual(['unwind sell 0.007 binance:BTC-USDT-PERP reduce-only']);
  });

  it('rests on its coarser grid alone: the other one can follow every fill of it', () => {
    const rig = running();
    seen(rig, binancePerp, okxCoin);
    // A contract is 0.002 BTC, a lot of the linear one 0.001.
    const rests = (name: string) =>
      pairOf(rig).plan.costs.find(({ mode, makerLeg }) => {
        return mode === 'maker-taker' && makerLeg === name;
      })?.ruledOut;
    expect(rests('long')).toBe('the coarser grid could not follow its fills');
    expect(rests('short')).not.toBe(rests('long'));
  });

  it('does not trade for the price alone, and a flatten closes what is held', () => {
    const rig = running();
    opened(rig, binancePerp, okxCoin);
    const [before] = [rig.state.counters.ordersSent];
    for (const price of [60_000, 30_000, 90_000]) {
      marks(rig, price);
      look(rig, price, binancePerp, okxCoin);
      expect(pairOf(rig)).toMatchObject({ phase: 'open', nakedSinceWallMs: null });
    }
    expect(rig.state.counters.ordersSent).toBe(before);
    rig.put({ kind: 'operator', command: 'halt-flatten', by: 'desk' });
    const orders = look(rig, 90_000, binancePerp, okxCoin);
    expect(sent(orders)).toEqual([
      'unwind sell 0.078 binance:BTC-USDT-PERP reduce-only',
      'unwind buy 39 okx:BTC-USD-INV reduce-only',
    ]);
    for (const { clientOrderId } of ordersIn(orders)) fill(rig, clientOrderId, 90_000);
    look(rig, 90_000, binancePerp, okxCoin);
    expect(pairOf(rig).phase).toBe('closed');
    marks(rig, 80_000);
    expect(unexplained(rig)).toBeCloseTo(0, 6);
  });

  it('earns the difference of its prices and nothing by the price, however far that goes', () => {
    const rig = running();
    opened(rig, binancePerp, okxCoin);
    const start = { ...rig.state.attribution };
    for (const price of [55_000, 62_000, 40_000, 25_000]) marks(rig, price);
    const { basisUsd, residualDeltaUsd, collateralFxUsd } = rig.state.attribution;
    // Short 39 contracts of 100 USD at 50,000: 0.078 BTC, as much as the linear leg holds.
    expect(basisUsd - start.basisUsd).toBeCloseTo(0, 1);
    expect(residualDeltaUsd - start.residualDeltaUsd).toBeCloseTo(0, 1);
    // The margin is the owner's: 4 BTC x (25,000 - 50,000).
    expect(collateralFxUsd - start.collateralFxUsd).toBeCloseTo(-100_000, 6);
    // The inverse falls 1 % below, and prices the coin: 0.078 BTC at a difference of 250 USD.
    marks(rig, 25_000, -250);
    const gained = rig.state.attribution.basisUsd - basisUsd;
    expect(gained).toBeCloseTo(19.5, 2);
    expect(unexplained(rig)).toBeCloseTo(0, 6);
  });

  it('over any course of prices has no cause but basis and coins, and balanced books', () => {
    const course = fc.array(fc.integer({ min: 15_000, max: 150_000 }), { maxLength: 12 });
    const legs = fc.constantFrom(
      [binancePerp, okxCoin] as const,
      [binanceCoin, okxPerp] as const,
      [binanceCoin, okxCoin] as const,
    );
    fc.assert(
      fc.property(course, legs, (prices, [long, short]) => {
        const rig = running();
        opened(rig, long, short);
        for (const price of prices) marks(rig, price);
        for (const residual of residualsOf(rig.state.ledger).values()) expect(residual).toBe(zero);
        expect(Math.abs(unexplained(rig))).toBeLessThan(1e-5);
        // What the finer grid left over, 0.00000156 BTC, may move.
        const left = Math.abs(rig.state.attribution.residualDeltaUsd);
        expect(left).toBeLessThan(1);
        expect(Math.abs(rig.state.attribution.basisUsd)).toBeLessThan(1);
      }),
      { numRuns: 60 },
    );
  });
});

it('a view shows contracts as base units, each level at its own price', () => {
  const catalog = new Catalog();
  const table = new MarketTable(4);
  for (const of of [binancePerp, okxCoin]) {
    const index = catalog.put(of);
    table.set(index, slot.bid, 50_000);
    table.set(index, slot.bidQty, 10);
    table.set(index, slot.ask, 50_010);
    table.set(index, slot.askQty, 20);
    table.books[index] = {
      wallMs: 0,
      bids: [
        [50_000, 10],
        [40_000, 8],
      ],
      asks: [[50_010, 20]],
    };
  }
  const market = { catalog, table, takerFeeRate: () => 0.0005 };
  // 10 contracts of 100 USD at 50,000 are 0.02 BTC; 8 at 40,000 as many.
  const coin = legViewOf(market, okxCoin.id, 0);
  expect(coin).toMatchObject({
    bidQty: 0.02,
    bids: [
      [50_000, 0.02],
      [40_000, 0.02],
    ],
  });
  expect(coin?.askQty).toBeCloseTo(2_000 / 50_010, 12);
  expect(coin?.asks[0]?.[1]).toBeCloseTo(2_000 / 50_010, 12);
  expect(legViewOf(market, binancePerp.id, 0)).toMatchObject({ bidQty: 10, askQty: 20 });
});

describe('risk of a pair with an inverse leg', () => {
  const netOf = (rig: EngineRig) =>
    worstCaseOf(riskBookOf(rig.state, [], rig.policy.limits), []).netDeltaUsd.get('BTC');

  it('the margin is its owner’s, what the leg earns in coin is part of the pair', () => {
    const rig = running();
    opened(rig, binancePerp, okxCoin);
    for (const price of [50_000, 80_000, 20_000]) {
      marks(rig, price);
      // Contracts of 3,900 USD, 0.078 BTC, and the coins gained since: flat at any price.
      expect(Math.abs(netOf(rig) ?? Number.NaN)).toBeLessThan(1);
    }
  });

  it('a fall of the margin is no loss to the limits, a loss of the pair is', () => {
    const fallen = (share: number) => {
      const rig = running({ coinMarginShare: share, netDeltaUsdMax: 1e9 });
      opened(rig, binancePerp, okxCoin);
      // Four coins lose 1,000 USD each: 4,000 of 400,000 USD.
      marks(rig, 49_000);
      return rig;
    };
    expect(fallen(1).state.modeReason).toMatch(/daily loss 4\d\d\d/);
    const rig = fallen(0);
    expect(rig.state.mode).toBe('running');
    expect(rig.state.equity.lastUsd).toBeLessThan(397_000);
    // The inverse leg rises by 800 USD alone: short 0.078 BTC of it.
    const lossOf = () => {
      const book = riskBookOf(rig.state, [], rig.policy.limits);
      return (book.dayStartEquityUsd ?? Number.NaN) - (book.equityUsd ?? Number.NaN);
    };
    const before = lossOf();
    marks(rig, 49_000, 800);
    expect(lossOf() - before).toBeCloseTo((3_900 / 50_000) * 800, 0);
  });

  it('coins that were bought to be margin count, and then nothing opens beyond the limit', () => {
    const rig = running({ coinMarginShare: 1 });
    const effects = seen(rig, binancePerp, okxCoin);
    expect(sent(effects)).toEqual([]);
    const denied = effects.find((effect) => effect.kind === 'intent-denied');
    // 4 BTC at 50,000 are 200,000 USD of net delta.
    expect(denied?.denials.map(({ code }) => code)).toEqual(['net-delta-limit']);
  });
});

describe('what the same decision has sent', () => {
  it.each([
    [25_000, true],
    [15_000, false],
  ])('counts in dollars of its face: 20,000 under a limit of %i', (positionUsdMax, isApproved) => {
    const wide = { grossExposureUsdMax: 1e6, venueExposureUsdMax: 1e6, netDeltaUsdMax: 1e6 };
    const rig = running({ ...wide, positionUsdMax });
    const decision = newDecision(rig.state, rig.policy, [quote(okxCoin)]);
    // 100 contracts of 100 dollars each time.
    const draft = (clientOrderId: string): OrderDraft => ({
      clientOrderId,
      ...{ venue: okxCoin.venue, instrument: okxCoin.id, side: 'sell', qty: decimal('100') },
      ...{ limit: decimal('50000'), timeInForce: 'ioc', reduceOnly: false, purpose: 'entry' },
      ...{ pairId: 'p1-9', arrivalMid: 50_000 },
    });
    const first = submit(decision, [draft('first')], 'first');
    expect(first).not.toBeNull();
    send(decision, first ?? []);
    expect(submit(decision, [draft('second')], 'second') !== null).toBe(isApproved);
  });
});
