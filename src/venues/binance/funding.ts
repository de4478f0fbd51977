// Funding intervals and past settlements of USD-M and COIN-M. The interval moves (1, 2, 4, 8
// hours), so it is read, never assumed: from fundingInfo where the symbol is listed, else from the
// deltas of history.
import { hourMs } from '../../base/time.ts';
import type { FundingRateEvent, VenueEvent } from '../../domain/venue-event.ts';
import { type Context, eachOf, stamp, unitsIn } from './events.ts';
import { isJson, listOf, numberIn, positiveIn, shiftedIn, textIn, timeIn } from './read.ts';

const intervalsHours = [1, 2, 4, 8];
/** Settlement times jitter by some ms in the history. */
const settlementJitterMs = 60_000;

/**
 * fundingInfo lists only "symbols that had FundingRateCap / FundingRateFloor / fundingIntervalHours
 * adjustment" (venue documentation). A symbol that is absent says nothing here: the driver infers
 * its interval from the history of its settlements, because a default is a guess. A listed symbol
 * whose hours cannot be read stays null.
 */
export function decodeFundingInfo(json: unknown, context: Context): readonly VenueEvent[] {
  return eachOf(json, 'fundingInfo', (row) => {
    const units = unitsIn(row, 'symbol', context);
    if (units === null) return null;
    const hours = positiveIn(row['fundingIntervalHours']);
    return {
      ...intervalEvent(stamp(units, null), hours === null ? null : hours * hourMs),
      cap: numberIn(row['adjustedFundingRateCap']),
      floor: numberIn(row['adjustedFundingRateFloor']),
    };
  });
}

function intervalEvent(at: ReturnType<typeof stamp>, intervalMs: number | null): FundingRateEvent {
  return {
    kind: 'funding-rate',
    ...at,
    ratePerInterval: null,
    intervalMs,
    settlesAtMs: null,
    nextRate: null,
    cap: null,
    floor: null,
    settled: false,
  };
}

/**
 * fundingRate {symbol, fundingTime, fundingRate, markPrice}: ascending; the interval from the
 * delta.
 */
export function decodeFundingHistory(json: unknown, context: Context): readonly VenueEvent[] {
  const previousBySymbol = new Map<string, number>();
  return eachOf(json, 'fundingRate', (row) => {
    const units = unitsIn(row, 'symbol', context);
    const settlesAtMs = timeIn(row['fundingTime']);
    if (units === null || settlesAtMs === null) return null;
    const previousMs = previousBySymbol.get(units.symbol);
    previousBySymbol.set(units.symbol, settlesAtMs);
    return {
      ...intervalEvent(
        stamp(units, settlesAtMs),
        previousMs === undefined ? null : intervalOfDelta(settlesAtMs - previousMs),
      ),
      ratePerInterval: numberIn(row['fundingRate']),
      settlesAtMs,
      settled: true,
      mark: shiftedIn(row['markPrice'], units.priceShift),
    };
  });
}

/** The interval that a delta between two settlements shows; null for a hole in the history. */
export function intervalOfDelta(deltaMs: number): number | null {
  const hours = Math.round(deltaMs / hourMs);
  const near = Math.abs(deltaMs - hours * hourMs) <= settlementJitterMs;
  return near && intervalsHours.includes(hours) ? hours * hourMs : null;
}

/** Time of the last row of a page of history, for the next page. */
export function lastTimeOf(json: unknown, key: string): number | null {
  const last = listOf(json).at(-1);
  return isJson(last) && textIn(last[key]) !== null ? timeIn(last[key]) : null;
}
