// Chooses the exogenous market of a testnet: recorded history when there is a data directory, else
// the seeded one.
import { dayMs, secondMs } from '../base/time.ts';
import type { VenueId } from '../domain/instrument.ts';
import { type ExogenousMarket, marketGridMs } from '../sim/market-api.ts';
import { recordedMarket } from '../sim/recorded-market.ts';
import { seededMarket } from '../sim/seeded-market.ts';
import { loadRecordedData } from './recorded-data.ts';

export interface MarketChoice {
  readonly venues: readonly VenueId[];
  readonly seed: number;
  /** Directory of recorded history; null = seeded. */
  readonly dataDir: string | null;
  /** Where the recorded history starts; null = at its own beginning. */
  readonly fromMs: number | null;
  /** Venue time of the seeded market's start. */
  readonly startMs: number;
}

/** 2026-01-05T00:00:00Z: where the seeded market starts when its time is not the present. */
export const seededStartMs = 20_458 * dayMs;

export function chooseMarket(choice: MarketChoice): ExogenousMarket {
  const { venues, seed, startMs, dataDir: dir, fromMs } = choice;
  if (dir !== null) {
    const { data, startMs: recordedStartMs } = loadRecordedData({ dir, venues, fromMs });
    return recordedMarket({ data, seed, startMs: recordedStartMs });
  }
  return seededMarket({ seed, startMs: onGrid(startMs), venues });
}

/** A start on the grid, so that its first tick is the start itself. */
function onGrid(tsMs: number): number {
  return Math.floor(tsMs / marketGridMs) * marketGridMs;
}

/** The stretch of venue time that the market's hash covers, whatever a run sees of it. */
export function hashRangeOf(market: ExogenousMarket) {
  const stepMs = 900 * secondMs;
  const toMs = Math.min(market.startMs + dayMs / 2, market.endMs ?? Number.POSITIVE_INFINITY);
  return { fromMs: market.startMs, toMs, stepMs };
}
