// The one place where market numbers become our exact prices and quantities. Goes through the
// shortest decimal text, rounds in bigint with a named direction, and is the identity on every
// value on the grid.
import {
  type Decimal,
  fromNumber,
  isMultipleOf,
  minOf,
  minus,
  one,
  over,
  roundToStep,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
import type { Instrument } from '../domain/instrument.ts';
import type { Side } from '../domain/order.ts';

/** The limit on the tick grid that is never worse for us: buys round down, sells round up. */
export function quantizeLimit(instrument: Instrument, side: Side, price: number): Decimal | null {
  const { tickSize } = instrument;
  if (tickSize === null || !(price > 0)) return null;
  const below = clearOfGrid(instrument, tickSize, price);
  const rounded =
    below === null
      ? roundToStep(fromNumber(price), tickSize, side === 'buy' ? 'floor' : 'ceil')
      : (((side === 'buy' ? below : below + 1n) * tickSize) as Decimal); // brand: a multiple
  return rounded > 0n ? rounded : tickSize;
}

/** In doubles, where the price is no near thing; null = it is near a tick, or on it. */
function clearOfGrid(instrument: Instrument, tickSize: Decimal, price: number): bigint | null {
  let tick = ticks.get(instrument);
  if (tick === undefined) {
    tick = toNumber(tickSize);
    ticks.set(instrument, tick);
  }
  const count = price / tick;
  const whole = Math.floor(count);
  const blur = count * blurShare + textBlur / tick;
  const rest = count - whole;
  return rest > blur && 1 - rest > blur ? BigInt(whole) : null;
}

/** Far more than what a few roundings of doubles can be wrong by. */
const blurShare = 1e-12;
/** The shortest text of a small price is cut to 18 decimals. */
const textBlur = 1e-18;
/** A listing is replaced, never changed. */
const ticks = new WeakMap<Instrument, number>();

/** The quantity on the lot grid, rounded down and capped by the venue's maximum. */
export function quantizeQty(instrument: Instrument, qty: Decimal): Decimal | null {
  if (instrument.lotSize === null) return null;
  const capped = instrument.qtyMax === null ? qty : minOf(qty, instrument.qtyMax);
  return roundToStep(capped, instrument.lotSize, 'down');
}

/**
 * What to order so that `qty` arrives, rounded up to the lot where a venue may take the fee of a
 * spot buy in what was bought; everything else is rounded down.
 */
export function quantizeBuy(
  instrument: Instrument,
  order: { readonly side: Side; readonly qty: Decimal; readonly feeRate: number },
): Decimal | null {
  const { side, qty, feeRate } = order;
  const { kind, lotSize } = instrument;
  const onGrid = quantizeQty(instrument, qty);
  if (kind !== 'spot' || side !== 'buy' || onGrid === null || lotSize === null) return onGrid;
  if (onGrid === zero || !(feeRate > 0 && feeRate < 1)) return onGrid;
  const grossed = over(onGrid, minus(one, fromNumber(feeRate)), 'up');
  return roundToStep(grossed, lotSize, 'ceil');
}

export type FilterResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** The venue's filters, checked before the send. Reducing orders are exempt from the notional. */
export function checkFilters(
  instrument: Instrument,
  order: { readonly qty: Decimal; readonly price: Decimal; readonly reduceOnly: boolean },
): FilterResult {
  if (instrument.lotSize === null || instrument.tickSize === null) {
    return fail('filters-unknown', `${instrument.id} has no known tick or lot`);
  }
  if (!isMultipleOf(order.qty, instrument.lotSize) || order.qty <= 0n) {
    return fail('qty-off-lot', `quantity is off the lot of ${instrument.id}`);
  }
  if (instrument.qtyMin !== null && order.qty < instrument.qtyMin) {
    return fail('qty-below-min', `quantity is below the minimum of ${instrument.id}`);
  }
  const { qty, price } = order;
  const notional = isInverse(instrument) ? times(qty, instrument.contractSize) : times(qty, price);
  if (!order.reduceOnly && instrument.notionalMin !== null && notional < instrument.notionalMin) {
    return fail('notional-below-min', `notional is below the minimum of ${instrument.id}`);
  }
  return { ok: true };
}

function fail(code: string, message: string): FilterResult {
  return { ok: false, code, message };
}
