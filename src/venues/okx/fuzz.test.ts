// Whatever the bytes, decoding answers with events; and the byte scanner agrees with JSON.parse or
// declines.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  okxCatalog,
  okxFixture,
  okxFixtureNames,
  okxReply,
  okxRequest,
} from '../../../test/support/okx-fixtures.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { quoteSlots } from '../../domain/venue-spec.ts';
import { scanBytes } from '../../testing/scan-bytes.ts';
import { okx } from './index.ts';
import { endpoints } from './paths.ts';

const catalog = okxCatalog();
const source = { stream: 'public-1', market: null } as const;
const scan = okx.quoteScanner(source, catalog);
const encode = (text: string) => new TextEncoder().encode(text);
const fixtures = okxFixtureNames.map(okxFixture);
const lines = endpoints.map(({ method, path }) => `${method} ${path}?instId=BTC-USDT-SWAP`);

/** Values that a field should never have. */
const odd = fc.constantFrom<unknown>(
  ...['', ' ', '0x10', 'NaN', 'Infinity', '1e999', '-1e-300', '-0', '1'.repeat(300), '..', 'null'],
  ...[null, true, -1, 0, 1e308, 1.5e20, {}, [], [[]], [['1']], { a: 1 }, '__proto__'],
);

const mutated = fc
  .record({
    text: fc.constantFrom(...fixtures),
    picks: fc.array(fc.nat(400), { minLength: 1, maxLength: 6 }),
    values: fc.array(odd, { minLength: 6, maxLength: 6 }),
  })
  .map(({ text, picks, values }) => {
    const root: unknown = JSON.parse(text);
    for (const [n, pick] of picks.entries()) replaceLeaf(root, pick, values[n]);
    return JSON.stringify(root);
  });

/** Replaces the pick-th member (counting round and round) of a JSON value. */
function replaceLeaf(root: unknown, pick: number, value: unknown): void {
  const places: (readonly [object, string])[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const key of Object.keys(node)) {
      places.push([node, key]);
      walk(Reflect.get(node, key));
    }
  };
  walk(root);
  const place = places[pick % Math.max(1, places.length)];
  if (place !== undefined) Reflect.set(place[0], place[1], structuredClone(value));
}

/** Bytes of a fixture cut, overwritten or repeated. */
const damaged = fc
  .record({
    text: fc.constantFrom(...fixtures),
    cut: fc.nat(2_000),
    at: fc.nat(2_000),
    junk: fc.uint8Array({ maxLength: 4 }),
  })
  .map(({ text, cut, at, junk }) => {
    const bytes = encode(text);
    for (const [n, byte] of junk.entries()) bytes[(at + n) % bytes.length] = byte;
    return cut < bytes.length ? bytes.slice(0, cut) : bytes;
  });

function expectSane(events: readonly VenueEvent[]): void {
  for (const event of events) {
    expect(event.venue).toBe('okx');
    if (event.kind === 'quote') {
      for (const value of [event.bid, event.ask])
        if (value !== null) expect(value).toBeGreaterThan(0);
    }
    for (const value of Object.values(event)) {
      if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
    }
  }
}

describe('decode', () => {
  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged), (bytes) => {
        expectSane(okx.decode(bytes, source, catalog));
      }),
      { numRuns: 3_000 },
    );
  });

  it('survives any field of any wrong type', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        expectSane(okx.decode(encode(text), source, catalog));
      }),
      { numRuns: 4_000 },
    );
  });

  it('survives deep nesting', () => {
    for (const open of ['[', '{"a":']) {
      const events = okx.decode(encode(open.repeat(200_000)), source, catalog);
      expect(events).toMatchObject([{ kind: 'unrecognized' }]);
    }
  });
});

describe('decodeReply', () => {
  it('survives any body, status and purpose', () => {
    const bodies = fc.oneof(
      mutated,
      damaged.map((bytes) => new TextDecoder().decode(bytes)),
      fc.string(),
    );
    const status = fc.constantFrom(200, 400, 401, 404, 429, 500, 503, 0);
    fc.assert(
      fc.property(fc.constantFrom(...lines), bodies, status, (line, body, code) => {
        expectSane(okxReply(line, body, catalog, { status: code }));
        okx.nextPage(okxRequest(line), body);
      }),
      { numRuns: 4_000 },
    );
  });

  it('reads every fixture as the answer to every path', () => {
    for (const line of lines) {
      for (const body of fixtures) expectSane(okxReply(line, body, catalog));
    }
  });
});

