// ccxt's rows with `number: String` -> our events: contracts to base units, signs, and what is not
// said.
import { describe, expect, it } from 'vitest';
import { decimal } from '../../base/decimal.ts';
import type { Instrument } from '../../domain/instrument.ts';
import type { Row } from './api.ts';
import { instrumentOf } from './instruments.ts';
import { OrderIds } from './order-ids.ts';
import { profileOf, unifiedHoldings } from './profiles.ts';
import {
  fillEventOf,
  orderEventOf,
  paymentEventOf,
  positionEventOf,
  type RowSource,
} from './rows.ts';

const swap: Row = {
  ...{ id: 'BTC-USDT-SWAP', base: 'BTC', quote: 'USDT', settle: 'USDT', active: true },
  ...{ swap: true, spot: false, linear: true, inverse: false, contractSize: '0.01' },
  precision: { price: '0.1', amount: '0.1' },
  limits: { amount: { min: '0.1', max: '1000' }, cost: {}, leverage: { max: '100' } },
};
const market = (change: Row): Row => ({ ...swap, ...change });
const listed = (row: Row, mode = 4, id = 'okx'): Instrument | null =>
  instrumentOf(row, { venue: 'v', profile: profileOf(id), precisionMode: mode });
const btc = listed(swap) as Instrument; // listed above

function source(id: string, ids = new OrderIds('')): RowSource {
  return {
    profile: profileOf(id),
    instrumentOf: (symbol) => (symbol === 'BTC/USDT:USDT' ? btc : undefined),
    clientIdOf: (row, venueOrderId) => ids.clientIdOf(row, venueOrderId),
  };
}
const symbol = 'BTC/USDT:USDT';

describe('markets', () => {
  it('states grids of contracts in base units: 0.1 contracts of 0.01 are 0.001', () => {
    expect(btc).toMatchObject({
      ...{ id: 'v:BTC-USDT-PERP', kind: 'linear-perp', wallet: 'unified', leverageMax: 100 },
      ...{ qtyUnit: decimal('0.01'), lotSize: decimal('0.001'), qtyMin: decimal('0.001') },
      ...{ qtyMax: decimal('10'), tickSize: decimal('0.1'), notionalMin: null },
    });
  });

  it('takes the multiplier out of a name: 1000PEPE is 1,000 PEPE, its price a thousandth', () => {
    const pepe = listed(
      market({
        base: '1000PEPE',
        contractSize: '1',
        precision: { price: '0.0000001', amount: '1' },
      }),
    );
    expect(pepe).toMatchObject({
      ...{ base: 'PEPE', qtyUnit: decimal('1000'), priceUnit: decimal('1000') },
      ...{ lotSize: decimal('1000'), tickSize: decimal('0.0000000001') },
    });
  });

  it.each([
    ['decimal places', 2, { price: '1', amount: '3' }, '0.1', '0.00001'],
    ['significant digits: no grid', 3, { price: '5', amount: '8' }, null, null],
    ['nothing said', 4, {}, null, null],
  ] as const)('reads precision as %s', (_name, mode, precision, tick, lot) => {
    const read = listed(market({ precision }), mode);
    expect(read?.tickSize ?? null).toBe(tick === null ? null : decimal(tick));
    expect(read?.lotSize ?? null).toBe(lot === null ? null : decimal(lot));
  });

  it.each([
    ['an option', { swap: false, option: true }],
    ['a dated future', { swap: false, future: true }],
    ['a contract without a size', { contractSize: undefined }],
    ['a market without a name', { id: undefined }],
  ])('does not list %s', (_name, change) => {
    expect(listed(market(change))).toBeNull();
  });

  it.each([
    [true, 'trading'],
    [false, 'halted'],
    [undefined, 'unknown'],
  ])('active %s is %s', (active, status) => {
    expect(listed(market({ active }))?.status).toBe(status);
  });
});

describe('orders', () => {
  const row: Row = {
    ...{ symbol, id: '77', clientOrderId: 'fa1', status: 'open', side: 'buy', amount: '3' },
    ...{ filled: '1', price: '60000.5', average: '60000', reduceOnly: false, timestamp: 5 },
  };
  it('are in base units and keep our id', () => {
    expect(orderEventOf(row, source('okx'))).toMatchObject({
      ...{ clientOrderId: 'fa1', venueOrderId: '77', status: 'open', qty: decimal('0.03') },
      ...{ filledQty: decimal('0.01'), limit: decimal('60000.5'), venueTsMs: 5 },
    });
  });
  it.each([
    ['closed', '3', 'filled'],
    ['closed', '1', 'canceled'],
    ['canceled', '1', 'canceled'],
    ['canceling', '1', 'open'],
    ['expired', '0', 'expired'],
    ['rejected', '0', 'rejected'],
  ])('%s with %s of 3 filled is %s', (status, filled, ours) => {
    expect(orderEventOf({ ...row, status, filled }, source('okx'))?.status).toBe(ours);
  });
  it.each(['status', 'amount', 'side', 'symbol'])('without %s say nothing', (key) => {
    expect(orderEventOf({ ...row, [key]: undefined }, source('okx'))).toBeNull();
  });
});

