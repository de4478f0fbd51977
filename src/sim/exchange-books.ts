// The published order books of one venue: the exogenous base book of the current grid tick without
// what our own orders took. What was taken is a quantity per side, eaten from the best price on; it
// comes back linearly in wall time and never feeds the generator. Our resting orders are not
// displayed.
import { assert, present } from '../base/assert.ts';
import {
  type Decimal,
  fromNumber,
  minOf,
  minus,
  plus,
  roundToStep,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { Side } from '../domain/order.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimBook, SimQuote } from './api.ts';
import { bookLevelsMax, type ExogenousMarket } from './market-api.ts';
import { type DepthLevel, type Take, takeLevels, totalQty, withoutTaken } from './matching.ts';

/** Refill is seen in steps of this much wall time, so that a book changes only when it says so. */
export const refillStepMs = 100;
/** Update ids start above zero, as the venues' do. */
const firstUpdateId = 1_000_000;

interface TakenSide {
  /** Taken as of `sinceWallMs`, and what of it is missing since so many refill steps. */
  taken: Decimal;
  missing: Decimal;
  sinceWallMs: number;
  steps: number;
}

type TakenSides = Readonly<Record<Side, TakenSide>>;

interface TwoSides {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** Everything about the book of one instrument. */
interface BookState {
  readonly instrument: Instrument;
  /** Null = nothing of it is missing. */
  taken: TakenSides | null;
  /** Changes beside those that every published tick brings. */
  extraUpdates: number;
  /** The exogenous book of the published tick, and its levels as exact figures: once asked for. */
  base: TwoSides | null;
  readonly exact: Record<Side, readonly DepthLevel[] | null>;
  /** What is displayed where something was taken, as of an update id. */
  shown: (TwoSides & { readonly updateId: number }) | null;
}

export class Books {
  private readonly market: ExogenousMarket;
  private readonly refillWallMs: number;
  private readonly books = new Map<InstrumentId, BookState>();
  /** Of these something is missing. */
  private readonly taken = new Set<BookState>();
  /** Of these the base book was asked for since the last tick. */
  private readonly based = new Set<BookState>();
  private publishedTsMs: number;
  private publishedCount = 0;

  constructor(options: {
    readonly market: ExogenousMarket;
    readonly instruments: readonly Instrument[];
    readonly refillWallMs: number;
    readonly startMs: number;
  }) {
    assert(options.refillWallMs > 0, 'depth must refill');
    this.market = options.market;
    this.refillWallMs = options.refillWallMs;
    for (const instrument of options.instruments) {
      const nothing = { taken: null, extraUpdates: 0, base: null, shown: null };
      const exact = { buy: null, sell: null };
      this.books.set(instrument.id, { instrument, ...nothing, exact });
    }
    this.publishedTsMs = options.market.gridTime(options.startMs);
  }

  get tsMs(): number {
    return this.publishedTsMs;
  }

  /** Publishes the grid tick at or before tsMs. False = it is the published one already. */
  publish(tsMs: number): boolean {
    const gridMs = this.market.gridTime(tsMs);
    if (gridMs <= this.publishedTsMs) return false;
    this.publishedTsMs = gridMs;
    this.publishedCount++;
    for (const book of this.based) {
      book.base = null;
      book.exact.buy = null;
      book.exact.sell = null;
    }
    this.based.clear();
    return true;
  }

  /** Lets depth come back. False = nothing changed. */
  refill(wallMs: number): boolean {
    if (this.taken.size === 0) return false;
    let changed = false;
    for (const book of this.taken) {
      const { buy, sell } = present(book.taken, 'what was taken');
      const changedBuy = this.refillSide(buy, book, wallMs);
      const changedSell = this.refillSide(sell, book, wallMs);
      if (changedBuy || changedSell) {
        book.extraUpdates++;
        changed = true;
      }
      if (buy.missing !== zero || sell.missing !== zero) continue;
      book.taken = null;
      this.taken.delete(book);
    }
    return changed;
  }

  quote(id: InstrumentId): SimQuote {
    const book = this.bookOf(id);
    const { bids, asks } = this.best(book);
    const [bid, bidQty] = bids[0] ?? emptySide(this.base(book).bids);
    const [ask, askQty] = asks[0] ?? emptySide(this.base(book).asks);
    return { bid, bidQty, ask, askQty, tsMs: this.publishedTsMs, updateId: this.updateId(book) };
  }

  /** The quote without an object: see `SimExchange.show`. */
  show(id: InstrumentId, row: Float64Array): void {
    const book = this.bookOf(id);
    const { base, taken } = book;
    if (taken === null && base === null && this.market.readTop !== undefined) {
      this.market.readTop(id, this.publishedTsMs, row);
    } else {
      const { bids, asks } = taken === null ? this.best(book) : this.base(book);
      const [bid, bidQty] = this.topOf(book, 'sell', bids);
      const [ask, askQty] = this.topOf(book, 'buy', asks);
      row[slot.bid] = bid;
      row[slot.bidQty] = bidQty;
      row[slot.ask] = ask;
      row[slot.askQty] = askQty;
    }
    row[slot.quoteTsMs] = this.publishedTsMs;
  }

  /** The best level that is displayed; of what lies behind it nothing has to be known exactly. */
  private topOf(book: BookState, side: Side, base: readonly Level[]): Level {
    let missing = book.taken?.[side].missing ?? zero;
    if (missing === zero) return base[0] ?? emptySide(base);
    if (book.exact[side] !== null) {
      const [top] = this.levelsFor(book, side);
      return top === undefined ? emptySide(base) : levelOf(top);
    }
    for (const level of base) {
      const { price, qty } = exactly(book.instrument, level);
      if (qty > missing) return levelOf({ price, qty: minus(qty, missing) });
      missing = minus(missing, qty);
    }
    return emptySide(base);
  }

  book(id: InstrumentId, levelsMax: number): SimBook {
    const book = this.bookOf(id);
    const { bids, asks } = this.displayed(book);
    return {
      bids: bids.length > levelsMax ? bids.slice(0, levelsMax) : bids,
      asks: asks.length > levelsMax ? asks.slice(0, levelsMax) : asks,
      tsMs: this.publishedTsMs,
      updateId: this.updateId(book),
    };
  }

  /** What an order would trade now. */
  peek(
    id: InstrumentId,
    order: { readonly side: Side; readonly limit: Decimal | null; readonly qty: Decimal },
  ): readonly Take[] {
    return takeLevels(this.levelsFor(this.bookOf(id), order.side), order);
  }

  /** Best price that an order of this side would trade at; null = nothing displayed. */
  bestFor(id: InstrumentId, side: Side): Decimal | null {
    return this.levelsFor(this.bookOf(id), side)[0]?.price ?? null;
  }

  /** Removes a quantity that an order of this side took. */
  consume(id: InstrumentId, taken: { side: Side; qty: Decimal }, wallMs: number): void {
    if (taken.qty <= zero) return;
    const book = this.bookOf(id);
    book.taken ??= { buy: untouched(wallMs), sell: untouched(wallMs) };
    this.taken.add(book);
    const side = book.taken[taken.side];
    side.taken = plus(side.missing, taken.qty);
    side.missing = side.taken;
    side.sinceWallMs = wallMs;
    side.steps = 0;
    book.extraUpdates++;
  }

  /** Somebody else takes this share of what an order of the side could trade. */
  takeShare(id: InstrumentId, taken: { side: Side; share: number }, wallMs: number): Decimal {
    const book = this.bookOf(id);
    const all = totalQty(this.levelsFor(book, taken.side));
    const lot = lotOf(book.instrument);
    const qty = minOf(all, roundToStep(times(all, fromNumber(taken.share)), lot, 'up'));
    this.consume(id, { side: taken.side, qty }, wallMs);
    return qty;
  }

  private refillSide(side: TakenSide, { instrument }: BookState, wallMs: number): boolean {
    if (side.missing === zero) return false;
    const steps = Math.floor(Math.max(0, wallMs - side.sinceWallMs) / refillStepMs);
    if (steps === side.steps) return false;
    side.steps = steps;
    const leftMs = Math.max(0, this.refillWallMs - steps * refillStepMs);
    const exact = (side.taken * BigInt(Math.ceil(leftMs))) / BigInt(Math.ceil(this.refillWallMs));
    // bigint arithmetic keeps the unit: quantity x ms / ms
    const missing = roundToStep(exact as Decimal, lotOf(instrument), 'ceil');
    if (missing >= side.missing) return false;
    side.missing = missing;
    return true;
  }

  /** At least the best levels: most books are never looked at any deeper. */
  private best(book: BookState): TwoSides {
    if (book.taken !== null) return this.displayed(book);
    return book.base ?? this.market.baseBook(book.instrument.id, this.publishedTsMs, 1);
  }

  /** Made anew when its update id says that it has changed. */
  private displayed(book: BookState): TwoSides {
    if (book.taken === null) return this.base(book);
    const updateId = this.updateId(book);
    if (book.shown?.updateId === updateId) return book.shown;
    const { buy, sell } = book.taken;
    const bids = this.side(book, 'sell', sell);
    book.shown = { updateId, bids, asks: this.side(book, 'buy', buy) };
    return book.shown;
  }

  /** What an order of `side` would trade against, as it is displayed. */
  private side(book: BookState, side: Side, { missing }: TakenSide): readonly Level[] {
    if (missing !== zero) return this.levelsFor(book, side).map(levelOf);
    const base = this.base(book);
    return side === 'buy' ? base.asks : base.bids;
  }

  /** The levels that an order of `side` trades against, exact. */
  private levelsFor(book: BookState, side: Side): readonly DepthLevel[] {
    const levels = book.exact[side] ?? this.exactOf(book, side);
    const missing = book.taken?.[side].missing ?? zero;
    return missing === zero ? levels : withoutTaken(levels, missing);
  }

  private exactOf(book: BookState, side: Side): readonly DepthLevel[] {
    const base = this.base(book);
    const { instrument } = book;
    const ofSide = side === 'buy' ? base.asks : base.bids;
    const levels = ofSide.map((level) => exactly(instrument, level));
    book.exact[side] = levels;
    return levels;
  }

  private base(book: BookState): TwoSides {
    if (book.base !== null) return book.base;
    book.base = this.market.baseBook(book.instrument.id, this.publishedTsMs, bookLevelsMax);
    this.based.add(book);
    return book.base;
  }

  private bookOf(id: InstrumentId): BookState {
    const book = this.books.get(id);
    assert(book !== undefined, 'only what is listed has a book');
    return book;
  }

  private updateId({ extraUpdates }: BookState): number {
    return firstUpdateId + this.publishedCount + extraUpdates;
  }
}

/** A side that our orders emptied shows its last price with nothing on it. */
function emptySide(base: readonly Level[]): Level {
  return [base.at(-1)?.[0] ?? 0, 0];
}

function untouched(wallMs: number): TakenSide {
  return { taken: zero, missing: zero, sinceWallMs: wallMs, steps: 0 };
}

function levelOf(level: DepthLevel): Level {
  return [toNumber(level.price), toNumber(level.qty)];
}

function exactly(instrument: Instrument, [price, qty]: Level): DepthLevel {
  const tick = present(instrument.tickSize, 'the tick of what has a book');
  return {
    price: roundToStep(fromNumber(price), tick, 'half-even'),
    qty: roundToStep(fromNumber(qty), lotOf(instrument), 'down'),
  };
}

function lotOf({ lotSize }: Instrument): Decimal {
  return present(lotSize, 'the lot of what has a book');
}
