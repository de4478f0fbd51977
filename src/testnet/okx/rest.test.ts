import { describe, expect, it } from 'vitest';
import { okxTestnet, spotId, swapId, wallStartMs } from '../../../test/support/okx-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { okx } from '../../venues/okx/index.ts';

const blank: HttpRequest = {
  purpose: 'setup',
  host: 'rest',
  method: 'GET',
  path: '',
  query: '',
  body: null,
  headers: {},
  auth: 'signed',
  bucket: 'x',
  weight: 1,
  market: null,
  clientOrderId: null,
};
const get = (path: string, query = ''): HttpRequest => ({
  ...blank,
  path: `/api/v5/${path}`,
  query,
});
const post = (path: string, body: unknown): HttpRequest => ({
  ...get(path),
  method: 'POST',
  body: JSON.stringify(body),
});

function testnet(script = {}) {
  const net = okxTestnet(script);
  const json = (request: HttpRequest) => {
    const signed = okx.sign(request, { key: 'k', secret: 's', passphrase: 'p' }, net.clock.wallMs);
    const reply = net.http(signed);
    return { status: reply.status, ...JSON.parse(reply.body) };
  };
  const order = (change: object) => {
    const body = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit' };
    const sized = { ...body, sz: '1', px: '64000', clOrdId: 'abc', ...change };
    return json(post('trade/order', sized)).data[0];
  };
  return { ...net, json, order };
}

describe('public REST', () => {
  it('tells the wall clock as its time and the venue clock in market data', () => {
    const { json, startMs } = testnet();
    expect(json(get('public/time')).data).toEqual([{ ts: String(wallStartMs) }]);
    const { data } = json(get('public/mark-price', 'instType=SWAP'));
    expect(data).toEqual([
      { instType: 'SWAP', instId: 'BTC-USDT-SWAP', markPx: '65000', ts: String(startMs) },
    ]);
  });

  it('lists instruments in contracts, and nothing for types that are not simulated', () => {
    const { json } = testnet();
    const [swap] = json(get('public/instruments', 'instType=SWAP')).data;
    expect(swap).toMatchObject({
      ...{ instId: 'BTC-USDT-SWAP', ctVal: '0.01', ctMult: '1', ctType: 'linear' },
      ...{ lotSz: '0.01', minSz: '0.01', tickSz: '0.1', state: 'live', settleCcy: 'USDT' },
    });
    expect(swap.instIdCode).toBeGreaterThan(2e15 - 1);
    expect(json(get('public/instruments', 'instType=OPTION&uly=BTC-USD')).data).toEqual([]);
    expect(json(get('public/instruments')).code).toBe('50014');
  });

  it('gives the rate of one swap, of ANY, and the next interval by two times', () => {
    const { json, startMs } = testnet();
    for (const query of ['instId=BTC-USDT-SWAP', 'instId=ANY']) {
      const [row] = json(get('public/funding-rate', query)).data;
      expect(row).toMatchObject({ fundingRate: '0.0001', nextFundingRate: '' });
      expect(Number(row.fundingTime)).toBe(startMs + 8 * hourMs);
      expect(Number(row.nextFundingTime) - Number(row.fundingTime)).toBe(8 * hourMs);
    }
    expect(json(get('public/funding-rate', 'instId=NO-SWAP')).code).toBe('51001');
  });

  it('pages the history of rates, newest first', () => {
    const { json, startMs } = testnet();
    const query = 'instId=BTC-USDT-SWAP&limit=2';
    const { data } = json(get('public/funding-rate-history', query));
    expect(data.map((row: { fundingTime: string }) => Number(row.fundingTime) - startMs)).toEqual([
      0,
      -8 * hourMs,
    ]);
    const next = json(get('public/funding-rate-history', `${query}&after=${data[1].fundingTime}`));
    expect(Number(next.data[0].fundingTime)).toBe(startMs - 16 * hourMs);
  });

  it('shows books and tickers in contracts', () => {
    const { json } = testnet();
    const [book] = json(get('market/books', 'instId=BTC-USDT-SWAP&sz=2')).data;
    // 5 BTC a level / 0.01 BTC a contract = 500 contracts.
    expect(book).toMatchObject({
      asks: [
        ['65000.1', '500', '0', '1'],
        ['65000.2', '500', '0', '1'],
      ],
      bids: [
        ['64999.9', '500', '0', '1'],
        ['64999.8', '500', '0', '1'],
      ],
    });
    const [ticker] = json(get('market/tickers', 'instType=SWAP')).data;
    expect(ticker).toMatchObject({ bidPx: '64999.9', bidSz: '500', askPx: '65000.1' });
    expect(json(get('market/ticker', 'instId=BTC-USDT')).data[0]).toMatchObject({ askSz: '5' });
  });

  it('lists tiers in contracts', () => {
    const { json } = testnet();
    const { data } = json(get('public/position-tiers', 'instType=SWAP&tdMode=cross&uly=BTC-USDT'));
    expect(data[0]).toMatchObject({ tier: '1', minSz: '0' });
    expect(Number(data[0].maxSz)).toBeGreaterThan(0);
  });

  it('answers an unknown path and a wrong method as such', () => {
    const { json } = testnet();
    expect(json(get('nothing/here')).status).toBe(404);
    expect(json(post('public/time', {})).code).toBe('50115');
  });
});

