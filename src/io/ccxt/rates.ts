// Funding rates, marks and intervals, polled over REST (ccxt streams them on few venues), and the
// payments after each settlement. An interval that nobody states stays unknown.

import { tryDuration } from '../../base/time.ts';
import type { Instrument } from '../../domain/instrument.ts';
import { isPerp } from '../../domain/instrument.ts';
import { slot } from '../../domain/market-table.ts';
import type { FundingPaymentEvent } from '../../domain/venue-event.ts';
import { intervalOf } from '../driver-market.ts';
import type { MethodName, Row } from './api.ts';
import { can } from './capabilities.ts';
import { textOf } from './errors.ts';
import { numberAt, rowOf, rowsOf, textAt } from './fields.ts';
import type { Listings } from './listings.ts';
import { type CcxtContext, call } from './session.ts';

interface Due {
  readonly settledAtMs: number;
  readonly dueVenueMs: number;
  readonly notBeforeWallMs: number;
}

export class Rates {
  private readonly context: CcxtContext;
  private readonly listings: Listings;
  /** Where marks come from; found at the first reading. */
  private markMethod: MethodName | null = null;
  private readonly promised = new Map<number, number>();
  private readonly settlements = new Set<number>();
  private payments: Due[] = [];
  private readonly paymentIds = new Set<string>();
  private paymentsCoveredMs = Number.POSITIVE_INFINITY;
  private reading = false;
  private readingPayments = false;
  private ratesWallMs = 0;
  private intervalsWallMs = 0;
  private paymentsWallMs = 0;

  constructor(context: CcxtContext, listings: Listings) {
    this.context = context;
    this.listings = listings;
  }

  get paymentsSeen(): number {
    return this.paymentIds.size;
  }

  /** The first rates, intervals and marks; throws what ccxt throws. */
  async readFirst(): Promise<void> {
    await this.readRates();
    await this.readIntervals();
    await this.readMarks();
  }

  tick(wallMs: number): void {
    const { limits, clock, credentials } = this.context;
    const venueMs = clock.venueMs();
    this.noteSettlements(venueMs);
    if (!this.reading && wallMs - this.ratesWallMs >= limits.ratesEveryMs) void this.refresh();
    if (credentials === null || this.readingPayments) return;
    const due = this.payments.filter(
      (entry) => entry.dueVenueMs <= venueMs && entry.notBeforeWallMs <= wallMs,
    );
    if (due.length > 0 && wallMs - this.paymentsWallMs >= limits.paymentsReadGapMs) {
      void this.readPayments(due);
    }
  }

  /** Emitted unless it was seen. */
  payment(event: FundingPaymentEvent): void {
    const key = `${event.symbol ?? ''} ${event.id}`;
    if (this.paymentIds.has(key)) return;
    this.paymentIds.add(key);
    if (this.paymentIds.size > this.context.limits.paymentIdsMax) {
      for (const oldest of this.paymentIds) {
        this.paymentIds.delete(oldest);
        break;
      }
    }
    this.context.emit(event);
  }

  private perps(): readonly (readonly [symbol: string, instrument: Instrument])[] {
    return [...this.context.bySymbol].filter(([, { kind }]) => isPerp(kind));
  }

  private async refresh(): Promise<void> {
    const { clock, limits, log, venue, reached } = this.context;
    this.reading = true;
    try {
      await this.readRates();
      if (clock.wallMs() - this.intervalsWallMs >= limits.intervalsEveryMs) {
        await this.readIntervals();
      }
      await this.readMarks();
      reached(true, '');
    } catch (thrown) {
      reached(false, textOf(thrown));
      log.warn({ venue, reason: textOf(thrown) }, 'funding rates not read');
    }
    this.ratesWallMs = clock.wallMs();
    this.reading = false;
  }

  private async read(method: MethodName, args: readonly unknown[]): Promise<unknown> {
    const { exchanges, limits } = this.context;
    return call(exchanges.market, method, args, limits.readTimeoutMs);
  }

  private async readRates(): Promise<void> {
    const perps = this.perps();
    if (perps.length === 0) return;
    const symbols = perps.map(([symbol]) => symbol);
    const rows: Row[] = [];
    if (can(this.context.exchanges.market.has, 'fetchFundingRates')) {
      rows.push(...rowsOf(await this.read('fetchFundingRates', [symbols])));
    } else {
      for (const symbol of symbols) rows.push(rowOf(await this.read('fetchFundingRate', [symbol])));
    }
    if (this.context.isStopped()) return;
    for (const row of rows) this.takeRate(row);
  }

  private takeRate(row: Row): void {
    const instrument = this.context.bySymbol.get(textAt(row, 'symbol') ?? '');
    if (instrument === undefined) return;
    const { catalog, table, clock, onQuote } = this.context;
    const index = catalog.indexOf(instrument.id);
    const rate = numberAt(row, 'fundingRate');
    const settlesAtMs = numberAt(row, 'fundingTimestamp');
    const intervalMs = tryDuration(textAt(row, 'interval') ?? '');
    let isNew = this.put(index, slot.ratePerInterval, rate);
    isNew = this.put(index, slot.settlesAtMs, settlesAtMs) || isNew;
    isNew = this.put(index, slot.intervalMs, intervalMs) || isNew;
    if (rate !== null) table.set(index, slot.fundingWallMs, clock.wallMs());
    this.takeMark(index, instrument, row);
    if (isNew) onQuote(index);
  }

