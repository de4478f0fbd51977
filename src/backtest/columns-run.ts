// The columnar backtest of one asset: the strategies' entry and exit rules, executable prices,
// fees, funding, margin and liquidation over typed arrays, one pair at a time, for sweeps of
// thousands of parameter sets. What it leaves out beside the exact engine is listed in
// docs/backtest.md; how far the two are apart is measured, not assumed (reconcile.ts).
//
// A row is a bar. Row k is decided on its close and traded at the open of row k + 1. Inside a row:
// liquidation at its extremes, then what settles at its end, then the day's equity, then decisions.
import { assert } from '../base/assert.ts';
import { hourMs } from '../base/time.ts';
import { type Columns, decisionMs, fundingStatus, type Group, type Leg } from './columns.ts';
import { PairBook, total } from './columns-book.ts';
import {
  type Carry,
  type HeldLegs,
  holdBound,
  isKnown,
  newCarry,
  staysAt,
} from './columns-carry.ts';
import { type GroupPlan, groupPlan, type Plan, settlementsMax } from './columns-plan.ts';
import { firstEntry, firstToWatch } from './columns-scan.ts';

export class GroupRun {
  private readonly columns: Columns;
  private readonly group: Group;
  private readonly book: PairBook;
  /** By leg: the state of its funding, and the row at which its score turns next. */
  private readonly state: Int32Array;
  private readonly next: Int32Array;
  /** By leg: expected rates over the horizon. */
  private readonly score: Float64Array;
  /** By pair: the ratios of the closes at which it opens. */
  private readonly ratioMin: Float64Array;
  private readonly ratioMax: Float64Array;
  private carry!: Carry;
  private readonly legs: HeldLegs;
  private isTurned = true;
  private plan!: Plan;
  private figures!: GroupPlan;

  constructor(columns: Columns, group: Group) {
    this.columns = columns;
    this.group = group;
    const legs = group.legs.length;
    const pairs = group.longs.length;
    this.book = new PairBook(group);
    this.state = new Int32Array(legs);
    this.next = new Int32Array(legs);
    this.score = new Float64Array(legs);
    this.ratioMin = new Float64Array(pairs);
    this.ratioMax = new Float64Array(pairs);
    const [first] = group.legs;
    assert(first !== undefined, 'a group has legs');
    this.legs = { long: first, short: first, longState: 0, shortState: 0 };
  }

  /** Adds to `totals` (see `total`) and to the equity at each of the columns' `dayRows`. */
  run(plan: Plan, totals: Float64Array, daily: Float64Array): void {
    const { columns, group, book } = this;
    this.plan = plan;
    this.figures = groupPlan(group, plan);
    this.state.fill(0);
    this.next.fill(0);
    this.isTurned = true;
    this.carry = newCarry(plan);
    book.reset(plan, this.figures, totals);
    const last = columns.rows - 2; // what is held is closed at the open of the last row
    const { dayRows } = columns;
    const startUsd = book.cashUsd();
    let day = 0;
    let k = 0;
    while (k < last) {
      this.turn(k);
      if (book.held >= 0) book.settle(k);
      if (dayRows[day] === k) {
        daily[day] = (daily[day] as number) + book.equityUsd(k) - startUsd;
        day++;
      }
      if (book.held >= 0 && book.endRow <= k && !book.liquidate(k)) book.delist(k);
      const to = Math.min(this.nextTurn(), dayRows[day] as number, last);
      k = book.held < 0 ? this.flat(k, to) : this.holding(k, Math.min(to, book.endRow));
    }
    if (book.held >= 0) book.settle(last);
    if (book.held >= 0) book.close(last);
    for (; day < dayRows.length; day++) {
      daily[day] = (daily[day] as number) + book.equityUsd(columns.rows - 1) - startUsd;
    }
    totals[total.pnl] = (totals[total.pnl] as number) + book.equityUsd(columns.rows - 1) - startUsd;
  }

  /** Legs whose rate, interval or count of settlements in the horizon turns at this row. */
  private turn(k: number): void {
    const { legs } = this.group;
    for (let v = 0; v < legs.length; v++) {
      if ((this.next[v] as number) > k) continue;
      const leg = legs[v] as Leg;
      const { row } = leg.states;
      let at = this.state[v] as number;
      while ((row[at + 1] as number) <= k) at++;
      this.state[v] = at;
      this.rate(v, leg, k);
      this.isTurned = true;
    }
  }

