// What sets the simulated Hyperliquid apart: an hourly eighth of the eight-hour rate, paid on the
// oracle price, in USDC.
import { describe, expect, it } from 'vitest';
import { scriptedMarket } from '../../../test/support/scripted-market.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { createSimExchange } from '../exchange.ts';
import { formulaOf, fundingRate, hyperliquidFormula } from '../funding-formula.ts';
import { seededMarket } from '../seeded-market.ts';
import { hyperliquidListings } from './hyperliquid.ts';

const terms = { intervalMs: hourMs, cap: 0.04, floor: -0.04 };

describe('funding at Hyperliquid', () => {
  it.each([
    // (1% - 0.05%) / 8
    ['a premium of 1%', 0.01, 0.0011875],
    // Inside 0.01% +- 0.05% the interest alone is paid: 0.01% / 8.
    ['a premium of 0.03%', 0.0003, 0.0000125],
    ['no premium', 0, 0.0000125],
    // (-0.5% + 0.05%) / 8
    ['a discount of 0.5%', -0.005, -0.0005625],
    // (40% - 0.05%) / 8 = 4.99%, over the cap of 4% an hour.
    ['a premium beyond the cap', 0.4, 0.04],
  ])('of %s is the eighth that an hour has', (_name, premium, rate) => {
    expect(hyperliquidFormula.rate(premium, terms)).toBeCloseTo(rate, 12);
    expect(formulaOf('hyperliquid')).toBe(hyperliquidFormula);
  });

  it('weighs all samples of the hour alike: (0% + 2%) / 2 = 1%', () => {
    expect(fundingRate(hyperliquidFormula, [0, 0.02], terms)).toBeCloseTo(0.0011875, 12);
    expect(fundingRate(hyperliquidFormula, [0.02, 0], terms)).toBeCloseTo(0.0011875, 12);
  });

  it('is paid on the oracle price, not on the mark', () => {
    const scripted = scriptedMarket('hyperliquid', { rate: () => 0.001, intervalMs: () => hourMs });
    const market = { ...scripted, mark: () => 110 };
    const wallets = ['unified', 'perp'].map((wallet) => ({
      ...{ wallet, asset: 'USDT', amount: decimal('10000') },
    }));
    const paidBy = (venue: 'mark' | 'index'): bigint => {
      const exchange = createSimExchange({
        venue: 'hyperliquid',
        market,
        startBalances: wallets,
        ...(venue === 'mark' ? { rules: { fundingPrice: 'mark' as const } } : {}),
      });
      const now = { tsMs: market.startMs, wallMs: 0 };
      const placed = exchange.place(
        {
          instrument: scripted.perp,
          clientOrderId: null,
          side: 'sell',
          type: 'market',
          timeInForce: 'ioc',
          qty: decimal('2'),
          limit: null,
          reduceOnly: false,
        },
        now,
      );
      expect(placed.ok).toBe(true);
      exchange.advance({ tsMs: market.startMs + hourMs, wallMs: 1 });
      return exchange.fundingPayments({})[0]?.amount ?? 0n;
    };
    // Short 2 at 0.1%: 2 x 100 x 0.001 = 0.2 on the oracle's 100, 0.22 on the mark's 110.
    expect(paidBy('index')).toBe(decimal('0.2'));
    expect(paidBy('mark')).toBe(decimal('0.22'));
  });
});

describe('the listings of Hyperliquid', () => {
  it('settle hourly in USDC, and kPEPE is a thousand PEPE', () => {
    const perps = hyperliquidListings.filter(({ instrument }) => instrument.kind !== 'spot');
    for (const { instrument } of perps) {
      expect(instrument).toMatchObject({ quote: 'USDC', settle: 'USDC', wallet: 'perp' });
      expect(instrument.fundingIntervalMs).toBe(hourMs);
    }
    const pepe = perps.find(({ instrument }) => instrument.symbol === 'kPEPE')?.instrument;
    expect(pepe).toMatchObject({
      ...{ id: 'hyperliquid:PEPE-USDC-PERP', base: 'PEPE', lotSize: decimal('1000') },
      ...{ tickSize: decimal('0.000000001'), priceUnit: decimal('1000') },
    });
  });

  it('change nothing at the other venues of a seeded market', () => {
    const startMs = 20_458 * 24 * hourMs;
    const three = seededMarket({ seed: 7, startMs });
    const venues = [...three.venues, 'hyperliquid'];
    const four = seededMarket({ seed: 7, startMs, venues });
    const at = startMs + 5 * hourMs;
    for (const venue of three.venues) {
      for (const { instrument } of three.instruments(venue)) {
        expect(four.mid(instrument.id, at)).toBe(three.mid(instrument.id, at));
      }
    }
    const rate = four.fundingEstimate('hyperliquid:SOL-USDC-PERP', at);
    // The standing premium of SOL, 10 bp, pays about (10 - 5) / 8 bp an hour.
    expect(rate).toBeGreaterThan(0);
    expect(rate).toBeLessThan(0.0002);
  });
});
