// The settings of a strategy, their defaults and ranges. Fractions are fractions (0.001 = 10 bp),
// times are ms of the clock that each names. Thresholds apply after all costs; nothing here loosens
// them.
import { type NumberRange, readNumber, readNumberFields } from '../base/number-fields.ts';
import { dayMs, hourMs, minuteMs, secondMs } from '../base/time.ts';
import type { InstrumentId } from '../domain/instrument.ts';

interface NumberParams {
  /** Notional per leg that an entry aims at; depth and lots may make it smaller. */
  readonly notionalUsd: number;
  /** An entry below this is not worth its four orders. */
  readonly notionalUsdMin: number;
  /** H of the net edge: how long a position is expected to be held (venue time). */
  readonly horizonMs: number;
  /**
   * Least net edge over the horizon per unit of capital, after all costs, at which a pair opens.
   */
  readonly netEdgeMin: number;
  /**
   * No entry or exit nearer than this to a settlement of either leg, before or after (venue time).
   */
  readonly settlementGuardMs: number;
  /** After how many settlements half of a rate's distance to its long-run mean is gone. */
  readonly halfLifeSettlements: number;
  /** Long-run mean rate per hour; 0.01% per 8 h is the interest part of the venues' formulas. */
  readonly longRunRatePerHour: number;
  /** After how long half of the basis between the legs is gone (venue time). */
  readonly basisHalfLifeMs: number;
  /** How much of that reversion is believed: 0 = the basis stays, 1 = it goes. */
  readonly basisReversionShare: number;
  /** Most that a favourable reversion may add to the edge; an adverse one is charged in full. */
  readonly basisCreditMax: number;
  /** How far behind the best price depth is still used. */
  readonly slippageMax: number;
  /**
   * Slack of limit prices beyond the executable VWAP. A move of both legs together costs no edge.
   */
  readonly limitSlack: number;
  /** Of the perpetual legs: margin per notional is 1 / leverage. A spot leg is paid in full. */
  readonly leverage: number;
  /** Capital kept beside the margins, per notional. */
  readonly capitalBuffer: number;
  /** What the margin could earn elsewhere, per year. */
  readonly capitalRatePerYear: number;
  /** Paid on a short spot leg, per year. */
  readonly borrowRatePerYear: number;
  /** P(re-entry) of the exit rule. */
  readonly reentryProbability: number;
  /**
   * Least advantage per notional at which capital moves to a better use, after the switch's costs.
   */
  readonly betterUseMargin: number;
  /** The better use must have waited this long without a pause (wall) ... */
  readonly betterUseConfirmMs: number;
  /** ... the pair must have been held this long (venue time) ... */
  readonly betterUseAgeMsMin: number;
  /** ... and this long must have passed since the last move of capital (wall). */
  readonly betterUseEveryMs: number;
  /** Ages on the wall clock beyond which nothing is decided. */
  readonly quoteAgeMsMax: number;
  readonly fundingAgeMsMax: number;
}

export interface StrategyParams extends NumberParams {
  /** Long-run means that differ from `longRunRatePerHour`, by instrument. */
  readonly longRunRatePerHourOf: Readonly<Record<InstrumentId, number>>;
}

export type ParamsResult =
  | { readonly ok: true; readonly params: StrategyParams }
  | { readonly ok: false; readonly field: string; readonly message: string };

const ranges: Readonly<Record<keyof NumberParams, NumberRange>> = {
  notionalUsd: { min: 1, max: 1e9 },
  notionalUsdMin: { min: 0, max: 1e9 },
  horizonMs: { min: minuteMs, max: 365 * dayMs },
  netEdgeMin: { min: 0, max: 1 },
  settlementGuardMs: { min: 0, max: hourMs },
  halfLifeSettlements: { min: 0.01, max: 1e6 },
  longRunRatePerHour: { min: -0.01, max: 0.01 },
  basisHalfLifeMs: { min: minuteMs, max: 3_650 * dayMs },
  basisReversionShare: { min: 0, max: 1 },
  basisCreditMax: { min: 0, max: 1 },
  slippageMax: { min: 0, max: 0.1 },
  limitSlack: { min: 0, max: 0.1 },
  leverage: { min: 1, max: 125 },
  capitalBuffer: { min: 0, max: 10 },
  capitalRatePerYear: { min: 0, max: 10 },
  borrowRatePerYear: { min: 0, max: 10 },
  reentryProbability: { min: 0, max: 1 },
  betterUseMargin: { min: 0, max: 1 },
  betterUseConfirmMs: { min: 0, max: dayMs },
  betterUseAgeMsMin: { min: 0, max: 365 * dayMs },
  betterUseEveryMs: { min: 0, max: 30 * dayMs },
  quoteAgeMsMax: { min: 1, max: hourMs },
  fundingAgeMsMax: { min: 1, max: dayMs },
};
const longRunRange: NumberRange = ranges.longRunRatePerHour;

