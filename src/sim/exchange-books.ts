// The published order books of one venue: the exogenous base book of the current grid tick without
// what our own orders took. What was taken is a quantity per side, eaten from the best price on; it
// comes back linearly in wall time and never feeds the generator. Our resting orders are not
// displayed.
import { assert, present } from '../base/assert.ts';
import { type Decimal, fromNumber, plus, roundToStep, toNumber, zero } from '../base/decimal.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import type { Side } from '../domain/order.ts';
import type { Level } from '../domain/venue-event.ts';
import type { SimBook, SimQuote } from './api.ts';
import { bookLevelsMax, type ExogenousMarket } from './market-api.ts';
import { type DepthLevel, type Take, takeLevels, withoutTaken } from './matching.ts';

/** Refill is seen in steps of this much wall time, so that a book changes only when it says so. */
export const refillStepMs = 100;
/** Update ids start above zero, as the venues' do. */
const firstUpdateId = 1_000_000;

interface TakenSide {
  /** Taken as of `sinceWallMs`, and what of it is still missing now. */
  taken: Decimal;
  missing: Decimal;
  sinceWallMs: number;
}

type TakenSides = Readonly<Record<Side, TakenSide>>;

interface CachedBook {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

interface ShownBook extends CachedBook {
  readonly updateId: number;
}

export class Books {
  private readonly market: ExogenousMarket;
  private readonly refillWallMs: number;
  private readonly instruments = new Map<InstrumentId, Instrument>();
  private readonly taken = new Map<InstrumentId, TakenSides>();
  private readonly extraUpdates = new Map<InstrumentId, number>();
  private readonly cache = new Map<InstrumentId, CachedBook>();
  private readonly shown = new Map<InstrumentId, ShownBook>();
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
    for (const instrument of options.instruments) this.instruments.set(instrument.id, instrument);
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
    this.cache.clear();
    return true;
  }

  /** Lets depth come back. False = nothing changed. */
  refill(wallMs: number): boolean {
    let changed = false;
    for (const [id, sides] of this.taken) {
      const changedBuy = this.refillSide(sides.buy, id, wallMs);
      const changedSell = this.refillSide(sides.sell, id, wallMs);
      if (changedBuy || changedSell) {
        this.bump(id);
        changed = true;
      }
      if (sides.buy.missing === zero && sides.sell.missing === zero) this.taken.delete(id);
    }
    return changed;
  }

  quote(id: InstrumentId): SimQuote {
    const { bids, asks } = this.best(id);
    const [bid, bidQty] = bids[0] ?? emptySide(this.base(id).bids);
    const [ask, askQty] = asks[0] ?? emptySide(this.base(id).asks);
    return { bid, bidQty, ask, askQty, tsMs: this.publishedTsMs, updateId: this.updateId(id) };
  }

  book(id: InstrumentId, levelsMax: number): SimBook {
    const { bids, asks } = this.displayed(id);
    return {
      bids: bids.length > levelsMax ? bids.slice(0, levelsMax) : bids,
      asks: asks.length > levelsMax ? asks.slice(0, levelsMax) : asks,
      tsMs: this.publishedTsMs,
      updateId: this.updateId(id),
    };
  }

  /** What an order would trade now. */
  peek(
    id: InstrumentId,
    order: { readonly side: Side; readonly limit: Decimal | null; readonly qty: Decimal },
  ): readonly Take[] {
    return takeLevels(this.levelsFor(id, order.side), order);
  }

  /** Best price that an order of this side would trade at; null = nothing displayed. */
  bestFor(id: InstrumentId, side: Side): Decimal | null {
    return this.levelsFor(id, side)[0]?.price ?? null;
  }

  /** Removes a quantity that an order of this side took. */
  consume(id: InstrumentId, taken: { side: Side; qty: Decimal }, wallMs: number): void {
    if (taken.qty <= zero) return;
    let sides = this.taken.get(id);
    if (sides === undefined) {
      sides = { buy: untouched(wallMs), sell: untouched(wallMs) };
      this.taken.set(id, sides);
    }
    const side = sides[taken.side];
    side.taken = plus(side.missing, taken.qty);
    side.missing = side.taken;
    side.sinceWallMs = wallMs;
    this.bump(id);
  }

