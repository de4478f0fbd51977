// `farb scan`: every ordered opportunity over what a market snapshot shows, by net return on
// capital, with every term of its edge. The same formulas as the trading path; it decides
// nothing.
import { fromNumber, toNumber } from '../base/decimal.ts';
import { hourMs } from '../base/time.ts';
import { isInverse } from '../domain/contract-value.ts';
import { isQuoted } from '../domain/executable.ts';
import { type Instrument, type InstrumentId, isPerp } from '../domain/instrument.ts';
import type { LegName } from '../domain/pair.ts';
import type { ExecutionMode, ModeCost } from '../domain/plan.ts';
import type { EdgeBreakdown, LegView, PairKey, PairView } from '../domain/view.ts';
import { type PlanSubject, planEntry } from '../engine/decide-plan.ts';
import type { ActiveStrategy } from '../engine/policy.ts';
import type { ExecutionPolicy } from '../execution/policy.ts';
import { sizeCoinPair } from '../strategy/coin-sizing.ts';
import { capitalPerNotional, edgeOf } from '../strategy/costs.ts';
import { fundingGap } from '../strategy/market-state.ts';
import type { StrategyParams } from '../strategy/params.ts';
import { pairsOf } from '../strategy/registry.ts';
import { sizePair } from '../strategy/sizing.ts';
import { plainNumber } from './decode-text.ts';
import { feeRateMakerOf } from './published-fees.ts';

/** What is known of the market at one moment. */
export interface MarketSnapshot {
  readonly source: 'live' | 'testnet' | 'recorded';
  readonly tsMs: number;
  readonly legs: ReadonlyMap<
    InstrumentId,
    { readonly instrument: Instrument; readonly view: LegView }
  >;
  /** False: recorded bars have no book, so capacity and slippage are not known. */
  readonly hasBooks: boolean;
  readonly notes: readonly string[];
}

export interface ScanWish {
  readonly strategies: readonly ActiveStrategy[];
  readonly notionalUsd: number | null;
  readonly horizonMs: number | null;
  readonly execution: ExecutionPolicy;
}

export interface ScanLeg {
  readonly instrument: InstrumentId;
  readonly bid: string | null;
  readonly ask: string | null;
  /** Fraction per interval, + = longs pay shorts; null for spot. */
  readonly ratePerInterval: string | null;
  readonly intervalMs: number | null;
  readonly settlesAtMs: number | null;
  readonly feeRateTaker: string | null;
  /** What borrowing the coin of a spot leg costs per hour; null = the venue does not say. */
  readonly borrowRatePerHour: string | null;
}

export interface Opportunity {
  /** `strategy long>short`: what --why takes. */
  readonly pair: string;
  readonly strategy: string;
  readonly base: string;
  readonly long: ScanLeg;
  readonly short: ScanLeg;
  readonly notionalUsd: string;
  readonly horizonMs: number;
  /** (P_short - P_long) / P_long of the executable prices. */
  readonly basis: number;
  /** Fractions of the leg notional over the horizon, + = earns; `net` is their sum. */
  readonly terms: {
    readonly fundingShort: number;
    readonly fundingLong: number;
    readonly basis: number;
    readonly fees: number;
    readonly slippage: number;
    readonly borrow: number;
    readonly capital: number;
  };
  readonly net: number;
  readonly netOnCapital: number;
  /** Net of the horizon on capital, simple, per year. */
  readonly aprNet: number;
  readonly breakEvenHours: number | null;
  readonly carryPerHour: number;
  readonly capacityUsd: string | null;
  /**
   * Whether the strategy's threshold is reached, and if not, by how much of the notional it
   * misses.
   */
  readonly passes: boolean;
  /** Why the strategy would not open it whatever the edge; null = nothing stands against it. */
  readonly refused: string | null;
  readonly missing: number;
  /** How it would be entered, and what every way would cost; null = there are no books to judge. */
  readonly execution: OpportunityPlan | null;
}

export interface OpportunityPlan {
  readonly mode: ExecutionMode;
  readonly makerLeg: LegName | null;
  /** Of the entry alone, as a fraction of the leg notional. */
  readonly cost: number;
  readonly reason: string;
  readonly costs: readonly ModeCost[];
}

