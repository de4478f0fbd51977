import { describe, expect, it } from 'vitest';
import { okxCatalog, okxFixture, okxFrame } from '../../../test/support/okx-fixtures.ts';
import { decimal } from '../../base/decimal.ts';
import { Catalog } from '../../domain/instrument.ts';
import { parseJson } from './wire.ts';

const catalog = okxCatalog();
const nothingListed = new Catalog();
const frame = (name: string, known = catalog) => okxFrame(okxFixture(name), known);

describe('public channels', () => {
  it('turns contracts of a best bid and ask into base units', () => {
    // 337 contracts x 0.01 BTC = 3.37 BTC; 1250.5 x 0.01 = 12.505.
    expect(frame('frame-bbo-tbt')).toEqual([
      {
        kind: 'quote',
        venue: 'okx',
        symbol: 'BTC-USDT-SWAP',
        instrument: 'okx:BTC-USDT-PERP',
        venueTsMs: 1709136000105,
        bid: 65000.1,
        bidQty: 3.37,
        ask: 65000.2,
        askQty: 12.505,
      },
    ]);
  });

  it('says null, never zero, for an empty side', () => {
    const [event] = frame('frame-bbo-tbt-empty-side');
    expect(event).toMatchObject({ bid: 65000.1, ask: null, askQty: null });
  });

  it('keeps the prices of an unlisted swap but not its contracts', () => {
    expect(frame('frame-bbo-tbt', nothingListed)).toMatchObject([
      { kind: 'quote', instrument: 'okx:BTC-USDT-PERP', bid: 65000.1, bidQty: null, askQty: null },
    ]);
    expect(frame('frame-bbo-tbt-spot', nothingListed)).toMatchObject([
      { instrument: 'okx:BTC-USDT-SPOT', bidQty: 0.33700001, askQty: 1.25 },
    ]);
  });

  it('reads a book snapshot and its delta with sequence ids beyond 2^53 exact', () => {
    expect(frame('frame-books-snapshot')).toMatchObject([
      {
        kind: 'depth',
        snapshot: true,
        bids: [
          [65000.1, 0.05],
          [65000, 0.07],
        ],
        asks: [
          [65000.2, 0.1],
          [65000.3, 0.025],
        ],
        seq: '9007199254740993',
        prevSeq: '-1',
      },
    ]);
    expect(frame('frame-books-update')).toMatchObject([
      {
        snapshot: false,
        asks: [
          [65000.2, 0],
          [65000.4, 0.04],
        ],
        bids: [],
        seq: '9007199254740995',
        prevSeq: '9007199254740993',
      },
    ]);
  });

  it('leaves contracts of an inverse swap as they are, listed or not', () => {
    for (const known of [catalog, nothingListed]) {
      expect(frame('frame-books5', known)).toMatchObject([
        { instrument: 'okx:BTC-USD-INV', snapshot: true, bids: [[65010.1, 80]], prevSeq: null },
      ]);
    }
  });

  it('does not guess the depth of an unlisted swap', () => {
    expect(frame('frame-books-snapshot', nothingListed)).toMatchObject([
      { kind: 'unrecognized', instrument: 'okx:BTC-USDT-PERP' },
    ]);
    const [event] = frame('frame-books-snapshot', nothingListed);
    expect(event).toHaveProperty('reason', expect.stringMatching(/BTC-USDT-SWAP.*listing/));
  });

  it('reads tickers, mark and index prices', () => {
    expect(frame('frame-tickers')).toMatchObject([
      { kind: 'quote', bid: 3400.5, bidQty: 3.3, ask: 3400.6, askQty: 12 },
    ]);
    expect(frame('frame-mark-price')).toMatchObject([
      { kind: 'mark-price', instrument: 'okx:BTC-USDT-PERP', mark: 65001.7, index: null },
    ]);
    expect(frame('frame-index-tickers')).toMatchObject([
      { symbol: 'BTC-USDT', instrument: 'okx:BTC-USDT-PERP', mark: null, index: 64990.4 },
    ]);
  });

  it('takes the funding interval from the two times and an empty next rate as unknown', () => {
    expect(frame('frame-funding-rate')).toMatchObject([
      {
        kind: 'funding-rate',
        ratePerInterval: 0.0002875,
        settlesAtMs: 1709136000000,
        intervalMs: 28_800_000,
        nextRate: null,
        cap: 0.00375,
        floor: -0.00375,
        settled: false,
      },
    ]);
  });
});

