// A position as quantity and exact cost; the entry price is derived from them. Positive is long.
import {
  abs,
  type Decimal,
  minOf,
  minus,
  negate,
  over,
  plus,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import { type ContractTerms, priceAt, valueAt } from '../domain/contract-value.ts';
import { type Side, signOf } from '../domain/order.ts';
import { cashRounding, cashUnit } from './exchange-rules.ts';

export interface PositionState {
  /** Signed, + long. */
  readonly qty: Decimal;
  /** Value of what is open at its entry prices, in the settle asset. */
  readonly cost: Decimal;
  readonly updatedTsMs: number;
}

export const flatPosition: PositionState = { qty: zero, cost: zero, updatedTsMs: 0 };

/**
 * A fill closes first, then opens. `realizedPnl` = closed quantity x (price - entry) for longs, the
 * opposite for shorts (inverse: closed contracts x face x (1 / entry - 1 / price), in coin),
 * rounded to 1e-8 because it is booked.
 */
export function applyFill(
  position: PositionState,
  fill: {
    readonly side: Side;
    readonly price: Decimal;
    readonly qty: Decimal;
    readonly tsMs: number;
  },
  terms: ContractTerms,
): { readonly position: PositionState; readonly realizedPnl: Decimal } {
  const change = signed(fill.side, fill.qty);
  const reduces = position.qty > zero !== change > zero && position.qty !== zero;
  const closedSize = reduces ? minOf(abs(position.qty), fill.qty) : zero;
  const closed = position.qty > zero ? closedSize : negate(closedSize);
  const closedCost = costShare(position, closedSize);
  const proceeds = valueAt(terms, closed, fill.price);
  const realizedPnl = roundToStep(minus(proceeds, closedCost), cashUnit, cashRounding);
  const opened = plus(change, closed);
  return {
    realizedPnl,
    position: {
      qty: plus(position.qty, change),
      cost: plus(minus(position.cost, closedCost), valueAt(terms, opened, fill.price)),
      updatedTsMs: fill.tsMs,
    },
  };
}

/** Zero when flat. */
export function entryPriceOf(position: PositionState, terms: ContractTerms): Decimal {
  return position.qty === zero ? zero : priceAt(terms, position.qty, position.cost);
}

/** Value at the mark - cost: right for longs and shorts, because both are signed. */
export function unrealizedPnlOf(
  position: PositionState,
  mark: Decimal,
  terms: ContractTerms,
): Decimal {
  return minus(valueAt(terms, position.qty, mark), position.cost);
}

/** True when an order of this side would bring the position nearer to zero. */
export function reducesPosition(position: PositionState, side: Side): boolean {
  return side === 'buy' ? position.qty < zero : position.qty > zero;
}

function costShare(position: PositionState, closedSize: Decimal): Decimal {
  const size = abs(position.qty);
  if (closedSize === zero) return zero;
  if (closedSize === size) return position.cost;
  return over(times(position.cost, closedSize), size);
}

function signed(side: Side, qty: Decimal): Decimal {
  return (qty * signOf(side)) as Decimal; // times +1 or -1 keeps the unit
}
