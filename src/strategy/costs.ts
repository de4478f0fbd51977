// The net edge of a pair, term by term, per unit of leg notional; every term is signed, + = earns:
//   E(H) = sum of F_short - sum of F_long over the settlements in (now, H]
//          + (b_0 - E[b_H]) - fees of 4 fills - slippage - borrow - capital
// b_0 comes from executable prices, so the slippage of the two opening fills is inside the basis
// term; `slippage` holds the two closing fills alone. Nothing is charged twice and nothing is left
// out.
import { hourMs, hoursPerYear } from '../base/time.ts';
import { depthUsd, executable, midOf } from '../domain/executable.ts';
import type { InstrumentKind } from '../domain/instrument.ts';
import type { EdgeBreakdown, LegView, PairView } from '../domain/view.ts';
import {
  basisReversion,
  expectedBasisGain,
  expectedRateSum,
  keptPerSettlement,
  longRunRatePerHour,
  nextSettlementMs,
} from './forecast.ts';
import type { StrategyParams } from './params.ts';

/** The staircase is searched this far for its break-even. */
export const breakEvenMsMax = 30 * 24 * hourMs;
/** Most steps of one staircase. */
export const stairsMax = 2_000;

/** What trading `qty` costs and what the basis is, now. Fractions of leg notional. */
export interface PairPrices {
  /** VWAPs of the two opening fills, and the farthest prices that they need. */
  readonly openLong: number;
  readonly openShort: number;
  readonly openLongWorst: number;
  readonly openShortWorst: number;
  /** The same of the two closing fills. */
  readonly closeLong: number;
  readonly closeShort: number;
  readonly closeLongWorst: number;
  readonly closeShortWorst: number;
  /** (P_short - P_long) / P_long of the opening VWAPs, and of the mids. */
  readonly basisOpen: number;
  readonly basisMid: number;
  /** Distance of the fills from the mids, both legs together; >= 0. */
  readonly slippageOpen: number;
  readonly slippageClose: number;
  /** Taker fees of one side (two fills); >= 0. */
  readonly feesPerSide: number;
}

export function pairPrices(view: PairView, qty: number, params: StrategyParams): PairPrices {
  const { longLeg, shortLeg } = view;
  const { slippageMax } = params;
  const openLong = executable(longLeg, { side: 'buy', qty, slippageMax });
  const openShort = executable(shortLeg, { side: 'sell', qty, slippageMax });
  const closeLong = executable(longLeg, { side: 'sell', qty, slippageMax });
  const closeShort = executable(shortLeg, { side: 'buy', qty, slippageMax });
  const midLong = midOf(longLeg);
  const midShort = midOf(shortLeg);
  return {
    openLong: openLong.vwap,
    openShort: openShort.vwap,
    openLongWorst: openLong.worst,
    openShortWorst: openShort.worst,
    closeLong: closeLong.vwap,
    closeShort: closeShort.vwap,
    closeLongWorst: closeLong.worst,
    closeShortWorst: closeShort.worst,
    basisOpen: (openShort.vwap - openLong.vwap) / openLong.vwap,
    basisMid: basisMidOf(view),
    slippageOpen: (openLong.vwap - midLong) / midLong + (midShort - openShort.vwap) / midShort,
    slippageClose: (midLong - closeLong.vwap) / midLong + (closeShort.vwap - midShort) / midShort,
    feesPerSide: longLeg.feeRateTaker + shortLeg.feeRateTaker,
  };
}

/** (P_short - P_long) / P_long of the mids. */
export function basisMidOf({ longLeg, shortLeg }: PairView): number {
  const midLong = midOf(longLeg);
  return (midOf(shortLeg) - midLong) / midLong;
}

/** (M_A + M_B) / N: a spot leg is paid in full, a perpetual leg takes its initial margin. */
export function marginPerNotional(
  longKind: InstrumentKind,
  shortKind: InstrumentKind,
  params: StrategyParams,
): number {
  return marginOf(longKind, params) + marginOf(shortKind, params);
}

/** What return on capital is measured on: the margins and the buffer. */
export function capitalPerNotional(
  longKind: InstrumentKind,
  shortKind: InstrumentKind,
  params: StrategyParams,
): number {
  return marginPerNotional(longKind, shortKind, params) + params.capitalBuffer;
}

/**
 * What holding costs per hour whatever the rates do: capital and borrow, per unit notional; >= 0.
 * `borrowRatePerHour`: the venue's own, of a short spot leg; absent = as it is configured.
 */
