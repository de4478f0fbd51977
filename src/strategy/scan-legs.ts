// What the scan keeps of each instrument between two looks: the figures that every pair of it
// shares, computed once per change of its row instead of once per pair. Typed arrays only; a row is
// compared with what was last seen, so nobody has to announce a change.
//
// With these, the bound of a pair is a handful of multiplications:
//   short score - long score + bid_S / ask_L - mid_S / mid_L + credit of the basis - holding costs
// where a score is the expected rates of the leg, less (short) or plus (long) its two fees and its
// closing half spread. NaN = not known, and it spreads to every pair.
import { hourMs } from '../base/time.ts';
import { type Instrument, isPerp } from '../domain/instrument.ts';
import {
  type MarketTable,
  rowSize as marketRowSize,
  slot as marketSlot,
} from '../domain/market-table.ts';
import {
  decayedSum,
  geometricSum,
  keptPerSettlement,
  longRunRatePerHour,
  settlementsMax,
} from './forecast.ts';
import type { StrategyParams } from './params.ts';

// What another module exports or imports is looked up at every use: here these are constants.
const [slot, rowSize] = [{ ...marketSlot }, marketRowSize];
/** Columns of `rows`; from `scores` on the long and the short score of each strategy. */
const ownSlot = { bid: 0, mid: 1, perAsk: 2, perMid: 3, scores: 4 } as const;
export const legSlot = ownSlot;
/** Columns of what was last seen, and until when (venue time) it holds. */
const seenSlot = {
  bid: 0,
  ask: 1,
  rate: 2,
  intervalMs: 3,
  settlesAtMs: 4,
  validUntilMs: 5,
  size: 8,
} as const;

/** Slots of `PairScan.now`, written by the caller before a scan. */
export const nowSlot = { tsMs: 0, wallMs: 1 } as const;
const { tsMs: tsMsAt } = nowSlot;

export class ScanLegs {
  /** bid, mid, 1 / ask, 1 / mid, scores: `size` doubles per instrument, one cache line for two. */
  readonly rows: Float64Array;
  readonly size: number;
  readonly count: number;

  private readonly market: Float64Array;
  /** Of the table; and the counts when each row was looked at last. */
  private readonly changes: Int32Array;
  private readonly looked: Int32Array;
  /** In its only slot: when (venue time) the first of all rows stops to hold. */
  private readonly holdsUntil = Float64Array.of(Number.POSITIVE_INFINITY);
  private readonly now: Float64Array;
  private readonly seen: Float64Array;
  private readonly sums: Float64Array;
  private readonly feeRates: Float64Array;
  private readonly isPerpetual: Uint8Array;
  private readonly strategies: number;
  private readonly horizonMs: Float64Array;
  /** Long-run rate per hour, by strategy and instrument. */
  private readonly longRun: Float64Array;
  /** Sum of q^k, by strategy and count of settlements. */
  private readonly geometric: Float64Array;

  constructor(setup: {
    readonly table: MarketTable;
    readonly instruments: readonly Instrument[];
    readonly params: readonly StrategyParams[];
    readonly feeRateTaker: (index: number) => number;
    /** Of the scan: see `nowSlot`. */
    readonly now: Float64Array;
  }) {
    const { table, instruments, params } = setup;
    this.now = setup.now;
    this.market = table.rows;
    this.changes = table.changes;
    this.count = instruments.length;
    this.strategies = params.length;
    this.size = ownSlot.scores + 2 * params.length;
    this.rows = new Float64Array(this.count * this.size).fill(Number.NaN);
    this.seen = new Float64Array(this.count * seenSlot.size).fill(Number.NaN);
    this.looked = Int32Array.from(instruments, (_, index) => (table.changes[index] as number) - 1);
    // The rates of spot are none, for good; those of a perpetual are unknown until they are read.
    this.sums = Float64Array.from(
      params.flatMap(() => instruments),
      ({ kind }) => (isPerp(kind) ? Number.NaN : 0),
    );
    this.feeRates = Float64Array.from(instruments, (_, index) => setup.feeRateTaker(index));
    this.isPerpetual = Uint8Array.from(instruments, ({ kind }) => (isPerp(kind) ? 1 : 0));
    this.horizonMs = Float64Array.from(params, ({ horizonMs }) => horizonMs);
    this.longRun = Float64Array.from(
      params.flatMap((each) => instruments.map(({ id }) => longRunRatePerHour(id, each))),
    );
    this.geometric = new Float64Array(params.length * tableSize);
    params.forEach((each, group) => {
      this.geometric.set(geometricTable(each.halfLifeSettlements), group * tableSize);
    });
  }

  setFeeRateTaker(index: number, rate: number): void {
    this.feeRates[index] = rate;
    this.seen[index * seenSlot.size + seenSlot.bid] = Number.NaN;
    this.looked[index] = (this.changes[index] as number) - 1;
  }

