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
import type { Catalog, InstrumentKind } from '../domain/instrument.ts';
import { type MarketTable, rowSize } from '../domain/market-table.ts';
import type { PairKey } from '../domain/view.ts';
import { capitalPerNotional, holdingCostsPerHour } from './costs.ts';
import { basisReversion } from './forecast.ts';
import type { StrategyParams } from './params.ts';
import { pairsOf, type Strategy } from './registry.ts';
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

// What another module exports is looked up there at every use: here it is a constant.
const { bid, mid, perAsk, perMid, scores: scoresAt } = legSlot;
const { wallMs: wallMsAt } = nowSlot;

/** Covers the rounding of sums in another order. */
const roundingMax = 1e-12;
/** What a pair's strategy and the kinds of its legs say, by class: pairs share a few of them. */
const classSlot = {
  holding: 0,
  reversion: 1,
  creditMax: 2,
  nearMiss: 3,
  entry: 4,
  size: 8,
} as const;
/** Integers of a pair: where the rows of its legs begin, its class with the held bit below it. */
const pairSlot = { long: 0, short: 1, flags: 2, shift: 2 } as const;
const heldBit = 1;
const classShift = 1;

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

  private readonly catalog: Catalog;
  private readonly legs: ScanLegs;
  /** `pairSlot` of each pair. */
  private readonly shape: Int32Array;
  private readonly classes: Float64Array;
  /** By class: where the scores of its strategy stand in the row of a leg. */
  private readonly scoresOfClass: Int32Array;
  /** 0, 1, 2, ...: the list of all pairs. */
  private readonly every: Int32Array;
  /** When a pair last passed (wall), and with which bound. */
  private readonly passedWallMs: Float64Array;
  private readonly passedBounds: Float64Array;
  /** Whether that bound reached the entry threshold. */
  private readonly reached: Uint8Array;
  /** Pairs of instrument i: adjacency[adjacencyFrom[i] .. adjacencyFrom[i + 1]). */
  private readonly adjacency: Int32Array;
  private readonly adjacencyFrom: Int32Array;
  /** The other legs of those pairs, each once. */
  private readonly others: Int32Array;
  private readonly othersFrom: Int32Array;
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
    this.catalog = catalog;
    this.cooldownMs = options.pairCooldownMs;
    this.improvementStep = options.improvementStep;

    const params = strategies.map((each) => each.params);
    this.legs = new ScanLegs({ table, instruments, params, feeRateTaker, now: this.now });
    const found = strategies.map(({ strategy }) => pairsOf(strategy, instruments));
    this.pairs = found.flat();
    const groups = found.flatMap((keys, group) => keys.map(() => group));
    this.longIndex = Int32Array.from(this.pairs, ({ long }) => catalog.indexOf(long));
    this.shortIndex = Int32Array.from(this.pairs, ({ short }) => catalog.indexOf(short));
    this.passed = new Int32Array(this.pairs.length);
    this.bounds = new Float64Array(this.pairs.length).fill(Number.NaN);
    this.passedWallMs = this.bounds.slice().fill(Number.NEGATIVE_INFINITY);
    this.passedBounds = this.passedWallMs.slice();
    this.reached = new Uint8Array(this.pairs.length);

    const known = new Map<string, number>();
    const groupsOfClasses: number[] = [];
    const figures: number[][] = [];
    this.shape = new Int32Array(this.pairs.length << pairSlot.shift);
    const { size } = this.legs;
    groups.forEach((group, pair) => {
      const used = params[group] as StrategyParams;
      const long = catalog.at(this.longIndex[pair] as number).kind;
      const short = catalog.at(this.shortIndex[pair] as number).kind;
      const name = `${group} ${long} ${short}`;
      let found = known.get(name);
      if (found === undefined) {
        found = figures.length;
        known.set(name, found);
        groupsOfClasses.push(group);
        figures.push(figuresOf(long, short, used, options));
      }
      const at = pair << pairSlot.shift;
      this.shape[at + pairSlot.long] = (this.longIndex[pair] as number) * size;
      this.shape[at + pairSlot.short] = (this.shortIndex[pair] as number) * size;
      this.shape[at + pairSlot.flags] = found << classShift;
    });
    this.scoresOfClass = Int32Array.from(groupsOfClasses, (group) => scoresAt + 2 * group);
    this.every = Int32Array.from(this.pairs, (_, pair) => pair);
    this.classes = Float64Array.from(figures.flat());
    const lists = adjacencyOf(count, this.longIndex, this.shortIndex);
    this.adjacency = lists.pairs;
    this.adjacencyFrom = lists.from;
    this.others = lists.others;
    this.othersFrom = lists.othersFrom;
  }

  /** After the account's fee tier became known. */
  setFeeRateTaker(index: number, rate: number): void {
    this.legs.setFeeRateTaker(index, rate);
  }

  /** A held pair passes at every cooldown whatever its edge, so that its exit is looked at. */
  setHeld(pair: number, held: 0 | 1): void {
    const at = (pair << pairSlot.shift) + pairSlot.flags;
    const flags = this.shape[at] as number;
    this.shape[at] = held === 1 ? flags | heldBit : flags & ~heldBit;
  }

  /** Whether a pair that just passed did so at the entry threshold, not as a near miss. */
  passesEntry(pair: number): boolean {
    return this.reached[pair] === 1;
  }

  /** Among the pairs of its long leg; -1 = it is no pair of this scan. */
  pairIndexOf({ strategy, long, short }: PairKey): number {
    const index = this.catalog.indexOf(long);
    if (index < 0 || index >= this.legs.count) return -1;
    const to = this.adjacencyFrom[index + 1] as number;
    for (let i = this.adjacencyFrom[index] as number; i < to; i++) {
      const pair = this.adjacency[i] as number;
      const key = this.pairs[pair] as PairKey;
      if (key.long === long && key.short === short && key.strategy === strategy) return pair;
    }
    return -1;
  }

  /** Re-evaluates the pairs of one instrument; how many passed, listed in `passed`. */
  onQuote(index: number): number {
    const { legs, others } = this;
    if (index < 0 || index >= legs.count) return 0;
    legs.tell();
    legs.update(index);
    const othersTo = this.othersFrom[index + 1] as number;
    for (let i = this.othersFrom[index] as number; i < othersTo; i++) {
      legs.update(others[i] as number);
    }
    const from = this.adjacencyFrom[index] as number;
    return this.evaluate(this.adjacency, from, this.adjacencyFrom[index + 1] as number);
  }

  /** Every pair; how many passed, listed in `passed`. */
  scanAll(): number {
    const { legs, every } = this;
    legs.tell();
    for (let index = 0; index < legs.count; index++) legs.update(index);
    return this.evaluate(every, 0, every.length);
  }

  /** Updates the bounds of the pairs list[from .. to); how many pass now. */
  private evaluate(list: Int32Array, from: number, to: number): number {
    // Locals: the loop must not look them up again for every pair, nor a class for its neighbours.
    const { classes, scoresOfClass, shape, bounds, passed } = this;
    const { rows } = this.legs;
    let count = 0;
    let kind = -1;
    let scores = 0;
    let reversion = Number.NaN;
    let creditMax = Number.NaN;
    let holding = Number.NaN;
    let nearMiss = Number.NaN;
    for (let i = from; i < to; i++) {
      const pair = list[i] as number;
      const at = pair << pairSlot.shift;
      const flag = shape[at + pairSlot.flags] as number;
      const long = shape[at + pairSlot.long] as number;
      const short = shape[at + pairSlot.short] as number;
      if (flag >> classShift !== kind) {
        kind = flag >> classShift;
        const row = kind * classSlot.size;
        scores = scoresOfClass[kind] as number;
        reversion = classes[row + classSlot.reversion] as number;
        creditMax = classes[row + classSlot.creditMax] as number;
        holding = classes[row + classSlot.holding] as number;
        nearMiss = classes[row + classSlot.nearMiss] as number;
      }
      const open = (rows[short + bid] as number) * (rows[long + perAsk] as number);
      const mids = (rows[short + mid] as number) * (rows[long + perMid] as number);
      // The gain of forecast.ts's expectedBasisGain, over the basis mids - 1.
      const reverting = (mids - 1) * reversion;
      const gain = reverting > creditMax ? creditMax : reverting;
      const bound =
        (rows[short + scores + 1] as number) -
        (rows[long + scores] as number) +
        (open - mids + gain) -
        holding;
      bounds[pair] = bound;
      // Looked at behind the loop: a call within it would make V8 forget what the arrays are.
      if (bound >= nearMiss || (flag & heldBit) === heldBit) passed[count++] = pair;
    }
    return count === 0 ? 0 : this.keepPassing(count);
  }

  /** Of the first so many of `passed`, those that do pass come first; how many. */
  private keepPassing(near: number): number {
    const { passed } = this;
    let count = 0;
    for (let i = 0; i < near; i++) {
      const pair = passed[i] as number;
      if (this.passes(pair)) passed[count++] = pair;
    }
    return count;
  }

  /** Rare: the pair is near, or held. The cooldown and its exceptions. */
  private passes(pair: number): boolean {
    const flags = this.shape[(pair << pairSlot.shift) + pairSlot.flags] as number;
    const row = (flags >> classShift) * classSlot.size;
    const wallMs = this.now[wallMsAt] as number;
    const bound = this.bounds[pair] as number;
    const passedBound = this.passedBounds[pair] as number;
    if (wallMs - (this.passedWallMs[pair] as number) < this.cooldownMs) {
      // Since it last passed: better by a step, or from a near miss to what `entry` may accept?
      const entry = this.classes[row + classSlot.entry] as number;
      const isRisen = bound >= passedBound + this.improvementStep;
      if (!isRisen && !(passedBound < entry && bound >= entry)) return false;
    }
    this.reached[pair] = bound >= (this.classes[row + classSlot.entry] as number) ? 1 : 0;
    this.passedWallMs[pair] = wallMs;
    this.passedBounds[pair] = bound;
    return true;
  }
}