export function holdingCostsPerHour(
  longKind: InstrumentKind,
  shortKind: InstrumentKind,
  params: StrategyParams,
  borrowRatePerHour?: number,
): { readonly capital: number; readonly borrow: number } {
  const margin = marginPerNotional(longKind, shortKind, params);
  return {
    capital: (params.capitalRatePerYear * margin) / hoursPerYear,
    borrow:
      shortKind === 'spot' ? (borrowRatePerHour ?? params.borrowRatePerYear / hoursPerYear) : 0,
  };
}

/** The same of a view, which may know what its short spot leg costs. */
export function holdingCosts(
  { longLeg, shortLeg }: PairView,
  params: StrategyParams,
): { readonly capital: number; readonly borrow: number } {
  return holdingCostsPerHour(longLeg.kind, shortLeg.kind, params, shortLeg.borrowRatePerHour);
}

/**
 * Largest notional that the displayed depth of both opening sides carries inside `slippageMax`; at
 * or above `enoughUsd` it may be told too small.
 */
export function capacityUsd(
  view: PairView,
  { slippageMax }: StrategyParams,
  enoughUsd = Number.POSITIVE_INFINITY,
): number {
  return Math.min(
    depthUsd(view.longLeg, { side: 'buy', slippageMax, enoughUsd }),
    depthUsd(view.shortLeg, { side: 'sell', slippageMax, enoughUsd }),
  );
}

/** Every term at `qty` base units per leg; quotes and funding must be known. */
export function edgeOf(view: PairView, qty: number, params: StrategyParams): EdgeBreakdown {
  const { longLeg, shortLeg } = view;
  const prices = pairPrices(view, qty, params);
  const terms = edgeTermsOf(view, prices, params);
  return {
    horizonMs: params.horizonMs,
    notionalUsd: qty * prices.openLong,
    fundingShort: terms.fundingShort,
    fundingLong: terms.fundingLong,
    basis: terms.basis,
    fees: terms.fees,
    slippage: terms.slippage,
    borrow: terms.borrow,
    capital: terms.capital,
    net: terms.net,
    netOnCapital: terms.netOnCapital,
    breakEvenHours: breakEvenHours(view, prices, params),
    carryPerHour: ratePerHour(shortLeg) - ratePerHour(longLeg),
    capacityUsd: capacityUsd(view, params),
  };
}

export type EdgeTerms = Pick<
  EdgeBreakdown,
  | 'fundingShort'
  | 'fundingLong'
  | 'basis'
  | 'fees'
  | 'slippage'
  | 'borrow'
  | 'capital'
  | 'net'
  | 'netOnCapital'
>;

/** What the net edge is made of, and it: all that a comparison with a threshold needs. */
export function edgeTermsOf(view: PairView, prices: PairPrices, params: StrategyParams): EdgeTerms {
  const { longLeg, shortLeg, tsMs } = view;
  const { horizonMs } = params;
  const untilMs = tsMs + horizonMs;
  const fundingShort = rateSum(shortLeg, tsMs, untilMs, params);
  const fundingLong = cost(rateSum(longLeg, tsMs, untilMs, params));
  const basis = basisTerm(prices, horizonMs, params);
  const fees = cost(2 * prices.feesPerSide);
  const slippage = cost(prices.slippageClose);
  const holding = holdingCosts(view, params);
  const hours = horizonMs / hourMs;
  const borrow = cost(holding.borrow * hours);
  const capital = cost(holding.capital * hours);
  const net = fundingShort + fundingLong + basis + fees + slippage + borrow + capital;
  const netOnCapital = net / capitalPerNotional(longLeg.kind, shortLeg.kind, params);
  return { fundingShort, fundingLong, basis, fees, slippage, borrow, capital, net, netOnCapital };
}

/** The first `count` entries of each column are valid. */
export interface Stairs {
  count: number;
  readonly atMs: Float64Array;
  /** Expected carry of every settlement in (now, atMs], per unit notional; + = received. */
  readonly carry: Float64Array;
}

/** Room for one staircase; whoever climbs often writes the next one over the last. */
export function stairsRoom(): Stairs {
  return { count: 0, atMs: new Float64Array(stairsMax), carry: new Float64Array(stairsMax) };
}

