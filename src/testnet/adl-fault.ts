// The fault `adl`: when it sets in, the venue closes half of its account's largest position at the
// mark, as auto-deleveraging does. Once per window.
import {
  abs,
  type Decimal,
  decimal,
  fromNumber,
  roundToStep,
  times,
  zero,
} from '../base/decimal.ts';
import type { SimNow, SimPosition } from '../sim/api.ts';
import type { FaultableExchange } from '../sim/exchange.ts';

const half = decimal('0.5');

/** Called on every tick; acts when `active` has just become true. */
export function makeAdlFault(exchange: FaultableExchange) {
  let wasActive = false;
  return (active: boolean, now: SimNow): void => {
    const setsIn = active && !wasActive;
    wasActive = active;
    if (!setsIn) return;
    const largest = largestPosition(exchange.positions());
    if (largest === null) return;
    const lot = exchange.instrument(largest.instrument)?.instrument.lotSize ?? null;
    if (lot === null) return;
    const qty = roundToStep(times(abs(largest.qty), half), lot, 'up');
    exchange.deleverage({ instrument: largest.instrument, qty }, now);
  };
}

function largestPosition(positions: readonly SimPosition[]): SimPosition | null {
  let largest: SimPosition | null = null;
  for (const position of positions) {
    if (position.qty === zero) continue;
    if (largest === null || notionalOf(position) > notionalOf(largest)) largest = position;
  }
  return largest;
}

function notionalOf(position: SimPosition): Decimal {
  return abs(times(position.qty, fromNumber(position.mark)));
}