describe('fills', () => {
  const row: Row = {
    ...{ symbol, id: 't1', order: '77', side: 'sell', price: '60000', amount: '2' },
    ...{ takerOrMaker: 'taker', timestamp: 9, fee: { cost: '0.6', currency: 'USDT' } },
    info: { fillPnl: '-1.25', clOrdId: 'fa1' },
  };
  it('have a fee that is negative when paid, and the profit of the raw trade', () => {
    // 2 contracts of 0.01; a cost of 0.6 is paid: cash of -0.6
    expect(fillEventOf(row, source('okx'))).toMatchObject({
      feeKnown: true,
      fill: { qty: decimal('0.02'), fee: decimal('-0.6'), realizedPnl: decimal('-1.25') },
    });
  });
  it('streamed by OKX carry the fee with the venue’s own sign', () => {
    const streamed = { ...row, fee: { cost: '-0.6', currency: 'USDT' } };
    const { streamFeeSign } = profileOf('okx');
    expect(streamFeeSign).toBe(-1);
    expect(fillEventOf(streamed, source('okx'), -1)?.fill.fee).toBe(decimal('-0.6'));
  });
  it('a rebate is received', () => {
    const rebate = { ...row, fee: undefined, fees: [{ cost: '-0.1', currency: 'USDT' }] };
    expect(fillEventOf(rebate, source('okx'))?.fill.fee).toBe(decimal('0.1'));
  });
  it('without a fee say so', () => {
    expect(fillEventOf({ ...row, fee: {} }, source('okx'))?.feeKnown).toBe(false);
  });
  it('of a venue that nothing is known about state no profit', () => {
    expect(fillEventOf(row, source('gate'))?.fill.realizedPnl).toBeNull();
  });
});

describe('positions and payments', () => {
  const position: Row = { symbol, contracts: '5', side: 'short', entryPrice: '60000' };
  it('a short is negative', () => {
    expect(positionEventOf(position, source('okx'))?.qty).toBe(decimal('-0.05'));
    expect(positionEventOf({ ...position, contracts: '-5' }, source('okx'))?.qty).toBe(
      decimal('-0.05'),
    );
  });
  it('a size without a side is not guessed', () => {
    expect(positionEventOf({ ...position, side: undefined }, source('okx'))).toBeNull();
  });
  it.each([
    ['okx', '-1.5'],
    ['binance', '-1.5'],
    ['gate', '-1.5'],
    // A fee of its execution list: + = paid.
    ['bybit', '1.5'],
  ])('a payment of %s is cash, + = received', (id, amount) => {
    const row: Row = { symbol, id: 'p1', code: 'USDT', timestamp: 8, amount };
    expect(paymentEventOf(row, source(id))?.amount).toBe(decimal('-1.5'));
  });
  it('a payment without an id gets one of its own', () => {
    const row: Row = { symbol, code: 'USDT', timestamp: 8, amount: '1' };
    expect(paymentEventOf(row, source('okx'))?.id).toBe('BTC-USDT-SWAP-8-USDT');
  });
});

describe('whose order it is', () => {
  it('is told by our id, with or without the venue’s prefix', () => {
    const ids = new OrderIds('t-');
    expect(ids.clientIdOf({ symbol, clientOrderId: 't-fa1' }, '77')).toBe('fa1');
    expect(ids.clientIdOf({ symbol, clientOrderId: 'fa2' }, null)).toBe('fa2');
  });
  it('is told by our id in the raw trade, and by the venue’s id from then on', () => {
    const ids = new OrderIds('');
    ids.placed('fa1', symbol, 5);
    const trade = { symbol, info: { orderLinkId: 'fa1', execId: 'e' } };
    expect(ids.clientIdOf({ symbol, info: {} }, '77')).toBeNull();
    expect(ids.clientIdOf(trade, '77')).toBe('fa1');
    expect(ids.clientIdOf({ symbol, info: {} }, '77')).toBe('fa1');
    expect(ids.clientIdOf({ symbol: 'ETH/USDT', info: {} }, '77')).toBeNull();
    expect(ids.placedAt('fa1')).toBe(5);
  });
});

describe('balances', () => {
  it.each([
    ['binance', { assets: [{ asset: 'USDT', walletBalance: '100', availableBalance: '90' }] }],
    ['okx', { data: [{ details: [{ ccy: 'USDT', cashBal: '100', eq: '120', availBal: '90' }] }] }],
    [
      'bybit',
      {
        result: {
          list: [{ coin: [{ coin: 'USDT', walletBalance: '100', availableToWithdraw: '90' }] }],
        },
      },
    ],
  ])('of %s are without unrealized profit', (id, info) => {
    expect(profileOf(id).holdings?.(info, 'swap')).toEqual([
      { asset: 'USDT', total: decimal('100'), available: decimal('90') },
    ]);
  });
  it('of another venue are what ccxt says', () => {
    expect(profileOf('gate').holdings).toBeNull();
    const balance = { free: { USDT: '1' }, total: { USDT: '2', BTC: undefined } };
    expect(unifiedHoldings(balance)).toEqual([
      { asset: 'USDT', total: decimal('2'), available: decimal('1') },
    ]);
  });
});
