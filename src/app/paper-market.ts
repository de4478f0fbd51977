// The market of paper trading: what the venue publishes now, as the simulated exchange reads a
// market. It knows the present alone; times that are asked for are only used to find settlements.
import { assert } from '../base/assert.ts';
import { hourMs } from '../base/time.ts';
import { type Catalog, type InstrumentId, isPerp, type VenueId } from '../domain/instrument.ts';
import { type MarketTable, slot } from '../domain/market-table.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimInstrument } from '../sim/api.ts';
import type { BaseBook, ExogenousMarket } from '../sim/market-api.ts';

/** Rates that are remembered per contract: of the settlement to come and the ones before it. */
const ratesKept = 4;

export interface PaperMarketOptions {
  readonly venue: VenueId;
  readonly listings: readonly SimInstrument[];
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly startMs: number;
  /** Marks until the venue has told its own: entry prices of what is held from before. */
  readonly marks: ReadonlyMap<InstrumentId, number>;
}

export interface PaperMarket extends ExogenousMarket {
  /** Keeps the rates as they are published: the last one before a settlement is what settles. */
  note(): void;
}

export function paperMarket(options: PaperMarketOptions): PaperMarket {
  const { venue, listings, catalog, table, startMs } = options;
  const marks = new Map(options.marks);
  const rates = new Map<InstrumentId, Map<number, number>>();
  const at = (id: InstrumentId, field: number): number => {
    const index = catalog.indexOf(id);
    return index < 0 ? Number.NaN : table.get(index, field);
  };
  const mid = (id: InstrumentId): number => (at(id, slot.bid) + at(id, slot.ask)) / 2;
  /** The venue's own, else the mid, else what was known last; 0 = nothing yet, nothing trades. */
  const mark = (id: InstrumentId): number => {
    const own = at(id, slot.mark);
    const now = own > 0 ? own : mid(id);
    if (now > 0) marks.set(id, now);
    return now > 0 ? now : (marks.get(id) ?? 0);
  };
  const settlesAtMs = (id: InstrumentId, tsMs: number): number | null => {
    const next = at(id, slot.settlesAtMs);
    const intervalMs = at(id, slot.intervalMs);
    if (!(next > 0 && intervalMs >= hourMs)) return null;
    // The table may still show the settlement that is being taken.
    const passed = Math.max(0, Math.floor((tsMs - next) / intervalMs) + 1);
    return next > tsMs ? next : next + passed * intervalMs;
  };
  return {
    kind: 'recorded',
    seed: 0,
    startMs,
    endMs: null,
    gridMs: 1,
    venues: [venue],
    gridTime: (tsMs) => Math.floor(tsMs),
    instruments: () => listings,
    index(underlying) {
      const perp = listings.find((each) => {
        return each.underlying === underlying && isPerp(each.instrument.kind);
      });
      const own = perp === undefined ? Number.NaN : at(perp.instrument.id, slot.index);
      return own > 0 ? own : mark(perp?.instrument.id ?? '');
    },
    mid: (id) => mid(id) || 0,
    mark,
    premium: () => 0,
    baseBook: (id, _tsMs, levels) => bookOf(options, id, levels),
    intervalMs: (id) => {
      const intervalMs = at(id, slot.intervalMs);
      return intervalMs > 0 ? intervalMs : null;
    },
    settlesAtMs,
    settlements: () => [],
    fundingEstimate: (id) => at(id, slot.ratePerInterval) || 0,
    fundingSettled(id, settledAtMs) {
      const known = rates.get(id);
      return known?.get(settledAtMs) ?? [...(known?.values() ?? [])].at(-1) ?? 0;
    },
    labels: () => [],
    note() {
      for (const { instrument } of listings) {
        if (!isPerp(instrument.kind)) continue;
        const settles = at(instrument.id, slot.settlesAtMs);
        const rate = at(instrument.id, slot.ratePerInterval);
        if (!(settles > 0) || Number.isNaN(rate)) continue;
        const known = rates.get(instrument.id) ?? new Map<number, number>();
        rates.set(instrument.id, known.set(settles, rate));
        if (known.size > ratesKept) known.delete(Math.min(...known.keys()));
      }
    },
  };
}

/** The book as it was received, else the best prices; empty while there is no quote. */
function bookOf(
  { catalog, table }: PaperMarketOptions,
  id: InstrumentId,
  levels: number,
): BaseBook {
  const index = catalog.indexOf(id);
  assert(index >= 0, `no instrument ${id}`);
  const bid = table.get(index, slot.bid);
  const ask = table.get(index, slot.ask);
  if (!(bid > 0 && ask > 0)) return { bids: [], asks: [] };
  const book = table.books[index];
  if (book !== undefined && book.bids.length > 0 && book.asks.length > 0) {
    return { bids: book.bids.slice(0, levels), asks: book.asks.slice(0, levels) };
  }
  const side = (price: number, qty: number): readonly Level[] => (qty > 0 ? [[price, qty]] : []);
  return {
    bids: side(bid, table.get(index, slot.bidQty)),
    asks: side(ask, table.get(index, slot.askQty)),
  };
}
