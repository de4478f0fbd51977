// Margin of perpetuals by a venue's tiers: the one formula that the simulated exchange, risk, the
// backtest and the doctor count with. Exact, in the settle asset (quote of linear contracts, coin
// of inverse ones). Sources: Binance "leverageBracket" and "How to calculate liquidation price",
// OKX "position-tiers", Bybit "risk-limit", Hyperliquid "margin tiers"; see docs/venues.
import { assert, present } from '../base/assert.ts';
import {
  abs,
  type Decimal,
  decimal,
  fromNumber,
  maxOf,
  minus,
  over,
  plus,
  times,
  toNumber,
  zero,
} from '../base/decimal.ts';
import { type ContractTerms, isInverse, notionalAt } from './contract-value.ts';
import type { Position } from './position.ts';

export interface MarginTier {
  /** Largest position of the tier, itself included, in the `unit` of its table. */
  readonly sizeMax: Decimal;
  readonly leverageMax: number;
  /** Fraction of the notional. */
  readonly maintenanceRate: Decimal;
  /**
   * Taken off notional x rate, in the settle asset: makes margin continuous over the tiers. Zero
   * where the rate of the tier is that of the whole position (OKX).
   */
  readonly maintenanceAmount: Decimal;
}

export interface MarginTiers {
  /**
   * What a `sizeMax` counts: notional in the settle asset (Binance, Bybit, Hyperliquid), or our own
   * quantity, which is base units, of inverse contracts contracts (OKX).
   */
  readonly unit: 'notional' | 'quantity';
  /** Ascending; a spot pair has none. */
  readonly tiers: readonly MarginTier[];
}

export const noTiers: MarginTiers = { unit: 'notional', tiers: [] };

/** How large a position is, without its sign: in our quantity, and in the settle asset. */
export interface PositionSize {
  readonly qty: Decimal;
  readonly notional: Decimal;
}

export function positionSize(terms: ContractTerms, qty: Decimal, price: Decimal): PositionSize {
  return { qty: abs(qty), notional: abs(notionalAt(terms, qty, price)) };
}

/** Beyond the last tier the last one counts: what is held must be margined by something. */
export function tierOf({ unit, tiers }: MarginTiers, size: PositionSize): MarginTier {
  const counted = unit === 'notional' ? size.notional : size.qty;
  const found = tiers.find(({ sizeMax }) => counted <= sizeMax);
  return found ?? present(tiers.at(-1), 'a margin tier');
}

/** notional x rate - amount of the tier; never negative. */
export function maintenanceMarginOf(tiers: MarginTiers, size: PositionSize): Decimal {
  if (size.notional === zero) return zero;
  const { maintenanceRate, maintenanceAmount } = tierOf(tiers, size);
  return maxOf(zero, minus(times(size.notional, maintenanceRate), maintenanceAmount));
}

/** The highest rate of any tier: notional x this is no less than any maintenance margin. */
export function maintenanceRateMax({ tiers }: MarginTiers): number {
  return tiers.reduce((max, tier) => Math.max(max, toNumber(tier.maintenanceRate)), 0);
}

/** Rounded up: never in our favour. */
export function initialMarginOf(notional: Decimal, leverage: number): Decimal {
  return over(notional, fromNumber(leverage), 'up');
}

export function leverageMaxOf({ tiers }: MarginTiers): number {
  return tiers.reduce((max, tier) => Math.max(max, tier.leverageMax), 1);
}

/** The largest position at this leverage, in the table's unit; zero = the leverage is too high. */
export function sizeMaxAt({ tiers }: MarginTiers, leverage: number): Decimal {
  return tiers.reduce(
    (max, tier) => (tier.leverageMax >= leverage ? maxOf(max, tier.sizeMax) : max),
    zero,
  );
}

