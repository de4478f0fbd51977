import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  fixture,
  fixtureCatalog,
  fixtureNames,
  requestTo,
} from '../../../test/support/bybit-fixtures.ts';
import { Catalog, type Instrument, type Market } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { type HttpRequest, quoteSlots, type RequestPurpose } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { bybit } from './index.ts';

const catalog = fixtureCatalog();
const markets: readonly (Market | null)[] = ['linear', 'spot', 'inverse', null];
const purposes: readonly RequestPurpose[] = [
  'server-time',
  'instruments',
  'funding-rates',
  'funding-history',
  'quotes',
  'depth',
  'fee-rates',
  'setup',
  'place',
  'cancel',
  'query-order',
  'open-orders',
  'order-history',
  'fills',
  'balances',
  'positions',
  'funding-payments',
  'listen-key',
  'account-config',
];

/** Values that a field can turn into when a venue errs. */
const oddities = [
  null,
  true,
  '',
  '0',
  '-1',
  '1e999',
  '1e308',
  '9'.repeat(100),
  `0.${'0'.repeat(40)}1`,
  'NaN',
  'null',
  1e308,
  -0,
  2 ** 60,
  [],
  [[]],
  {},
  { a: 1 },
];

/** The payload with one value somewhere replaced. */
function mutated(text: string, pick: number, oddity: unknown): string {
  const value: unknown = JSON.parse(text);
  const places: { readonly holder: Record<string, unknown>; readonly key: string }[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const holder = node as Record<string, unknown>; // arrays are reached by their indices
    for (const key of Object.keys(holder)) {
      places.push({ holder, key });
      walk(holder[key]);
    }
  };
  walk(value);
  const place = places[pick % places.length];
  if (place !== undefined) place.holder[place.key] = oddity;
  return JSON.stringify(value);
}

function checkEvents(events: readonly VenueEvent[]): void {
  for (const event of events) {
    expect(event.venue).toBe('bybit');
    // Market figures are numbers or null: a NaN or an infinity would poison the tables.
    for (const value of Object.values(event)) {
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    }
  }
}

function decodeAll(text: string): void {
  const bytes = bytesOf(text);
  for (const market of markets) {
    checkEvents(bybit.decode(bytes, { stream: 'fuzz', market }, catalog));
  }
  const request = requestTo('GET /v5/market/time');
  for (const purpose of purposes) {
    const asked: HttpRequest = { ...request, purpose, query: 'startTime=1&endTime=2' };
    checkEvents(bybit.decodeReply(asked, { status: 200, body: text }, catalog));
    bybit.nextPage(asked, text);
  }
}

