// How far the mark of what is held stands from where the venue would liquidate it, by the venue's
// own tiers and what its wallet has. Cross margin: everything else that the wallet margins stands
// still. Null = flat, no price does it, or a figure is not known.
import { type Decimal, fromNumber, minus, plus, toNumber, zero } from '../base/decimal.ts';
import { isInverse } from '../domain/contract-value.ts';
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
import type { EngineState } from './state.ts';

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
  if (state.positions.size === 0) return false;
  const wallets = new Map<string, RoughWallet>();
  for (const [id, position] of state.positions) {
    const listed = state.instruments.get(id);
    const tiers = state.marginTerms.get(id)?.tiers ?? null;
    const mark = state.marks.get(id)?.price;
    if (listed === undefined || listed.kind === 'spot') continue;
    if (tiers === null || mark === undefined) continue;
    const wallet = roughWallet(state, wallets, listed);
    const { qty, cost } = numbersOf(position);
    const base = qty * (isInverse(listed) ? toNumber(listed.contractSize) : 1);
    const value = isInverse(listed) ? -base / mark : base * mark;
    wallet.equity += value - cost;
    wallet.maintenance += Math.abs(value) * rateMaxOf(tiers);
    wallet.notional += Math.abs(value);
  }
  for (const { equity, maintenance, notional } of wallets.values()) {
    if (equity - maintenance < notional * distanceMin * roughFactor) return true;
  }
  return false;
}

function roughWallet(
  state: EngineState,
  wallets: Map<string, RoughWallet>,
  instrument: Instrument,
): RoughWallet {
  const key = walletKeyOf(instrument);
  const known = wallets.get(key);
  if (known !== undefined) return known;
  const { venue, wallet, settle } = instrument;
  const cash = toNumber(balanceOf(state.ledger, cashAccount(venue, wallet), settle));
  const made = { equity: cash, maintenance: 0, notional: 0 };
  wallets.set(key, made);
  return made;
}

/** Positions and tables are never changed in place: the same object has the same numbers. */
const numbers = new WeakMap<Position, { readonly qty: number; readonly cost: number }>();
const ratesMax = new WeakMap<MarginTiers, number>();
/** A text of its own for every look would be hashed anew. */
const walletKeys = new WeakMap<Instrument, string>();

function walletKeyOf(instrument: Instrument): string {
  const known = walletKeys.get(instrument);
  if (known !== undefined) return known;
  const { venue, wallet, settle } = instrument;
  const key = `${venue}|${wallet}|${settle}`;
  walletKeys.set(instrument, key);
  return key;
}

function numbersOf(position: Position): { readonly qty: number; readonly cost: number } {
  const known = numbers.get(position);
  if (known !== undefined) return known;
  const made = { qty: toNumber(position.qty), cost: toNumber(position.cost) };
  numbers.set(position, made);
  return made;
}

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