export interface ScanReport {
  readonly source: MarketSnapshot['source'];
  readonly tsMs: number;
  readonly instruments: number;
  /** Ordered pairs looked at, and those left out by what is not known of them. */
  readonly pairs: number;
  readonly skipped: Readonly<Record<string, number>>;
  readonly opportunities: readonly Opportunity[];
  readonly notes: readonly string[];
}

const yearMs = 8_760 * hourMs;
const refusedBorrow =
  'needs-borrow: the coin of the spot leg would have to be borrowed, which farb does not do';

export function scan(market: MarketSnapshot, wish: ScanWish): ScanReport {
  const skipped: Record<string, number> = {};
  const found: Opportunity[] = [];
  let pairs = 0;
  const instruments = [...market.legs.values()].map(({ instrument }) => instrument);
  for (const { strategy, params: configured } of wish.strategies) {
    const params: StrategyParams = {
      ...configured,
      notionalUsd: wish.notionalUsd ?? configured.notionalUsd,
      horizonMs: wish.horizonMs ?? configured.horizonMs,
    };
    const shown = strategy.shown?.(instruments) ?? [];
    for (const key of [...pairsOf(strategy, instruments), ...shown]) {
      pairs++;
      const result = look(market, key, { params, execution: wish.execution });
      if (typeof result === 'string') skipped[result] = (skipped[result] ?? 0) + 1;
      else found.push(result);
    }
  }
  return {
    source: market.source,
    tsMs: market.tsMs,
    instruments: instruments.length,
    pairs,
    skipped,
    opportunities: found.sort((a, b) => b.netOnCapital - a.netOnCapital),
    notes: market.notes,
  };
}

/** The opportunity, or the code of what is missing. */
function look(
  market: MarketSnapshot,
  key: PairKey,
  settings: { readonly params: StrategyParams; readonly execution: ExecutionPolicy },
): Opportunity | string {
  const { params, execution } = settings;
  const long = market.legs.get(key.long);
  const short = market.legs.get(key.short);
  if (long === undefined || short === undefined) return 'not-listed';
  if (!isQuoted(long.view) || !isQuoted(short.view)) return 'quote-unknown';
  const gap = fundingGap(long.view) ?? fundingGap(short.view);
  if (gap !== null) return gap;
  const view: PairView = {
    ...key,
    tsMs: market.tsMs,
    wallMs: market.tsMs,
    longLeg: long.view,
    shortLeg: short.view,
  };
  const qty = qtyOf(long, short, params);
  if (qty === null) return 'too-small';
  const edge = edgeOf(view, qty, params);
  if (!Number.isFinite(edge.net)) return 'edge-unknown';
  const found = { key, view, params, edge, base: long.instrument.base };
  const subject = { view, params, long: long.instrument, short: short.instrument };
  const plan = market.hasBooks ? planOf(subject, { qty, edge, execution }) : null;
  return opportunityOf(market, found, plan);
}

function planOf(
  subject: PlanSubject,
  entry: {
    readonly qty: number;
    readonly edge: EdgeBreakdown;
    readonly execution: ExecutionPolicy;
  },
): OpportunityPlan {
  const { view, long, short } = subject;
  const feeRateMaker = (id: InstrumentId): number | null =>
    feeRateMakerOf(id === long.id ? long : short);
  const basis = { execution: entry.execution, wallMs: view.wallMs, feeRateMaker };
  const intent = { edge: entry.edge, qty: fromNumber(entry.qty) };
  const { plan } = planEntry(basis, subject, { intent, routes: [] });
  const { mode, makerLeg, cost, reason, costs } = plan;
  return { mode, makerLeg, cost, reason, costs };
}

type Leg = { readonly instrument: Instrument; readonly view: LegView };

/** On the common lot where both grids are known; recorded listings may not say theirs. */
function qtyOf(long: Leg, short: Leg, params: StrategyParams): number | null {
  const { notionalUsd } = params;
  const longPrice = long.view.ask;
  if (long.instrument.lotSize === null || short.instrument.lotSize === null) {
    return toNumber(fromNumber(notionalUsd / longPrice));
  }
  const isCoin = isInverse(long.instrument) || isInverse(short.instrument);
  const sized = (isCoin ? sizeCoinPair : sizePair)({
    long: long.instrument,
    short: short.instrument,
    longPrice,
    shortPrice: short.view.bid,
    notionalUsd,
    notionalUsdMin: 0,
  });
  return sized.ok ? toNumber(sized.qty) : null;
}

