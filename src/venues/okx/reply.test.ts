import { describe, expect, it } from 'vitest';
import {
  okxCatalog,
  okxFixture,
  okxFrame,
  okxReply,
  okxRequest,
} from '../../../test/support/okx-fixtures.ts';
import { decimal, toNumber } from '../../base/decimal.ts';
import { Catalog } from '../../domain/instrument.ts';
import { knownCodes, readCode } from './errors.ts';
import { okx, purposeOfPath, referenceInstrument, referenceInstruments } from './index.ts';

const catalog = okxCatalog();
const reply = (line: string, name: string) => okxReply(line, okxFixture(name), catalog);

describe('instruments', () => {
  it('converts the filters of a linear swap to base units', () => {
    const btc = catalog.byId('okx:BTC-USDT-PERP');
    expect(btc).toEqual({
      id: 'okx:BTC-USDT-PERP',
      venue: 'okx',
      symbol: 'BTC-USDT-SWAP',
      kind: 'linear-perp',
      base: 'BTC',
      quote: 'USDT',
      settle: 'USDT',
      wallet: 'unified',
      contractSize: decimal('0.01'),
      qtyUnit: decimal('0.01'),
      priceUnit: decimal('1'),
      tickSize: decimal('0.1'),
      // 0.01 contracts x 0.01 BTC.
      lotSize: decimal('0.0001'),
      qtyMin: decimal('0.0001'),
      qtyMax: decimal('1000000'),
      notionalMin: null,
      status: 'trading',
      fundingIntervalMs: null,
      leverageMax: 100,
      assetId: 2_000_000_000_010_001,
    });
  });

  it('keeps an inverse swap in contracts of its face', () => {
    expect(catalog.byId('okx:BTC-USD-INV')).toMatchObject({
      kind: 'inverse-perp',
      settle: 'BTC',
      contractSize: decimal('100'),
      qtyUnit: decimal('1'),
      lotSize: decimal('1'),
    });
  });

  it('reads a contract of ten million tokens, suspended', () => {
    expect(catalog.byId('okx:PEPE-USDT-PERP')).toMatchObject({
      contractSize: decimal('10000000'),
      lotSize: decimal('1000000'),
      status: 'halted',
    });
  });

  it('lists spot in base units and refuses a placeholder without a contract value', () => {
    expect(catalog.byId('okx:BTC-USDT-SPOT')).toMatchObject({
      kind: 'spot',
      settle: 'USDT',
      qtyMin: decimal('0.00001'),
      lotSize: decimal('0.00000001'),
    });
    const last = reply('GET /api/v5/public/instruments', 'reply-instruments-swap').at(-1);
    expect(last).toMatchObject({ kind: 'unrecognized', symbol: 'NEW-USDT-SWAP' });
  });

  it.each([
    ['live', 'normal', 'trading'],
    ['live', '', 'trading'],
    ['live', 'pre_market', 'unknown'],
    ['suspend', 'normal', 'halted'],
    ['preopen', 'normal', 'halted'],
    ['something-new', 'normal', 'unknown'],
    ['', 'normal', 'unknown'],
  ])('state %s with rule %s is %s', (state, ruleType, status) => {
    const row = { instId: 'A-B', instType: 'SPOT', state, ruleType };
    const body = JSON.stringify({ code: '0', data: [row] });
    const [event] = okxReply('GET /api/v5/public/instruments', body, catalog);
    expect(event).toMatchObject({ spec: { status, tickSize: null, lotSize: null } });
  });

  it('gates dated futures by their type', () => {
    const row = {
      instId: 'BTC-USD-260327',
      instType: 'FUTURES',
      ctType: 'inverse',
      ctVal: '100',
      ctMult: '1',
      settleCcy: 'BTC',
      state: 'live',
    };
    const body = JSON.stringify({ code: '0', data: [row] });
    expect(okxReply('GET /api/v5/public/instruments', body, catalog)).toMatchObject([
      { instrument: 'okx:BTC-USD-INV-DATED-260327', spec: { kind: 'inverse-dated' } },
    ]);
  });
});

