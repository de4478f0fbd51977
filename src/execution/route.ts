// Which venue a leg goes to when several offer it: the best executable price after fees, and what
// the leg is expected to earn there, among the venues that can take the order now. Pure; told with
// the reason of every venue that was not chosen.

import type { Decimal } from '../base/decimal.ts';
import { toNumber } from '../base/decimal.ts';
import { executable, isQuoted, midOf } from '../domain/executable.ts';
import type { Instrument, VenueId } from '../domain/instrument.ts';
import type { Side } from '../domain/order.ts';
import type { LegView } from '../domain/view.ts';
import type { ExecutionPolicy } from './policy.ts';
import { checkFilters, quantizeLimit, quantizeQty } from './quantize.ts';

export interface RouteCandidate {
  readonly instrument: Instrument;
  readonly view: LegView;
  /** What the leg is expected to earn there over the horizon, as a fraction; spot earns nothing. */
  readonly carry: number;
  /** How much of the leg its wallet and the venue's tiers carry, 0 to 1. */
  readonly marginShare: number;
  readonly health: VenueHealth;
}

export interface VenueHealth {
  readonly venue: VenueId;
  /** Connected on every channel, reconciled and not restricted. */
  readonly ready: boolean;
  readonly restrictedBy: readonly string[];
  /** Orders that were sent there within the last second. */
  readonly ordersLastSecond: number;
  /** From the send of an order to its answer; null = none was answered yet. */
  readonly latencyMs: number | null;
  /** Share of its own order limits that is left, as its driver says; null = it does not. */
  readonly orderHeadroom: number | null;
}

export interface Route {
  /** The chosen one; the first candidate when no other is better by enough. Null = none can. */
  readonly chosen: RouteCandidate | null;
  readonly judged: readonly Judged[];
}

export interface RoutedOrder {
  readonly side: Side;
  readonly qty: Decimal;
  /** A hedge may be less than all, as the venue's lots have it, and needs no room behind it. */
  readonly purpose: 'entry' | 'hedge';
}

interface Judged {
  readonly candidate: RouteCandidate;
  /** Null = it can take the order, at `cost`. */
  readonly why: string | null;
  readonly cost: number | null;
}

/** `candidates`: the one that was looked at first; the others must be better by the advantage. */
export function routeLeg(
  candidates: readonly RouteCandidate[],
  order: RoutedOrder,
  policy: ExecutionPolicy,
): Route {
  const reference = candidates[0] === undefined ? 0 : midOf(candidates[0].view);
  const judged: Judged[] = [];
  for (const candidate of candidates) {
    const why = unfit(candidate, order, policy);
    const cost = why === null ? costOf(candidate, order, reference, policy) : null;
    judged.push({ candidate, why, cost });
  }
  const first = judged[0];
  let best = first !== undefined && first.cost !== null ? first : null;
  for (const item of judged) {
    if (item.cost === null || item === best) continue;
    const needed = best === first ? policy.routeAdvantageMin : 0;
    if (best === null || best.cost === null || item.cost < best.cost - needed) best = item;
  }
  return { chosen: best?.candidate ?? null, judged };
}

/** One sentence per candidate, the chosen one first. Most routes are never told. */
export function reasonsOf({ chosen, judged }: Route): readonly string[] {
  const first = judged[0];
  const best = judged.find(({ candidate }) => candidate === chosen) ?? null;
  const told = [...judged].sort((a, b) => Number(b === best) - Number(a === best));
  return told.map((item) => {
    const text = sentence(item, best?.cost ?? null);
    const isMoved = item === best && first !== undefined && item !== first;
    return isMoved ? `${text}, instead of ${first.candidate.instrument.id}` : text;
  });
}

/** Why no order goes there now; null = one may. */
function unfit(
  { instrument, view, health, marginShare }: RouteCandidate,
  { side, qty, purpose }: RoutedOrder,
  policy: ExecutionPolicy,
): string | null {
  if (health.restrictedBy.length > 0) return `restricted: ${health.restrictedBy.join('; ')}`;
  if (!health.ready) return 'not connected and reconciled';
  if (instrument.status !== 'trading') return `not trading (${instrument.status})`;
  const isHedge = purpose === 'hedge';
  // Behind an entry a hedge may have to follow; both count.
  if (health.ordersLastSecond + (isHedge ? 1 : 2) > policy.venueOrdersPerSecondMax) {
    return `${health.ordersLastSecond} orders in the last second: no room`;
  }
  const { orderHeadroom } = health;
  if (orderHeadroom !== null && orderHeadroom <= (isHedge ? 0 : policy.orderHeadroomMin)) {
    return `${Math.round(orderHeadroom * 100)}% of its order limits left: no room`;
  }
  if (marginShare < 1) return `its wallet carries ${Math.floor(marginShare * 100)}% of it`;
  if (!isQuoted(view)) return 'no quote of both sides';
  if (!(view.quoteAgeMs <= policy.quoteAgeMsMax)) return `its quote is ${view.quoteAgeMs} ms old`;
  if (Number.isNaN(view.feeRateTaker)) return 'its fee is not known';
  const price = quantizeLimit(instrument, side, side === 'buy' ? view.ask : view.bid);
  const onGrid = quantizeQty(instrument, qty);
  if (price === null || onGrid === null) return 'its grid is not known';
  if (onGrid !== qty && !isHedge) return 'the quantity is not on its grid';
  const filters = checkFilters(instrument, { qty: onGrid, price, reduceOnly: false });
  return filters.ok ? null : filters.message;
}

/** Distance of the all-in price from the reference, less the carry; + = costs. */
function costOf(
  { view, carry, health }: RouteCandidate,
  { side, qty }: RoutedOrder,
  reference: number,
  policy: ExecutionPolicy,
): number {
  const slippageMax = policy.depthSlackMax;
  const { vwap } = executable(view, { side, qty: toNumber(qty), slippageMax });
  const allIn = side === 'buy' ? vwap * (1 + view.feeRateTaker) : vwap * (1 - view.feeRateTaker);
  const distance = side === 'buy' ? allIn / reference - 1 : 1 - allIn / reference;
  const slow = ((health.latencyMs ?? 0) / 1_000) * policy.latencyCostPerSecond;
  return distance + slow - carry;
}

function sentence({ candidate, why, cost }: Judged, best: number | null): string {
  const { id } = candidate.instrument;
  if (cost === null || best === null) return `${id}: ${why ?? 'not compared'}`;
  if (cost === best) return `${id}: chosen at ${bps(cost)} after fees and carry`;
  const behind = cost - best;
  return behind > 0
    ? `${id}: ${bps(behind)} dearer`
    : `${id}: ${bps(-behind)} cheaper, not enough to change`;
}

function bps(fraction: number): string {
  return `${(fraction * 1e4).toFixed(1)} bp`;
}
