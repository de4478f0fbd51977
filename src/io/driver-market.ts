// Market data into the table: quotes, marks, funding. Unknown never overwrites known (a ticker
// delta omits what did not change), and nothing of a lost stream is served on.
import type { MarketTable } from '../domain/market-table.ts';
import { slot } from '../domain/market-table.ts';
import type {
  FundingRateEvent,
  MarkPriceEvent,
  QuoteEvent,
  VenueEvent,
} from '../domain/venue-event.ts';
import { quoteSlots } from '../domain/venue-spec.ts';
import type { Books } from './driver-books.ts';
import type { Feeder, MarketContext } from './driver-types.ts';

const hourMs = 3_600_000;
export const intervalMsMax = 24 * hourMs;

export class Market {
  private readonly context: MarketContext;
  private readonly table: MarketTable;
  private readonly books: Books;
  /** Which stream feeds the quote of an instrument; by catalog index. */
  private readonly quoteStreams: (Feeder | undefined)[] = [];
  private readonly scratch = new Float64Array(quoteSlots.size);

  constructor(context: MarketContext, books: Books) {
    this.context = context;
    this.table = context.table;
    this.books = books;
  }

  /** The hot path: no allocation. */
  quote(index: number, values: Float64Array, stream: Feeder): void {
    this.quoteStreams[index] = stream;
    this.writeQuote(index, values);
  }

  /** A quote that was read over REST. */
  auditedQuote(index: number, event: QuoteEvent, wallMs: number): void {
    this.writeQuote(index, this.fill(event, wallMs));
  }

  event(event: VenueEvent, wallMs: number, stream: Feeder): void {
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

  /** Rates and marks that were read over REST. */
  readRates(events: readonly VenueEvent[], wallMs: number): void {
    for (const event of events) {
      if (event.kind === 'funding-rate') {
        this.funding(event, wallMs);
      } else if (event.kind === 'mark-price' && event.instrument !== null) {
        const index = this.context.catalog.indexOf(event.instrument);
        if (index >= 0) this.mark(index, event, wallMs);
      }
    }
  }

  /**
   * The interval that runs now, from settled rates that were read: the next settlement minus the
   * last one. False = it does not follow from them.
   */
  readSettled(index: number, events: readonly VenueEvent[]): boolean {
    let lastMs = Number.NaN;
    for (const event of events) {
      if (event.kind !== 'funding-rate' || !event.settled || event.settlesAtMs === null) continue;
      if (!(event.settlesAtMs <= lastMs)) lastMs = event.settlesAtMs;
    }
    const { table, clock } = this.context;
    const next = table.get(index, slot.settlesAtMs);
    const intervalMs = intervalOf(lastMs, next, clock.venueMs());
    if (intervalMs === null) return false;
    table.set(index, slot.intervalMs, intervalMs);
    this.context.onQuote(index);
    return true;
  }

  /** What was read is not what is held; unknown is not wrong. */
  differs(index: number, event: QuoteEvent): boolean {
    for (const [at, value] of [
      [slot.bid, event.bid],
      [slot.ask, event.ask],
    ] as const) {
      const held = this.table.get(index, at);
      if (!Number.isNaN(held) && value !== null && held !== value) return true;
    }
    return false;
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
  lost(stream: Feeder): void {
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

  streamOf(index: number): Feeder | undefined {
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
    if (this.table.setQuote(index, values)) this.context.onQuote(index);
  }

  private put(index: number, at: number, value: number | null): boolean {
    if (value === null || Number.isNaN(value)) return false;
    if (this.table.get(index, at) === value) return false;
    this.table.set(index, at, value);
    return true;
  }
}

/** Whole hours between the last settlement and the next one, if both sides of now; else null. */
export function intervalOf(lastMs: number, nextMs: number, venueMs: number): number | null {
  if (Number.isNaN(lastMs) || Number.isNaN(nextMs) || nextMs <= venueMs) return null;
  // A settlement carries a few milliseconds on some venues.
  const intervalMs = Math.round((nextMs - lastMs) / hourMs) * hourMs;
  if (intervalMs < hourMs || intervalMs > intervalMsMax) return null;
  return Math.abs(nextMs - lastMs - intervalMs) > settlementJitterMs ? null : intervalMs;
}

const settlementJitterMs = 60_000;