describe('nothing that a venue sends makes the decoder throw', () => {
  test('any fixture read as anything', () => {
    for (const name of fixtureNames) decodeAll(fixture(name));
  });

  test('fixtures with a field of another type, empty, huge or missing', () => {
    const name = fc.constantFrom(...fixtureNames);
    const oddity = fc.constantFrom(...oddities);
    fc.assert(
      fc.property(name, fc.nat(), oddity, (which, pick, value) => {
        decodeAll(mutated(fixture(which), pick, value));
      }),
      { numRuns: 400 },
    );
  });

  test('truncated and garbled fixtures', () => {
    const name = fc.constantFrom(...fixtureNames);
    const cut = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(name, cut, fc.nat(255), (which, at, byte) => {
        const bytes = bytesOf(fixture(which));
        const index = Math.floor(at * (bytes.length - 1));
        const garbled = bytes.slice();
        garbled[index] = byte;
        for (const part of [bytes.slice(0, index), garbled]) {
          checkEvents(bybit.decode(part, { stream: 'fuzz', market: 'linear' }, catalog));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('any JSON and any bytes', () => {
    fc.assert(fc.property(fc.json(), decodeAll), { numRuns: 100 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        checkEvents(bybit.decode(bytes, { stream: 'fuzz', market: null }, catalog));
      }),
    );
  });

  test.each(['__proto__', 'constructor', 'toString'])(
    'the name %s is a name like others',
    (name) => {
      const order = JSON.parse(fixture('ws-order'));
      order.data[0].orderStatus = name;
      order.data[0].symbol = name;
      expect(
        bybit.decode(bytesOf(JSON.stringify(order)), { stream: 'x', market: null }, catalog),
      ).toMatchObject([{ kind: 'order', status: 'unknown', instrument: null }]);
    },
  );
});

describe('the quote scanner answers what JSON.parse would, or nothing', () => {
  const source = { stream: 'public-linear-1', market: 'linear' } as const;
  const scan = bybit.quoteScanner(source, catalog);
  const out = new Float64Array(quoteSlots.size);

  /** Compares bit by bit; true when the scanner took the frame. */
  function agrees(bytes: Uint8Array): boolean {
    const index = scanBytes(scan, bytes, out);
    if (index < 0) return false;
    const [event] = bybit.decode(bytes, source, catalog);
    expect(event).toEqual({
      kind: 'quote',
      venue: 'bybit',
      symbol: catalog.at(index).symbol,
      instrument: catalog.at(index).id,
      venueTsMs: out[quoteSlots.venueTsMs],
      bid: out[quoteSlots.bid],
      bidQty: out[quoteSlots.bidQty],
      ask: out[quoteSlots.ask],
      askQty: out[quoteSlots.askQty],
    });
    return true;
  }

  function frame(part: {
    readonly symbol: string;
    readonly ts: number | string;
    readonly bid: string;
    readonly qty: string;
  }): Uint8Array {
    const { symbol, ts, bid, qty } = part;
    return bytesOf(
      `{"topic":"orderbook.1.${symbol}","type":"snapshot","ts":${ts},"data":{"s":"${symbol}",` +
        `"b":[["${bid}","${qty}"]],"a":[["${bid}","${qty}"]],"u":7,"seq":8},"cts":${ts}}`,
    );
  }

  test('it takes the frames as they come', () => {
    expect(agrees(bytesOf(fixture('ws-orderbook-1-linear')))).toBe(true);
    expect(agrees(bytesOf(fixture('ws-orderbook-1-multiplier')))).toBe(true);
  });

  test.each([
    'ws-orderbook-1-empty-side',
    'ws-orderbook-50-snapshot',
    'ws-orderbook-50-delta',
    'ws-tickers-linear-snapshot',
    'ws-pong-public',
  ])('it leaves %s to decode', (name) => {
    expect(scanBytes(scan, bytesOf(fixture(name)), out)).toBe(-1);
  });

  test('a figure of hundreds of characters is none, as for decode', () => {
    const bid = `${'0'.repeat(250)}1`;
    expect(agrees(frame({ symbol: 'BTCUSDT', ts: 1, bid, qty: '1' }))).toBe(false);
  });

  test('any figures', () => {
    const digits = fc.stringMatching(/^[0-9]{0,17}\.?[0-9]{0,12}$/);
    const symbol = fc.constantFrom('BTCUSDT', '1000PEPEUSDT', 'SHIB1000USDT', 'ETHUSDT');
    const ts = fc.oneof(
      fc.nat(),
      fc.constantFrom('0', '01', '1764000000123', '9'.repeat(15), '1.5'),
    );
    fc.assert(
      fc.property(symbol, ts, digits, digits, (name, time, bid, qty) => {
        agrees(frame({ symbol: name, ts: time, bid, qty }));
      }),
      { numRuns: 2_000 },
    );
  });

  test('any change of one byte, any cut, anything appended', () => {
    const bytes = bytesOf(fixture('ws-orderbook-1-multiplier'));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 32, max: 126 }), (at, byte) => {
        const changed = bytes.slice();
        changed[at] = byte;
        agrees(changed);
        agrees(bytes.slice(0, at));
        agrees(Uint8Array.from([...bytes, byte]));
      }),
      { numRuns: 3_000 },
    );
  });

  test('it takes no symbol of another market, venue or name', () => {
    const other = new Catalog();
    const instrument = catalog.bySymbol('bybit', 'spot', 'BTCUSDT') as Instrument;
    other.put({ ...instrument, venue: 'binance', id: 'binance:BTC-USDT-SPOT' });
    const bytes = bytesOf(fixture('ws-orderbook-1-linear'));
    expect(scanBytes(bybit.quoteScanner({ stream: 's', market: 'spot' }, other), bytes, out)).toBe(
      -1,
    );
    expect(
      scanBytes(bybit.quoteScanner({ stream: 's', market: 'inverse' }, catalog), bytes, out),
    ).toBe(-1);
    expect(scanBytes(bybit.quoteScanner({ stream: 's', market: null }, catalog), bytes, out)).toBe(
      -1,
    );
  });
});
