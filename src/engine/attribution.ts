// Profit by cause, each term computed on its own, none as the plug of the others:
// dEquity = funding + basis + residualDelta + fees + borrow + collateralFx + residual.
// Price profit follows the path of marks and fills: between two valuation points the matched
// quantity of a pair earns -d(P_short - P_long) (basis) and the unmatched quantity of a leg earns q
// x dP (residualDelta). A fill revalues its leg at the fill price first, so the sum telescopes to
// the leg's whole price profit. Signs: + = earned. Figures are doubles; the exact books are the
// ledger.
//
// An inverse leg of q contracts with face m counts q m / P base units. Between P0 and P it earns
// q m (1 / P0 - 1 / P) coin, in USD at the coin's price; what the coins of its wallet and of its
// profit are worth by the coin's own price is collateralFx. In a pair that is hedged at the price
// of its entry the leg counts its base units of then, and the coins that it has earned since move
// with it: together they are worth what so many base units are. When the pair closes they are
// collateral like the others.
import type { InstrumentId } from '../domain/instrument.ts';

export interface Attribution {
  fundingUsd: number;
  basisUsd: number;
  residualDeltaUsd: number;
  feesUsd: number;
  borrowUsd: number;
  collateralFxUsd: number;
  /** Of collateralFx: what the coins moved that lay in the wallets at the opening. */
  openingCoinFxUsd: number;
  /** Reference price of every leg of a live pair, by `pairId|instrument`. */
  readonly legPrices: Map<string, number>;
  /** Quantity that no pair owns (dust, external trades) and its reference price. */
  readonly unowned: Map<InstrumentId, { qty: number; price: number }>;
  /**
   * Coins that margin inverse contracts, their positions' profit included, and the price they count
   * at, by the instrument that prices them.
   */
  readonly collateral: Map<InstrumentId, { qty: number; price: number }>;
  /** Of those, what lay in the wallets when the books were opened; by the same. */
  readonly coinsAtOpening: Map<InstrumentId, number>;
  /** Coins earned by inverse legs of live pairs, and the price they count at; as `legPrices`. */
  readonly legCoins: Map<string, { qty: number; price: number }>;
}

/** How an inverse contract's profit becomes dollars. */
export interface CoinMargin {
  /** What prices the coin, and its price in USD now. */
  readonly pricing: InstrumentId;
  readonly usd: number;
  /** USD per contract. */
  readonly face: number;
}

export function emptyAttribution(): Attribution {
  return {
    fundingUsd: 0,
    basisUsd: 0,
    residualDeltaUsd: 0,
    feesUsd: 0,
    borrowUsd: 0,
    collateralFxUsd: 0,
    openingCoinFxUsd: 0,
    legPrices: new Map(),
    unowned: new Map(),
    collateral: new Map(),
    coinsAtOpening: new Map(),
    legCoins: new Map(),
  };
}

/** Moves one leg's reference price; the quantities are those before the move. */
export function revalueLeg(
  attribution: Attribution,
  leg: {
    /** Its name in `legPrices`. */
    readonly priceKey: string;
    /** In the instrument's own quantity. */
    readonly ownQty: number;
    /** Of the other side, what stands against this leg; base units. */
    readonly otherQty: number;
    readonly price: number;
    /** Null for linear legs. */
    readonly margin: CoinMargin | null;
    /** Base units per contract where the pair has fixed them; null = at the reference price. */
    readonly unit?: number | null;
  },
): void {
  const { priceKey, otherQty, price, margin, unit = null } = leg;
  const before = attribution.legPrices.get(priceKey);
  if (before === price) return; // nothing is earned by standing still
  attribution.legPrices.set(priceKey, price);
  if (before === undefined || leg.ownQty === 0) return;
  let ownQty = leg.ownQty;
  let change = price - before;
  if (margin !== null) {
    const move = { contracts: leg.ownQty, before, price };
    ownQty *= unit ?? margin.face / before;
    const earned = earnInverse(attribution, margin, move);
    change =
      (earned + (unit === null ? 0 : earnOnCoins(attribution, margin, leg, earned))) / ownQty;
  }
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
  margin: CoinMargin | null,
): void {
  const entry = attribution.unowned.get(instrument);
  if (entry === undefined || Number.isNaN(price)) return;
  // Coins of the opening balance have no price until their first mark.
  if (!Number.isNaN(entry.price)) {
    const { qty: contracts, price: before } = entry;
    attribution.residualDeltaUsd +=
      margin === null
        ? contracts * (price - before)
        : earnInverse(attribution, margin, { contracts, before, price });
  }
  entry.price = price;
}

/** The coins move with their price. */
export function revalueCollateral(
  attribution: Attribution,
  pricing: InstrumentId,
  price: number,
): void {
  const entry = attribution.collateral.get(pricing);
  if (entry === undefined || Number.isNaN(price)) return;
  if (!Number.isNaN(entry.price)) {
    const change = price - entry.price;
    attribution.collateralFxUsd += entry.qty * change;
    attribution.openingCoinFxUsd += (attribution.coinsAtOpening.get(pricing) ?? 0) * change;
  }
  entry.price = price;
}

export function addCollateral(
  attribution: Attribution,
  pricing: InstrumentId,
  change: { readonly qty: number; readonly price: number },
): void {
  revalueCollateral(attribution, pricing, change.price);
  const entry = attribution.collateral.get(pricing);
  if (entry === undefined) attribution.collateral.set(pricing, { ...change });
  else entry.qty += change.qty;
}

/** Coins that the leg had earned before moved with their price: that is the leg's profit. */
function earnOnCoins(
  attribution: Attribution,
  margin: CoinMargin,
  { priceKey }: { readonly priceKey: string },
  earnedUsd: number,
): number {
  const { legCoins } = attribution;
  const held = legCoins.get(priceKey) ?? { qty: 0, price: margin.usd };
  const gained = held.qty * (margin.usd - held.price);
  attribution.collateralFxUsd -= gained;
  held.qty += earnedUsd / margin.usd;
  held.price = margin.usd;
  legCoins.set(priceKey, held);
  return gained;
}

/** Books what the contracts earned in coin; returns it in USD. */
function earnInverse(
  attribution: Attribution,
  margin: CoinMargin,
  move: { readonly contracts: number; readonly before: number; readonly price: number },
): number {
  const { contracts, before, price } = move;
  const coins = contracts * margin.face * (1 / before - 1 / price);
  addCollateral(attribution, margin.pricing, { qty: coins, price: margin.usd });
  return coins * margin.usd;
}

/** Adds quantity that no pair owns at a price (after revaluing what was there). */
export function addUnowned(
  attribution: Attribution,
  instrument: InstrumentId,
  change: { readonly qty: number; readonly price: number },
  margin: CoinMargin | null,
): void {
  revalueUnowned(attribution, instrument, change.price, margin);
  const entry = attribution.unowned.get(instrument);
  if (entry === undefined) attribution.unowned.set(instrument, { ...change });
  else entry.qty += change.qty;
  if (attribution.unowned.get(instrument)?.qty === 0) attribution.unowned.delete(instrument);
}