function opportunityOf(
  market: MarketSnapshot,
  parts: {
    readonly key: PairKey;
    readonly view: PairView;
    readonly params: StrategyParams;
    readonly edge: EdgeBreakdown;
    readonly base: string;
  },
  execution: OpportunityPlan | null,
): Opportunity {
  const { key, view, params, edge, base } = parts;
  const { longLeg, shortLeg } = view;
  const needed = params.netEdgeMin * capitalPerNotional(longLeg.kind, shortLeg.kind, params);
  return {
    pair: `${key.strategy} ${key.long}>${key.short}`,
    strategy: key.strategy,
    base,
    long: scanLeg(longLeg),
    short: scanLeg(shortLeg),
    notionalUsd: edge.notionalUsd.toFixed(2),
    horizonMs: edge.horizonMs,
    basis: (shortLeg.bid - longLeg.ask) / longLeg.ask,
    terms: {
      fundingShort: edge.fundingShort,
      fundingLong: edge.fundingLong,
      basis: edge.basis,
      fees: edge.fees,
      slippage: edge.slippage,
      borrow: edge.borrow,
      capital: edge.capital,
    },
    net: edge.net,
    netOnCapital: edge.netOnCapital,
    aprNet: (edge.netOnCapital * yearMs) / edge.horizonMs,
    breakEvenHours: edge.breakEvenHours,
    carryPerHour: edge.carryPerHour,
    capacityUsd: market.hasBooks ? edge.capacityUsd.toFixed(2) : null,
    passes: edge.net >= needed && shortLeg.kind !== 'spot',
    refused: shortLeg.kind === 'spot' ? refusedBorrow : null,
    missing: Math.max(0, needed - edge.net),
    execution,
  };
}

function scanLeg(leg: LegView): ScanLeg {
  const funding = isPerp(leg.kind) ? leg.funding : null;
  return {
    instrument: leg.instrument,
    bid: plainNumber(leg.bid),
    ask: plainNumber(leg.ask),
    ratePerInterval: funding === null ? null : plainNumber(funding.ratePerInterval),
    intervalMs: funding?.intervalMs ?? null,
    settlesAtMs: funding?.settlesAtMs ?? null,
    feeRateTaker: plainNumber(leg.feeRateTaker),
    borrowRatePerHour: plainNumber(leg.borrowRatePerHour ?? Number.NaN),
  };
}

/** What would have to be different for the pair to open, in sentences; empty = it opens. */
export function whatWouldHaveToChange(opportunity: Opportunity): readonly string[] {
  const { missing, terms, horizonMs, breakEvenHours, carryPerHour, short } = opportunity;
  if (opportunity.passes) return [];
  if (opportunity.refused !== null && missing === 0) return [opportunity.refused];
  const bps = (fraction: number): string => `${(fraction * 1e4).toFixed(1)} bp`;
  const hours = horizonMs / hourMs;
  const lines = opportunity.refused === null ? [] : [opportunity.refused];
  lines.push(`the net edge misses the threshold by ${bps(missing)} of the leg notional`);
  const interval = short.intervalMs === null ? 1 : short.intervalMs / hourMs;
  lines.push(
    `either the difference of the rates is about ${bps((missing / hours) * interval)} per ` +
      `${interval}h higher over the whole horizon,`,
  );
  lines.push(`or the basis at entry is ${bps(missing)} wider,`);
  if (missing < -terms.fees) {
    lines.push(
      `or the four fees are ${bps(-terms.fees - missing)} instead of ${bps(-terms.fees)}.`,
    );
  } else {
    lines.push('and no lower fee would do: even free orders leave it below the threshold.');
  }
  if (carryPerHour <= 0) lines.push('The carry is not positive: time does not help.');
  else if (breakEvenHours === null) lines.push('It does not break even within 30 days.');
  else lines.push(`It breaks even after ${breakEvenHours.toFixed(1)} h at the expected rates.`);
  return lines;
}