describe('market listings', () => {
  it('reads every rate of ANY with its own interval', () => {
    const events = reply('GET /api/v5/public/funding-rate?instId=ANY', 'reply-funding-rate-any');
    expect(events).toMatchObject([
      { instrument: 'okx:BTC-USDT-PERP', ratePerInterval: 0.0001, intervalMs: 28_800_000 },
      { instrument: 'okx:PEPE-USDT-PERP', ratePerInterval: -0.0003, intervalMs: 14_400_000 },
    ]);
    expect(events).toMatchObject([{ nextRate: null }, { nextRate: null }]);
  });

  it('reads what a settlement realized, not what had been predicted', () => {
    const line = 'GET /api/v5/public/funding-rate-history?instId=BTC-USDT-SWAP';
    expect(reply(line, 'reply-funding-rate-history')).toMatchObject([
      { ratePerInterval: 0.0002875, settled: true, settlesAtMs: 1709136000000 },
      { ratePerInterval: null, settled: true },
    ]);
  });

  it('names the instrument of a book reply by its request', () => {
    const body = JSON.stringify({
      code: '0',
      data: [{ asks: [['2', '3', '0', '1']], bids: [], ts: '1709136000000', seqId: 5 }],
    });
    const line = 'GET /api/v5/market/books?instId=BTC-USDT-SWAP&sz=400';
    expect(okxReply(line, body, catalog)).toMatchObject([
      { kind: 'depth', snapshot: true, asks: [[2, 0.03]], seq: '5' },
    ]);
  });

  it('reads fee rates as costs, for every listed instrument of the type', () => {
    const events = reply('GET /api/v5/account/trade-fee?instType=SWAP', 'reply-trade-fee');
    expect(events).toContainEqual(
      expect.objectContaining({ instrument: 'okx:BTC-USDT-PERP', taker: 0.0005, maker: 0.0002 }),
    );
    expect(events).toContainEqual(
      expect.objectContaining({ instrument: 'okx:BTC-USD-INV', taker: 0.0006, maker: 0.0003 }),
    );
  });

  it('takes the costliest fee group where the rates stand only in groups', () => {
    const row = {
      instType: 'SPOT',
      taker: '',
      maker: '',
      feeGroup: [
        { groupId: '1', taker: '-0.001', maker: '-0.0008' },
        { groupId: '2', taker: '-0.0015', maker: '0.0001' },
      ],
    };
    const body = JSON.stringify({ code: '0', data: [row] });
    expect(okxReply('GET /api/v5/account/trade-fee', body, catalog)).toMatchObject([
      { instrument: 'okx:BTC-USDT-SPOT', taker: 0.0015, maker: 0.0008 },
    ]);
  });
});

describe('account listings', () => {
  it('reads fills: a rebate is received, a spot buy may pay in base', () => {
    expect(reply('GET /api/v5/trade/fills', 'reply-fills')).toMatchObject([
      { fee: decimal('0.0195'), liquidity: 'maker', qty: decimal('0.003'), forced: false },
      { fee: decimal('-0.00002'), feeAsset: 'BTC', instrument: 'okx:BTC-USDT-SPOT' },
    ]);
  });

  it('books funding by the sign of balChg and leaves other bills out', () => {
    expect(reply('GET /api/v5/account/bills?type=8', 'reply-bills')).toMatchObject([
      {
        kind: 'funding-payment',
        id: '680800019757293601',
        amount: decimal('1.25'),
        asset: 'USDT',
        wallet: 'unified',
        instrument: 'okx:BTC-USDT-PERP',
        venueTsMs: 1709136000001,
      },
      { amount: decimal('-2.5'), instrument: 'okx:ETH-USDT-PERP' },
    ]);
  });

  it('reads a queried order and says "reconcile" when there is none', () => {
    const line = 'GET /api/v5/trade/order?instId=BTC-USDT-SWAP&clOrdId=fa1e2s9l';
    expect(reply(line, 'reply-order')).toMatchObject([
      { kind: 'order', status: 'canceled', filledQty: decimal('0.003') },
    ]);
    const gone = { kind: 'error', code: 'REJECTED', reaction: 'reconcile', clientOrderId: 'x' };
    for (const body of [okxFixture('reply-order-missing'), '{"code":"0","data":[],"msg":""}']) {
      expect(okxReply(line, body, catalog, { clientOrderId: 'x' })).toMatchObject([gone]);
    }
  });

  it('asks for net mode when the account is in long/short mode or in spot mode', () => {
    const config = (row: object) =>
      okxReply(
        'GET /api/v5/account/config',
        JSON.stringify({ code: '0', data: [{ acctLv: '2', posMode: 'net_mode', ...row }] }),
        catalog,
      );
    expect(config({})).toMatchObject([{ kind: 'control', name: 'ack' }]);
    expect(config({ posMode: 'long_short_mode' })).toMatchObject([
      { kind: 'error', reaction: 'fix-position-mode' },
    ]);
    expect(config({ acctLv: '1' })).toMatchObject([{ reaction: 'fix-position-mode' }]);
  });
});

