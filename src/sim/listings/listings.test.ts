import { describe, expect, it } from 'vitest';
import { decimal, isMultipleOf, minus, times, toNumber, zero } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { Catalog, isPerp, marketOf } from '../../domain/instrument.ts';
import type { SimInstrument } from '../api.ts';
import { listingsOf, simulatedVenues } from './listings-of.ts';

function listing(id: string): SimInstrument {
  const found = listingsOf(id.split(':')[0] ?? '').find(({ instrument }) => instrument.id === id);
  expect(found, id).toBeDefined();
  return found as SimInstrument;
}

describe('the instrument tables', () => {
  it('list at least 12 perpetuals and 8 spot pairs per venue, each with its own id', () => {
    for (const venue of simulatedVenues) {
      const catalog = new Catalog();
      for (const { instrument } of listingsOf(venue)) catalog.put(instrument);
      expect(catalog.size).toBe(listingsOf(venue).length);
      const perps = catalog.all().filter(({ kind }) => isPerp(kind));
      expect(perps.length).toBeGreaterThanOrEqual(12);
      expect(catalog.size - perps.length).toBeGreaterThanOrEqual(8);
      for (const { kind, symbol, id } of catalog.all()) {
        expect(catalog.bySymbol(venue, marketOf(kind), symbol)?.id).toBe(id);
      }
    }
  });

  it('give every contract positive grids that its minimum lies on', () => {
    for (const {
      instrument,
      marginTiers: { tiers },
    } of simulatedVenues.flatMap(listingsOf)) {
      const { tickSize, lotSize, qtyMin, qtyMax } = instrument;
      expect(tickSize !== null && tickSize > zero, instrument.id).toBe(true);
      expect(lotSize !== null && lotSize > zero, instrument.id).toBe(true);
      expect(qtyMin !== null && lotSize !== null && isMultipleOf(qtyMin, lotSize)).toBe(true);
      expect(qtyMax !== null && qtyMin !== null && qtyMax > qtyMin).toBe(true);
      expect(tiers.length > 0).toBe(isPerp(instrument.kind));
      expect(instrument.fundingIntervalMs !== null).toBe(isPerp(instrument.kind));
    }
  });

  it('have contracts of 8, 4 and 1 hours at every venue', () => {
    for (const venue of simulatedVenues) {
      const hours = listingsOf(venue).map(
        ({ instrument }) => (instrument.fundingIntervalMs ?? 0) / hourMs,
      );
      expect([...new Set(hours)].sort()).toEqual([0, 1, 4, 8]);
    }
  });

  it('convert contracts: 1 BTC-USDT-SWAP is 0.01 BTC, a lot of 0.01 contracts 0.0001 BTC', () => {
    const { instrument } = listing('okx:BTC-USDT-PERP');
    expect(instrument.symbol).toBe('BTC-USDT-SWAP');
    expect(instrument.qtyUnit).toBe(decimal('0.01'));
    expect(instrument.lotSize).toBe(decimal('0.0001'));
  });

  it('convert multiples: 1000PEPE at tick 1e-7 is PEPE at tick 1e-10, in lots of 1000', () => {
    const binance = listing('binance:PEPE-USDT-PERP');
    expect(binance.instrument.symbol).toBe('1000PEPEUSDT');
    expect(binance.instrument.tickSize).toBe(decimal('0.0000000001'));
    expect(binance.instrument.lotSize).toBe(decimal('1000'));
    expect(binance.underlying).toBe('PEPE');
    const okx = listing('okx:PEPE-USDT-PERP').instrument;
    expect(okx.lotSize).toBe(times(decimal('0.1'), decimal('10000000')));
    expect(okx.priceUnit).toBe(decimal('1'));
    expect(listing('bybit:PEPE-USDT-PERP').instrument.symbol).toBe('1000PEPEUSDT');
  });

  it.each([
    ['binance:BTC-USDT-PERP', '0.0002', '0.0005'],
    ['binance:BTC-USDT-SPOT', '0.001', '0.001'],
    ['okx:BTC-USDT-PERP', '0.0002', '0.0005'],
    ['okx:BTC-USDT-SPOT', '0.0008', '0.001'],
    ['bybit:BTC-USDT-PERP', '0.0002', '0.00055'],
    ['bybit:BTC-USDT-SPOT', '0.001', '0.001'],
  ])('charge at %s a maker %s and a taker %s', (id, maker, taker) => {
    expect(listing(id).feeRateMaker).toBe(decimal(maker));
    expect(listing(id).feeRateTaker).toBe(decimal(taker));
  });

  it('know nothing of a venue that is not simulated', () => {
    expect(listingsOf('kraken')).toEqual([]);
  });
});

describe('margin tiers', () => {
  it('ask no less margin for more notional, on both sides of every ceiling', () => {
    for (const { instrument, marginTiers } of simulatedVenues.flatMap(listingsOf)) {
      const { unit, tiers } = marginTiers;
      expect(unit, instrument.id).toBe(
        instrument.venue === 'okx' && isPerp(instrument.kind) ? 'quantity' : 'notional',
      );
      tiers.forEach((tier, k) => {
        const before = tiers[k - 1];
        if (before === undefined) return;
        const size = before.sizeMax;
        const at = (of: typeof tier) =>
          toNumber(minus(times(size, of.maintenanceRate), of.maintenanceAmount));
        // Of the whole position where contracts are counted: more from there on.
        if (unit === 'notional') expect(at(tier)).toBeCloseTo(at(before), 6);
        else expect(at(tier)).toBeGreaterThan(at(before));
        expect(tier.leverageMax).toBeLessThan(before.leverageMax);
      });
    }
  });
});
