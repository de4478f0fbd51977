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
interface Slot {
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
  private readonly slots = new Map<InstrumentId, Slot>();
  /** Of these something is missing. */
  private readonly taken = new Set<Slot>();
  /** Of these the base book was asked for since the last tick. */
  private readonly based = new Set<Slot>();
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
      this.slots.set(instrument.id, { instrument, ...nothing, exact });
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
    for (const slot of this.based) {
      slot.base = null;
      slot.exact.buy = null;
      slot.exact.sell = null;
    }
    this.based.clear();
    return true;
  }

  /** Lets depth come back. False = nothing changed. */
  refill(wallMs: number): boolean {
    if (this.taken.size === 0) return false;
    let changed = false;
    for (const slot of this.taken) {
      const { buy, sell } = present(slot.taken, 'what was taken');
      const changedBuy = this.refillSide(buy, slot, wallMs);
      const changedSell = this.refillSide(sell, slot, wallMs);
      if (changedBuy || changedSell) {
        slot.extraUpdates++;
        changed = true;
      }
      if (buy.missing !== zero || sell.missing !== zero) continue;
      slot.taken = null;
      this.taken.delete(slot);
    }
    return changed;
  }

  quote(id: InstrumentId): SimQuote {
    const slot = this.slot(id);
    const { bids, asks } = this.best(slot);
    const [bid, bidQty] = bids[0] ?? emptySide(this.base(slot).bids);
    const [ask, askQty] = asks[0] ?? emptySide(this.base(slot).asks);
    return { bid, bidQty, ask, askQty, tsMs: this.publishedTsMs, updateId: this.updateId(slot) };
  }

  book(id: InstrumentId, levelsMax: number): SimBook {
    const slot = this.slot(id);
    const { bids, asks } = this.displayed(slot);
    return {
      bids: bids.length > levelsMax ? bids.slice(0, levelsMax) : bids,
      asks: asks.length > levelsMax ? asks.slice(0, levelsMax) : asks,
      tsMs: this.publishedTsMs,
      updateId: this.updateId(slot),
    };
  }

  /** What an order would trade now. */
  peek(
    id: InstrumentId,
    order: { readonly side: Side; readonly limit: Decimal | null; readonly qty: Decimal },
  ): readonly Take[] {
    return takeLevels(this.levelsFor(this.slot(id), order.side), order);
  }

  /** Best price that an order of this side would trade at; null = nothing displayed. */
  bestFor(id: InstrumentId, side: Side): Decimal | null {
    return this.levelsFor(this.slot(id), side)[0]?.price ?? null;
  }

  /** Removes a quantity that an order of this side took. */
  consume(id: InstrumentId, taken: { side: Side; qty: Decimal }, wallMs: number): void {
    if (taken.qty <= zero) return;
    const slot = this.slot(id);
    slot.taken ??= { buy: untouched(wallMs), sell: untouched(wallMs) };
    this.taken.add(slot);
    const side = slot.taken[taken.side];
    side.taken = plus(side.missing, taken.qty);
    side.missing = side.taken;
    side.sinceWallMs = wallMs;
    side.steps = 0;
    slot.extraUpdates++;
  }

  private refillSide(side: TakenSide, { instrument }: Slot, wallMs: number): boolean {
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
  private best(slot: Slot): TwoSides {
    if (slot.taken !== null) return this.displayed(slot);
    return slot.base ?? this.market.baseBook(slot.instrument.id, this.publishedTsMs, 1);
  }

  /** Made anew when its update id says that it has changed. */
  private displayed(slot: Slot): TwoSides {
    if (slot.taken === null) return this.base(slot);
    const updateId = this.updateId(slot);
    if (slot.shown?.updateId === updateId) return slot.shown;
    const { buy, sell } = slot.taken;
    const bids = this.side(slot, 'sell', sell);
    slot.shown = { updateId, bids, asks: this.side(slot, 'buy', buy) };
    return slot.shown;
  }

  /** What an order of `side` would trade against, as it is displayed. */
  private side(slot: Slot, side: Side, { missing }: TakenSide): readonly Level[] {
    if (missing !== zero) return this.levelsFor(slot, side).map(levelOf);
    const base = this.base(slot);
    return side === 'buy' ? base.asks : base.bids;
  }

  /** The levels that an order of `side` trades against, exact. */
  private levelsFor(slot: Slot, side: Side): readonly DepthLevel[] {
    const levels = slot.exact[side] ?? this.exactOf(slot, side);
    const missing = slot.taken?.[side].missing ?? zero;
    return missing === zero ? levels : withoutTaken(levels, missing);
  }

  private exactOf(slot: Slot, side: Side): readonly DepthLevel[] {
    const base = this.base(slot);
    const tick = present(slot.instrument.tickSize, 'the tick of what has a book');
    const lot = lotOf(slot.instrument);
    const levels = (side === 'buy' ? base.asks : base.bids).map(([price, qty]) => ({
      price: roundToStep(fromNumber(price), tick, 'half-even'),
      qty: roundToStep(fromNumber(qty), lot, 'down'),
    }));
    slot.exact[side] = levels;
    return levels;
  }

  private base(slot: Slot): TwoSides {
    if (slot.base !== null) return slot.base;
    slot.base = this.market.baseBook(slot.instrument.id, this.publishedTsMs, bookLevelsMax);
    this.based.add(slot);
    return slot.base;
  }

  private slot(id: InstrumentId): Slot {
    const slot = this.slots.get(id);
    assert(slot !== undefined, 'only what is listed has a book');
    return slot;
  }

  private updateId({ extraUpdates }: Slot): number {
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

function lotOf({ lotSize }: Instrument): Decimal {
  return present(lotSize, 'the lot of what has a book');
}