describe('order operations', () => {
  const place = 'POST /api/v5/trade/order';
  const of = (body: string, status = 200) =>
    okxReply(place, body, catalog, { status, clientOrderId: 'mine' });

  it('acks with the order id', () => {
    expect(of(okxFixture('reply-place'))).toMatchObject([
      { kind: 'control', name: 'ack', value: '680800019749904384' },
    ]);
  });

  it('reads every item of a partly failed batch', () => {
    expect(of(okxFixture('reply-place-batch-partial'))).toMatchObject([
      { kind: 'control', name: 'ack' },
      { kind: 'error', venueCode: '51121', clientOrderId: 'fa1e2s9b' },
    ]);
  });

  it('reads an item that failed under a top code of success', () => {
    const body = '{"code":"0","msg":"","data":[{"clOrdId":"","sCode":"51030","sMsg":"settling"}]}';
    expect(of(body)).toMatchObject([
      { kind: 'error', reaction: 'settlement-retry', clientOrderId: 'mine' },
    ]);
  });

  it.each([
    ['<html>502 Bad Gateway</html>', 502, 'UNKNOWN_OUTCOME', 'query'],
    ['', 200, 'UNKNOWN_OUTCOME', 'query'],
    ['{"code":0,"msg":"Service Unavailable"}', 503, 'UNKNOWN_OUTCOME', 'query'],
    ['{"code":"0","data":[]}', 200, 'UNKNOWN_OUTCOME', 'query'],
    ['{"code":"59999","data":[],"msg":"?"}', 500, 'UNKNOWN_OUTCOME', 'query'],
    ['{"code":"50004","data":[],"msg":"timeout"}', 200, 'UNKNOWN_OUTCOME', 'query'],
    ['{"code":"50011","data":[],"msg":"Too Many Requests"}', 429, 'RATE_LIMITED', 'back-off'],
    ['slow down', 429, 'RATE_LIMITED', 'back-off'],
    ['{"code":"50102","data":[],"msg":"expired"}', 401, 'TRANSIENT', 'resync-clock'],
    ['{"code":"50113","data":[],"msg":"Invalid Sign"}', 401, 'AUTH', 'stop'],
  ])('%s with status %i is %s: %s', (body, status, code, reaction) => {
    expect(of(body, status)).toMatchObject([
      { kind: 'error', code, reaction, clientOrderId: 'mine' },
    ]);
  });

  it('retries a read that a gateway failed', () => {
    const options = { status: 503 };
    expect(okxReply('GET /api/v5/account/balance', 'oops', catalog, options)).toMatchObject([
      { code: 'TRANSIENT', reaction: 'retry', venueCode: 'http-503' },
    ]);
  });
});

describe('error codes', () => {
  it.each([
    ['50001 50005 50013 50026', 'retry'],
    ['50004', 'query'],
    ['50011 50061 60014', 'back-off'],
    ['50102 60006', 'resync-clock'],
    ['51008 51119 51127 51131', 'funds'],
    ['51006', 'price-band'],
    ['51020', 'below-minimum'],
    ['51121', 'reload-instruments'],
    ['51028 51029 51030', 'settlement-retry'],
    ['51016', 'query'],
    ['51400 51401 51402 51603', 'reconcile'],
    ['51155', 'restricted'],
    ['60011', 'login'],
    ['60018', 'report'],
    ['60032 50111 50105 50113', 'stop'],
    ['99999', 'report'],
  ])('%s: %s', (codes, reaction) => {
    for (const code of codes.split(' ')) expect(readCode(code).reaction).toBe(reaction);
  });

  it('are each named once', () => {
    expect(new Set(knownCodes).size).toBe(knownCodes.length);
  });
});