  private refillSide(side: TakenSide, id: InstrumentId, wallMs: number): boolean {
    if (side.missing === zero) return false;
    const ageMs = Math.floor(Math.max(0, wallMs - side.sinceWallMs) / refillStepMs) * refillStepMs;
    const lot = this.lotOf(id);
    const leftMs = Math.max(0, this.refillWallMs - ageMs);
    const exact = (side.taken * BigInt(Math.ceil(leftMs))) / BigInt(Math.ceil(this.refillWallMs));
    // bigint arithmetic keeps the unit: quantity x ms / ms
    const missing = roundToStep(exact as Decimal, lot, 'ceil');
    if (missing >= side.missing) return false;
    side.missing = missing;
    return true;
  }

  /** At least the best levels: most books are never looked at any deeper. */
  private best(id: InstrumentId): CachedBook {
    if (this.taken.has(id)) return this.displayed(id);
    const whole = this.cache.get(id);
    if (whole !== undefined) return whole;
    assert(this.instruments.has(id), `no book of ${id}`);
    return this.market.baseBook(id, this.publishedTsMs, 1);
  }

  /** Made anew when its update id says that it has changed. */
  private displayed(id: InstrumentId): CachedBook {
    const sides = this.taken.get(id);
    if (sides === undefined) return this.base(id);
    const updateId = this.updateId(id);
    const before = this.shown.get(id);
    if (before?.updateId === updateId) return before;
    const shown = {
      updateId,
      bids: this.side(id, 'sell', sides),
      asks: this.side(id, 'buy', sides),
    };
    this.shown.set(id, shown);
    return shown;
  }

  /** What an order of `side` would trade against, as it is displayed. */
  private side(id: InstrumentId, side: Side, sides: TakenSides): readonly Level[] {
    if (sides[side].missing !== zero) return this.levelsFor(id, side).map(levelOf);
    const base = this.base(id);
    return side === 'buy' ? base.asks : base.bids;
  }

  /** The levels that an order of `side` trades against, exact. */
  private levelsFor(id: InstrumentId, side: Side): readonly DepthLevel[] {
    const base = this.base(id);
    const instrument = present(this.instruments.get(id), `instrument ${id}`);
    const tick = present(instrument.tickSize, `tick of ${id}`);
    const lot = this.lotOf(id);
    const levels = (side === 'buy' ? base.asks : base.bids).map(([price, qty]) => ({
      price: roundToStep(fromNumber(price), tick, 'half-even'),
      qty: roundToStep(fromNumber(qty), lot, 'down'),
    }));
    const missing = this.taken.get(id)?.[side].missing ?? zero;
    return missing === zero ? levels : withoutTaken(levels, missing);
  }

  private base(id: InstrumentId): CachedBook {
    const cached = this.cache.get(id);
    if (cached !== undefined) return cached;
    assert(this.instruments.has(id), `no book of ${id}`);
    const book = this.market.baseBook(id, this.publishedTsMs, bookLevelsMax);
    this.cache.set(id, book);
    return book;
  }

  private lotOf(id: InstrumentId): Decimal {
    return present(this.instruments.get(id)?.lotSize, `lot of ${id}`);
  }

  private bump(id: InstrumentId): void {
    this.extraUpdates.set(id, (this.extraUpdates.get(id) ?? 0) + 1);
  }

  private updateId(id: InstrumentId): number {
    return firstUpdateId + this.publishedCount + (this.extraUpdates.get(id) ?? 0);
  }
}

/** A side that our orders emptied shows its last price with nothing on it. */
function emptySide(base: readonly Level[]): Level {
  return [base.at(-1)?.[0] ?? 0, 0];
}

function untouched(wallMs: number): TakenSide {
  return { taken: zero, missing: zero, sinceWallMs: wallMs };
}

function levelOf(level: DepthLevel): Level {
  return [toNumber(level.price), toNumber(level.qty)];
}
