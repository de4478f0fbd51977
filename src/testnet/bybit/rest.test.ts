import { describe, expect, test } from 'vitest';
import {
  bybitTestnet,
  credentials,
  orderOf,
  perpId,
  wallStartMs,
} from '../../../test/support/bybit-testnet.ts';
import { hourMs } from '../../base/time.ts';
import { isInverse } from '../../domain/contract-value.ts';
import type { HttpRequest } from '../../domain/venue-spec.ts';
import { seededMarket } from '../../sim/seeded-market.ts';
import { bybit } from '../../venues/bybit/index.ts';

const { requests } = bybit;
const startMs = 1_767_571_200_000;

function balancesRequest(): HttpRequest {
  return requests.balances()[0] as HttpRequest;
}

describe('who may call', () => {
  test.each([
    ['another key', { key: 'x', secret: 's' }, 0, 10003],
    ['another secret', { key: 'k', secret: 'x' }, 0, 10004],
    ['a clock 5.1 s behind', credentials, -5_100, 10002],
    ['a clock 1 s ahead', credentials, 1_000, 10002],
    ['a clock 4.9 s behind', credentials, -4_900, 0],
    ['a clock 0.9 s ahead', credentials, 900, 0],
  ])('%s', (_name, keys, skewMs, retCode) => {
    const testnet = bybitTestnet();
    const request = bybit.sign(balancesRequest(), keys, wallStartMs + skewMs);
    expect(JSON.parse(testnet.raw(request).body)).toMatchObject({ retCode });
  });

  test('the signature covers the bytes of the query and of the body as they were sent', () => {
    const testnet = bybitTestnet();
    const read = bybit.sign(balancesRequest(), credentials, wallStartMs);
    const tampered = { ...read, query: `${read.query}&coin=BTC` };
    expect(JSON.parse(testnet.raw(tampered).body)).toMatchObject({ retCode: 10004 });
    const order = requests.place(orderOf({}), testnet.instrument(perpId));
    const signed = bybit.sign(order, credentials, wallStartMs);
    const spaced = { ...signed, body: ` ${signed.body}` };
    expect(JSON.parse(testnet.raw(spaced).body)).toMatchObject({ retCode: 10004 });
  });

  test('the time endpoint shows the wall clock, all else venue time', () => {
    const testnet = bybitTestnet();
    expect(testnet.call(requests.serverTime())).toMatchObject([
      { name: 'server-time', venueTsMs: wallStartMs },
    ]);
    expect(testnet.ask('GET /v5/market/tickers?category=linear')['time']).toBe(testnet.clock.tsMs);
  });

  test('a skewed venue clock shows in its time and in its windows', () => {
    const testnet = bybitTestnet();
    testnet.faults.add('clock-skew');
    expect(testnet.call(requests.serverTime())).toMatchObject([
      { venueTsMs: wallStartMs + 30_000 },
    ]);
    expect(testnet.call(balancesRequest())).toMatchObject([{ reaction: 'resync-clock' }]);
  });

  test('limits count per path on wall time and are told in the headers', () => {
    const testnet = bybitTestnet();
    const cancel = () => testnet.signed(requests.cancel('none', testnet.instrument(perpId)));
    const first = cancel();
    expect(first.headers).toMatchObject({ 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '9' });
    for (let n = 2; n <= 10; n++) cancel();
    const refused = cancel();
    expect(JSON.parse(refused.body)).toMatchObject({ retCode: 10006 });
    expect(refused.headers).toMatchObject({ 'X-Bapi-Limit-Status': '0' });
    const lower = Object.fromEntries(
      Object.entries(refused.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
    );
    expect(bybit.rateLimits.readHeaders(lower).retryAfterMs).toBe(1_000);
    testnet.clock.wallMs += 1_000;
    expect(JSON.parse(cancel().body)).toMatchObject({ retCode: 110001 });
  });

  test('over 600 calls in 5 s the address is refused with 403', () => {
    const testnet = bybitTestnet();
    for (let n = 0; n < 600; n++) testnet.raw(requests.serverTime());
    expect(testnet.raw(requests.serverTime()).status).toBe(403);
    testnet.clock.wallMs += 5_000;
    expect(testnet.raw(requests.serverTime()).status).toBe(200);
  });

  test('an unknown path is 404, a body that is no object a parameter error', () => {
    const testnet = bybitTestnet();
    expect(testnet.ask('GET /v5/nothing')).toMatchObject({ retCode: 10017 });
    const place = requests.place(orderOf({}), testnet.instrument(perpId));
    const reply = testnet.signed({ ...place, body: '[1' });
    expect(JSON.parse(reply.body)).toMatchObject({ retCode: 10001 });
  });
});

describe('market data', () => {
  test('the adapter reads back every instrument that is listed, in our units', () => {
    const testnet = bybitTestnet({ market: seededMarket({ seed: 7, startMs, venues: ['bybit'] }) });
    const specs = requests
      .instruments(['linear', 'spot', 'inverse'])
      .flatMap((request) => testnet.call(request))
      .map((event) => (event.kind === 'instrument' ? event.spec : event));
    const listed = testnet.exchange.instruments().map(({ instrument }) => instrument);
    expect(specs.length).toBe(listed.length);
    for (const instrument of listed) {
      const spec = specs.find((each) => 'id' in each && each.id === instrument.id);
      // A contract's size in base units is what one unit of the venue's quantity stands for.
      const contractSize = isInverse(instrument) ? instrument.contractSize : instrument.qtyUnit;
      expect(spec).toEqual({ ...instrument, contractSize });
    }
    expect(testnet.ask('GET /v5/market/instruments-info?category=option')).toMatchObject({
      retCode: 0,
      result: { category: 'option', list: [] },
    });
  });

  test('pages of instruments follow their cursors', () => {
    const testnet = bybitTestnet({ market: seededMarket({ seed: 7, startMs, venues: ['bybit'] }) });
    const [linear] = requests.instruments();
    let request: HttpRequest | null = {
      ...(linear as HttpRequest),
      query: 'category=linear&limit=5',
    };
    const symbols: unknown[] = [];
    for (let pages = 0; request !== null && pages < 10; pages++) {
      const reply = testnet.raw(request);
      for (const event of bybit.decodeReply(request, reply, testnet.catalog)) {
        symbols.push(event.symbol);
      }
      request = bybit.nextPage(request, reply.body);
    }
    expect(new Set(symbols).size).toBe(symbols.length);
    expect(symbols).toHaveLength(14);
  });

  test('quotes, marks and rates are the exchange’s, also of a contract of 1000 coins', () => {
    const testnet = bybitTestnet({ market: seededMarket({ seed: 7, startMs, venues: ['bybit'] }) });
    const pepe = testnet.instrument('bybit:PEPE-USDT-PERP');
    const events = testnet.call(requests.fundingRates([pepe])[0] as HttpRequest);
    const quote = testnet.exchange.quote(pepe.id);
    const funding = testnet.exchange.funding(pepe.id);
    const [bbo, mark, rate] = events;
    if (bbo?.kind !== 'quote' || mark?.kind !== 'mark-price' || rate?.kind !== 'funding-rate') {
      throw new Error('not the events of a ticker');
    }
    expect(bbo.instrument).toBe(pepe.id);
    expect(bbo.bid).toBeCloseTo(quote.bid, 12);
    expect(bbo.askQty).toBeCloseTo(quote.askQty, 3);
    expect(mark.mark).toBeCloseTo(testnet.exchange.mark(pepe.id), 9);
    expect(rate.ratePerInterval).toBeCloseTo(funding?.ratePerInterval ?? Number.NaN, 8);
    expect(rate.settlesAtMs).toBe(funding?.settlesAtMs);
    expect(rate.intervalMs).toBe(funding?.intervalMs);
  });

  test('past rates come newest first; a start without an end is refused', () => {
    const testnet = bybitTestnet();
    testnet.tick(25 * hourMs);
    const range = { fromMs: testnet.clock.tsMs - 24 * hourMs, toMs: testnet.clock.tsMs };
    const events = testnet.call(requests.fundingHistory(testnet.instrument(perpId), range));
    const times = events.map((event) => event.venueTsMs ?? 0);
    expect(times).toHaveLength(3);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    expect(events[0]).toMatchObject({ settled: true, ratePerInterval: 0.0001 });
    const line = `GET /v5/market/funding/history?category=linear&symbol=BTCUSDT&startTime=1`;
    expect(testnet.ask(line)).toMatchObject({ retCode: 10001 });
  });

  test('the REST book is a snapshot of the exchange’s', () => {
    const testnet = bybitTestnet();
    const line = 'GET /v5/market/orderbook?category=linear&symbol=BTCUSDT&limit=2';
    expect(testnet.ask(line)).toMatchObject({
      result: {
        s: 'BTCUSDT',
        b: [
          ['64999.9', '5.000'],
          ['64999.8', '5.000'],
        ],
        a: [
          ['65000.1', '5.000'],
          ['65000.2', '5.000'],
        ],
      },
    });
  });
});