/** One step at each instant at which either leg settles, ascending, in (view.tsMs, untilMs]. */
export function carryStairs(
  view: PairView,
  untilMs: number,
  params: StrategyParams,
  into: Stairs = stairsRoom(),
): Stairs {
  const long = legClimb(view.longLeg, view.tsMs, params);
  const short = legClimb(view.shortLeg, view.tsMs, params);
  const kept = keptPerSettlement(params.halfLifeSettlements);
  let longMs = long.atMs;
  let shortMs = short.atMs;
  let longDistance = long.distance;
  let shortDistance = short.distance;
  let carry = 0;
  let count = 0;
  while (count < stairsMax) {
    const atMs = Math.min(longMs, shortMs);
    if (!(atMs <= untilMs)) break;
    if (shortMs === atMs) {
      carry += short.meanRate + shortDistance;
      shortDistance *= kept;
      shortMs += short.intervalMs;
    }
    if (longMs === atMs) {
      carry -= long.meanRate + longDistance;
      longDistance *= kept;
      longMs += long.intervalMs;
    }
    into.atMs[count] = atMs;
    into.carry[count++] = carry;
  }
  into.count = count;
  return into;
}

/** The first step of the staircase within `withinMs`; null = neither leg settles by then. */
export function nextStair(
  view: PairView,
  withinMs: number,
  params: StrategyParams,
): { readonly inMs: number; readonly carry: number } | null {
  const { funding: long } = view.longLeg;
  const { funding: short } = view.shortLeg;
  const never = Number.POSITIVE_INFINITY;
  const longMs = long === null ? never : nextSettlementMs(long, view.tsMs);
  const shortMs = short === null ? never : nextSettlementMs(short, view.tsMs);
  const untilMs = Math.min(longMs, shortMs, view.tsMs + withinMs);
  const { count, atMs, carry } = carryStairs(view, untilMs, params, firstRoom);
  if (count === 0) return null;
  return { inMs: (atMs[0] as number) - view.tsMs, carry: carry[0] as number };
}

const firstRoom = stairsRoom();

/** b_0 - E[b_H]: entry slippage is the difference of `basisOpen` and `basisMid`. */
function basisTerm(prices: PairPrices, afterMs: number, params: StrategyParams): number {
  const reversion = basisReversion(afterMs, params);
  const gain = expectedBasisGain(prices.basisMid, reversion, params.basisCreditMax);
  return prices.basisOpen - prices.basisMid + gain;
}

const breakEvenRoom = stairsRoom();

/** min { H : E(H) >= 0 }; it lands on a settlement. Null: not within `breakEvenMsMax`. */
function breakEvenHours(view: PairView, prices: PairPrices, params: StrategyParams): number | null {
  const holding = holdingCosts(view, params);
  const holdingPerHour = holding.capital + holding.borrow;
  const roundTrip = 2 * prices.feesPerSide + prices.slippageClose;
  if (basisTerm(prices, 0, params) - roundTrip >= 0) return 0;
  // Most break even soon, if ever: the far end is climbed only when the near one is not enough.
  for (const withinMs of [breakEvenMsMax / 15, breakEvenMsMax]) {
    const { count, atMs, carry } = carryStairs(view, view.tsMs + withinMs, params, breakEvenRoom);
    for (let i = 0; i < count; i++) {
      const afterMs = (atMs[i] as number) - view.tsMs;
      const hours = afterMs / hourMs;
      const received = carry[i] as number;
      const edge =
        received + basisTerm(prices, afterMs, params) - roundTrip - holdingPerHour * hours;
      if (edge >= 0) return hours;
    }
  }
  return null;
}

/** A leg's first settlement after now, and how its rates go on from there. */
interface LegClimb {
  readonly atMs: number;
  readonly distance: number;
  readonly intervalMs: number;
  readonly meanRate: number;
}

function legClimb(leg: LegView, fromMs: number, params: StrategyParams): LegClimb {
  const { funding } = leg;
  if (funding === null) {
    return { atMs: Number.POSITIVE_INFINITY, distance: 0, intervalMs: 0, meanRate: 0 };
  }
  const { intervalMs } = funding;
  const meanRate = longRunRatePerHour(leg.instrument, params) * (intervalMs / hourMs);
  return {
    atMs: nextSettlementMs(funding, fromMs),
    distance: funding.ratePerInterval - meanRate,
    intervalMs,
    meanRate,
  };
}

/** Negated, and never -0, which a journal would read back as another value. */
function cost(amount: number): number {
  return 0 - amount;
}

function rateSum(leg: LegView, fromMs: number, untilMs: number, params: StrategyParams): number {
  const { instrument, funding } = leg;
  return expectedRateSum({ instrument, funding, fromMs, untilMs, params });
}

function ratePerHour({ funding }: LegView): number {
  return funding === null ? 0 : (funding.ratePerInterval * hourMs) / funding.intervalMs;
}

function marginOf(kind: InstrumentKind, params: StrategyParams): number {
  return kind === 'spot' ? 1 : 1 / params.leverage;
}