describe('private channels', () => {
  it('reads a live order in base units', () => {
    // 0.5 contracts x 0.01 BTC = 0.005 BTC.
    expect(frame('frame-orders-live')).toEqual([
      {
        kind: 'order',
        venue: 'okx',
        symbol: 'BTC-USDT-SWAP',
        instrument: 'okx:BTC-USDT-PERP',
        venueTsMs: 1709136000500,
        clientOrderId: 'fa1e2s9l',
        venueOrderId: '680800019749904384',
        status: 'open',
        side: 'sell',
        qty: decimal('0.005'),
        filledQty: decimal('0'),
        limit: decimal('65000.1'),
        averagePrice: null,
        reduceOnly: false,
        reason: null,
      },
    ]);
  });

  it('yields the order and its fill from one push, the fee with the sign of cash', () => {
    const [order, fill] = frame('frame-orders-fill');
    expect(order).toMatchObject({ status: 'open', filledQty: decimal('0.003'), reduceOnly: true });
    expect(fill).toEqual({
      kind: 'fill',
      venue: 'okx',
      symbol: 'BTC-USDT-SWAP',
      instrument: 'okx:BTC-USDT-PERP',
      venueTsMs: 1709136000512,
      fillId: '242589207',
      clientOrderId: 'fa1e2s9l',
      venueOrderId: '680800019749904384',
      side: 'sell',
      price: decimal('65000.1'),
      qty: decimal('0.003'),
      fee: decimal('-0.0975'),
      feeAsset: 'USDT',
      liquidity: 'taker',
      realizedPnl: decimal('1.25'),
      forced: false,
    });
  });

  it('reports a crossing post-only order as cancelled, with its source', () => {
    expect(frame('frame-orders-post-only-cross')).toMatchObject([
      { kind: 'order', status: 'canceled', reason: expect.stringMatching(/^cancelSource=31\b/) },
    ]);
  });

  it('marks the fill of an auto-deleveraging as forced', () => {
    expect(frame('frame-orders-adl')).toMatchObject([
      { kind: 'order', status: 'filled', clientOrderId: null },
      { kind: 'fill', forced: true, qty: decimal('1.2') },
    ]);
  });

  it.each(['frame-orders-live', 'frame-orders-fill', 'frame-positions'])(
    'does not guess contracts of an unlisted swap: %s',
    (name) => {
      const [event] = frame(name, nothingListed);
      expect(event).toMatchObject({
        kind: 'unrecognized',
        symbol: 'BTC-USDT-SWAP',
        instrument: 'okx:BTC-USDT-PERP',
        reason: expect.stringContaining('listing is missing'),
      });
    },
  );

  it('reads balances without unrealized profit', () => {
    expect(frame('frame-account')).toMatchObject([
      {
        kind: 'balance',
        asset: 'USDT',
        total: decimal('10000.5'),
        available: decimal('9800.25'),
        wallet: 'unified',
        venueTsMs: 1709136000699,
      },
      { asset: 'BTC', total: decimal('0.5'), available: decimal('0.4') },
    ]);
  });

  it('reads positions: linear in base units, inverse in contracts, "" as unknown', () => {
    expect(frame('frame-positions')).toMatchObject([
      {
        kind: 'position',
        qty: decimal('-0.003'),
        entryPrice: decimal('65000.1'),
        markPrice: 65001.7,
        liquidationPrice: 86000.5,
        leverage: 3,
      },
      { qty: decimal('12'), entryPrice: null, liquidationPrice: null },
    ]);
  });

  it('gives the sign of a long/short mode position by its side', () => {
    const row = { instId: 'BTC-USDT-SWAP', instType: 'SWAP', pos: '3', posSide: 'short' };
    const text = JSON.stringify({ arg: { channel: 'positions' }, data: [row] });
    expect(okxFrame(text, catalog)).toMatchObject([{ qty: decimal('-0.03') }]);
  });

  it('reads balance_and_position as balances and positions', () => {
    expect(frame('frame-balance-and-position')).toMatchObject([
      { kind: 'balance', total: decimal('10001.75'), available: null },
      { kind: 'position', qty: decimal('-0.003'), leverage: null },
    ]);
  });

  it('knows a spot market buy sized in quote currency only by its end', () => {
    const row = {
      instId: 'BTC-USDT',
      side: 'buy',
      ordType: 'market',
      tgtCcy: 'quote_ccy',
      sz: '100',
      accFillSz: '0.0015',
      state: 'filled',
    };
    const push = (state: string) =>
      okxFrame(JSON.stringify({ arg: { channel: 'orders' }, data: [{ ...row, state }] }), catalog);
    expect(push('filled')).toMatchObject([{ qty: decimal('0.0015') }]);
    expect(push('live')).toMatchObject([{ kind: 'unrecognized' }]);
  });
});

describe('control frames', () => {
  it.each([
    ['frame-subscribed', { kind: 'control', name: 'subscribed', value: 'bbo-tbt:BTC-USDT-SWAP' }],
    ['frame-login', { kind: 'control', name: 'login' }],
    ['frame-notice', { kind: 'control', name: 'reconnect-now' }],
    ['frame-login-error', { kind: 'error', code: 'AUTH', reaction: 'stop', venueCode: '60009' }],
    ['frame-wrong-channel', { kind: 'error', code: 'BAD_PAYLOAD', reaction: 'report' }],
    [
      'frame-op-order',
      { kind: 'error', venueCode: '51008', reaction: 'funds', clientOrderId: 'fa1e2s9n' },
    ],
  ])('%s', (name, expected) => {
    expect(frame(name)).toMatchObject([expected]);
  });

  it('reads the text pong', () => {
    expect(okxFrame('pong', catalog)).toMatchObject([{ kind: 'control', name: 'pong' }]);
  });

  it('recognises a REST reply whose request is not known', () => {
    expect(frame('reply-bills').map((event) => event.kind)).toEqual([
      'funding-payment',
      'funding-payment',
    ]);
    expect(frame('reply-order')).toMatchObject([{ kind: 'order', status: 'canceled' }]);
    expect(frame('reply-place-batch-partial').map((event) => event.kind)).toEqual([
      'control',
      'error',
    ]);
  });
});

describe('exact integers', () => {
  it('keeps every digit of an id or code that JSON.parse would round', () => {
    expect(parseJson('{"a":9007199254740993}')).toEqual({ a: '9007199254740993' });
  });
});
