// The hot path from a quote to "this pair is worth a decision". Dense typed arrays, no objects, no
// strings, no allocation after construction. It computes an upper bound of the net edge from the
// market table alone and never decides: the exact `entry` does, on a view with depth.
//
// Why it never misses an entry: the carry over the horizon is the same sum as in the forecast; the
// basis uses the best prices, and no VWAP is better than those; the closing slippage is the half
// spreads, and no book closes cheaper; fees, capital and borrow are the same. So bound >= net edge
// of `entry`, and a pair passes when its bound reaches the entry threshold minus the near-miss
// band. What it may hold back is a repeat: a pair that passed less than `pairCooldownMs` ago (wall)
// and has neither improved by `improvementStep` since nor risen from a near miss to the threshold.
import { assert } from '../base/assert.ts';
import { hourMs } from '../base/time.ts';
import { type Catalog, isPerp } from '../domain/instrument.ts';
import { type MarketTable, rowSize, slot } from '../domain/market-table.ts';
import type { PairKey } from '../domain/view.ts';
import { capitalPerNotional, holdingCostsPerHour } from './costs.ts';
import {
  basisReversion,
  decayedSum,
  expectedBasisGain,
  geometricSum,
  keptPerSettlement,
  longRunRatePerHour,
  settlementsMax,
} from './forecast.ts';
import type { StrategyParams } from './params.ts';
import type { Strategy } from './registry.ts';

export interface ScanOptions {
  /**
   * Below the entry threshold by this much (fraction of notional) a pair still passes: near misses.
   */
  readonly nearMissBand: number;
  /** The same pair does not pass again within this time of the wall clock ... */
  readonly pairCooldownMs: number;
  /** ... unless its bound rose by this much (fraction of notional). */
  readonly improvementStep: number;
}

export const defaultScanOptions: ScanOptions = {
  nearMissBand: 0.0005,
  pairCooldownMs: 1_000,
  improvementStep: 0.0005,
};

/** Slots of `PairScan.now`, written by the caller before a scan. */
export const nowSlot = { tsMs: 0, wallMs: 1 } as const;

/** Covers the rounding of sums in another order. */
const roundingMax = 1e-12;
const stride = 8;
/** Columns of a pair's row. */
const at = {
  fixedCosts: 0,
  nearMiss: 1,
  entry: 2,
  passedWallMs: 3,
  passedBound: 4,
  held: 5,
} as const;

export class PairScan {
  readonly pairs: readonly PairKey[];
  /** Catalog indexes of the legs, by pair. */
  readonly longIndex: Int32Array;
  readonly shortIndex: Int32Array;
  /** Pairs that passed in the last `onQuote` or `scanAll`: the first `count` are valid. */
  readonly passed: Int32Array;
  /** Last upper bound of the net edge, by pair; NaN = not known. */
  readonly bounds: Float64Array;
  /**
   * Venue and wall time of the scan: see `nowSlot`. Typed, because passed doubles would be boxed.
   */
  readonly now = new Float64Array(2);

  private readonly rows: Float64Array;
  private readonly pairRows: Float64Array;
  private readonly pairStrategy: Int32Array;
  /** Pairs of instrument i: adjacency[adjacencyFrom[i] .. adjacencyFrom[i + 1]). */
  private readonly adjacency: Int32Array;
  private readonly adjacencyFrom: Int32Array;
  private readonly isPerpetual: Uint8Array;
  private readonly feeRates: Float64Array;
  private readonly instrumentsCount: number;
  /** By strategy: horizon, reversion of the basis over it, cap of its credit. */
  private readonly horizonMs: Float64Array;
  private readonly reversion: Float64Array;
  private readonly creditMax: Float64Array;
  /** By strategy and instrument: long-run rate per hour. */
  private readonly longRun: Float64Array;
  /** By strategy and count: sum of q^k. */
  private readonly geometric: Float64Array;
  private readonly geometricSize: number;
  private readonly cooldownMs: number;
  private readonly improvementStep: number;

