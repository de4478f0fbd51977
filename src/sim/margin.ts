// Margin of perpetuals: brackets by notional, initial and maintenance margin, the liquidation
// price. All in the settle asset: quote for linear, coin for inverse. Pure. Source of the formulas:
// docs of Binance ("How to calculate liquidation price of USD-M futures contracts"); the other two
// venues use the same form.
import { present } from '../base/assert.ts';
import {
  abs,
  type Decimal,
  fromNumber,
  maxOf,
  minus,
  over,
  plus,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { type ContractTerms, isInverse } from '../domain/contract-value.ts';
import type { LeverageBracket } from './api.ts';
import type { PositionState } from './position.ts';

/** Brackets are tried until the one of the liquidation price is consistent. */
const bracketTriesMax = 16;

/** The bracket of a notional; beyond the last one, the last. */
export function bracketOf(brackets: readonly LeverageBracket[], notional: number): LeverageBracket {
  const found = brackets.find((bracket) => notional < bracket.notionalCap);
  return found ?? present(brackets.at(-1), 'a leverage bracket');
}

/** notional x rate - amount of the bracket; never negative. */
export function maintenanceMarginOf(
  brackets: readonly LeverageBracket[],
  notional: Decimal,
): Decimal {
  if (notional === zero) return zero;
  const bracket = bracketOf(brackets, toNumber(notional));
  const rate = fromNumber(bracket.maintenanceMarginRate);
  const margin = minus(times(notional, rate), fromNumber(bracket.maintenanceAmount));
  return maxOf(zero, margin);
}

export function initialMarginOf(notional: Decimal, leverage: number): Decimal {
  return over(notional, fromNumber(leverage), 'up');
}

/** The largest notional that may be held at this leverage; zero = the leverage is too high. */
export function notionalMaxAt(brackets: readonly LeverageBracket[], leverage: number): number {
  let cap = 0;
  for (const bracket of brackets) {
    if (bracket.leverageMax >= leverage) cap = Math.max(cap, bracket.notionalCap);
  }
  return cap;
}

/**
 * The quantity that margin must be held for: the position with all orders of one side filled, on
 * the worse side.
 */
export function exposureQty(
  position: Decimal,
  open: { readonly buyQty: Decimal; readonly sellQty: Decimal },
): Decimal {
  return maxOf(abs(plus(position, open.buyQty)), abs(minus(position, open.sellQty)));
}

/**
 * Mark at which the wallet's equity meets its maintenance margin while all else stands still: LP =
 * (equityElsewhere - s Q EP + cum) / (Q (MMR - s)), s = +1 long, -1 short, with the bracket of the
 * notional at LP. `equityElsewhere` = balance + unrealized profit of the other positions - their
 * maintenance margin. Null = flat, or no positive price does it.
 *
 * Inverse, in coin, of contracts with face m: equity(LP) = elsewhere - s Q m / LP - cost meets MMR
 * Q m / LP - cum at LP = s Q m (1 + s MMR) / (elsewhere - cost + cum).
 */
export function liquidationPriceOf(
  position: PositionState,
  brackets: readonly LeverageBracket[],
  equityElsewhere: Decimal,
  terms: ContractTerms,
): number | null {
  if (position.qty === zero) return null;
  const inverse = isInverse(terms);
  const size = Math.abs(toNumber(position.qty)) * (inverse ? toNumber(terms.contractSize) : 1);
  const side = position.qty > zero ? 1 : -1;
  const entryCost = toNumber(position.cost);
  const elsewhere = toNumber(equityElsewhere);
  let notional = Math.abs(entryCost);
  let price: number | null = null;
  for (let k = 0; k < bracketTriesMax; k++) {
    const bracket = bracketOf(brackets, notional);
    const rate = bracket.maintenanceMarginRate;
    const left = elsewhere - entryCost + bracket.maintenanceAmount;
    price = inverse ? (side * size * (1 + side * rate)) / left : left / (size * (rate - side));
    if (!(price > 0 && Number.isFinite(price))) return null;
    notional = inverse ? size / price : price * size;
    if (bracketOf(brackets, notional) === bracket) break;
  }
  return price;
}
