import { describe, expect, it } from 'vitest';
import {
  fixture as binanceFixture,
  exampleCatalog,
  requestOf,
} from '../../test/support/binance-fixtures.ts';
import {
  fixtureCatalog as bybitCatalog,
  fixture as bybitFixture,
  requestTo,
} from '../../test/support/bybit-fixtures.ts';
import { decodeReplyFixture } from '../../test/support/hyperliquid-fixtures.ts';
import { okxCatalog, okxFixture, okxReply } from '../../test/support/okx-fixtures.ts';
import { decimal, formatDecimal } from '../base/decimal.ts';
import type { VenueEvent } from '../domain/venue-event.ts';
import { binance } from './binance/index.ts';
import { bybit } from './bybit/index.ts';
import { tableOf } from './margin-tiers.ts';

/** `unit: size/leverage/rate/amount ...` by instrument. */
function tiersIn(events: readonly VenueEvent[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    events.flatMap((event) => {
      if (event.kind !== 'margin-tiers') return [];
      const { unit, tiers } = event.table;
      const texts = tiers.map((tier) =>
        [
          formatDecimal(tier.sizeMax),
          tier.leverageMax,
          formatDecimal(tier.maintenanceRate),
          formatDecimal(tier.maintenanceAmount),
        ].join('/'),
      );
      return [[event.instrument, `${unit}: ${texts.join(' ')}`]];
    }),
  );
}

function ratesIn(events: readonly VenueEvent[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.kind === 'borrow-rate' ? [[event.asset, event.ratePerHour]] : [],
    ),
  );
}

const ofBinance = (line: string, name: string) =>
  binance.decodeReply(
    requestOf(line),
    { status: 200, body: binanceFixture(name) },
    exampleCatalog(),
  );
const ofBybit = (line: string, name: string) =>
  bybit.decodeReply(requestTo(line), { status: 200, body: bybitFixture(name) }, bybitCatalog());

describe('margin tiers, each in the unit that its venue states', () => {
  it('Binance USD-M: notional in quote, also of a contract of 1000', () => {
    const events = ofBinance('GET /fapi/v1/leverageBracket', 'usdm-leverage-bracket');
    expect(tiersIn(events)).toEqual({
      'binance:BTC-USDT-PERP':
        'notional: 300000/125/0.004/0 800000/100/0.005/300 3000000/75/0.0065/1500',
      'binance:PEPE-USDT-PERP': 'notional: 10000/75/0.0065/0 80000/50/0.01/35',
    });
  });

  it('Binance COIN-M: notional in coin', () => {
    const events = ofBinance('GET /dapi/v2/leverageBracket', 'coinm-leverage-bracket');
    expect(tiersIn(events)).toEqual({
      'binance:BTC-USD-INV': 'notional: 5/125/0.004/0 10/100/0.005/0.005 20/50/0.01/0.055',
    });
  });

  it('OKX: contracts, 1,000 of 0.01 BTC are 10 BTC; inverse ones stay contracts', () => {
    const line = 'GET /api/v5/public/position-tiers?instType=SWAP&tdMode=cross';
    const events = okxReply(line, okxFixture('reply-position-tiers'), okxCatalog());
    expect(tiersIn(events)).toEqual({
      'okx:BTC-USDT-PERP': 'quantity: 10/100/0.004/0 50/75/0.006/0',
      'okx:BTC-USD-INV': 'quantity: 9999/100/0.004/0',
    });
  });

  it('Bybit: fractions, or per cent where one over the leverage says so', () => {
    const linear = ofBybit('GET /v5/market/risk-limit?category=linear', 'rest-risk-limit-linear');
    expect(tiersIn(linear)).toEqual({
      'bybit:BTC-USDT-PERP': 'notional: 2000000/100/0.005/0 4000000/90/0.0056/1200',
    });
    const inverse = ofBybit(
      'GET /v5/market/risk-limit?category=inverse',
      'rest-risk-limit-inverse',
    );
    expect(tiersIn(inverse)).toEqual({
      'bybit:BTC-USD-INV': 'notional: 150/100/0.005/0 300/66.67/0.01/0.75',
    });
  });

  it('Hyperliquid: half of the initial margin at the highest leverage of the tier', () => {
    // 1 / (2 x 40) to 150 million, then 1 / (2 x 20) less 150 million x 1.25%.
    expect(tiersIn(decodeReplyFixture('rest-meta'))).toEqual({
      'hyperliquid:BTC-USDC-PERP':
        'notional: 150000000/40/0.0125/0 1000000000000000/20/0.025/1875000',
      'hyperliquid:SOL-USDC-PERP': 'notional: 1000000000000000/20/0.025/0',
    });
  });

  it('with a tier that cannot be read are no table', () => {
    const row = {
      sizeMax: decimal('10'),
      leverageMax: 10,
      maintenanceRate: decimal('0.01'),
      maintenanceAmount: decimal('0'),
    };
    expect(tableOf('notional', [row])?.tiers).toHaveLength(1);
    for (const odd of [
      { sizeMax: null },
      { maintenanceRate: null },
      { maintenanceRate: decimal('1.5') },
      { leverageMax: 0 },
      { maintenanceAmount: null },
      { sizeMax: decimal('10') },
    ]) {
      expect(tableOf('notional', [row, { ...row, sizeMax: decimal('20'), ...odd }])).toBeNull();
    }
    expect(tableOf('notional', [])).toBeNull();
  });
});

it('borrow rates are fractions per hour; a coin that is not lent has none', () => {
  expect(
    ratesIn(
      ofBinance('GET /sapi/v1/margin/next-hourly-interest-rate', 'spot-margin-hourly-interest'),
    ),
  ).toEqual({ BTC: 0.00000571, ETH: 0.00000578 });
  const okxRates = okxFixture('reply-interest-rate');
  expect(ratesIn(okxReply('GET /api/v5/account/interest-rate', okxRates, okxCatalog()))).toEqual({
    BTC: 0.0000011415525114,
    USDT: 0.0000057077625571,
  });
  expect(ratesIn(ofBybit('GET /v5/spot-margin-trade/data', 'rest-margin-data'))).toEqual({
    BTC: 0.000001502122,
  });
});
