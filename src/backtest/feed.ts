// What the trading system sees of the tape: at each step the bars that have closed and the
// rates that have been published, written into the market table. This is the only place through
// which the tape reaches a decision, and it reads nothing that was not known at the step's time.
import { present } from '../base/assert.ts';
import { toNumber } from '../base/decimal.ts';
import type { Catalog } from '../domain/instrument.ts';
import { type BookTop, type MarketTable, slot } from '../domain/market-table.ts';
import type { Side } from '../domain/order.ts';
import type { Level } from '../domain/venue-event.ts';
import { askOf, bidOf, type Grid, gridOf, levelsOf } from './depth.ts';
import { type Contract, isOverdue, type Tape } from './tape.ts';

interface Row {
  readonly contract: Contract;
  readonly index: number;
  readonly grid: Grid;
  /** Rates that are public, and settlements that have happened: counts. */
  published: number;
  settled: number;
  /** Close of the newest bar; NaN = it is missing. */
  price: number;
}

export class Feed {
  /** Closed bars and published rates that were shown. */
  events = 0;
  private readonly table: MarketTable;
  private readonly rows: readonly Row[];

  constructor(tape: Tape, catalog: Catalog, table: MarketTable) {
    this.table = table;
    this.rows = tape.contracts.map((contract) => {
      const { id, tickSize } = contract.listing.instrument;
      const row: Row = {
        contract,
        index: catalog.indexOf(id),
        grid: gridOf(toNumber(present(tickSize, `tick of ${id}`))),
        published: 0,
        settled: 0,
        price: Number.NaN,
      };
      table.books[row.index] = bookOf(row);
      return row;
    });
  }

  /** Shows bar `k`, which must have closed by `nowMs`, and the rates known by then. */
  show(k: number, now: { readonly tsMs: number; readonly wallMs: number }): void {
    const { table } = this;
    for (const row of this.rows) {
      const price = row.contract.price.close[k] as number; // k is a bar of the grid
      row.price = price;
      const { index } = row;
      if (price > 0) {
        const { depth } = row.contract;
        const bid = bidOf(depth, row.grid, price);
        const ask = askOf(depth, row.grid, price);
        table.set(index, slot.bid, bid);
        table.set(index, slot.bidQty, depth.touchUsd / bid);
        table.set(index, slot.ask, ask);
        table.set(index, slot.askQty, depth.touchUsd / ask);
        table.set(index, slot.quoteTsMs, now.tsMs);
        table.set(index, slot.quoteWallMs, now.wallMs);
        table.set(index, slot.mark, (row.contract.mark?.close[k] ?? Number.NaN) || price);
        table.set(index, slot.markWallMs, now.wallMs);
        this.events++;
      } else {
        table.set(index, slot.bid, Number.NaN);
        table.set(index, slot.ask, Number.NaN);
      }
      if (row.contract.funding !== null) this.showFunding(row, now);
    }
  }

  private showFunding(
    row: Row,
    { tsMs, wallMs }: { readonly tsMs: number; readonly wallMs: number },
  ): void {
    const funding = row.contract.funding;
    if (funding === null) return;
    const { settlesAtMs, knownAtMs, rate, intervalMs } = funding;
    while ((knownAtMs[row.published] as number) <= tsMs) {
      row.published++;
      this.events++;
    }
    while ((settlesAtMs[row.settled] as number) <= tsMs) row.settled++;
    const last = row.settled - 1;
    const interval = last < 0 ? Number.NaN : (intervalMs[last] as number);
    const dueMs = last < 0 ? Number.NaN : (settlesAtMs[last] as number) + interval;
    const isKnown = interval > 0 && !isOverdue(dueMs, interval, tsMs);
    const { table } = this;
    const known = isKnown ? (rate[row.published - 1] as number) : Number.NaN;
    table.set(row.index, slot.ratePerInterval, known);
    table.set(row.index, slot.intervalMs, interval);
    table.set(row.index, slot.settlesAtMs, dueMs);
    table.set(row.index, slot.fundingWallMs, wallMs);
  }
}

/** The levels behind the shown price, made once a bar, when a view asks for them. */
function bookOf(row: Row): BookTop {
  const side = (side: Side): (() => readonly Level[]) => {
    let price = Number.NaN;
    let levels: readonly Level[] = [];
    return () => {
      if (row.price === price) return levels;
      price = row.price;
      levels = levelsOf(row.contract.depth, row.grid, { side, price });
      return levels;
    };
  };
  const [bids, asks] = [side('sell'), side('buy')];
  return {
    wallMs: 0,
    get bids() {
      return bids();
    },
    get asks() {
      return asks();
    },
  };
}
