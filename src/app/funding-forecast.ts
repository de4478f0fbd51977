// `farb funding forecast`: the next settlement of perpetuals, from what the venues show now.
import type { FundingForecast } from '../api/funding-report.ts';
import { formatDecimal, fromNumber } from '../base/decimal.ts';
import { UserError } from '../base/errors.ts';
import { annualized } from '../domain/funding.ts';
import type { Instrument } from '../domain/instrument.ts';
import { assetOf } from '../history/asset.ts';
import { forecastFunding } from '../history/forecast.ts';
import { systemClock, testnetClock } from '../io/clock.ts';
import type { DriverLog } from '../io/driver-types.ts';
import { type ForecastFacts, readForecastFacts } from '../research/forecast-read.ts';
import { formulaOf } from '../sim/funding-formula.ts';
import type { Config } from './config.ts';
import { publicSetups } from './public-setups.ts';
import type { TestnetFile } from './testnet-file.ts';

export interface ForecastRequest {
  readonly config: Config;
  readonly testnet: TestnetFile | null;
  /** Null = all that are configured. */
  readonly venues: readonly string[] | null;
  /** Assets, or the venues' own symbols. */
  readonly symbols: readonly string[];
  readonly log: DriverLog;
}

export async function fundingForecast(request: ForecastRequest): Promise<FundingForecast> {
  const { config, testnet, venues, symbols, log } = request;
  const clock = testnet === null ? systemClock() : testnetClock(testnet.clock);
  const setups = publicSetups(config, testnet).flatMap((setup) => {
    const isWanted = venues?.includes(setup.id) ?? true;
    return isWanted && setup.driver === 'native' ? [setup] : [];
  });
  if (setups.length === 0) throw new UserError('none of these venues is configured');
  const wants = ({ symbol, base }: Instrument): boolean =>
    symbols.some((name) => name === symbol || name === base || name === assetOf(symbol));
  const read = await Promise.all(
    setups.map((setup) => readForecastFacts(setup, { clock, log, wants })),
  );
  const nowMs = Math.floor(clock.venueMs());
  return {
    tsMs: nowMs,
    forecasts: read
      .flatMap(({ facts }) => facts.flatMap((one) => forecastOf(one, nowMs) ?? []))
      .sort((a, b) => (`${a.venue} ${a.symbol}` < `${b.venue} ${b.symbol}` ? -1 : 1)),
    errors: read.flatMap(({ errors }) => errors),
  };
}

function forecastOf(
  facts: ForecastFacts,
  nowMs: number,
): FundingForecast['forecasts'][number] | null {
  const { instrument, terms, settlesAtMs, published, premiumNow } = facts;
  const { venue, symbol } = instrument;
  const found = forecastFunding({ ...facts, formula: formulaOf(venue), nowMs });
  if (found === null) return null;
  const { rate, low, high, elapsedShare, basis } = found;
  return {
    ...{ venue, symbol, settlesAtMs, intervalMs: terms.intervalMs },
    ...{ rate: text(rate), low: text(low), high: text(high) },
    apr: annualized(rate, terms.intervalMs),
    published: published === null ? null : text(published),
    ...{ premiumNow, elapsedShare, basis },
  };
}

/** Ten decimals: more than any venue publishes. */
function text(rate: number): string {
  return formatDecimal(fromNumber(Number(rate.toFixed(10))));
}