describe('signatures', () => {
  const balance = get('account/balance', 'ccy=USDT');
  const keys = { key: 'k', secret: 's', passphrase: 'p' };

  it.each([
    ['an expired time', keys, -31_000, '50102'],
    ['a time ahead', keys, 31_000, '50102'],
    ['another key', { ...keys, key: 'x' }, 0, '50111'],
    ['another secret', { ...keys, secret: 'x' }, 0, '50113'],
    ['another passphrase', { ...keys, passphrase: 'x' }, 0, '50105'],
  ])('%s is refused', (_name, used, offsetMs, code) => {
    const { http, clock } = testnet();
    const reply = http(okx.sign(balance, used, clock.wallMs + offsetMs));
    expect(reply.status).toBe(401);
    expect(JSON.parse(reply.body).code).toBe(code);
  });

  it.each([
    ['OK-ACCESS-KEY', '50103'],
    ['OK-ACCESS-PASSPHRASE', '50104'],
    ['OK-ACCESS-SIGN', '50106'],
    ['OK-ACCESS-TIMESTAMP', '50107'],
  ])('a missing %s is named', (header, code) => {
    const { http, clock } = testnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    const headers = Object.fromEntries(
      Object.entries(signed.headers).filter(([name]) => name !== header),
    );
    expect(JSON.parse(http({ ...signed, headers }).body).code).toBe(code);
  });

  it('cover the query and the body byte for byte', () => {
    const { http, clock } = testnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    expect(JSON.parse(http(signed).body).code).toBe('0');
    expect(JSON.parse(http({ ...signed, query: 'ccy=BTC' }).body).code).toBe('50113');
    const placed = okx.sign(post('trade/order', { sz: '1' }), keys, clock.wallMs);
    const changed = { ...placed, body: `${placed.body} ` };
    expect(JSON.parse(http(changed).body).code).toBe('50113');
  });

  it('do not outlive the deadline that an order set itself', () => {
    const { http, draft, listed, clock } = testnet();
    const request = okx.requests.place(draft(), listed(swapId));
    const signed = okx.sign(request, keys, clock.wallMs);
    clock.wallMs += okx.orderValidityMs + 1;
    expect(JSON.parse(http(signed).body).code).toBe('50102');
  });

  it('tolerate the demo header', () => {
    const { http, clock } = testnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    const headers = { ...signed.headers, 'x-simulated-trading': '1' };
    expect(JSON.parse(http({ ...signed, headers }).body).code).toBe('0');
  });
});

