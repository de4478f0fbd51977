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
import type { Catalog } from '../domain/instrument.ts';
import { type MarketTable, rowSize } from '../domain/market-table.ts';
import type { PairKey } from '../domain/view.ts';
import { capitalPerNotional, holdingCostsPerHour } from './costs.ts';
import { basisReversion } from './forecast.ts';
import type { StrategyParams } from './params.ts';
import type { Strategy } from './registry.ts';
import { legSlot, nowSlot, ScanLegs } from './scan-legs.ts';

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

export { nowSlot };

/** Covers the rounding of sums in another order. */
const roundingMax = 1e-12;
const stride = 8;
/** Columns of a pair's row. */
const at = {
  holding: 0,
  reversion: 1,
  creditMax: 2,
  nearMiss: 3,
  entry: 4,
  passedWallMs: 5,
  passedBound: 6,
  held: 7,
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

  private readonly legs: ScanLegs;
  private readonly pairRows: Float64Array;
  /** By pair: where the scores of its strategy begin. */
  private readonly scoresFrom: Int32Array;
  /** Pairs of instrument i: adjacency[adjacencyFrom[i] .. adjacencyFrom[i + 1]). */
  private readonly adjacency: Int32Array;
  private readonly adjacencyFrom: Int32Array;
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
    this.cooldownMs = options.pairCooldownMs;
    this.improvementStep = options.improvementStep;

    const params = strategies.map((each) => each.params);
    this.legs = new ScanLegs({ table, instruments, params, feeRateTaker, now: this.now });
    const found = strategies.map(({ strategy }) => strategy.pairs(instruments));
    this.pairs = found.flat();
    const groups = found.flatMap((keys, group) => keys.map(() => group));
    this.scoresFrom = Int32Array.from(groups, (group) => group * count);
    this.longIndex = Int32Array.from(this.pairs, ({ long }) => catalog.indexOf(long));
    this.shortIndex = Int32Array.from(this.pairs, ({ short }) => catalog.indexOf(short));
    this.passed = new Int32Array(this.pairs.length);
    this.bounds = new Float64Array(this.pairs.length).fill(Number.NaN);

    this.pairRows = new Float64Array(this.pairs.length * stride);
    groups.forEach((group, pair) => {
      const used = params[group] as StrategyParams;
      const long = catalog.at(this.longIndex[pair] as number).kind;
      const short = catalog.at(this.shortIndex[pair] as number).kind;
      const holding = holdingCostsPerHour(long, short, used);
      const entry = used.netEdgeMin * capitalPerNotional(long, short, used) - roundingMax;
      const row = pair * stride;
      this.pairRows[row + at.holding] =
        (holding.capital + holding.borrow) * (used.horizonMs / hourMs);
      this.pairRows[row + at.reversion] = basisReversion(used.horizonMs, used);
      this.pairRows[row + at.creditMax] = used.basisCreditMax;
      this.pairRows[row + at.entry] = entry;
      this.pairRows[row + at.nearMiss] = entry - options.nearMissBand;
      this.pairRows[row + at.passedWallMs] = Number.NEGATIVE_INFINITY;
      this.pairRows[row + at.passedBound] = Number.NEGATIVE_INFINITY;
    });
    const lists = adjacencyOf(count, this.longIndex, this.shortIndex);
    this.adjacency = lists.pairs;
    this.adjacencyFrom = lists.from;
  }

  /** After the account's fee tier became known. */
  setFeeRateTaker(index: number, rate: number): void {
    this.legs.setFeeRateTaker(index, rate);
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
    const { legs, adjacency, longIndex, shortIndex, passed } = this;
    if (index < 0 || index >= legs.count) return 0;
    const to = this.adjacencyFrom[index + 1] as number;
    legs.update(index);
    let count = 0;
    for (let i = this.adjacencyFrom[index] as number; i < to; i++) {
      const pair = adjacency[i] as number;
      const long = longIndex[pair] as number;
      legs.update(long === index ? (shortIndex[pair] as number) : long);
      if (this.evaluate(pair)) passed[count++] = pair;
    }
    return count;
  }

  /** Every pair; how many passed, listed in `passed`. */
  scanAll(): number {
    const { legs, passed } = this;
    for (let index = 0; index < legs.count; index++) legs.update(index);
    const pairs = passed.length;
    let count = 0;
    for (let pair = 0; pair < pairs; pair++) if (this.evaluate(pair)) passed[count++] = pair;
    return count;
  }

  /** Updates the pair's bound; true when it passes now. */
  private evaluate(pair: number): boolean {
    this.updateBound(pair);
    const bound = this.bounds[pair] as number;
    const row = pair * stride;
    const { pairRows } = this;
    const isHeld = pairRows[row + at.held] === 1;
    if (!isHeld && !(bound >= (pairRows[row + at.nearMiss] as number))) return false;
    const wallMs = this.now[nowSlot.wallMs] as number;
    const isCooled = wallMs - (pairRows[row + at.passedWallMs] as number) >= this.cooldownMs;
    if (!isCooled && !this.isBetter(pair)) return false;
    pairRows[row + at.passedWallMs] = wallMs;
    pairRows[row + at.passedBound] = bound;
    return true;
  }

  /** Since it last passed: better by a step, or from a near miss to what `entry` may accept. */
  private isBetter(pair: number): boolean {
    const row = pair * stride;
    const bound = this.bounds[pair] as number;
    const passedBound = this.pairRows[row + at.passedBound] as number;
    const entry = this.pairRows[row + at.entry] as number;
    return bound >= passedBound + this.improvementStep || (passedBound < entry && bound >= entry);
  }

  private updateBound(pair: number): void {
    const { pairRows } = this;
    const { quotes, longScores, shortScores } = this.legs;
    const row = pair * stride;
    const long = this.longIndex[pair] as number;
    const short = this.shortIndex[pair] as number;
    const scores = this.scoresFrom[pair] as number;
    const longAt = long * legSlot.size;
    const shortAt = short * legSlot.size;
    const open =
      (quotes[shortAt + legSlot.bid] as number) * (quotes[longAt + legSlot.perAsk] as number);
    const mids =
      (quotes[shortAt + legSlot.mid] as number) * (quotes[longAt + legSlot.perMid] as number);
    // The gain of forecast.ts's expectedBasisGain, over the basis mids - 1.
    const reverting = (mids - 1) * (pairRows[row + at.reversion] as number);
    const creditMax = pairRows[row + at.creditMax] as number;
    const gain = reverting > creditMax ? creditMax : reverting;
    this.bounds[pair] =
      (shortScores[scores + short] as number) -
      (longScores[scores + long] as number) +
      (open - mids + gain) -
      (pairRows[row + at.holding] as number);
  }
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
