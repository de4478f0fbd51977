// The scanner and `decode` must agree on every frame that the scanner accepts, and the scanner must
// accept the frames that the venue sends.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleCatalog, fixture } from '../../../test/support/binance-fixtures.ts';
import type { Market } from '../../domain/instrument.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { decode } from './frames.ts';
import { quoteScanner } from './scanner.ts';

const catalog = exampleCatalog();
const encoder = new TextEncoder();

/** What the scanner says, or null when it passes; the same from `decode`. */
function both(frame: Uint8Array, market: Market | null) {
  const out = new Float64Array(quoteSlots.size);
  const source = { stream: 's', market };
  const index = scanBytes(quoteScanner(source, catalog), frame, out);
  const scanned =
    index < 0
      ? null
      : { id: catalog.at(index).id, values: [...out.slice(0, quoteSlots.venueTsMs + 1)] };
  const events = decode(frame, source, catalog);
  const [event] = events;
  const decoded =
    events.length === 1 && event?.kind === 'quote'
      ? {
          id: event.instrument,
          values: [event.bid, event.bidQty, event.ask, event.askQty, event.venueTsMs ?? Number.NaN],
        }
      : null;
  return { scanned, decoded };
}

describe('frames as the venue sends them', () => {
  const usdm = fixture('usdm-book-ticker').replace('BNBUSDT', 'BTCUSDT');
  const spot = fixture('spot-book-ticker').replace('BNBUSDT', 'BTCUSDT');
  const coinm = fixture('coinm-book-ticker');
  const wrap = (frame: string) => `{"stream":"btcusdt@bookTicker","data":${frame}}`;

  it.each([
    ['USD-M raw', usdm, 'linear', 'binance:BTC-USDT-PERP'],
    ['USD-M combined', wrap(usdm), 'linear', 'binance:BTC-USDT-PERP'],
    ['spot raw', spot, 'spot', 'binance:BTC-USDT-SPOT'],
    ['spot combined', wrap(spot), 'spot', 'binance:BTC-USDT-SPOT'],
    ['USD-M, market not told', usdm, null, 'binance:BTC-USDT-PERP'],
    ['spot, market not told', spot, null, 'binance:BTC-USDT-SPOT'],
    ['multiplied', fixture('usdm-book-ticker-1000pepe'), 'linear', 'binance:PEPE-USDT-PERP'],
    ['COIN-M raw', coinm, 'inverse', 'binance:BTC-USD-INV'],
    ['COIN-M combined', wrap(coinm), 'inverse', 'binance:BTC-USD-INV'],
  ] as const)('%s is read without decode', (_, text, market, id) => {
    const { scanned, decoded } = both(encoder.encode(text), market);
    expect(scanned).toEqual(decoded);
    expect(scanned?.id).toBe(id);
  });

  it('spot has no time', () => {
    expect(both(encoder.encode(spot), 'spot').scanned?.values[quoteSlots.venueTsMs]).toBeNaN();
  });

  it.each([
    ['another channel', fixture('usdm-mark-price')],
    ['an unknown symbol', fixture('usdm-book-ticker')],
    ['an added field', usdm.replace('"s":', '"ps":"x","s":')],
    ['another order of fields', usdm.replace('"E":1568014460893,"T":1568014460891', '"T":1,"E":2')],
    ['an empty side', usdm.replace('"25.35190000"', '"0.00000000"')],
    ['an empty text', usdm.replace('"25.35190000"', '""')],
    ['a space', usdm.replace(',"b"', ', "b"')],
    ['a rest', `${usdm} `],
    ['a time of 0', usdm.replace('1568014460893', '0')],
    ['an exponent', usdm.replace('31.21000000', '3e1')],
    ['nothing', ''],
  ])('%s is left to decode', (_, text) => {
    expect(both(encoder.encode(text), 'linear').scanned).toBeNull();
  });

  it('a spot frame on a USD-M stream is left to decode', () => {
    expect(both(encoder.encode(spot), 'linear').scanned).toBeNull();
    expect(both(encoder.encode(usdm), 'spot').scanned).toBeNull();
  });
});