  constructor(setup: {
    readonly table: MarketTable;
    readonly catalog: Catalog;
    readonly strategies: readonly {
      readonly strategy: Strategy;
      readonly params: StrategyParams;
    }[];
    /** Taker fee as a fraction, by catalog index. */
    readonly feeRateTaker: (index: number) => number;
    readonly options: ScanOptions;
  }) {
    const { table, catalog, strategies, feeRateTaker, options } = setup;
    const instruments = catalog.all();
    const count = instruments.length;
    assert(table.rows.length >= count * rowSize, 'the market table has a row per instrument');
    this.rows = table.rows;
    this.instrumentsCount = count;
    this.cooldownMs = options.pairCooldownMs;
    this.improvementStep = options.improvementStep;
    this.isPerpetual = Uint8Array.from(instruments, ({ kind }) => (isPerp(kind) ? 1 : 0));

    const found = strategies.map(({ strategy }) => strategy.pairs(instruments));
    this.pairs = found.flat();
    this.pairStrategy = Int32Array.from(found.flatMap((keys, group) => keys.map(() => group)));
    this.longIndex = Int32Array.from(this.pairs, ({ long }) => catalog.indexOf(long));
    this.shortIndex = Int32Array.from(this.pairs, ({ short }) => catalog.indexOf(short));
    this.passed = new Int32Array(this.pairs.length);
    this.bounds = new Float64Array(this.pairs.length).fill(Number.NaN);

    const paramsOf = strategies.map(({ params }) => params);
    this.horizonMs = Float64Array.from(paramsOf, ({ horizonMs }) => horizonMs);
    this.reversion = Float64Array.from(paramsOf, (p) => basisReversion(p.horizonMs, p));
    this.creditMax = Float64Array.from(paramsOf, ({ basisCreditMax }) => basisCreditMax);
    this.longRun = Float64Array.from(
      paramsOf.flatMap((p) => instruments.map(({ id }) => longRunRatePerHour(id, p))),
    );
    this.geometricSize = settlementsMax + 1;
    this.geometric = Float64Array.from(paramsOf.flatMap(geometricTable));

    this.pairRows = new Float64Array(this.pairs.length * stride);
    for (let pair = 0; pair < this.pairs.length; pair++) {
      const params = paramsOf[this.pairStrategy[pair] as number] as StrategyParams;
      const long = catalog.at(this.longIndex[pair] as number);
      const short = catalog.at(this.shortIndex[pair] as number);
      const holding = holdingCostsPerHour(long.kind, short.kind, params);
      const capital = capitalPerNotional(long.kind, short.kind, params);
      const row = pair * stride;
      this.pairRows[row + at.fixedCosts] =
        (holding.capital + holding.borrow) * (params.horizonMs / hourMs);
      const entry = params.netEdgeMin * capital - roundingMax;
      this.pairRows[row + at.entry] = entry;
      this.pairRows[row + at.nearMiss] = entry - options.nearMissBand;
      this.pairRows[row + at.passedWallMs] = Number.NEGATIVE_INFINITY;
      this.pairRows[row + at.passedBound] = Number.NEGATIVE_INFINITY;
    }
    this.feeRates = Float64Array.from(instruments, (_, index) => feeRateTaker(index));
    const lists = adjacencyOf(count, this.longIndex, this.shortIndex);
    this.adjacency = lists.pairs;
    this.adjacencyFrom = lists.from;
  }

  /** After the account's fee tier became known. */
  setFeeRateTaker(index: number, rate: number): void {
    this.feeRates[index] = rate;
  }

  /** A held pair passes at every cooldown whatever its edge, so that its exit is looked at. */
  setHeld(pair: number, held: 0 | 1): void {
    this.pairRows[pair * stride + at.held] = held;
  }

  pairIndexOf(key: PairKey): number {
    const isKey = (pair: PairKey) =>
      pair.strategy === key.strategy && pair.long === key.long && pair.short === key.short;
    return this.pairs.findIndex(isKey);
  }

  /** Re-evaluates the pairs of one instrument; how many passed, listed in `passed`. */
  onQuote(index: number): number {
    if (index < 0 || index >= this.instrumentsCount) return 0;
    const from = this.adjacencyFrom[index] as number;
    const to = this.adjacencyFrom[index + 1] as number;
    let count = 0;
    for (let i = from; i < to; i++) {
      const pair = this.adjacency[i] as number;
      if (this.evaluate(pair)) this.passed[count++] = pair;
    }
    return count;
  }

  /** Every pair; how many passed, listed in `passed`. */
  scanAll(): number {
    let count = 0;
    for (let pair = 0; pair < this.pairs.length; pair++) {
      if (this.evaluate(pair)) this.passed[count++] = pair;
    }
    return count;
  }

