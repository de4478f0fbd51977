// `farb backtest`: data and settings in, one run of the exact engine, its report out.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { BacktestReport } from '../api/backtest-report.ts';
import { capacityOf } from '../backtest/capacity.ts';
import type { FeeTiers } from '../backtest/fee-tiers.ts';
import { runBacktest } from '../backtest/run.ts';
import { nameOf } from '../backtest/symbols.ts';
import type { Tape } from '../backtest/tape.ts';
import { buildTape } from '../backtest/tape-build.ts';
import type { VenueTerms } from '../backtest/venue-terms.ts';
import type { Scenario } from '../backtest/venues.ts';
import { fromNumber, toNumber } from '../base/decimal.ts';
import { messageOf, UserError } from '../base/errors.ts';
import { minuteMs, tryDuration, tryTime } from '../base/time.ts';
import { instrumentIdOf, type VenueId } from '../domain/instrument.ts';
import { openData } from '../research/data-source.ts';
import { backtestReport } from './backtest-report.ts';
import { type BacktestSettings, backtestSettings } from './backtest-settings.ts';
import type { Config } from './config.ts';
import { readFeeTiers } from './fee-tiers-file.ts';

export interface BacktestRequest {
  readonly config: Config;
  readonly dir: string;
  readonly strategy: string | null;
  readonly set: readonly string[];
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly capitalUsd: number;
  /** Of the bars: 1h, 15m, 8h. */
  readonly interval: string;
  /** Null = all. */
  readonly venues: readonly string[] | null;
  readonly assets: readonly string[] | null;
  readonly scenarioFile: string | null;
  /** Fees by the volume traded; null or absent = those of the settings, throughout. */
  readonly feeTiersFile?: string | null;
  /** Beside those of the file. */
  readonly scenarios?: readonly ScenarioEntry[];
}

/** Bars done and in all; false = stop. */
export type Progress = (done: number, total: number) => boolean;

/** Shorter bars leave no room for an order between two of them. */
const barMsMin = 5 * minuteMs;

export async function backtest(
  request: BacktestRequest,
  onProgress: Progress,
): Promise<BacktestReport> {
  const feeTiers = request.feeTiersFile == null ? {} : readFeeTiers(request.feeTiersFile);
  const settings = withTiers(backtestSettings(request), feeTiers);
  const scenarios = [
    ...(request.scenarioFile === null ? [] : readScenarios(request.scenarioFile)),
    ...scenariosOf(request.scenarios ?? [], 'scenarios'),
  ];
  const tape = await loadTape(request, settings);
  if (settings.dataDelayMs >= tape.barMs / 4) {
    throw new UserError(
      `delayMs ${settings.dataDelayMs}: must be below a quarter of a bar of ${request.interval} ` +
        'and beyond settlementGuardMs; choose longer bars or a shorter guard',
    );
  }
  const startedMs = performance.now();
  const run = runBacktest({
    tape,
    policy: settings.policy,
    capitalUsd: fromNumber(request.capitalUsd),
    leverage: settings.leverage,
    latencyMs: settings.latencyMs,
    dataDelayMs: settings.dataDelayMs,
    scenarios,
    feeTiers,
    onProgress,
  });
  const elapsedMs = performance.now() - startedMs;
  const capacity = capacityOf({
    tape,
    strategies: settings.policy.strategies,
    dataDelayMs: settings.dataDelayMs,
    capitalPerLegUsd: request.capitalUsd / tape.contracts.length,
  });
  return backtestReport({
    run,
    elapsedMs,
    settings: shown(request, settings),
    notes: tape.notes,
    capacity,
  });
}

/** It begins in the first tier of each venue that has some. */
function withTiers(settings: BacktestSettings, tiers: FeeTiers): BacktestSettings {
  if (Object.keys(tiers).length === 0) return settings;
  const set = Object.keys(settings.given).find((name) => name.startsWith('fees.'));
  if (set !== undefined) throw new UserError(`--set ${set}: and --fee-tiers: give one of them`);
  const termsOf = (venue: VenueId): VenueTerms => {
    const terms = settings.termsOf(venue);
    const [perp] = tiers[venue]?.perp ?? [];
    const [spot] = tiers[venue]?.spot ?? [];
    return {
      ...terms,
      perpMaker: perp === undefined ? terms.perpMaker : toNumber(perp.maker),
      perpTaker: perp === undefined ? terms.perpTaker : toNumber(perp.taker),
      spotMaker: spot === undefined ? terms.spotMaker : toNumber(spot.maker),
      spotTaker: spot === undefined ? terms.spotTaker : toNumber(spot.taker),
    };
  };
  return { ...settings, termsOf };
}

export async function loadTape(
  request: BacktestRequest,
  settings: BacktestSettings,
): Promise<Tape> {
  const { dir, interval, venues, assets } = request;
  const barMs = tryDuration(interval);
  if (barMs === null || barMs < barMsMin) {
    throw new UserError(`--interval ${interval}: write the bars' interval, 5m or longer, like 1h`);
  }
  const source = await openData(dir);
  const data = await source.load({
    kinds: ['funding', 'bars', 'quotes'],
    intervals: [interval],
    ...(venues === null ? {} : { venues }),
  });
  return buildTape({
    data,
    interval,
    strategies: settings.policy.strategies,
    termsOf: settings.termsOf,
    assets: assets === null ? null : new Set(assets.map((asset) => asset.toUpperCase())),
    fromMs: request.fromMs,
    toMs: request.toMs,
    dir,
  });
}

function shown(
  { strategy, capitalUsd, interval }: BacktestRequest,
  { given, policy, latencyMs, dataDelayMs, leverage }: BacktestSettings,
): BacktestReport['settings'] {
  const names = policy.strategies.map((one) => one.strategy.name).join(', ');
  const run = { capitalUsd, interval, latencyMs, delayMs: dataDelayMs, leverage };
  return { strategy: strategy ?? names, ...run, ...given };
}

const scenariosSchema = z.array(
  z.strictObject({
    kind: z.enum(['adl', 'liquidation']),
    at: z.string().refine((text) => tryTime(text) !== null, 'write a time like 2024-03-05T12:00Z'),
    venue: z.string(),
    symbol: z.string(),
    share: z.number().gt(0).max(1).default(1),
  }),
);

/** A wish for something bad to happen to a position. */
export type ScenarioEntry = z.input<typeof scenariosSchema>[number];

/** `[{ "kind": "adl", "at": "2024-03-05T12:00Z", "venue", "symbol", "share": 0.5 }]` */
function readScenarios(file: string): readonly Scenario[] {
  const where = `--scenario ${file}`;
  try {
    return scenariosOf(JSON.parse(readFileSync(file, 'utf8')), where);
  } catch (thrown) {
    if (thrown instanceof UserError) throw thrown;
    throw new UserError(`${where}: ${messageOf(thrown)}; give a JSON list of events`);
  }
}

function scenariosOf(raw: unknown, where: string): readonly Scenario[] {
  const parsed = scenariosSchema.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new UserError(`${where}: ${issue?.path.join('.')}: ${issue?.message}`);
  }
  return parsed.data.map(({ kind, at, venue, symbol, share }) => {
    const name = nameOf(venue, 'perp', symbol);
    if (name === null) throw new UserError(`${where}: ${venue} ${symbol} is not linear`);
    const instrument = instrumentIdOf({ venue, kind: 'linear-perp', ...name });
    return { kind, atMs: tryTime(at) ?? 0, instrument, share: fromNumber(share) };
  });
}