describe('orders', () => {
  it('fill in contracts and show in every listing', () => {
    const { ask, place, json } = testnet();
    expect(place({ qty: decimal('0.0123') })).toMatchObject([{ kind: 'control', name: 'ack' }]);
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({
      ...{ state: 'filled', sz: '1.23', accFillSz: '1.23', avgPx: '65000.1', ordType: 'ioc' },
      // 0.0123 x 65000.1 x 0.0005 = 0.3997506..., rounded to 1e-8.
      ...{ fee: '-0.39975062', feeCcy: 'USDT', cancelSource: '' },
    });
    const scope = { instruments: [], sinceMs: 0 };
    expect(okx.requests.fills(scope).flatMap(ask)).toMatchObject([
      {
        kind: 'fill',
        qty: decimal('0.0123'),
        fee: decimal('-0.39975062'),
        liquidity: 'taker',
        clientOrderId: 'test1',
      },
    ]);
    expect(okx.requests.positions([]).flatMap(ask)).toMatchObject([
      { kind: 'position', qty: decimal('0.0123'), entryPrice: decimal('65000.1'), leverage: 3 },
    ]);
    expect(okx.requests.balances().flatMap(ask)).toMatchObject([
      { kind: 'balance', asset: 'USDT', total: decimal('999999.60024938') },
    ]);
  });

  it('accept a crossing post-only order and cancel it with source 31', () => {
    const { place, json } = testnet();
    const result = place({ timeInForce: 'post-only', limit: decimal('65000.1') });
    expect(result).toMatchObject([{ kind: 'control', name: 'ack' }]);
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({ state: 'canceled', cancelSource: '31', accFillSz: '0' });
  });

  it('cancel the rest of an IOC order with source 14', () => {
    const { place, json } = testnet();
    // Five levels of 5 BTC are not reached: only the first is at the limit.
    place({ qty: decimal('6') });
    const [row] = json(get('trade/order', 'instId=BTC-USDT-SWAP&clOrdId=test1')).data;
    expect(row).toMatchObject({ state: 'canceled', cancelSource: '14', accFillSz: '500' });
  });

  it('rest, are listed as pending, and are cancelled by client id', () => {
    const { ask, place, listed } = testnet();
    place({ timeInForce: 'gtc', limit: decimal('64000') });
    expect(okx.requests.openOrders([]).flatMap(ask)).toMatchObject([
      { kind: 'order', status: 'open', clientOrderId: 'test1', limit: decimal('64000') },
    ]);
    expect(ask(okx.requests.cancel('test1', listed(swapId)))).toMatchObject([{ name: 'ack' }]);
    expect(okx.requests.openOrders([]).flatMap(ask)).toEqual([]);
    const history = okx.requests.orderHistory({ instruments: [listed(swapId)], sinceMs: 0 });
    expect(ask(history[0] ?? blank)).toMatchObject([
      { status: 'canceled', reason: expect.stringMatching(/^cancelSource=1\b/) },
    ]);
  });

  it('count a spot market buy in quote currency unless told otherwise', () => {
    const { order, json } = testnet();
    const spot = { instId: 'BTC-USDT', tdMode: 'cash', ordType: 'market', px: undefined };
    // 650.001 / 65000.1 = 0.01.
    expect(order({ ...spot, sz: '650.001', clOrdId: 'q1' }).sCode).toBe('0');
    expect(order({ ...spot, sz: '0.02', tgtCcy: 'base_ccy', clOrdId: 'q2' }).sCode).toBe('0');
    const filled = (id: string) =>
      json(get('trade/order', `instId=BTC-USDT&clOrdId=${id}`)).data[0].accFillSz;
    expect([filled('q1'), filled('q2')]).toEqual(['0.01', '0.02']);
  });

  it('take a spot buy fee in base', () => {
    const { ask, place } = testnet();
    place({ instrument: spotId, qty: decimal('1') });
    expect(okx.requests.balances().flatMap(ask)).toContainEqual(
      expect.objectContaining({ asset: 'BTC', total: decimal('0.999') }),
    );
  });

  it.each([
    ['an unknown instrument', { instId: 'NO-SWAP' }, '51001'],
    ['a hyphen in the id', { clOrdId: 'a-b' }, '51000'],
    ['an id of 33 characters', { clOrdId: 'a'.repeat(33) }, '51000'],
    ['a price off tick', { px: '64000.05' }, '51000'],
    ['a size off lot', { sz: '1.005' }, '51121'],
    ['a size below the minimum', { sz: '0.001' }, '51020'],
    ['a price outside the band', { px: '90000' }, '51006'],
    ['more than the margin carries', { sz: '90000' }, '51008'],
    ['reduce-only without a position', { reduceOnly: true }, '51169'],
    ['no price', { px: '' }, '51000'],
    ['a size that is no number', { sz: 'x' }, '51000'],
    ['an order type of another product', { ordType: 'trigger' }, '51000'],
    ['a hedge-mode side', { posSide: 'long' }, '51000'],
    ['cash for a swap', { tdMode: 'cash' }, '51000'],
  ])('refuse %s in the item', (_name, change, sCode) => {
    expect(testnet().order(change)).toMatchObject({ sCode, ordId: '' });
  });

  it('refuse a client id for ever', () => {
    const { order, json } = testnet();
    expect(order({}).sCode).toBe('0');
    json(post('trade/cancel-order', { instId: 'BTC-USDT-SWAP', clOrdId: 'abc' }));
    expect(order({}).sCode).toBe('51016');
  });

  it('say what became of an order that cannot be cancelled', () => {
    const { order, json } = testnet();
    const cancel = (clOrdId: string) =>
      json(post('trade/cancel-order', { instId: 'BTC-USDT-SWAP', clOrdId })).data[0].sCode;
    order({ clOrdId: 'filled', px: '65000.1' });
    order({ clOrdId: 'gone' });
    expect(cancel('gone')).toBe('0');
    expect([cancel('gone'), cancel('filled'), cancel('never')]).toEqual([
      '51401',
      '51402',
      '51400',
    ]);
    const query = 'instId=BTC-USDT-SWAP&clOrdId=never';
    expect(json(get('trade/order', query)).code).toBe('51603');
  });

  it('of a batch are answered one by one', () => {
    const { json } = testnet();
    const good = { instId: 'BTC-USDT-SWAP', tdMode: 'cross', side: 'buy', ordType: 'limit' };
    const batch = [
      { ...good, sz: '1', px: '64000', clOrdId: 'a1' },
      { ...good, sz: '1.005', px: '64000', clOrdId: 'a2' },
    ];
    const answer = json(post('trade/batch-orders', batch));
    expect(answer.code).toBe('2');
    expect(answer.data.map((item: { sCode: string }) => item.sCode)).toEqual(['0', '51121']);
    expect(json(post('trade/batch-orders', [batch[1]])).code).toBe('1');
    const many = Array.from({ length: 21 }, () => batch[0]);
    expect(json(post('trade/batch-orders', many)).code).toBe('51111');
    const cancels = [{ instId: 'BTC-USDT-SWAP', clOrdId: 'a1' }];
    expect(json(post('trade/cancel-batch-orders', cancels)).code).toBe('0');
  });

  it('cannot be amended here, and the answer says so', () => {
    const { order, json } = testnet();
    order({});
    const amended = json(post('trade/amend-order', { instId: 'BTC-USDT-SWAP', clOrdId: 'abc' }));
    expect(amended.data[0].sCode).toBe('51506');
  });
});

