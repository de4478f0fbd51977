// Whatever bytes come, decode and decodeReply answer with events and never throw, and a value that
// cannot be read is null or costs its event, never 0.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  exampleCatalog,
  fixture,
  fixtureNames,
  requestOf,
} from '../../../test/support/binance-fixtures.ts';
import { Catalog, type Market } from '../../domain/instrument.ts';
import type { VenueEvent } from '../../domain/venue-event.ts';
import { valuesIn, withValue } from '../../testing/mutate.ts';
import { decode } from './frames.ts';
import { knownPaths } from './paths.ts';
import { decodeReply } from './replies.ts';

const encoder = new TextEncoder();
const catalogs = [new Catalog(), exampleCatalog()];
const samples = fixtureNames.map(fixture);

const sample = fc.constantFrom(...samples);
const market = fc.constantFrom<Market | null>('spot', 'linear', 'inverse', null);
const catalog = fc.constantFrom(...catalogs);
const path = fc.constantFrom(...knownPaths);
const status = fc.constantFrom(0, 200, 200, 200, 400, 418, 429, 503);

/** A text with one JSON value in it replaced by something that does not belong there. */
const odd = fc.constantFrom(
  'null',
  '""',
  '0',
  '-1',
  '"-"',
  '1e999',
  '"1e999"',
  '"99999999999999999999999999"',
  '[]',
  '{}',
  '[[]]',
  '[null]',
  '{"a":{"a":null}}',
  'true',
  '"\u0000"',
  '12345678901234567890',
  '"NaN"',
  '[[1]]',
);

const mutated = fc.oneof(
  fc.tuple(sample, fc.nat(), odd).map(([text, at, to]) => {
    const places = valuesIn(text);
    const place = places[at % places.length];
    return place === undefined ? text : withValue(text, place, to);
  }),
  fc.tuple(sample, fc.nat()).map(([text, at]) => text.slice(0, at % text.length)),
  fc.tuple(sample, fc.nat(), fc.string({ maxLength: 4 })).map(([text, at, noise]) => {
    const place = at % text.length;
    return text.slice(0, place) + noise + text.slice(place + 1);
  }),
  fc.json(),
  fc.string(),
);

function sound(events: readonly VenueEvent[]): void {
  for (const event of events) {
    expect(event.venue).toBe('binance');
    for (const [key, held] of Object.entries(event)) {
      if (typeof held === 'number') expect(Number.isFinite(held), key).toBe(true);
      expect(held, key).not.toBeUndefined();
    }
    if (event.kind === 'quote') {
      for (const held of [event.bid, event.ask, event.bidQty, event.askQty])
        expect(held).not.toBe(0);
    }
    if (event.kind === 'mark-price') expect(event.mark).not.toBe(0);
    if (event.kind === 'funding-rate') {
      expect(event.intervalMs).not.toBe(0);
      expect(event.settlesAtMs).not.toBe(0);
    }
  }
}

it('decode survives changed, cut and foreign frames', () => {
  fc.assert(
    fc.property(mutated, market, catalog, (text, of, known) => {
      sound(decode(encoder.encode(text), { stream: 's', market: of }, known));
    }),
    { numRuns: 4_000 },
  );
});

it('decode survives any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), market, (bytes, of) => {
      const events = decode(bytes, { stream: 's', market: of }, new Catalog());
      expect(events.length).toBeGreaterThan(0);
      sound(events);
    }),
    { numRuns: 1_000 },
  );
});

it('decodeReply survives any body on any path', () => {
  fc.assert(
    fc.property(path, mutated, status, catalog, (line, body, code, known) => {
      sound(decodeReply(requestOf(line), { status: code, body }, known));
    }),
    { numRuns: 4_000 },
  );
});

it('nesting too deep to print costs one event', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const bodies = [deep, `[{"e":${deep}}]`, `{"e":"ACCOUNT_UPDATE","a":{"B":[{"a":${deep}}]}}`];
  for (const text of bodies) {
    sound(decode(encoder.encode(text), { stream: 's', market: null }, new Catalog()));
    for (const line of ['GET /fapi/v1/income', 'GET /fapi/v1/order', 'POST /fapi/v1/order']) {
      sound(decodeReply(requestOf(line), { status: 200, body: text }, new Catalog()));
    }
  }
});

it('an empty rate is null, never 0', () => {
  const body = fixture('usdm-premium-index').replace('"0.00038246"', '""');
  const events = decodeReply(
    requestOf('GET /fapi/v1/premiumIndex'),
    { status: 200, body },
    new Catalog(),
  );
  expect(events[1]).toMatchObject({ kind: 'funding-rate', ratePerInterval: null });
});
