// What a recording of the toy venue makes of the table and the books: as its driver would have.
import { beforeEach, describe, expect, it } from 'vitest';
import { frame, fundingOf } from '../../test/support/toy-server.ts';
import { toyInstruments, toyVenue } from '../../test/support/toy-venue.ts';
import { hourMs } from '../base/time.ts';
import type { DriverEvent } from '../domain/event.ts';
import { Catalog } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { driverLimits } from './driver-limits.ts';
import { RecordedVenue } from './recorded-venue.ts';

const id = 'toy:BTC-USDT-PERP';
const quiet = (): void => undefined;
let wallMs = 0;
let events: DriverEvent[] = [];
let listings = 0;
let catalog = new Catalog();
let table = new MarketTable(16);
let venue = made();

function made(): RecordedVenue {
  return new RecordedVenue({
    ...{ spec: toyVenue({ restDepth: true }), catalog, table, symbols: () => true },
    clock: { wallMs: () => wallMs, venueMs: () => wallMs },
    emit: (event) => events.push(event),
    onQuote: quiet,
    onListed: () => listings++,
    log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
  });
}

/** `rest:PURPOSE` for an answer. */
function put(stream: string, text: string, lost = false): void {
  wallMs += 10;
  const bytes = Buffer.from(text);
  const from = { receivedWallMs: wallMs, venue: 'toy', market: null, bytes };
  const [, purpose] = stream.split(':');
  if (purpose === undefined) {
    venue.put({ ...from, stream, ...(lost ? { lost } : {}) });
    return;
  }
  const request = { purpose, host: 'rest', method: 'GET', path: '/', query: '', status: 200 };
  venue.put({ ...from, stream: 'rest', request });
}

const cell = (at: keyof typeof slot) => table.get(catalog.indexOf(id), slot[at]);
const book = () => table.books[catalog.indexOf(id)];
const listing = frame(...toyInstruments.map(({ symbol }) => ({ kind: 'instrument', symbol })));
const depth = (over: object): string =>
  frame({
    ...{ kind: 'depth', symbol: 'BTCP', snapshot: false, bids: [], asks: [] },
    ...{ seq: '1', prevSeq: null, firstSeq: null, ...over },
  });
const whole = { snapshot: true, bids: [[99, 1]], asks: [[101, 1]], seq: '10' };

beforeEach(() => {
  wallMs = 1_000 * hourMs;
  events = [];
  listings = 0;
  catalog = new Catalog();
  table = new MarketTable(16);
  venue = made();
  put('rest:instruments', listing);
});

describe('a recorded venue', () => {
  it('is listed when its first stream speaks: all that comes before has been answered', () => {
    expect(venue.isListed).toBe(false);
    put('public', 'q BTCP 100 1 101 2 5');
    expect([venue.isListed, listings]).toEqual([true, 1]);
    expect(cell('bid')).toBe(100);
    expect(cell('quoteWallMs')).toBe(wallMs);
    expect(venue.instruments.map((one) => one.id)).toEqual(toyInstruments.map((one) => one.id));
  });

  it('begins a book with the snapshot that REST answered, and takes a gapped one away', () => {
    put('public', depth({ bids: [[99.5, 3]], seq: '11', prevSeq: '10' }));
    expect(book()).toBeUndefined();
    put('rest:depth', depth(whole));
    expect(book()?.bids).toEqual([
      [99.5, 3],
      [99, 1],
    ]);
    put('public', depth({ bids: [[99.6, 3]], seq: '13', prevSeq: '12' }));
    expect(book()).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ kind: 'venue-status', channel: 'book' });
  });

  it('knows nothing of a stream from where it was lost until it speaks again', () => {
    put('public', 'q BTCP 100 1 101 2 5');
    put('public', depth(whole));
    put('public', '', true);
    expect([cell('bid'), book()]).toEqual([Number.NaN, undefined]);
    expect(events.at(-1)).toMatchObject({ channel: 'public', status: 'down' });
    put('public', 'q BTCP 100 1 101 2 5');
    expect(cell('bid')).toBe(100);
    expect(events.at(-1)).toMatchObject({ channel: 'public', status: 'up' });
  });

  it('has rates from answers, and the interval that follows from the settled ones', () => {
    const settlesAtMs = wallMs + hourMs;
    put('rest:funding-rates', frame(fundingOf('BTCP', { intervalMs: null, settlesAtMs })));
    const settled = { settled: true, settlesAtMs: settlesAtMs - 4 * hourMs };
    put('rest:funding-history', frame(fundingOf('BTCP', settled)));
    expect([cell('settlesAtMs'), cell('intervalMs')]).toEqual([settlesAtMs, 4 * hourMs]);
    expect(venue.instruments.find((one) => one.id === id)?.fundingIntervalMs).toBe(4 * hourMs);
  });

  it('believes a quote that stood still only while REST says the same', () => {
    const answer = (bid: number): string =>
      frame({ kind: 'quote', symbol: 'BTCP', bid, bidQty: 1, ask: 101, askQty: 2 });
    put('public', 'q BTCP 100 1 101 2 5');
    put('rest:quotes', answer(90)); // the stream spoke meanwhile
    expect(cell('bid')).toBe(100);
    wallMs += driverLimits.quoteAuditAgeMs;
    put('rest:quotes', answer(100));
    expect(cell('quoteWallMs')).toBe(wallMs);
    wallMs += driverLimits.quoteAuditAgeMs;
    put('rest:quotes', answer(90));
    expect(cell('bid')).toBeNaN();
  });
});