/** Whether a position may be had at this leverage. */
export function fitsTiers(table: MarginTiers, leverage: number, size: PositionSize): boolean {
  const counted = table.unit === 'notional' ? size.notional : size.qty;
  return counted <= sizeMaxAt(table, leverage);
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

/** A position within one tier, in doubles: signed quantity (x face where inverse) and cost. */
export interface HeldInTier {
  readonly size: number;
  readonly cost: number;
  readonly equityElsewhere: number;
  readonly rate: number;
  readonly amount: number;
  readonly isInverse: boolean;
}

/** See `liquidationPriceOf`: the formula itself, which the tier of its result has to bear out. */
export function liquidationPriceIn(held: HeldInTier): number {
  const { size, cost, equityElsewhere, rate, amount } = held;
  const side = size > 0 ? 1 : -1;
  const left = equityElsewhere - cost + amount;
  if (held.isInverse) return (size * (1 + side * rate)) / left;
  return left / (Math.abs(size) * (rate - side));
}

/** Tiers are tried until the one of the liquidation price is consistent. */
const tierTriesMax = 16;

/**
 * Mark at which the wallet's equity meets its maintenance margin while all else stands still: LP =
 * (equityElsewhere - s Q EP + cum) / (Q (MMR - s)), s = +1 long, -1 short, with the tier of the
 * size at LP. `equityElsewhere` = balance + unrealized profit of the other positions - their
 * maintenance margin. Null = flat, or no positive price does it.
 *
 * Inverse, in coin, of contracts with face m: equity(LP) = elsewhere - s Q m / LP - cost meets MMR
 * Q m / LP - cum at LP = s Q m (1 + s MMR) / (elsewhere - cost + cum).
 */
export function liquidationPriceOf(
  position: Position,
  tiers: MarginTiers,
  equityElsewhere: Decimal,
  terms: ContractTerms,
): number | null {
  if (position.qty === zero) return null;
  const inverse = isInverse(terms);
  const qty = abs(position.qty);
  const size = toNumber(position.qty) * (inverse ? toNumber(terms.contractSize) : 1);
  const held = {
    size,
    cost: toNumber(position.cost),
    equityElsewhere: toNumber(equityElsewhere),
    rate: 0,
    amount: 0,
    isInverse: inverse,
  };
  let tier = tierOf(tiers, { qty, notional: abs(position.cost) });
  let price: number | null = null;
  for (let k = 0; k < tierTriesMax; k++) {
    const rate = toNumber(tier.maintenanceRate);
    const amount = toNumber(tier.maintenanceAmount);
    price = liquidationPriceIn({ ...held, rate, amount });
    if (!(price > 0 && Number.isFinite(price))) return null;
    const notional = fromNumber(Math.abs(inverse ? size / price : price * size));
    const next = tierOf(tiers, { qty, notional });
    if (next === tier) break;
    tier = next;
  }
  return price;
}

/**
 * The amounts that make margin continuous: at the ceiling of a tier, size x rate - amount is the
 * same by its own rate and by the next one's. Hand check: 0.4% to 50,000, then 0.5%: the second
 * takes off 50,000 x 0.1% = 50. Rows ascend in `sizeMax`.
 */
export function continuousTiers(
  rows: readonly Omit<MarginTier, 'maintenanceAmount'>[],
): MarginTiers {
  let floor = zero;
  let ratePrevious: Decimal | null = null;
  let maintenanceAmount = zero;
  const tiers = rows.map((row) => {
    assert(row.sizeMax > floor, 'tiers ascend');
    if (ratePrevious !== null) {
      const step = times(floor, minus(row.maintenanceRate, ratePrevious));
      maintenanceAmount = plus(maintenanceAmount, step);
    }
    floor = row.sizeMax;
    ratePrevious = row.maintenanceRate;
    return { ...row, maintenanceAmount };
  });
  return { unit: 'notional', tiers };
}

/** For a table that names no largest position: more than anything that exists. */
export const sizeUnbounded: Decimal = decimal('1000000000000000');
