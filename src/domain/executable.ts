// What a quantity would really trade at: the volume-weighted price over the displayed levels. Depth
// that is not displayed is never assumed.
import type { Side } from './order.ts';
import type { Level } from './venue-event.ts';
import type { LegView } from './view.ts';

export interface Executable {
  readonly vwap: number;
  /** The farthest price that was needed. */
  readonly worst: number;
  /**
   * False: the displayed depth ended first; the rest is priced `slippageMax` beyond its last level.
   */
  readonly full: boolean;
}

export function midOf(leg: LegView): number {
  return (leg.bid + leg.ask) / 2;
}

/** True when both sides are known, positive and not crossed. */
export function isQuoted(leg: LegView): boolean {
  return leg.bid > 0 && leg.ask >= leg.bid && leg.bidQty > 0 && leg.askQty > 0;
}

/** Walks the side of the book that `side` takes from. `qty` in base units, > 0. */
export function executable(
  leg: LegView,
  options: { readonly side: Side; readonly qty: number; readonly slippageMax: number },
): Executable {
  const { side, qty, slippageMax } = options;
  const levels = levelsOf(leg, side);
  let left = qty;
  let cost = 0;
  let worst = bestOf(leg, side);
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] as Level;
    worst = notBetter(level[0], leg, side);
    const taken = Math.min(left, level[1]);
    cost += taken * worst;
    left -= taken;
    if (left <= 0) return { vwap: cost / qty, worst, full: true };
  }
  const beyond = worst * (side === 'buy' ? 1 + slippageMax : 1 - slippageMax);
  return { vwap: (cost + left * beyond) / qty, worst: beyond, full: false };
}

/**
 * USD (quote) of displayed depth no farther than `slippageMax` behind the best price. From
 * `enoughUsd` on nobody counts.
 */
export function depthUsd(
  leg: LegView,
  options: { readonly side: Side; readonly slippageMax: number; readonly enoughUsd?: number },
): number {
  const { side, slippageMax, enoughUsd = Number.POSITIVE_INFINITY } = options;
  const best = bestOf(leg, side);
  const levels = levelsOf(leg, side);
  let totalUsd = 0;
  for (let i = 0; i < levels.length; i++) {
    const level = levels[i] as Level;
    const counted = notBetter(level[0], leg, side);
    if (Math.abs(counted - best) > best * slippageMax) break;
    totalUsd += counted * level[1];
    if (totalUsd >= enoughUsd) break;
  }
  return totalUsd;
}

function bestOf(leg: LegView, side: Side): number {
  return side === 'buy' ? leg.ask : leg.bid;
}

/** Without depth only the quote itself is executable. */
function levelsOf(leg: LegView, side: Side): LegView['asks'] {
  const levels = side === 'buy' ? leg.asks : leg.bids;
  if (levels.length > 0) return levels;
  return [side === 'buy' ? [leg.ask, leg.askQty] : [leg.bid, leg.bidQty]];
}

/** The quote is at least as new as the book: a level that claims a better price is not believed. */
function notBetter(price: number, leg: LegView, side: Side): number {
  return side === 'buy' ? Math.max(price, leg.ask) : Math.min(price, leg.bid);
}

/**
 * Limit of an order: `limitSlack` beyond its VWAP, and never short of the farthest level that the
 * VWAP needs. Both legs go out together, so a common move inside the slack costs the pair nothing.
 */
export function limitBeyond(options: {
  readonly side: Side;
  readonly vwap: number;
  readonly worst: number;
  readonly limitSlack: number;
}): number {
  const { side, vwap, worst, limitSlack } = options;
  if (side === 'buy') return Math.max(vwap * (1 + limitSlack), worst);
  return Math.min(vwap * (1 - limitSlack), worst);
}
