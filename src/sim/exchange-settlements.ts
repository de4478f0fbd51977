// When funding settles: a cursor over the settlements of all perpetuals of a venue, so that each is
// processed at its exact time even when one tick jumps over several. Also what the venue publishes
// about funding. Payments: positive rate, longs pay shorts.
import { assert, present } from '../base/assert.ts';
import { type Decimal, fromNumber, negate, roundToStep, times } from '../base/decimal.ts';
import { dayMs } from '../base/time.ts';
import { type ContractTerms, notionalAt } from '../domain/contract-value.ts';
import { type InstrumentId, isPerp } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { SimFunding, SimInstrument } from './api.ts';
import { cashRounding, cashUnit, type ExchangeRules, historyMax } from './exchange-rules.ts';
import type { ExogenousMarket } from './market-api.ts';

/** No venue settles less often than this. */
const intervalMsMax = 2 * dayMs;
/** How far back `history` looks at most. */
const historyRangeMsMax = 400 * dayMs;

export interface Settlement {
  readonly instrument: InstrumentId;
  readonly settledAtMs: number;
  readonly rate: number;
  /** The price that it is paid on. */
  readonly mark: number;
}

interface Cursor {
  readonly id: InstrumentId;
  nextMs: number | null;
  intervalMs: number | null;
  last: { readonly rate: number; readonly settledAtMs: number } | null;
}

/**
 * Cash of a settlement in the settle asset, + = received: -notional x rate, rounded half-even to
 * 1e-8. `qty` is + long, in base units (linear) or contracts (inverse).
 */
export function fundingAmount(
  terms: ContractTerms,
  held: { readonly qty: Decimal; readonly mark: number; readonly rate: number },
): Decimal {
  const { qty, mark, rate } = held;
  const exact = times(notionalAt(terms, qty, fromNumber(mark)), fromNumber(rate));
  return roundToStep(negate(exact), cashUnit, cashRounding);
}

export class Settlements {
  private readonly market: ExogenousMarket;
  private readonly underlyings: ReadonlyMap<InstrumentId, string>;
  private readonly fundingPrice: ExchangeRules['fundingPrice'];
  private readonly cursors = new Map<InstrumentId, Cursor>();
  private earliestMs: number | null = null;

  constructor(
    market: ExogenousMarket,
    listings: readonly SimInstrument[],
    options: { readonly startMs: number; readonly fundingPrice: ExchangeRules['fundingPrice'] },
  ) {
    const { startMs } = options;
    this.market = market;
    this.fundingPrice = options.fundingPrice;
    this.underlyings = new Map(
      listings.map(({ instrument, underlying }) => [instrument.id, underlying]),
    );
    for (const { instrument } of listings) {
      if (!isPerp(instrument.kind)) continue;
      const { id } = instrument;
      const before = { fromMs: startMs - intervalMsMax, toMs: startMs };
      const lastMs = market.settlements(id, before).at(-1);
      this.cursors.set(id, {
        id,
        nextMs: market.settlesAtMs(id, startMs),
        intervalMs: market.intervalMs(id, startMs),
        last: lastMs === undefined ? null : this.settled(id, lastMs),
      });
    }
    this.findEarliest();
  }

  /** The earliest settlement that has not been taken yet; null = none. */
  nextMs(): number | null {
    return this.earliestMs;
  }

  /** Takes all settlements at exactly this time, in the order of the listing. */
  takeAt(tsMs: number): {
    readonly settlements: readonly Settlement[];
    readonly intervalChanges: readonly InstrumentId[];
  } {
    const settlements: Settlement[] = [];
    const intervalChanges: InstrumentId[] = [];
    for (const cursor of this.cursors.values()) {
      if (cursor.nextMs !== tsMs) continue;
      const { id } = cursor;
      const { rate } = this.settled(id, tsMs);
      settlements.push({
        instrument: id,
        settledAtMs: tsMs,
        rate,
        mark: this.price(id, tsMs),
      });
      cursor.last = { rate, settledAtMs: tsMs };
      cursor.nextMs = this.market.settlesAtMs(id, tsMs);
      assert(cursor.nextMs === null || cursor.nextMs > tsMs, `settlements of ${id} stand still`);
      const intervalMs = this.market.intervalMs(id, tsMs);
      if (intervalMs !== cursor.intervalMs) intervalChanges.push(id);
      cursor.intervalMs = intervalMs;
    }
    this.findEarliest();
    return { settlements, intervalChanges };
  }

  /** The current interval; null for spot. */
  intervalMs(id: InstrumentId): number | null {
    return this.cursors.get(id)?.intervalMs ?? null;
  }

  funding(id: InstrumentId, tsMs: number): SimFunding | null {
    const cursor = this.cursors.get(id);
    if (cursor === undefined || cursor.nextMs === null || cursor.intervalMs === null) return null;
    return {
      ratePerInterval: this.market.fundingEstimate(id, tsMs),
      intervalMs: cursor.intervalMs,
      settlesAtMs: cursor.nextMs,
      lastSettledRate: cursor.last?.rate ?? null,
      lastSettledAtMs: cursor.last?.settledAtMs ?? null,
      premium: this.market.premium(id, tsMs),
    };
  }

  /** The same without an object: see `SimExchange.show`. */
  show(id: InstrumentId, tsMs: number, row: Float64Array): void {
    const cursor = this.cursors.get(id);
    const isKnown = cursor !== undefined && cursor.nextMs !== null && cursor.intervalMs !== null;
    row[slot.ratePerInterval] = isKnown ? this.market.fundingEstimate(id, tsMs) : Number.NaN;
    row[slot.intervalMs] = isKnown ? (cursor.intervalMs as number) : Number.NaN;
    row[slot.settlesAtMs] = isKnown ? (cursor.nextMs as number) : Number.NaN;
  }

  /** Settlements in [fromMs, toMs], ascending; of too many the newest. */
  history(
    id: InstrumentId,
    range: { readonly fromMs: number; readonly toMs: number },
  ): readonly { readonly settledAtMs: number; readonly rate: number; readonly mark: number }[] {
    if (!this.cursors.has(id)) return [];
    const fromMs = Math.max(range.fromMs, range.toMs - historyRangeMsMax);
    const times = this.market.settlements(id, { fromMs: fromMs - 1, toMs: range.toMs });
    return times
      .slice(-historyMax.fundingRates)
      .map((tsMs) => ({ ...this.settled(id, tsMs), mark: this.price(id, tsMs) }));
  }

  private findEarliest(): void {
    let next: number | null = null;
    for (const { nextMs } of this.cursors.values()) {
      if (nextMs !== null && (next === null || nextMs < next)) next = nextMs;
    }
    this.earliestMs = next;
  }

  /** What funding is paid on. */
  private price(id: InstrumentId, tsMs: number): number {
    if (this.fundingPrice === 'mark') return this.market.mark(id, tsMs);
    return this.market.index(present(this.underlyings.get(id), `underlying of ${id}`), tsMs);
  }

  private settled(id: InstrumentId, tsMs: number): { rate: number; settledAtMs: number } {
    const rate = present(this.market.fundingSettled(id, tsMs), `rate of ${id} at ${tsMs}`);
    return { rate, settledAtMs: tsMs };
  }
}