/** A row of `classes`. */
function figuresOf(
  long: InstrumentKind,
  short: InstrumentKind,
  params: StrategyParams,
  options: ScanOptions,
): number[] {
  const holding = holdingCostsPerHour(long, short, params);
  const entry = params.netEdgeMin * capitalPerNotional(long, short, params) - roundingMax;
  const row = new Array<number>(classSlot.size).fill(0);
  row[classSlot.holding] = (holding.capital + holding.borrow) * (params.horizonMs / hourMs);
  row[classSlot.reversion] = basisReversion(params.horizonMs, params);
  row[classSlot.creditMax] = params.basisCreditMax;
  row[classSlot.nearMiss] = entry - options.nearMissBand;
  row[classSlot.entry] = entry;
  return row;
}

function adjacencyOf(instruments: number, longIndex: Int32Array, shortIndex: Int32Array) {
  const lists: number[][] = Array.from({ length: instruments }, () => []);
  longIndex.forEach((long, pair) => {
    lists[long]?.push(pair);
    lists[shortIndex[pair] as number]?.push(pair);
  });
  const others = lists.map((pairs, index) => {
    const other = (pair: number) =>
      longIndex[pair] === index ? (shortIndex[pair] as number) : (longIndex[pair] as number);
    return [...new Set(pairs.map(other))];
  });
  return {
    pairs: Int32Array.from(lists.flat()),
    from: startsOf(lists),
    others: Int32Array.from(others.flat()),
    othersFrom: startsOf(others),
  };
}

/** Where each list begins in all of them one after the other, and the end. */
function startsOf(lists: readonly (readonly number[])[]): Int32Array {
  const starts = new Int32Array(lists.length + 1);
  lists.forEach((list, i) => {
    starts[i + 1] = (starts[i] as number) + list.length;
  });
  return starts;
}