  private takeMark(index: number, { priceUnit }: Instrument, row: Row): boolean {
    const { table, clock } = this.context;
    const unit = Number(priceUnit) / 1e18;
    const mark = numberAt(row, 'markPrice');
    const spot = numberAt(row, 'indexPrice');
    if (spot !== null && spot > 0) table.set(index, slot.index, spot / unit);
    if (mark === null || !(mark > 0)) return false;
    table.set(index, slot.mark, mark / unit);
    table.set(index, slot.markWallMs, clock.wallMs());
    return true;
  }

  /** Only where the rates carry none. */
  private async readMarks(): Promise<void> {
    const perps = this.perps();
    const { catalog, table, clock, limits, exchanges } = this.context;
    const isFresh = perps.every(([, { id }]) => {
      const ageMs = clock.wallMs() - table.get(catalog.indexOf(id), slot.markWallMs);
      return ageMs < limits.ratesEveryMs;
    });
    if (isFresh || perps.length === 0) return;
    const candidates = this.markMethod === null ? markMethods : [this.markMethod];
    for (const method of candidates) {
      if (!can(exchanges.market.has, method)) continue;
      const symbols = perps.map(([symbol]) => symbol);
      const rows = rowsOf(await this.read(method, [symbols]));
      let count = 0;
      for (const row of rows) {
        const instrument = this.context.bySymbol.get(textAt(row, 'symbol') ?? '');
        if (instrument === undefined || !isPerp(instrument.kind)) continue;
        if (this.takeMark(catalog.indexOf(instrument.id), instrument, row)) count++;
      }
      if (count > 0) {
        this.markMethod = method;
        return;
      }
    }
  }

  /** Listed apart, or the next settlement minus the last one. */
  private async readIntervals(): Promise<void> {
    const { exchanges, catalog, table, clock } = this.context;
    const { has } = exchanges.market;
    this.intervalsWallMs = clock.wallMs();
    const stated = new Set<number>();
    if (can(has, 'fetchFundingIntervals')) {
      for (const row of rowsOf(await this.read('fetchFundingIntervals', []))) {
        const instrument = this.context.bySymbol.get(textAt(row, 'symbol') ?? '');
        const intervalMs = tryDuration(textAt(row, 'interval') ?? '');
        if (instrument === undefined || intervalMs === null) continue;
        const index = catalog.indexOf(instrument.id);
        this.put(index, slot.intervalMs, intervalMs);
        stated.add(index);
      }
    }
    for (const [symbol, { id }] of this.perps()) {
      const index = catalog.indexOf(id);
      const isKnown = !Number.isNaN(table.get(index, slot.intervalMs));
      if (stated.has(index) || (isKnown && !this.inferred.has(index))) continue;
      if (!can(has, 'fetchFundingRateHistory')) continue;
      const past = rowsOf(await this.read('fetchFundingRateHistory', [symbol, undefined, 10]));
      const lastMs = Math.max(...past.map((row) => numberAt(row, 'timestamp') ?? Number.NaN));
      const nextMs = table.get(index, slot.settlesAtMs);
      const intervalMs = intervalOf(lastMs, nextMs, clock.venueMs());
      if (intervalMs === null) continue;
      this.inferred.add(index);
      this.put(index, slot.intervalMs, intervalMs);
    }
  }

  /** Instruments whose interval nobody states: read again from the last settlement. */
  private readonly inferred = new Set<number>();

  private noteSettlements(venueMs: number): void {
    const { catalog, table } = this.context;
    for (const [, { id }] of this.perps()) {
      const index = catalog.indexOf(id);
      const next = table.get(index, slot.settlesAtMs);
      const promised = this.promised.get(index) ?? Number.NaN;
      if (promised <= venueMs) {
        this.settledAt(promised);
        this.promised.delete(index);
      }
      if (next > venueMs) this.promised.set(index, next);
    }
  }

  private settledAt(settledAtMs: number): void {
    if (this.settlements.has(settledAtMs)) return;
    const { limits, clock } = this.context;
    this.settlements.add(settledAtMs);
    if (this.settlements.size > limits.settlementsPendingMax) {
      for (const oldest of this.settlements) {
        this.settlements.delete(oldest);
        break;
      }
    }
    this.ratesWallMs = 0;
    this.intervalsWallMs = 0;
    const laterWallMs = clock.wallMs() + limits.settlementLagWallMs;
    for (const [k, ms] of limits.paymentsReadVenueMs.entries()) {
      const isLast = k === limits.paymentsReadVenueMs.length - 1;
      this.payments.push({
        settledAtMs,
        dueVenueMs: settledAtMs + ms,
        notBeforeWallMs: isLast ? laterWallMs : 0,
      });
    }
    if (this.payments.length > limits.settlementsPendingMax) this.payments.shift();
  }

  private async readPayments(due: readonly Due[]): Promise<void> {
    const { clock, limits, log, venue } = this.context;
    this.readingPayments = true;
    this.paymentsWallMs = clock.wallMs();
    const startedMs = clock.venueMs();
    const oldestMs = Math.min(this.paymentsCoveredMs, ...due.map((entry) => entry.settledAtMs));
    try {
      const events = await this.listings.payments(oldestMs - limits.paymentsOverlapVenueMs);
      if (this.context.isStopped()) return;
      this.paymentsCoveredMs = startedMs;
      const done = new Set(due);
      this.payments = this.payments.filter((entry) => !done.has(entry));
      for (const event of events) this.payment(event);
    } catch (thrown) {
      log.warn({ venue, reason: textOf(thrown) }, 'funding payments not read: again later');
    } finally {
      this.readingPayments = false;
    }
  }

  private put(index: number, at: number, value: number | null): boolean {
    const { table } = this.context;
    if (value === null || table.get(index, at) === value) return false;
    table.set(index, at, value);
    return true;
  }
}

const markMethods = ['fetchMarkPrices', 'fetchTickers'] as const;