const number = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.double({ min: 1e-7, max: 1e6, noNaN: true }).map((x) => x.toFixed(8)),
  },
  fc.bigInt({ min: 0n, max: 10n ** 18n }).map(String),
  fc.constantFrom('0', '0.0', '', '1.', '.5', '00.5', '-1', '+1', '1e5', '1.2.3', 'x', '1 '),
);
const integer = fc.oneof(
  { weight: 12, arbitrary: fc.nat().map(String) },
  fc.constantFrom('0', '00', '01', '-1', '1.5', '""', 'null', '9007199254740993'),
  fc.bigInt({ min: 1_500_000_000_000n, max: 1_900_000_000_000n }).map(String),
);
const symbol = fc.constantFrom('BTCUSDT', '1000PEPEUSDT', 'PEPEUSDT', 'BTCUSDT_260626', 'NOPE');
const streamName = fc.constantFrom('btcusdt@bookTicker', 'x@y', '', 'a"b', 'a\\b', 'a\nb', 'é');

const frameText = fc
  .record({
    isLinear: fc.boolean(),
    wrapped: fc.boolean(),
    streamName,
    u: integer,
    e: integer,
    t: integer,
    symbol,
    numbers: fc.array(number, { minLength: 4, maxLength: 4 }),
  })
  .map(({ isLinear, wrapped, streamName: name, u, e, t, symbol: s, numbers: [b, bq, a, aq] }) => {
    const head = isLinear ? `"e":"bookTicker","u":${u},"E":${e},"T":${t}` : `"u":${u}`;
    const frame = `{${head},"s":"${s}","b":"${b}","B":"${bq}","a":"${a}","A":"${aq}"}`;
    return wrapped ? `{"stream":"${name}","data":${frame}}` : frame;
  });

const market = fc.constantFrom<Market | null>('spot', 'linear', null);

it('whatever the scanner accepts, decode reads the same', () => {
  let accepted = 0;
  fc.assert(
    fc.property(frameText, market, (text, of) => {
      const { scanned, decoded } = both(encoder.encode(text), of);
      if (scanned === null) return;
      accepted++;
      expect(scanned).toEqual(decoded);
    }),
    { numRuns: 3_000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

it('the same holds for frames with bytes changed, cut or doubled', () => {
  const samples = ['usdm-book-ticker', 'spot-book-ticker', 'usdm-book-ticker-1000pepe'].map(
    (name) => encoder.encode(fixture(name).replace('BNBUSDT', 'BTCUSDT')),
  );
  const change = fc.record({
    sample: fc.constantFrom(...samples),
    at: fc.nat(300),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(...encoder.encode('0123456789."\\{},:'))),
    how: fc.constantFrom('replace', 'insert', 'remove', 'cut'),
  });
  fc.assert(
    fc.property(change, market, ({ sample, at, byte, how }, of) => {
      const list = [...sample];
      const place = at % list.length;
      if (how === 'replace') list[place] = byte;
      else if (how === 'insert') list.splice(place, 0, byte);
      else if (how === 'remove') list.splice(place, 1);
      else list.length = place;
      const { scanned, decoded } = both(Uint8Array.from(list), of);
      if (scanned !== null) expect(scanned).toEqual(decoded);
    }),
    { numRuns: 3_000 },
  );
});

it('a multiplied price is the double next to the decimal value, on tick', () => {
  // 0.0100002 / 1000 in doubles prints 0.000010000200000000001, which is off tick.
  const misses: string[] = [];
  for (let ticks = 100_000; ticks < 102_000; ticks++) {
    const text = (ticks / 1e7).toFixed(7);
    const frame = fixture('usdm-book-ticker-1000pepe').replace('0.0101230', text);
    const { scanned, decoded } = both(encoder.encode(frame), 'linear');
    const exact = Number(`${text}e-3`);
    if (scanned?.values[0] !== exact || decoded?.values[0] !== exact) misses.push(text);
  }
  expect(misses).toEqual([]);
});