describe('account', () => {
  it('is in net mode, and leverage has a limit', () => {
    const { ask, json, listed } = testnet();
    expect(okx.requests.accountConfig().flatMap(ask)).toMatchObject([{ name: 'ack' }]);
    const setup = okx.requests.setup([listed(swapId)], { leverage: 5 });
    expect(setup.flatMap(ask)).toMatchObject([{ name: 'ack' }, { name: 'ack' }]);
    const info = json(get('account/leverage-info', 'instId=BTC-USDT-SWAP&mgnMode=cross'));
    expect(info.data[0].lever).toBe('5');
    const body = { instId: 'BTC-USDT-SWAP', lever: '500', mgnMode: 'cross' };
    expect(json(post('account/set-leverage', body)).code).toBe('59102');
    const hedge = { posMode: 'long_short_mode' };
    expect(json(post('account/set-position-mode', hedge)).code).toBe('51000');
  });

  it('knows its fee rates as the adapter reads them', () => {
    const { ask, listed } = testnet();
    const rates = okx.requests.feeRates([listed(swapId), listed(spotId)]).flatMap(ask);
    expect(rates).toContainEqual(
      expect.objectContaining({ instrument: swapId, taker: 0.0005, maker: 0.0002 }),
    );
    expect(rates).toContainEqual(
      expect.objectContaining({ instrument: spotId, taker: 0.001, maker: 0.0008 }),
    );
  });

  it('bills funding at the settlement with the sign of cash', () => {
    const { ask, place, pass, startMs } = testnet();
    place({ side: 'sell', limit: decimal('64999.9') });
    pass(8 * hourMs);
    const scope = { instruments: [], sinceMs: 0 };
    const payments = okx.requests.fundingPayments(scope).map(ask);
    // A short of 0.01 BTC at 65000 and +0.0001: receives 0.065.
    for (const listing of payments) {
      expect(listing).toMatchObject([
        {
          kind: 'funding-payment',
          amount: decimal('0.065'),
          asset: 'USDT',
          instrument: swapId,
          venueTsMs: startMs + 8 * hourMs,
        },
      ]);
    }
    expect(payments).toHaveLength(2);
  });

  it('has bills that add up to its balance', () => {
    const { place, pass, json, exchange } = testnet();
    place();
    pass(8 * hourMs);
    place({ side: 'sell', limit: decimal('64999.9') });
    const { data } = json(get('account/bills'));
    const sum = data.reduce(
      (total: bigint, row: { balChg: string }) => total + decimal(row.balChg),
      0n,
    );
    expect(sum).toBe(exchange.balances()[0]?.total);
  });
});

