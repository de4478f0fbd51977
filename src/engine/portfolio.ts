// What is owned, in USD: equity over all venues from the ledger and the marks. Read-only.
import { toNumber } from '../base/decimal.ts';
import { cashOf } from '../domain/ledger.ts';
import type { EngineState } from './state.ts';

const dollars = new Set(['USDT', 'USDC', 'USD', 'FDUSD', 'DAI']);

/** USD per unit; dollar coins count as 1 here, their depeg is collateralFx. Unpriced assets count 0. */
export function usdPriceOf(state: EngineState, asset: string): number {
  if (dollars.has(asset)) return 1;
  let fallback = 0;
  for (const [id, mark] of state.marks) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined || instrument.base !== asset) continue;
    if (!dollars.has(instrument.quote)) continue;
    if (instrument.kind === 'spot') return mark.price;
    if (fallback === 0) fallback = mark.price;
  }
  return fallback;
}

/** Null until every venue's opening balance is booked and every position has a mark. */
export function equityUsd(state: EngineState): number | null {
  if (state.venues.size === 0) return null;
  for (const venue of state.venues.values()) if (!venue.opened) return null;
  let total = 0;
  for (const { asset, amount } of cashOf(state.ledger)) {
    if (amount === 0n) continue;
    total += toNumber(amount) * usdPriceOf(state, asset);
  }
  for (const [id, position] of state.positions) {
    const instrument = state.instruments.get(id);
    if (instrument === undefined) return null;
    if (instrument.kind === 'spot') continue; // its coins are in the cash accounts
    const mark = state.marks.get(id);
    if (mark === undefined) return null;
    total += toNumber(position.qty) * mark.price - toNumber(position.cost);
  }
  return total;
}
