// What the public streams show of the simulated exchanges, written into the market table, and the
// marks record that is made from it.
import type { MarksSeen } from '../domain/event.ts';
import type { Catalog, Instrument } from '../domain/instrument.ts';
import { type BookTop, type MarketTable, rowSize, slot } from '../domain/market-table.ts';
import { type EngineState, livePairs } from '../engine/state.ts';
import type { SimExchange } from './api.ts';

/** Depth that the system sees, per side. */
const levelsMax = 20;

export interface Shown {
  readonly catalog: Catalog;
  readonly table: MarketTable;
  readonly exchange: SimExchange;
  readonly instrument: Instrument;
  readonly wallMs: number;
}

/** Everything public about one instrument, on its way into the table. */
const row = new Float64Array(rowSize);

/** What the public streams would have brought. */
export function showMarket({ catalog, table, exchange, instrument, wallMs }: Shown): void {
  const index = catalog.indexOf(instrument.id);
  exchange.show(instrument.id, row);
  row[slot.quoteWallMs] = wallMs;
  table.setQuote(index, row);
  table.set(index, slot.mark, row[slot.mark] as number);
  table.set(index, slot.index, row[slot.index] as number);
  table.set(index, slot.markWallMs, wallMs);
  table.books[index] ??= lazyBook(exchange, instrument, wallMs);
  if (Number.isNaN(row[slot.ratePerInterval])) return;
  table.set(index, slot.ratePerInterval, row[slot.ratePerInterval] as number);
  table.set(index, slot.intervalMs, row[slot.intervalMs] as number);
  table.set(index, slot.settlesAtMs, row[slot.settlesAtMs] as number);
  table.set(index, slot.fundingWallMs, wallMs);
}

/** The levels are made when a view asks for them: most ticks need none. */
function lazyBook(exchange: SimExchange, { id }: Instrument, wallMs: number): BookTop {
  return {
    wallMs,
    get bids() {
      return exchange.book(id, levelsMax).bids;
    },
    get asks() {
      return exchange.book(id, levelsMax).asks;
    },
  };
}

/** Marks of what is held, traded or prices coins: of perpetuals the mark, of spot the mid. */
export function marksOf(state: EngineState, catalog: Catalog, table: MarketTable): MarksSeen {
  const marks = [];
  const legs = new Set(
    livePairs(state)
      .flatMap(({ long, short }) => [long, short])
      .map((leg) => leg.instrument),
  );
  for (const [index, instrument] of catalog.all().entries()) {
    const { unowned, collateral } = state.attribution;
    const { id } = instrument;
    const isHeld = state.positions.has(id) || unowned.has(id) || collateral.has(id);
    const isLeg = legs.has(instrument.id);
    if (!isHeld && !isLeg) continue;
    const bid = table.get(index, slot.bid);
    const ask = table.get(index, slot.ask);
    const price = instrument.kind === 'spot' ? (bid + ask) / 2 : table.get(index, slot.mark);
    if (price > 0) marks.push({ instrument: instrument.id, price, ageMs: 0 });
  }
  return { kind: 'marks', marks };
}
