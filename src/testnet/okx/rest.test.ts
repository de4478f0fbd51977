import { describe, expect, it } from 'vitest';
import {
  get,
  okxTestnet,
  post,
  spotId,
  swapId,
  wallStartMs,
} from '../../../test/support/okx-testnet.ts';
import { decimal } from '../../base/decimal.ts';
import { hourMs } from '../../base/time.ts';
import { okx } from '../../venues/okx/index.ts';

describe('public REST', () => {
  it('tells the wall clock as its time and the venue clock in market data', () => {
    const { json, startMs } = okxTestnet();
    expect(json(get('public/time')).data).toEqual([{ ts: String(wallStartMs) }]);
    const { data } = json(get('public/mark-price', 'instType=SWAP'));
    expect(data).toContainEqual({
      ...{ instType: 'SWAP', instId: 'BTC-USDT-SWAP', markPx: '65000', ts: String(startMs) },
    });
  });

  it('lists instruments in contracts, and nothing for types that are not simulated', () => {
    const { json } = okxTestnet();
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
    const { json, startMs } = okxTestnet();
    for (const query of ['instId=BTC-USDT-SWAP', 'instId=ANY']) {
      const [row] = json(get('public/funding-rate', query)).data;
      expect(row).toMatchObject({ fundingRate: '0.0001', nextFundingRate: '' });
      expect(Number(row.fundingTime)).toBe(startMs + 8 * hourMs);
      expect(Number(row.nextFundingTime) - Number(row.fundingTime)).toBe(8 * hourMs);
    }
    expect(json(get('public/funding-rate', 'instId=NO-SWAP')).code).toBe('51001');
  });

  it('pages the history of rates, newest first', () => {
    const { json, startMs } = okxTestnet();
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
    const { json } = okxTestnet();
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
    const { json } = okxTestnet();
    const { data } = json(get('public/position-tiers', 'instType=SWAP&tdMode=cross&uly=BTC-USDT'));
    expect(data[0]).toMatchObject({ tier: '1', minSz: '0' });
    expect(Number(data[0].maxSz)).toBeGreaterThan(0);
  });

  it('answers an unknown path and a wrong method as such', () => {
    const { json } = okxTestnet();
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
    const { http, clock } = okxTestnet();
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
    const { http, clock } = okxTestnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    const headers = Object.fromEntries(
      Object.entries(signed.headers).filter(([name]) => name !== header),
    );
    expect(JSON.parse(http({ ...signed, headers }).body).code).toBe(code);
  });

  it('cover the query and the body byte for byte', () => {
    const { http, clock } = okxTestnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    expect(JSON.parse(http(signed).body).code).toBe('0');
    expect(JSON.parse(http({ ...signed, query: 'ccy=BTC' }).body).code).toBe('50113');
    const placed = okx.sign(post('trade/order', { sz: '1' }), keys, clock.wallMs);
    const changed = { ...placed, body: `${placed.body} ` };
    expect(JSON.parse(http(changed).body).code).toBe('50113');
  });

  it('do not outlive the deadline that an order set itself', () => {
    const { http, draft, listed, clock } = okxTestnet();
    const request = okx.requests.place(draft(), listed(swapId));
    const signed = okx.sign(request, keys, clock.wallMs);
    clock.wallMs += okx.orderValidityMs + 1;
    expect(JSON.parse(http(signed).body).code).toBe('50102');
  });

  it('tolerate the demo header', () => {
    const { http, clock } = okxTestnet();
    const signed = okx.sign(balance, keys, clock.wallMs);
    const headers = { ...signed.headers, 'x-simulated-trading': '1' };
    expect(JSON.parse(http({ ...signed, headers }).body).code).toBe('0');
  });
});

describe('account', () => {
  it('is in net mode, and leverage has a limit', () => {
    const { ask, json, listed } = okxTestnet();
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
    const { ask, listed } = okxTestnet();
    const rates = okx.requests.feeRates([listed(swapId), listed(spotId)]).flatMap(ask);
    expect(rates).toContainEqual(
      expect.objectContaining({ instrument: swapId, taker: 0.0005, maker: 0.0002 }),
    );
    expect(rates).toContainEqual(
      expect.objectContaining({ instrument: spotId, taker: 0.001, maker: 0.0008 }),
    );
  });

  it('bills funding at the settlement with the sign of cash', () => {
    const { ask, place, pass, startMs } = okxTestnet();
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
    const { place, pass, json, exchange } = okxTestnet();
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
    const { json, clock } = okxTestnet();
    const config = get('account/config');
    const codes = Array.from({ length: 6 }, () => json(config).code);
    expect(codes).toEqual(['0', '0', '0', '0', '0', '50011']);
    expect(json(config).status).toBe(429);
    clock.wallMs += 2_000;
    expect(json(config).code).toBe('0');
  });

  it('count order operations per instrument', () => {
    const { order } = okxTestnet();
    const codes = Array.from({ length: 60 }, (_, n) => order({ clOrdId: `a${n}` }).sCode);
    expect(new Set(codes)).toEqual(new Set(['0']));
    expect(order({ clOrdId: 'z' })).toBeUndefined();
    expect(order({ instId: 'BTC-USDT', tdMode: 'cash', sz: '0.001', clOrdId: 'z' }).sCode).toBe(
      '0',
    );
  });

  it('cancel everything when the dead-man switch is not set again, on wall time', () => {
    const { json, order, exchange, protocol, clock } = okxTestnet();
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
    const { faults, place, exchange } = okxTestnet();
    faults.add('unknown-outcome');
    expect(place()).toMatchObject([{ kind: 'error', code: 'UNKNOWN_OUTCOME', reaction: 'query' }]);
    expect(exchange.position(swapId).qty).toBe(decimal('0.01'));
  });

  it('refuse everything as too much, or as expired', () => {
    const { faults, place, json } = okxTestnet();
    faults.add('rate-limited');
    expect(place()).toMatchObject([{ venueCode: '50011' }]);
    faults.clear();
    faults.add('clock-skew');
    expect(place()).toMatchObject([{ venueCode: '50102', reaction: 'resync-clock' }]);
    // Its `time` shows the same clock, so that measuring it helps.
    const { data } = json(get('public/time'));
    expect(Number(data[0].ts)).toBe(wallStartMs + 60_000);
  });
});
