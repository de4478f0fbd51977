// The books of one pair in the columnar run: wallets per leg, fills on the executable side, fees,
// funding, liquidation of each leg alone. One pair at a time; nothing is allocated.
import { liquidationPriceIn } from '../domain/margin.ts';
import type { Group, Leg } from './columns.ts';
import type { GroupPlan, Plan } from './columns-plan.ts';
import { pricePhase } from './market.ts';

/** What a run adds up, in USD and counts. */
export const total = {
  pnl: 0,
  funding: 1,
  fees: 2,
  traded: 3,
  trips: 4,
  liquidations: 5,
  missed: 6,
  size: 8,
} as const;

/** Of the notional: what the simulated venues charge for a liquidation. */
const liquidationFee = 0.005;

export class PairBook {
  /** Index of the held pair; -1 = none. */
  held = -1;
  long!: Leg;
  short!: Leg;
  private readonly group: Group;
  private readonly cash: Float64Array;
  /** Cursor over the settlements of each leg. */
  private readonly paid: Int32Array;
  private plan!: Plan;
  private figures!: GroupPlan;
  private totals!: Float64Array;
  private qty = 0;
  private entryLong = 0;
  private entryShort = 0;

  constructor(group: Group) {
    this.group = group;
    this.cash = new Float64Array(group.legs.length);
    this.paid = new Int32Array(group.legs.length);
  }

  reset(plan: Plan, figures: GroupPlan, totals: Float64Array): void {
    this.plan = plan;
    this.figures = figures;
    this.totals = totals;
    this.held = -1;
    this.cash.fill(plan.capitalPerLegUsd);
    this.paid.fill(0);
  }

  /** Both orders go out after row k; both trade at the open of the next, or neither does. */
  open(k: number, p: number): boolean {
    const { group, figures } = this;
    const { params } = this.plan;
    const l = group.longs[p] as number;
    const s = group.shorts[p] as number;
    const long = group.legs[l] as Leg;
    const short = group.legs[s] as Leg;
    const costLong = figures.cost[l] as number;
    const costShort = figures.cost[s] as number;
    const ask = (long.price.close[k] as number) * (1 + long.depth.halfSpread);
    const bid = (short.price.close[k] as number) * (1 - short.depth.halfSpread);
    const lot = group.lots[p] as number;
    const qty = Math.floor(params.notionalUsd / Math.max(ask, bid) / lot + 1e-9) * lot;
    const openLong = long.price.open[k + 1] as number;
    const openShort = short.price.open[k + 1] as number;
    const within =
      openLong <= (long.price.close[k] as number) * (1 + params.limitSlack) &&
      openShort >= (short.price.close[k] as number) * (1 - params.limitSlack);
    const margin = params.notionalUsd;
    const affords =
      (this.cash[l] as number) >= (long.isSpot ? margin : margin / params.leverage) &&
      (this.cash[s] as number) >= margin / params.leverage;
    if (!within || !affords || !(qty * Math.min(ask, bid) >= params.notionalUsdMin)) {
      this.totals[total.missed] = (this.totals[total.missed] as number) + 1;
      return false;
    }
    this.held = p;
    this.qty = qty;
    this.entryLong = openLong * (1 + costLong);
    this.entryShort = openShort * (1 - costShort);
    this.pay(l, -qty * this.entryLong * long.feeRate);
    this.pay(s, -qty * this.entryShort * short.feeRate);
    this.trade(qty * (this.entryLong + this.entryShort));
    this.long = long;
    this.short = short;
    this.skipPaid(l, k);
    this.skipPaid(s, k);
    return true;
  }

  /** At the open of the next row; false = a leg has no price there: it stays. */
  close(k: number): boolean {
    const { long, short } = this;
    const priceLong = long.price.open[k + 1] as number;
    const priceShort = short.price.open[k + 1] as number;
    if (!(priceLong > 0 && priceShort > 0)) return false;
    this.exit(0, priceLong);
    this.exit(1, priceShort);
    this.finish();
    return true;
  }

  /** Of what is held: the first row at whose end a leg's contract is no more. */
  get endRow(): number {
    return Math.min(this.long.lastRow, this.short.lastRow);
  }

  /** A contract ends with row k: settled at its last price, without a fee; the other leg closes. */
  delist(k: number): void {
    for (const side of [0, 1] as const) {
      const leg = side === 0 ? this.long : this.short;
      const close = leg.price.close[k] as number;
      if (leg.lastRow === k && !leg.isSpot) this.settled(side, close);
      else this.exit(side, (leg.price.open[k + 1] as number) || close || lastPrice(leg, k));
    }
    this.finish();
  }

  private settled(side: 0 | 1, price: number): void {
    const { group, held, qty } = this;
    const v = (side === 0 ? group.longs[held] : group.shorts[held]) as number;
    const gain = side === 0 ? price - this.entryLong : this.entryShort - price;
    this.cash[v] = (this.cash[v] as number) + qty * gain;
  }

  /** Sells the long leg (0) or buys the short one back (1) on the executable side. */
  private exit(side: 0 | 1, price: number): void {
    const { group, figures, held, qty } = this;
    const v = (side === 0 ? group.longs[held] : group.shorts[held]) as number;
    const leg = group.legs[v] as Leg;
    const cost = figures.cost[v] as number;
    const at = price * (side === 0 ? 1 - cost : 1 + cost);
    const gain = side === 0 ? at - this.entryLong : this.entryShort - at;
    this.pay(v, -qty * at * leg.feeRate);
    this.trade(qty * at);
    this.cash[v] = (this.cash[v] as number) + qty * gain;
  }

