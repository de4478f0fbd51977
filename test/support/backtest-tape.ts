// Small histories made by hand: one asset on two venues, hourly bars, settlements where a test
// wants them. Prices and rates are functions of the bar or the settlement, so that a test can say
// in its own words what happened.

import type { DepthModel } from '../../src/backtest/depth.ts';
import { type Contract, emptyBars, fundingColumns, type Tape } from '../../src/backtest/tape.ts';
import { decimal } from '../../src/base/decimal.ts';
import { hourMs } from '../../src/base/time.ts';
import { instrumentIdOf } from '../../src/domain/instrument.ts';
import { continuousTiers, noTiers, sizeUnbounded } from '../../src/domain/margin.ts';
import { defaultReconcilePolicy, type Policy } from '../../src/engine/policy.ts';
import { defaultExecutionPolicy } from '../../src/execution/policy.ts';
import { defaultLimits } from '../../src/risk/limits.ts';
import type { SimInstrument } from '../../src/sim/api.ts';
import { perpPerp } from '../../src/strategy/perp-perp.ts';
import type { Strategy } from '../../src/strategy/registry.ts';

export const startMs = Date.UTC(2024, 0, 1);

/** All at the bar's price: no spread, deep enough for everything. */
export const noSpread: DepthModel = {
  halfSpread: 0,
  touchUsd: 1e9,
  levelUsd: 1e9,
  step: 0.0001,
  levels: 1,
};

export interface Bar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

export interface ContractSpec {
  readonly venue: string;
  readonly kind?: 'linear-perp' | 'spot';
  readonly base?: string;
  readonly bars: number;
  /** Null = the bar is missing. */
  readonly price: (k: number) => number | Bar | null;
  /** Hours after the start at which it settles, and the rate of each. */
  readonly settlesAtHours?: readonly number[];
  readonly rate?: (hour: number) => number;
  readonly fee?: string;
  readonly depth?: DepthModel;
  readonly tick?: string;
}

export function contractOf(spec: ContractSpec): Contract {
  const { kind = 'linear-perp', base = 'BTC' } = spec;
  const price = emptyBars(spec.bars);
  for (let k = 0; k < spec.bars; k++) {
    const at = spec.price(k);
    if (at === null) continue;
    const bar = typeof at === 'number' ? { open: at, high: at, low: at, close: at } : at;
    price.open[k] = bar.open;
    price.high[k] = bar.high;
    price.low[k] = bar.low;
    price.close[k] = bar.close;
  }
  const hours = spec.settlesAtHours ?? [];
  const settlesAtMs = Float64Array.from(hours, (hour) => startMs + hour * hourMs);
  const rate = Float64Array.from(hours, (hour) => spec.rate?.(hour) ?? 0);
  return {
    listing: listingOf(spec, kind, base),
    price,
    mark: null,
    funding: kind === 'spot' ? null : fundingColumns(spec.venue, { settlesAtMs, rate }),
    depth: spec.depth ?? noSpread,
  };
}

function listingOf(
  { venue, fee = '0', tick = '0.01' }: ContractSpec,
  kind: 'linear-perp' | 'spot',
  base: string,
): SimInstrument {
  return {
    instrument: {
      id: instrumentIdOf({ venue, kind, base, quote: 'USDT' }),
      venue,
      symbol: `${base}USDT`,
      kind,
      base,
      quote: 'USDT',
      settle: 'USDT',
      wallet: 'unified',
      contractSize: decimal('1'),
      qtyUnit: decimal('1'),
      priceUnit: decimal('1'),
      tickSize: decimal(tick),
      lotSize: decimal('0.01'),
      qtyMin: decimal('0.01'),
      qtyMax: null,
      notionalMin: decimal('5'),
      status: 'trading',
      fundingIntervalMs: null,
      leverageMax: kind === 'spot' ? null : 20,
    },
    underlying: base,
    marginTiers:
      kind === 'spot'
        ? noTiers
        : continuousTiers([
            { sizeMax: sizeUnbounded, leverageMax: 20, maintenanceRate: decimal('0.01') },
          ]),
    fundingCap: 1,
    fundingFloor: -1,
    fundingIntervalDefaultMs: null,
    feeRateMaker: decimal(fee),
    feeRateTaker: decimal(fee),
    priceBand: 1,
  };
}

export function tapeOf(contracts: readonly Contract[]): Tape {
  const bars = contracts[0]?.price.close.length ?? 0;
  return { barMs: hourMs, fromMs: startMs, bars, contracts, notes: [] };
}

/** Every `interval` hours from the start on, the start included. */
export function everyHours(interval: number, bars: number): readonly number[] {
  return Array.from({ length: Math.floor(bars / interval) + 1 }, (_, k) => k * interval);
}

export function policyOf(options: {
  readonly strategy?: Strategy;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly limits?: Partial<typeof defaultLimits>;
}): Policy {
  const { strategy = perpPerp } = options;
  const parsed = strategy.parseParams(options.params ?? {});
  if (!parsed.ok) throw new Error(`${parsed.field}: ${parsed.message}`);
  return {
    strategies: [{ strategy, params: parsed.params }],
    limits: { ...defaultLimits, drawdownMax: 1, dailyLossUsdMax: 1e9, ...options.limits },
    execution: defaultExecutionPolicy,
    reconcile: defaultReconcilePolicy,
    orderValidityMs: {},
    entryCooldownMs: 3_000,
  };
}
