// Market data into the table: quotes, marks, funding. Unknown never overwrites known (a ticker
// delta omits what did not change), and nothing of a lost stream is served on.
import type { MarketTable } from '../domain/market-table.ts';
import { rowSize, slot } from '../domain/market-table.ts';
import type {
  FundingRateEvent,
  MarkPriceEvent,
  QuoteEvent,
  VenueEvent,
} from '../domain/venue-event.ts';
import { quoteSlots } from '../domain/venue-spec.ts';
import type { Books } from './driver-books.ts';
import type { Stream } from './driver-streams.ts';
import type { DriverContext } from './driver-types.ts';

export class Market {
  private readonly context: DriverContext;
  private readonly table: MarketTable;
  private readonly books: Books;
  /** Which stream feeds the quote of an instrument; by catalog index. */
  private readonly quoteStreams: (Stream | undefined)[] = [];
  private readonly scratch = new Float64Array(quoteSlots.size);

  constructor(context: DriverContext, books: Books) {
    this.context = context;
    this.table = context.table;
    this.books = books;
  }

  /** The hot path: no allocation. */
  quote(index: number, values: Float64Array, stream: Stream): void {
    this.quoteStreams[index] = stream;
    this.writeQuote(index, values);
  }

  /** A quote that was read over REST. */
  auditedQuote(index: number, event: QuoteEvent, wallMs: number): void {
    this.writeQuote(index, this.fill(event, wallMs));
  }

  event(event: VenueEvent, wallMs: number, stream: Stream): void {
    const index = event.instrument === null ? -1 : this.context.catalog.indexOf(event.instrument);
    if (index < 0) return;
    switch (event.kind) {
      case 'quote':
        this.quote(index, this.fill(event, wallMs), stream);
        return;
      case 'mark-price':
        this.mark(index, event, wallMs);
        return;
      case 'funding-rate':
        this.funding(event, wallMs);
        return;
      case 'depth':
        this.books.event(event, index, wallMs, stream);
        return;
      default:
    }
  }

  mark(index: number, event: MarkPriceEvent, wallMs: number): void {
    if (event.mark !== null) {
      this.table.set(index, slot.mark, event.mark);
      this.table.set(index, slot.markWallMs, wallMs);
    }
    if (event.index !== null) this.table.set(index, slot.index, event.index);
  }

  /** Estimates of the next settlement, streamed or read; past settlements are not taken. */
  funding(event: FundingRateEvent, wallMs: number): void {
    const index = event.instrument === null ? -1 : this.context.catalog.indexOf(event.instrument);
    if (index < 0 || event.settled) return;
    let changed = false;
    changed = this.put(index, slot.ratePerInterval, event.ratePerInterval) || changed;
    changed = this.put(index, slot.intervalMs, event.intervalMs) || changed;
    changed = this.put(index, slot.settlesAtMs, event.settlesAtMs) || changed;
    if (event.ratePerInterval !== null || event.settlesAtMs !== null) {
      this.table.set(index, slot.fundingWallMs, wallMs);
    }
    if (changed) this.context.onQuote(index);
  }

  /** The quotes of the stream become unknown. */
  lost(stream: Stream): void {
    this.books.lostStream(stream);
    for (const [index, feeder] of this.quoteStreams.entries()) {
      if (feeder === stream) this.invalidate(index);
    }
  }

  invalidate(index: number): void {
    const { bid } = slot;
    const book = this.table.books[index];
    const known = !Number.isNaN(this.table.get(index, bid));
    this.table.invalidateQuote(index);
    // The book has a sequence and a stream of its own: only its own feed takes it away.
    this.table.books[index] = book;
    if (known) this.context.onQuote(index);
  }

  streamOf(index: number): Stream | undefined {
    return this.quoteStreams[index];
  }

  private fill(event: QuoteEvent, wallMs: number): Float64Array {
    const values = this.scratch;
    values[quoteSlots.bid] = event.bid ?? Number.NaN;
    values[quoteSlots.bidQty] = event.bidQty ?? Number.NaN;
    values[quoteSlots.ask] = event.ask ?? Number.NaN;
    values[quoteSlots.askQty] = event.askQty ?? Number.NaN;
    values[quoteSlots.venueTsMs] = event.venueTsMs ?? Number.NaN;
    values[quoteSlots.receivedWallMs] = wallMs;
    return values;
  }

  private writeQuote(index: number, values: Float64Array): void {
    const { rows } = this.table;
    const row = index * rowSize;
    let changed = false;
    for (let k = 0; k < 4; k++) {
      const value = values[k] as number;
      if (!Object.is(rows[row + k], value)) changed = true;
      rows[row + k] = value;
    }
    rows[row + slot.quoteTsMs] = values[quoteSlots.venueTsMs] as number;
    rows[row + slot.quoteWallMs] = values[quoteSlots.receivedWallMs] as number;
    if (changed) this.context.onQuote(index);
  }

  private put(index: number, at: number, value: number | null): boolean {
    if (value === null || Number.isNaN(value)) return false;
    if (this.table.get(index, at) === value) return false;
    this.table.set(index, at, value);
    return true;
  }
}