describe('pages', () => {
  const page = (length: number) =>
    JSON.stringify({
      code: '0',
      data: Array.from({ length }, (_, n) => ({ billId: String(680800019757293601n - BigInt(n)) })),
    });

  it('continue after the last id of a full page and end with a short one', () => {
    const first = okxRequest('GET /api/v5/account/bills?type=8&limit=100');
    const second = okx.nextPage(first, page(100));
    expect(second?.query).toBe('type=8&limit=100&after=680800019757293502');
    expect(okx.nextPage(second ?? first, page(99))).toBeNull();
    // A venue that repeats itself does not loop us.
    expect(okx.nextPage(second ?? first, page(100))).toBeNull();
  });

  it('end for listings that have none and for bodies that are not OKX', () => {
    expect(okx.nextPage(okxRequest('GET /api/v5/account/balance'), page(100))).toBeNull();
    expect(okx.nextPage(okxRequest('GET /api/v5/account/bills'), 'x')).toBeNull();
  });

  it('of the funding history move its upper bound', () => {
    const request = okx.requests.fundingHistory(known('okx:BTC-USDT-PERP'), {
      fromMs: 1_000,
      toMs: 9_000,
    });
    expect(request.query).toBe('instId=BTC-USDT-SWAP&before=999&after=9001&limit=400');
    const data = Array.from({ length: 400 }, () => ({ fundingTime: '5000' }));
    const next = okx.nextPage(request, JSON.stringify({ code: '0', data }));
    expect(next?.query).toBe('instId=BTC-USDT-SWAP&before=999&limit=400&after=5000');
  });
});

describe('paths', () => {
  it('have their purpose from method and path alone', () => {
    expect(purposeOfPath('GET', '/api/v5/public/funding-rate?instId=ANY')).toBe('funding-rates');
    expect(purposeOfPath('get', '/api/v5/account/bills')).toBe('funding-payments');
    expect(purposeOfPath('POST', '/api/v5/trade/order')).toBe('place');
    expect(purposeOfPath('GET', '/api/v5/trade/order')).toBe('query-order');
    expect(purposeOfPath('GET', '/nothing')).toBeNull();
  });
});

describe('reference table', () => {
  it('lets a frame be read without a listing, and never makes anything tradable', () => {
    const reading = new Catalog();
    for (const instrument of referenceInstruments()) reading.put(instrument);
    expect(okxFrame(okxFixture('frame-positions'), reading)).toMatchObject([
      { qty: decimal('-0.003') },
      { qty: decimal('12') },
    ]);
    expect(referenceInstruments().every(({ status }) => status === 'unknown')).toBe(true);
    expect(referenceInstrument('NOPE-USDT-SWAP')).toBeNull();
    expect(referenceInstrument('NOPE-USDT')?.id).toBe('okx:NOPE-USDT-SPOT');
  });

  it('agrees with the listings of the fixtures', () => {
    for (const symbol of ['BTC-USDT-SWAP', 'ETH-USDT-SWAP', 'PEPE-USDT-SWAP', 'BTC-USD-SWAP']) {
      const listed = catalog.all().find((instrument) => instrument.symbol === symbol);
      const size = referenceInstrument(symbol)?.contractSize;
      expect(toNumber(size ?? decimal('0'))).toBe(toNumber(listed?.contractSize ?? decimal('1')));
    }
  });
});

function known(id: string) {
  const instrument = catalog.byId(id);
  if (instrument === undefined) throw new Error(`not listed: ${id}`);
  return instrument;
}

describe('the filled quantity of an order', () => {
  const body = okxFixture('reply-order');
  const read = (text: string) =>
    okxReply('GET /api/v5/trade/order?instId=BTC-USDT-SWAP&clOrdId=x', text, okxCatalog());

  it('is not zero because it is not said: a price or a fill tells otherwise', () => {
    const blank = body.replace(/"accFillSz":"[^"]*"/, '"accFillSz":""');
    expect(read(blank)).toMatchObject([{ kind: 'unrecognized' }]);
    const none = blank.replace(/"(avgPx|fillSz|tradeId)":"[^"]*"/g, '"$1":""');
    expect(read(none)).toMatchObject([{ kind: 'order', filledQty: 0n }]);
  });
});
