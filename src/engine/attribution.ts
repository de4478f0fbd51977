// Profit by cause, each term computed on its own, none as the plug of the others:
// dEquity = funding + basis + residualDelta + fees + borrow + collateralFx + residual.
// Price profit follows the path of marks and fills: between two valuation points the matched
// quantity of a pair earns -d(P_short - P_long) (basis) and the unmatched quantity of a leg earns q
// x dP (residualDelta). A fill revalues its leg at the fill price first, so the sum telescopes to
// the leg's whole price profit. Signs: + = earned. Figures are doubles; the exact books are the
// ledger.
import type { InstrumentId } from '../domain/instrument.ts';

export interface Attribution {
  fundingUsd: number;
  basisUsd: number;
  residualDeltaUsd: number;
  feesUsd: number;
  borrowUsd: number;
  collateralFxUsd: number;
  /** Reference price of every leg of a live pair, `pairId|long` and `pairId|short`. */
  readonly legPrices: Map<string, number>;
  /** Quantity that no pair owns (dust, external trades) and its reference price. */
  readonly unowned: Map<InstrumentId, { qty: number; price: number }>;
}

export function emptyAttribution(): Attribution {
  return {
    fundingUsd: 0,
    basisUsd: 0,
    residualDeltaUsd: 0,
    feesUsd: 0,
    borrowUsd: 0,
    collateralFxUsd: 0,
    legPrices: new Map(),
    unowned: new Map(),
  };
}

/** Moves one leg's reference price; the quantities are those before the move. */
export function revalueLeg(
  attribution: Attribution,
  leg: {
    /** Its name in `legPrices`. */
    readonly priceKey: string;
    readonly ownQty: number;
    readonly otherQty: number;
    readonly price: number;
  },
): void {
  const { priceKey, ownQty, otherQty, price } = leg;
  const before = attribution.legPrices.get(priceKey);
  if (before === price) return; // nothing is earned by standing still
  attribution.legPrices.set(priceKey, price);
  if (before === undefined || ownQty === 0) return;
  const change = price - before;
  const opposed = ownQty > 0 !== otherQty > 0 && otherQty !== 0;
  const matched = opposed ? Math.min(Math.abs(ownQty), Math.abs(otherQty)) : 0;
  const direction = Math.sign(ownQty);
  attribution.basisUsd += direction * matched * change;
  attribution.residualDeltaUsd += (ownQty - direction * matched) * change;
}

/** Moves the reference price of what no pair owns. */
export function revalueUnowned(
  attribution: Attribution,
  instrument: InstrumentId,
  price: number,
): void {
  const entry = attribution.unowned.get(instrument);
  if (entry === undefined || Number.isNaN(price)) return;
  // Coins of the opening balance have no price until their first mark.
  if (!Number.isNaN(entry.price)) attribution.residualDeltaUsd += entry.qty * (price - entry.price);
  entry.price = price;
}

/** Adds quantity that no pair owns at a price (after revaluing what was there). */
export function addUnowned(
  attribution: Attribution,
  instrument: InstrumentId,
  change: { readonly qty: number; readonly price: number },
): void {
  revalueUnowned(attribution, instrument, change.price);
  const entry = attribution.unowned.get(instrument);
  if (entry === undefined) attribution.unowned.set(instrument, { ...change });
  else entry.qty += change.qty;
  if (attribution.unowned.get(instrument)?.qty === 0) attribution.unowned.delete(instrument);
}
