import { describe, expect, it } from 'vitest';
import { hourMs } from '../base/time.ts';
import { Catalog, type InstrumentId } from '../domain/instrument.ts';
import { MarketTable, slot } from '../domain/market-table.ts';
import { listingsOf } from '../sim/listings/listings-of.ts';
import { paperMarket } from './paper-market.ts';

const id: InstrumentId = 'binance:BTC-USDT-PERP';
const listings = listingsOf('binance').filter(({ instrument }) => instrument.id === id);
const next = 500_000 * hourMs;

function market(marks: ReadonlyMap<string, number> = new Map()) {
  const catalog = new Catalog();
  for (const { instrument } of listings) catalog.put(instrument);
  const table = new MarketTable(1);
  const shown = (values: Partial<Record<keyof typeof slot, number>>): void => {
    for (const [name, value] of Object.entries(values)) {
      table.set(0, slot[name as keyof typeof slot], value);
    }
  };
  const startMs = next - hourMs;
  const made = paperMarket({ venue: 'binance', listings, catalog, table, startMs, marks });
  return { market: made, table, shown };
}

describe('the market of paper trading', () => {
  it("settles with the last rate that was published before, at the venue's own times", () => {
    const { market: paper, shown } = market();
    shown({ ratePerInterval: 0.0001, intervalMs: 8 * hourMs, settlesAtMs: next });
    paper.note();
    shown({ ratePerInterval: 0.0003 });
    paper.note();
    expect(paper.settlesAtMs(id, next - 1)).toBe(next);
    // The venue has moved on to the next one before ours was taken.
    shown({ ratePerInterval: -0.0002, settlesAtMs: next + 8 * hourMs });
    paper.note();
    expect(paper.fundingSettled(id, next)).toBe(0.0003);
    expect(paper.settlesAtMs(id, next)).toBe(next + 8 * hourMs);
  });

  it('finds the next settlement while the table still shows the one that is taken', () => {
    const { market: paper, shown } = market();
    shown({ ratePerInterval: 0.0001, intervalMs: hourMs, settlesAtMs: next });
    expect(paper.settlesAtMs(id, next)).toBe(next + hourMs);
    expect(paper.settlesAtMs(id, next + 2 * hourMs)).toBe(next + 3 * hourMs);
  });

  it('trades nothing while there is no quote, and at the best prices without a book', () => {
    const { market: paper, shown, table } = market();
    expect(paper.baseBook(id, next, 20)).toEqual({ bids: [], asks: [] });
    shown({ bid: 99, bidQty: 2, ask: 101, askQty: 3 });
    expect(paper.baseBook(id, next, 20)).toEqual({ bids: [[99, 2]], asks: [[101, 3]] });
    const bids = [[99, 2] as const, [98, 5] as const];
    table.books[0] = { bids, asks: [[101, 3]], wallMs: 0 };
    expect(paper.baseBook(id, next, 1).bids).toEqual([[99, 2]]);
    table.invalidateQuote(0);
    expect(paper.baseBook(id, next, 20)).toEqual({ bids: [], asks: [] });
  });

  it('marks what is held at its entry until the venue tells, then at the last that it told', () => {
    const { market: paper, shown } = market(new Map([[id, 90]]));
    expect(paper.mark(id, next)).toBe(90);
    shown({ mark: 100 });
    expect(paper.mark(id, next)).toBe(100);
    shown({ mark: Number.NaN });
    expect(paper.mark(id, next)).toBe(100);
  });
});