  /** Expected rates over the horizon, as in strategy/forecast.ts; NaN = nothing may be opened. */
  private rate(v: number, leg: Leg, k: number): void {
    const { states } = leg;
    const at = this.state[v] as number;
    this.next[v] = states.row[at + 1] as number;
    if (leg.isSpot) {
      this.score[v] = 0;
      return;
    }
    if (states.status[at] !== fundingStatus.known) {
      this.score[v] = Number.NaN;
      return;
    }
    const { params, geometric } = this.plan;
    const intervalMs = states.intervalMs[at] as number;
    const settlesAtMs = states.settlesAtMs[at] as number;
    const leftMs = decisionMs(this.columns, k) + params.horizonMs - settlesAtMs;
    const count = leftMs < 0 ? 0 : Math.min(settlementsMax, Math.floor(leftMs / intervalMs) + 1);
    const meanRate = (this.figures.longRun[v] as number) * (intervalMs / hourMs);
    const rate = states.rate[at] as number;
    this.score[v] = (rate - meanRate) * (geometric[count] as number) + meanRate * count;
    // One more settlement comes into the horizon here.
    const moreMs = settlesAtMs + count * intervalMs - params.horizonMs;
    const rows = Math.ceil((moreMs - decisionMs(this.columns, k)) / this.columns.barMs);
    this.next[v] = Math.min(this.next[v] as number, k + Math.max(1, rows));
  }

  private nextTurn(): number {
    let first = this.next[0] as number;
    for (let v = 1; v < this.next.length; v++) first = Math.min(first, this.next[v] as number);
    return first;
  }

  /** Looks for an entry in [k, to); returns the row to go on with. */
  private flat(k: number, to: number): number {
    const { longs, shorts, legs } = this.group;
    if (this.isTurned) for (let p = 0; p < longs.length; p++) this.bound(p);
    this.isTurned = false;
    let at = to;
    let pair = -1;
    for (let p = 0; p < longs.length; p++) {
      const min = this.ratioMin[p] as number;
      const max = this.ratioMax[p] as number;
      if (!(min <= max)) continue;
      const long = legs[longs[p] as number] as Leg;
      const short = legs[shorts[p] as number] as Leg;
      const found = firstEntry(long.price.close, short.price.close, k, at, min, max);
      if (found >= at) continue;
      at = found;
      pair = p;
    }
    if (pair < 0) return to;
    if (this.book.open(at, pair)) this.hold(pair);
    return at + 1;
  }

  /**
   * The ratios short / long at which the net edge reaches the threshold:
   * D + r (kappa - 1) + min((r - 1) reversion, credit) >= 0, with D = what does not depend on r.
   */
  private bound(p: number): void {
    const { figures, group } = this;
    const { reversion } = figures;
    const credit = this.plan.params.basisCreditMax;
    const fixed =
      (this.score[group.shorts[p] as number] as number) -
      (this.score[group.longs[p] as number] as number) +
      (figures.fixed[p] as number) -
      (figures.threshold[p] as number);
    const spread = 1 - (figures.kappa[p] as number);
    const slope = reversion - spread;
    const capped = 1 + credit / reversion; // from here on the credit is whole
    const top = (fixed + credit) / spread; // beyond it the spread takes more than the credit
    const bottom = (reversion - fixed) / slope;
    if (slope > 0) {
      this.ratioMin[p] = bottom <= capped ? bottom : Number.NaN; // else no credit is enough
      this.ratioMax[p] = spread > 0 ? top : Number.POSITIVE_INFINITY;
    } else {
      // The spread costs more than the basis is believed to bring back: the lower, the better.
      this.ratioMin[p] = 0;
      this.ratioMax[p] = bottom;
    }
  }

  private hold(p: number): void {
    const { group, figures, legs, carry, book } = this;
    legs.long = book.long;
    legs.short = book.short;
    carry.longRunLong = figures.longRun[group.longs[p] as number] as number;
    carry.longRunShort = figures.longRun[group.shorts[p] as number] as number;
    carry.holdingPerMs = figures.holdingPerMs[p] as number;
    carry.floor = figures.floor[p] as number;
  }

  /** Watches what is held in [k, to); returns the row to go on with. */
  private holding(k: number, to: number): number {
    const { group, book, legs, columns } = this;
    legs.longState = this.state[group.longs[book.held] as number] as number;
    legs.shortState = this.state[group.shorts[book.held] as number] as number;
    const { long, short } = legs;
    const decides = isKnown(long, legs.longState) && isKnown(short, legs.shortState);
    const bound = decides ? holdBound(this.carry, legs, decisionMs(columns, k)) : 0;
    for (let from = k; from < to; ) {
      const at = firstToWatch(
        long.price.close,
        short.price.close,
        long.mark.low,
        short.mark.high,
        from,
        to,
        bound,
        book.liquidationLow(),
        book.liquidationHigh(),
      );
      if (at >= to) return to;
      if (book.liquidate(at)) return at + 1;
      const ratio = (short.price.close[at] as number) / (long.price.close[at] as number);
      const leaves =
        decides && ratio > 0 && !staysAt(this.carry, legs, decisionMs(columns, at), ratio);
      if (leaves && book.close(at)) return at + 1;
      from = at + 1;
    }
    return to;
  }
}
