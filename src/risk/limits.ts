// The limits of config/risk.yaml: defaults that suit a small first account, and a reader that names
// the field and what would be right. USD figures are notional at mark; fractions are of equity.
import { type NumberRange, readNumberFields } from '../base/number-fields.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../base/time.ts';
import type { RiskLimits } from '../domain/verdict.ts';

export const defaultLimits: RiskLimits = {
  positionUsdMax: 20_000,
  grossExposureUsdMax: 100_000,
  venueExposureUsdMax: 50_000,
  // Judged on the worst case: one leg of an opening pair fills and the other does not.
  netDeltaUsdMax: 10_000,
  leverageMax: 3,
  dailyLossUsdMax: 1_000,
  drawdownMax: 0.05,
  quoteAgeMsMax: 10 * secondMs,
  fundingAgeMsMax: 2 * minuteMs,
  pairsOpenMax: 6,
  ordersOpenMax: 20,
  ordersPerSecondMax: 20,
  liquidationDistanceMin: 0.05,
  priceCollar: 0.01,
  coinMarginShare: 0,
};

const usd: NumberRange = { min: 0, max: 1e12 };
const whole = (max: number): NumberRange => ({ min: 0, max, integer: true });

const ranges: Readonly<Record<keyof RiskLimits, NumberRange>> = {
  positionUsdMax: usd,
  grossExposureUsdMax: usd,
  venueExposureUsdMax: usd,
  netDeltaUsdMax: usd,
  leverageMax: { min: 0, max: 125 },
  dailyLossUsdMax: usd,
  drawdownMax: { min: 0, max: 1 },
  quoteAgeMsMax: { min: 1, max: hourMs },
  fundingAgeMsMax: { min: 1, max: dayMs },
  pairsOpenMax: whole(10_000),
  ordersOpenMax: whole(100_000),
  ordersPerSecondMax: whole(10_000),
  liquidationDistanceMin: { min: 0, max: 1 },
  priceCollar: { min: 0, max: 1 },
  coinMarginShare: { min: 0, max: 1 },
};

export type LimitsResult =
  | { readonly ok: true; readonly limits: RiskLimits }
  | { readonly ok: false; readonly field: string; readonly message: string };

/** Reads limits over the defaults. */
export function parseRiskLimits(record: Readonly<Record<string, unknown>>): LimitsResult {
  const read = readNumberFields({ record, ranges, defaults: { ...defaultLimits } });
  return read.ok ? { ok: true, limits: read.values } : read;
}