/**
 * Why these: six settlements of half-life are below what recorded rates did (see forecast.ts); a
 * day holds three settlements of the slowest contracts; the guard is OKX's minute of assessment.
 */
export const perpPerpDefaults: StrategyParams = {
  notionalUsd: 4_000,
  notionalUsdMin: 500,
  horizonMs: dayMs,
  netEdgeMin: 0.001,
  settlementGuardMs: minuteMs,
  halfLifeSettlements: 6,
  longRunRatePerHour: 0.0001 / 8,
  longRunRatePerHourOf: {},
  basisHalfLifeMs: 12 * hourMs,
  basisReversionShare: 0.5,
  basisCreditMax: 0.001,
  slippageMax: 0.001,
  limitSlack: 0.002,
  leverage: 3,
  capitalBuffer: 0.1,
  capitalRatePerYear: 0.05,
  borrowRatePerYear: 0.1,
  reentryProbability: 0.25,
  betterUseMargin: 0.001,
  betterUseConfirmMs: minuteMs,
  betterUseAgeMsMin: 4 * hourMs,
  betterUseEveryMs: 10 * minuteMs,
  quoteAgeMsMax: 10 * secondMs,
  fundingAgeMsMax: 2 * minuteMs,
};

/** The 30 bp of a spot and perpetual round trip need a week of carry. */
export const cashCarryDefaults: StrategyParams = {
  ...perpPerpDefaults,
  horizonMs: 7 * dayMs,
  basisHalfLifeMs: 2 * dayMs,
};

/** Reads settings over a strategy's defaults. Errors name the field and what would be right. */
export function parseParams(
  record: Readonly<Record<string, unknown>>,
  defaults: StrategyParams,
): ParamsResult {
  const { longRunRatePerHourOf: given, ...rest } = record;
  const longRun = parseLongRunRates(given, defaults);
  if (!longRun.ok) return longRun;
  const read = readNumberFields({ record: rest, ranges, defaults: numbersOf(defaults) });
  if (!read.ok) return read;
  const params = { ...read.values, longRunRatePerHourOf: longRun.rates };
  if (params.notionalUsdMin > params.notionalUsd) {
    const message = `${params.notionalUsdMin} is above notionalUsd ${params.notionalUsd}`;
    return { ok: false, field: 'notionalUsdMin', message };
  }
  return { ok: true, params };
}

type LongRunResult =
  | { readonly ok: true; readonly rates: Readonly<Record<InstrumentId, number>> }
  | { readonly ok: false; readonly field: string; readonly message: string };

function parseLongRunRates(given: unknown, defaults: StrategyParams): LongRunResult {
  if (given === undefined) return { ok: true, rates: defaults.longRunRatePerHourOf };
  const field = 'longRunRatePerHourOf';
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { ok: false, field, message: 'must map instruments to rates per hour' };
  }
  const rates: Record<InstrumentId, number> = {};
  for (const [instrument, value] of Object.entries(given)) {
    const read = readNumber(instrument, value, longRunRange);
    if (typeof read === 'string') {
      return { ok: false, field: `${field}.${instrument}`, message: read };
    }
    rates[instrument] = read;
  }
  return { ok: true, rates };
}

function numbersOf(params: StrategyParams): NumberParams & Readonly<Record<string, unknown>> {
  const { longRunRatePerHourOf: _, ...numbers } = params;
  return numbers;
}