describe('the quote scanner', () => {
  const out = new Float64Array(quoteSlots.size);

  /** Scans; when the scanner answers, decode must say the same. */
  function agree(bytes: Uint8Array): number {
    const index = scanBytes(scan, bytes, out);
    if (index < 0) return index;
    const [event] = okx.decode(bytes, source, catalog);
    expect(event).toMatchObject({
      kind: 'quote',
      instrument: catalog.at(index).id,
      bid: out[quoteSlots.bid],
      bidQty: out[quoteSlots.bidQty],
      ask: out[quoteSlots.ask],
      askQty: out[quoteSlots.askQty],
      venueTsMs: out[quoteSlots.venueTsMs],
    });
    return index;
  }

  it('reads what OKX sends, contracts converted', () => {
    expect(agree(encode(okxFixture('frame-bbo-tbt')))).toBe(catalog.indexOf('okx:BTC-USDT-PERP'));
    expect([...out.subarray(0, 5)]).toEqual([65000.1, 3.37, 65000.2, 12.505, 1709136000105]);
    expect(agree(encode(okxFixture('frame-bbo-tbt-spot')))).toBe(
      catalog.indexOf('okx:BTC-USDT-SPOT'),
    );
  });

  it('declines every other fixture', () => {
    for (const name of okxFixtureNames) {
      if (name === 'frame-bbo-tbt' || name === 'frame-bbo-tbt-spot') continue;
      expect(scanBytes(scan, encode(okxFixture(name)), out)).toBe(-1);
    }
  });

  it('agrees with JSON.parse on any figures', () => {
    const figure = fc.oneof(
      fc.double({ min: 1e-6, max: 1e8, noNaN: true }).map((value) => value.toFixed(6)),
      fc.tuple(fc.nat(1_000_000), fc.nat(1_000_000)).map(([a, b]) => `${a}.${b}`),
      fc.stringMatching(/^[-0-9.e]{1,12}$/),
    );
    const symbol = fc.constantFrom(
      'BTC-USDT-SWAP',
      'PEPE-USDT-SWAP',
      'BTC-USDT',
      'BTC-USD-SWAP',
      'X',
    );
    const frame = fc
      .tuple(symbol, figure, figure, figure, figure, fc.bigInt({ min: 0n, max: 1n << 70n }))
      .map(
        ([instId, bid, bidSize, ask, askSize, seqId]) =>
          `{"arg":{"channel":"bbo-tbt","instId":"${instId}"},"data":[{"asks":[["${ask}",` +
          `"${askSize}","0","2"]],"bids":[["${bid}","${bidSize}","0","1"]],` +
          `"ts":"1709136000105","seqId":${seqId}}]}`,
      );
    let scanned = 0;
    fc.assert(
      fc.property(frame, (text) => {
        if (agree(encode(text)) >= 0) scanned++;
      }),
      { numRuns: 4_000 },
    );
    expect(scanned).toBeGreaterThan(200);
  });

  it('agrees or declines on damaged frames', () => {
    const base = ['frame-bbo-tbt', 'frame-bbo-tbt-spot'].map((name) => encode(okxFixture(name)));
    const change = fc.tuple(fc.nat(400), fc.nat(255));
    fc.assert(
      fc.property(
        fc.constantFrom(...base),
        fc.array(change, { maxLength: 3 }),
        (bytes, changes) => {
          const copy = bytes.slice();
          for (const [at, byte] of changes) copy[at % copy.length] = byte;
          agree(copy);
        },
      ),
      { numRuns: 6_000 },
    );
    for (const bytes of base) {
      for (let cut = 0; cut < bytes.length; cut++)
        expect(scanBytes(scan, bytes.subarray(0, cut), out)).toBe(-1);
    }
  });
});