  /** When a settlement entered or left a horizon since the last look: all rows are looked at. */
  tell(): void {
    if (!((this.now[tsMsAt] as number) >= (this.holdsUntil[0] as number))) return;
    this.holdsUntil[0] = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.count; index++) this.look(index);
  }

  /** Recomputes the instrument where its row changed; `tell` comes first. */
  update(index: number): void {
    if (this.looked[index] !== this.changes[index]) this.look(index);
  }

  private look(index: number): void {
    const { market, seen, holdsUntil } = this;
    this.looked[index] = this.changes[index] as number;
    const row = index * rowSize;
    const last = index * seenSlot.size;
    const isQuoted =
      market[row + slot.bid] !== seen[last + seenSlot.bid] ||
      market[row + slot.ask] !== seen[last + seenSlot.ask];
    const isRated =
      this.isPerpetual[index] === 1 &&
      (market[row + slot.ratePerInterval] !== seen[last + seenSlot.rate] ||
        market[row + slot.intervalMs] !== seen[last + seenSlot.intervalMs] ||
        market[row + slot.settlesAtMs] !== seen[last + seenSlot.settlesAtMs] ||
        (this.now[tsMsAt] as number) >= (seen[last + seenSlot.validUntilMs] as number));
    if (isQuoted) this.readQuote(index);
    if (isRated) this.readRates(index);
    if (isQuoted || isRated) this.writeScores(index);
    const until = seen[last + seenSlot.validUntilMs] as number;
    if (until < (holdsUntil[0] as number)) holdsUntil[0] = until;
  }

  private readQuote(index: number): void {
    const { market, rows } = this;
    const row = index * rowSize;
    const bid = market[row + slot.bid] as number;
    const ask = market[row + slot.ask] as number;
    const mid = (bid + ask) / 2;
    const at = index * this.size;
    rows[at + ownSlot.bid] = bid;
    rows[at + ownSlot.mid] = mid;
    rows[at + ownSlot.perAsk] = 1 / ask;
    rows[at + ownSlot.perMid] = 1 / mid;
    const last = index * seenSlot.size;
    this.seen[last + seenSlot.bid] = bid;
    this.seen[last + seenSlot.ask] = ask;
  }

  private readRates(index: number): void {
    const { market, seen } = this;
    const row = index * rowSize;
    const last = index * seenSlot.size;
    seen[last + seenSlot.rate] = market[row + slot.ratePerInterval] as number;
    seen[last + seenSlot.intervalMs] = market[row + slot.intervalMs] as number;
    seen[last + seenSlot.settlesAtMs] = market[row + slot.settlesAtMs] as number;
    seen[last + seenSlot.validUntilMs] = Number.POSITIVE_INFINITY;
    for (let group = 0; group < this.strategies; group++) this.sumRates(index, group);
  }

  private writeScores(index: number): void {
    const { rows, sums } = this;
    const at = index * this.size;
    const bid = rows[at + ownSlot.bid] as number;
    const perMid = rows[at + ownSlot.perMid] as number;
    const costs = 2 * (this.feeRates[index] as number) + (1 - bid * perMid);
    for (let group = 0; group < this.strategies; group++) {
      const sum = sums[group * this.count + index] as number;
      rows[at + ownSlot.scores + 2 * group] = sum + costs;
      rows[at + ownSlot.scores + 2 * group + 1] = sum - costs;
    }
  }

  /**
   * Expected rates over the horizon of the strategy into `sums`; shortens `validUntilMs` to where
   * they change. Returns nothing: a double that is returned may be boxed.
   */
  private sumRates(index: number, group: number): void {
    const at = group * this.count + index;
    const tsMs = this.now[tsMsAt] as number;
    const { seen } = this;
    const last = index * seenSlot.size;
    const settlesAtMs = seen[last + seenSlot.settlesAtMs] as number;
    const intervalMs = seen[last + seenSlot.intervalMs] as number;
    // A settlement that has passed: its rate is old, and `entry` refuses until the next is known.
    if (!(settlesAtMs > tsMs) || !(intervalMs > 0)) {
      this.sums[at] = Number.NaN;
      return;
    }
    const horizonMs = this.horizonMs[group] as number;
    const leftMs = tsMs + horizonMs - settlesAtMs;
    const count = leftMs < 0 ? 0 : Math.min(settlementsMax, Math.floor(leftMs / intervalMs) + 1);
    const nextMs = Math.min(settlesAtMs, settlesAtMs + count * intervalMs - horizonMs);
    if (nextMs < (seen[last + seenSlot.validUntilMs] as number)) {
      seen[last + seenSlot.validUntilMs] = nextMs;
    }
    this.sums[at] = decayedSum(
      seen[last + seenSlot.rate] as number,
      (this.longRun[at] as number) * (intervalMs / hourMs),
      count,
      this.geometric[group * tableSize + count] as number,
    );
  }
}

/** One sum for every count of settlements from 0 on. */
const tableSize = settlementsMax + 1;
/** Half-lives whose tables are kept: a sweep over settings tries more, one after the other. */
const tablesMax = 16;
const tables = new Map<number, Float64Array>();

/** Thousands of powers: the same for every layout of the pairs, so made once per half-life. */
function geometricTable(halfLifeSettlements: number): Float64Array {
  let table = tables.get(halfLifeSettlements);
  if (table === undefined) {
    const q = keptPerSettlement(halfLifeSettlements);
    table = Float64Array.from({ length: tableSize }, (_, count) => geometricSum(q, count));
    if (tables.size >= tablesMax) tables.clear();
    tables.set(halfLifeSettlements, table);
  }
  return table;
}
