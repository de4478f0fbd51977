// The funding that fixed positions would have received: every settlement in (fromMs, toMs] at a
// price of that moment. Cash is from our side, + = received; the sign of a payment is stated in
// `domain/funding.ts`. Nothing is guessed: a settlement without a price is listed, not skipped.
//
//   linear   payment = -qty P F in quote, qty in base units
//   inverse  payment = -(qty / P) F in coin, qty in USD of face; its value at P is -qty F in USD
import type { Decimal } from '../base/decimal.ts';
import { formatDecimal, fromNumber, one, plus, zero } from '../base/decimal.ts';
import { inversePayment, linearPayment } from '../domain/funding.ts';
import type { DataSet } from './data-set.ts';
import { type BarSeries, barAt, type FundingSeries, firstAfter } from './series.ts';

/** Of the perpetual's bar that contains the settlement, or the open of its mark bar. */
export type LedgerPrice = 'open' | 'close' | 'mark';
export const ledgerPrices = ['open', 'close', 'mark'] as const satisfies LedgerPrice[];

export interface LedgerPosition {
  readonly venue: string;
  readonly symbol: string;
  /** Signed, + long: base units, or USD of face with `inverse`. */
  readonly qty: Decimal;
  /** Held over (fromMs, toMs]. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly inverse: boolean;
}

export interface LedgerPayment {
  readonly venue: string;
  readonly symbol: string;
  readonly tsMs: number;
  readonly qty: string;
  readonly price: string;
  readonly rate: string;
  /** + = received, in quote; of an inverse position its value at `price`, in USD. */
  readonly payment: string;
  /** Of an inverse position, else null. */
  readonly paymentCoin: string | null;
}

export interface MissingPrice {
  readonly venue: string;
  readonly symbol: string;
  readonly tsMs: number;
  readonly reason: 'no-bars' | 'no-bar-at-settlement';
}

/** A stretch of a position for which no settlement is recorded. */
export interface UnknownStretch {
  readonly venue: string;
  readonly symbol: string;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: 'no-funding' | 'before-first-settlement' | 'hole' | 'after-last-settlement';
}

export interface FundingLedger {
  /** Decimal text, in quote and USD, which count as one. */
  readonly total: string;
  readonly byVenue: Readonly<Record<string, string>>;
  /** By "venue symbol". */
  readonly bySymbol: Readonly<Record<string, string>>;
  /** Position by position, by time. */
  readonly payments: readonly LedgerPayment[];
  /** Settlements without a price: not in any sum. */
  readonly missing: readonly MissingPrice[];
  readonly unknown: readonly UnknownStretch[];
}

export interface LedgerPriceRule {
  readonly price: LedgerPrice;
  /** Of the bars: "1h", "8h". */
  readonly interval: string;
}

export function fundingLedger(
  positions: readonly LedgerPosition[],
  data: DataSet,
  rule: LedgerPriceRule,
): FundingLedger {
  const sums = { total: zero, byVenue: new Map<string, Decimal>(), bySymbol: new Map() };
  const payments: LedgerPayment[] = [];
  const missing: MissingPrice[] = [];
  const unknown: UnknownStretch[] = [];
  for (const position of positions) {
    const { venue, symbol, fromMs, toMs } = position;
    const where = { venue, symbol };
    const funding = data.funding(venue, symbol);
    unknown.push(...unknownStretches(position, funding));
    if (funding === null) continue;
    const market = rule.price === 'mark' ? 'mark' : 'perp';
    const bars = data.bars({ venue, market, symbol, interval: rule.interval });
    const until = firstAfter(funding.tsMs, toMs);
    for (let k = firstAfter(funding.tsMs, fromMs); k < until; k++) {
      const tsMs = funding.tsMs[k] as number;
      const price = bars === null ? null : priceAt(bars, tsMs, rule.price);
      if (price === null) {
        const reason = bars === null ? 'no-bars' : 'no-bar-at-settlement';
        missing.push({ ...where, tsMs, reason });
        continue;
      }
      const rate = funding.rate[k] as number;
      payments.push(pay(position, { tsMs, price: fromNumber(price), rate: fromNumber(rate) }));
    }
  }
  function pay(position: LedgerPosition, at: Settlement): LedgerPayment {
    const { value, coin } = paymentOf(position, at);
    const { venue, symbol } = position;
    sums.total = plus(sums.total, value);
    add(sums.byVenue, venue, value);
    add(sums.bySymbol, `${venue} ${symbol}`, value);
    return {
      venue,
      symbol,
      tsMs: at.tsMs,
      qty: formatDecimal(position.qty),
      price: formatDecimal(at.price),
      rate: formatDecimal(at.rate),
      payment: formatDecimal(value),
      paymentCoin: coin === null ? null : formatDecimal(coin),
    };
  }
  return {
    total: formatDecimal(sums.total),
    byVenue: texts(sums.byVenue),
    bySymbol: texts(sums.bySymbol),
    payments,
    missing,
    unknown,
  };
}

interface Settlement {
  readonly tsMs: number;
  readonly price: Decimal;
  readonly rate: Decimal;
}

function paymentOf({ qty, inverse }: LedgerPosition, { price, rate }: Settlement) {
  if (!inverse) return { value: linearPayment(qty, price, rate), coin: null };
  return { value: linearPayment(qty, one, rate), coin: inversePayment(qty, one, price, rate) };
}

/** Null = no bar contains the moment, or it lacks the price. */
function priceAt(bars: BarSeries, tsMs: number, price: LedgerPrice): number | null {
  const index = barAt(bars, tsMs);
  if (index < 0) return null;
  const value = (price === 'close' ? bars.close : bars.open)[index] as number;
  return value > 0 ? value : null;
}

/** Where settlements ought to be and none is recorded. */
function unknownStretches(
  { venue, symbol, fromMs, toMs }: LedgerPosition,
  funding: FundingSeries | null,
): readonly UnknownStretch[] {
  const found: UnknownStretch[] = [];
  const note = (reason: UnknownStretch['reason'], from: number, to: number) => {
    const cut = { fromMs: Math.max(from, fromMs), toMs: Math.min(to, toMs) };
    if (cut.toMs > cut.fromMs) found.push({ venue, symbol, ...cut, reason });
  };
  const length = funding?.tsMs.length ?? 0;
  if (funding === null || length === 0) {
    note('no-funding', fromMs, toMs);
    return found;
  }
  const { tsMs, intervalMs } = funding;
  note('before-first-settlement', fromMs, (tsMs[0] as number) - usual(intervalMs[0]));
  for (let k = 1; k < length; k++) {
    const before = tsMs[k - 1] as number;
    const after = tsMs[k] as number;
    if (after - before > 1.5 * (intervalMs[k] as number)) note('hole', before, after);
  }
  note('after-last-settlement', (tsMs[length - 1] as number) + usual(intervalMs[length - 1]), toMs);
  return found;
}

/** An unknown interval lets nothing pass as known. */
function usual(intervalMs: number | undefined): number {
  return intervalMs !== undefined && intervalMs > 0 ? intervalMs : 0;
}

function add(sums: Map<string, Decimal>, key: string, value: Decimal): void {
  sums.set(key, plus(sums.get(key) ?? zero, value));
}

function texts(sums: ReadonlyMap<string, Decimal>): Readonly<Record<string, string>> {
  return Object.fromEntries([...sums].map(([key, value]) => [key, formatDecimal(value)]));
}