  private finish(): void {
    this.held = -1;
    this.totals[total.trips] = (this.totals[total.trips] as number) + 1;
  }

  /** At the extreme of the bar that reaches a leg's liquidation price; the other leg follows. */
  liquidate(k: number): boolean {
    const { long, short } = this;
    const isReached =
      (short.mark.high[k] as number) >= this.liquidationHigh() ||
      (long.mark.low[k] as number) <= this.liquidationLow();
    if (!isReached) return false;
    for (const quarter of [1, 2]) {
      const shortAt = pricePhase(short.mark, k, quarter);
      const longAt = pricePhase(long.mark, k, quarter);
      const isShort = shortAt >= this.liquidationHigh();
      const isLong = longAt <= this.liquidationLow();
      if (!isShort && !isLong) continue;
      if (isShort) this.forced(1, shortAt);
      else this.exit(1, pricePhase(short.price, k, quarter) || shortAt);
      if (isLong) this.forced(0, longAt);
      else this.exit(0, pricePhase(long.price, k, quarter) || longAt);
      this.totals[total.liquidations] = (this.totals[total.liquidations] as number) + 1;
      this.finish();
      return true;
    }
    return false;
  }

  /** The venue closes at the mark and takes its fee; a wallet does not go below zero. */
  private forced(side: 0 | 1, mark: number): void {
    const { group, held, qty } = this;
    const v = (side === 0 ? group.longs[held] : group.shorts[held]) as number;
    const gain = side === 0 ? mark - this.entryLong : this.entryShort - mark;
    this.pay(v, -qty * mark * liquidationFee);
    this.trade(qty * mark);
    this.cash[v] = Math.max(0, (this.cash[v] as number) + qty * gain);
  }

  /** Mark at which the wallet meets its maintenance margin, by the rate of the first tier. */
  liquidationLow(): number {
    const { long } = this;
    if (long.isSpot) return 0;
    const cash = this.cash[this.group.longs[this.held] as number] as number;
    return this.liquidation(this.qty, this.entryLong, cash, long.maintenanceRate);
  }

  liquidationHigh(): number {
    const { short } = this;
    const cash = this.cash[this.group.shorts[this.held] as number] as number;
    return this.liquidation(-this.qty, this.entryShort, cash, short.maintenanceRate);
  }

  private liquidation(size: number, entry: number, equityElsewhere: number, rate: number): number {
    const held = { size, cost: size * entry, equityElsewhere, rate, amount: 0, isInverse: false };
    return liquidationPriceIn(held);
  }

  /** What settles at the end of row k, after the row's own extremes. */
  settle(k: number): void {
    const { longs, shorts } = this.group;
    const l = longs[this.held] as number;
    const s = shorts[this.held] as number;
    const isDue =
      this.group.legs[l]?.paidRow[this.paid[l] as number] === k ||
      this.group.legs[s]?.paidRow[this.paid[s] as number] === k;
    if (!isDue || this.liquidate(k)) return;
    this.collect(l, k, -1);
    this.collect(s, k, 1);
  }

  private collect(v: number, k: number, sign: 1 | -1): void {
    const { paidRow, paidPerUnit } = this.group.legs[v] as Leg;
    let at = this.paid[v] as number;
    for (; (paidRow[at] as number) <= k; at++) {
      const amount = sign * this.qty * (paidPerUnit[at] as number);
      this.cash[v] = (this.cash[v] as number) + amount;
      this.totals[total.funding] = (this.totals[total.funding] as number) + amount;
    }
    this.paid[v] = at;
  }

  /** What settled before the pair was opened is not its. */
  private skipPaid(v: number, k: number): void {
    const { paidRow } = this.group.legs[v] as Leg;
    let at = this.paid[v] as number;
    while ((paidRow[at] as number) <= k) at++;
    this.paid[v] = at;
  }

  private pay(v: number, amount: number): void {
    this.cash[v] = (this.cash[v] as number) + amount;
    this.totals[total.fees] = (this.totals[total.fees] as number) + amount;
  }

  private trade(usd: number): void {
    this.totals[total.traded] = (this.totals[total.traded] as number) + usd;
  }

  cashUsd(): number {
    let sum = 0;
    for (let v = 0; v < this.cash.length; v++) sum += this.cash[v] as number;
    return sum;
  }

  /** With what is held at the closes of row k, or at the last ones before it. */
  equityUsd(k: number): number {
    if (this.held < 0) return this.cashUsd();
    const { long, short } = this;
    const longAt = lastPrice(long, k) || this.entryLong;
    const shortAt = lastPrice(short, k) || this.entryShort;
    return this.cashUsd() + this.qty * (longAt - this.entryLong + this.entryShort - shortAt);
  }
}

/** The newest close at or before row k; NaN = none. */
function lastPrice({ price }: Leg, k: number): number {
  let at = k;
  while (at >= 0 && !((price.close[at] as number) > 0)) at--;
  return price.close[at] ?? Number.NaN;
}
