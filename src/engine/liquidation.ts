// How far the mark of what is held stands from where the venue would liquidate it, by the venue's
// own tiers and what its wallet has. Cross margin: everything else that the wallet margins stands
// still. Null = flat, no price does it, or a figure is not known.
import { type Decimal, fromNumber, minus, plus, toNumber, zero } from '../base/decimal.ts';
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { balanceOf, cashAccount } from '../domain/ledger.ts';
import {
  liquidationPriceOf,
  type MarginTiers,
  maintenanceMarginOf,
  maintenanceRateMax,
  positionSize,
} from '../domain/margin.ts';
import { legsOf, type Pair } from '../domain/pair.ts';
import { type Position, unrealizedAt } from '../domain/position.ts';
import { heldOf } from './held.ts';
import type { EngineState } from './state.ts';
import { cashAt, type WalletPlace } from './wallet-place.ts';

/** |mark - liquidation price| / mark. */
export function liquidationDistance(state: EngineState, id: InstrumentId): number | null {
  const own = state.instruments.get(id);
  const position = state.positions.get(id);
  const tiers = state.marginTerms.get(id)?.tiers ?? null;
  const mark = state.marks.get(id)?.price ?? null;
  if (own === undefined || position === undefined || tiers === null || mark === null) return null;
  if (own.kind === 'spot') return null;
  let elsewhere = balanceOf(state.ledger, cashAccount(own.venue, own.wallet), own.settle);
  for (const [otherId, other] of state.positions) {
    const listed = state.instruments.get(otherId);
    if (otherId === id || listed === undefined || !isInWallet(listed, own)) continue;
    const counted = equityBeyondMargin(state, listed, other);
    if (counted === null) return null;
    elsewhere = plus(elsewhere, counted);
  }
  const price = liquidationPriceOf(position, tiers, elsewhere, own);
  if (price === null) return null;
  const isPassed = position.qty > zero ? price >= mark : price <= mark;
  return isPassed ? 0 : Math.abs(mark - price) / mark;
}

/** Rough figures of a wallet, in its asset. */
interface RoughWallet {
  readonly place: WalletPlace;
  equity: number;
  /** By the highest rate of any tier: no less than the maintenance margin. */
  maintenance: number;
  notional: number;
}

/** How much nearer than the limit a rough figure may be before the exact one is asked for. */
const roughFactor = 2;

/**
 * Whether any leg could be nearer than this, in doubles and never less careful than the exact
 * distance: asked at every marks record, where nearly always nothing is near.
 */
export function mayBeNear(state: EngineState, distanceMin: number): boolean {
  const wallets: RoughWallet[] = [];
  for (const { id, listed, place, mark, qty, cost, inverse } of heldOf(state)) {
    if (listed === undefined || place === null || mark === undefined) continue;
    const tiers = state.marginTerms.get(id)?.tiers ?? null;
    if (tiers === null) continue;
    const wallet = roughWallet(state, wallets, place);
    const { price } = mark;
    const base = qty * (inverse ? toNumber(listed.contractSize) : 1);
    const value = inverse ? -base / price : base * price;
    wallet.equity += value - cost;
    wallet.maintenance += Math.abs(value) * rateMaxOf(tiers);
    wallet.notional += Math.abs(value);
  }
  for (const { equity, maintenance, notional } of wallets) {
    if (equity - maintenance < notional * distanceMin * roughFactor) return true;
  }
  return false;
}

function roughWallet(state: EngineState, wallets: RoughWallet[], place: WalletPlace): RoughWallet {
  for (const wallet of wallets) if (wallet.place === place) return wallet;
  const equity = cashAt(state.ledger, place);
  const made = { place, equity, maintenance: 0, notional: 0 };
  wallets.push(made);
  return made;
}

/** Tables are never changed in place: the same object has the same rates. */
const ratesMax = new WeakMap<MarginTiers, number>();

function rateMaxOf(tiers: MarginTiers): number {
  const known = ratesMax.get(tiers);
  if (known !== undefined) return known;
  const made = maintenanceRateMax(tiers);
  ratesMax.set(tiers, made);
  return made;
}

/** The leg of a pair that is nearest to its liquidation, when it is nearer than allowed. */
export function nearLiquidation(
  state: EngineState,
  pair: Pair,
  distanceMin: number,
): { readonly instrument: InstrumentId; readonly distance: number } | null {
  let nearest: { readonly instrument: InstrumentId; readonly distance: number } | null = null;
  for (const { instrument, qty } of legsOf(pair)) {
    const distance = qty === zero ? null : liquidationDistance(state, instrument);
    if (distance === null || !(distance < distanceMin)) continue;
    if (nearest === null || distance < nearest.distance) nearest = { instrument, distance };
  }
  return nearest;
}

function isInWallet(listed: Instrument, { venue, wallet, settle }: Instrument): boolean {
  if (listed.kind === 'spot') return false;
  return listed.venue === venue && listed.wallet === wallet && listed.settle === settle;
}

/** Unrealized profit less maintenance margin; null = not known. */
function equityBeyondMargin(
  state: EngineState,
  listed: Instrument,
  position: Position,
): Decimal | null {
  const mark = state.marks.get(listed.id)?.price;
  const tiers = state.marginTerms.get(listed.id)?.tiers ?? null;
  if (mark === undefined || tiers === null) return null;
  const price = fromNumber(mark);
  const margin = maintenanceMarginOf(tiers, positionSize(listed, position.qty, price));
  return minus(unrealizedAt(position, price, listed), margin);
}