  /** Updates the pair's bound; true when it passes now. */
  private evaluate(pair: number): boolean {
    const bound = this.boundOf(pair);
    this.bounds[pair] = bound;
    const row = pair * stride;
    const { pairRows } = this;
    const isHeld = pairRows[row + at.held] === 1;
    if (!isHeld && !(bound >= (pairRows[row + at.nearMiss] as number))) return false;
    const wallMs = this.now[nowSlot.wallMs] as number;
    const isCooled = wallMs - (pairRows[row + at.passedWallMs] as number) >= this.cooldownMs;
    if (!isCooled && !this.isBetter(row, bound)) return false;
    pairRows[row + at.passedWallMs] = wallMs;
    pairRows[row + at.passedBound] = bound;
    return true;
  }

  /** Since it last passed: better by a step, or from a near miss to what `entry` may accept. */
  private isBetter(row: number, bound: number): boolean {
    const passedBound = this.pairRows[row + at.passedBound] as number;
    const entry = this.pairRows[row + at.entry] as number;
    return bound >= passedBound + this.improvementStep || (passedBound < entry && bound >= entry);
  }

  private boundOf(pair: number): number {
    const long = this.longIndex[pair] as number;
    const short = this.shortIndex[pair] as number;
    const group = this.pairStrategy[pair] as number;
    const { rows } = this;
    const longBid = rows[long * rowSize + slot.bid] as number;
    const longAsk = rows[long * rowSize + slot.ask] as number;
    const shortBid = rows[short * rowSize + slot.bid] as number;
    const shortAsk = rows[short * rowSize + slot.ask] as number;
    const midLong = (longBid + longAsk) / 2;
    const midShort = (shortBid + shortAsk) / 2;
    const basisMid = (midShort - midLong) / midLong;
    const basisOpen = (shortBid - longAsk) / longAsk;
    const gain = expectedBasisGain(
      basisMid,
      this.reversion[group] as number,
      this.creditMax[group] as number,
    );
    const closing = (midLong - longBid) / midLong + (shortAsk - midShort) / midShort;
    const fees = 2 * ((this.feeRates[long] as number) + (this.feeRates[short] as number));
    const carry = this.rateSum(short, group) - this.rateSum(long, group);
    const fixedCosts = this.pairRows[pair * stride + at.fixedCosts] as number;
    return carry + (basisOpen - basisMid + gain) - fees - closing - fixedCosts;
  }

  /** Expected rates of one leg over the horizon; NaN while its funding is not known. */
  private rateSum(index: number, group: number): number {
    if (this.isPerpetual[index] === 0) return 0;
    const { rows } = this;
    const start = index * rowSize;
    const tsMs = this.now[nowSlot.tsMs] as number;
    const settlesAtMs = rows[start + slot.settlesAtMs] as number;
    const intervalMs = rows[start + slot.intervalMs] as number;
    // A settlement that has passed: its rate is old, and `entry` refuses until the next is known.
    if (!(settlesAtMs > tsMs) || !(intervalMs > 0)) return Number.NaN;
    const leftMs = tsMs + (this.horizonMs[group] as number) - settlesAtMs;
    const count = leftMs < 0 ? 0 : Math.min(settlementsMax, Math.floor(leftMs / intervalMs) + 1);
    const perHour = this.longRun[group * this.instrumentsCount + index] as number;
    return decayedSum(
      rows[start + slot.ratePerInterval] as number,
      perHour * (intervalMs / hourMs),
      count,
      this.geometric[group * this.geometricSize + count] as number,
    );
  }
}

function geometricTable(params: StrategyParams): number[] {
  const q = keptPerSettlement(params.halfLifeSettlements);
  return Array.from({ length: settlementsMax + 1 }, (_, count) => geometricSum(q, count));
}

function adjacencyOf(
  instruments: number,
  longIndex: Int32Array,
  shortIndex: Int32Array,
): { readonly pairs: Int32Array; readonly from: Int32Array } {
  const from = new Int32Array(instruments + 1);
  for (const list of [longIndex, shortIndex]) {
    for (const index of list) from[index + 1] = (from[index + 1] as number) + 1;
  }
  for (let i = 0; i < instruments; i++) {
    from[i + 1] = (from[i + 1] as number) + (from[i] as number);
  }
  const next = from.slice();
  const pairs = new Int32Array(longIndex.length * 2);
  for (const list of [longIndex, shortIndex]) {
    for (let pair = 0; pair < list.length; pair++) {
      const index = list[pair] as number;
      const slotOf = next[index] as number;
      pairs[slotOf] = pair;
      next[index] = slotOf + 1;
    }
  }
  return { pairs, from };
}
