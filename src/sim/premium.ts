// The premium index of a perpetual from its book: what it costs to trade the impact notional,
// against the index. Source: Binance "premium index", Bybit "funding rate" help pages.
import type { Level } from '../domain/venue-event.ts';

/** Margin (USD) whose position at the highest leverage is the impact notional: 200 USDT / IMR. */
export const impactMarginUsd = 200;

/** USD; `leverageMax` = 1 / initial margin rate. 125x: 25,000. */
export function impactNotionalUsd(leverageMax: number): number {
  return impactMarginUsd * leverageMax;
}

/**
 * Average price at which `notionalUsd` trades against the levels, best first. A book that is too
 * thin gives the average of all of it; NaN when empty.
 */
export function impactPrice(levels: Iterable<Level>, notionalUsd: number): number {
  let cost = 0;
  let qty = 0;
  for (const [price, levelQty] of levels) {
    const takenQty = Math.min(levelQty, (notionalUsd - cost) / price);
    cost += takenQty * price;
    qty += takenQty;
    if (cost >= notionalUsd * (1 - 1e-12)) break;
  }
  return cost / qty;
}

/**
 * P = [max(0, impactBid - index) - max(0, index - impactAsk)] / index; zero while the index is
 * inside.
 */
export function premiumIndex(sample: {
  readonly impactBid: number;
  readonly impactAsk: number;
  readonly index: number;
}): number {
  const { impactBid, impactAsk, index } = sample;
  return (Math.max(0, impactBid - index) - Math.max(0, index - impactAsk)) / index;
}