describe('windows and timers', () => {
  it('refuse a call too many with 50011 until the window has passed', () => {
    const { json, clock } = testnet();
    const config = get('account/config');
    const codes = Array.from({ length: 6 }, () => json(config).code);
    expect(codes).toEqual(['0', '0', '0', '0', '0', '50011']);
    expect(json(config).status).toBe(429);
    clock.wallMs += 2_000;
    expect(json(config).code).toBe('0');
  });

  it('count order operations per instrument', () => {
    const { order } = testnet();
    const codes = Array.from({ length: 60 }, (_, n) => order({ clOrdId: `a${n}` }).sCode);
    expect(new Set(codes)).toEqual(new Set(['0']));
    expect(order({ clOrdId: 'z' })).toBeUndefined();
    expect(order({ instId: 'BTC-USDT', tdMode: 'cash', sz: '0.001', clOrdId: 'z' }).sCode).toBe(
      '0',
    );
  });

  it('cancel everything when the dead-man switch is not set again, on wall time', () => {
    const { json, order, exchange, protocol, clock } = testnet();
    order({});
    const set = (timeOut: string) => json(post('trade/cancel-all-after', { timeOut })).code;
    expect(set('5')).toBe('51000');
    clock.wallMs += 1_000;
    expect(set('10')).toBe('0');
    // A day of venue time does nothing.
    clock.tsMs += 24 * hourMs;
    clock.wallMs += 9_999;
    protocol.second(clock);
    expect(exchange.openOrders(null)).toHaveLength(1);
    clock.wallMs += 1;
    protocol.second(clock);
    expect(exchange.openOrders(null)).toEqual([]);
    expect(exchange.order({ instrument: swapId, clientOrderId: 'abc' })?.endReason).toBe(
      'dead-man',
    );
  });
});

describe('faults', () => {
  it('answer an order that was done with "unknown"', () => {
    const { faults, place, exchange } = testnet();
    faults.add('unknown-outcome');
    expect(place()).toMatchObject([{ kind: 'error', code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
    expect(exchange.position(swapId).qty).toBe(decimal('0.01'));
  });

  it('refuse everything as too much, or as expired', () => {
    const { faults, place } = testnet();
    faults.add('rate-limited');
    expect(place()).toMatchObject([{ venueCode: '50011' }]);
    faults.clear();
    faults.add('clock-skew');
    expect(place()).toMatchObject([{ venueCode: '50102', reaction: 'resync-clock' }]);
  });
});
