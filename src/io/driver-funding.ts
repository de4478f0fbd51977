// Funding of one venue beyond the streams: intervals move after settlements, so rates are read
// again then and on a timer; and what was paid is read from the venue's ledger after each
// settlement.
import type { Instrument, InstrumentId } from '../domain/instrument.ts';
import { isPerp } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { FundingPaymentEvent } from '../domain/venue-event.ts';
import { FundingCheck } from './driver-funding-check.ts';
import { intervalMsMax, intervalOf, type Market } from './driver-market.ts';
import type { DriverContext } from './driver-types.ts';

/** Something to do at a venue time because of a settlement. */
interface Due {
  readonly settledAtMs: number;
  readonly dueVenueMs: number;
  /** The last one of a settlement also waits on the wall: a fast testnet books on its own tick. */
  readonly notBeforeWallMs: number;
}

export class Funding {
  private readonly context: DriverContext;
  private readonly market: Market;
  /** The settlement that the table last promised, by catalog index; handled ones are NaN. */
  private readonly promised = new Map<number, number>();
  private readonly settlements = new Set<number>();
  private rereads: Due[] = [];
  private payments: Due[] = [];
  private readingRates = false;
  private readingPayments = false;
  private ratesReadWallMs = 0;
  private paymentsReadWallMs = 0;
  /** Venue time of the last complete reading of the ledger. */
  private paymentsCoveredMs = Number.POSITIVE_INFINITY;
  /** Instruments whose interval the venue does not state: taken from the last settlement. */
  private readonly inferred = new Set<number>();
  /** The last settlement that was seen to pass, by catalog index. */
  private readonly settledLast = new Map<number, number>();
  private readonly paymentIds = new Set<string>();
  private readonly check: FundingCheck;
  private stopped = false;

  constructor(context: DriverContext, market: Market) {
    this.context = context;
    this.market = market;
    this.check = new FundingCheck(context);
  }

  get paymentsSeen(): number {
    return this.paymentIds.size;
  }

  /** First rates and intervals; the driver's start waits for it. False when they cannot be had. */
  async readFirst(): Promise<string | null> {
    return this.readRates(true);
  }

  tick(wallMs: number): void {
    const venueMs = this.context.clock.venueMs();
    this.noteSettlements(venueMs);
    const { fundingReadGapMs, fundingAuditEveryMs, paymentsReadGapMs } = this.context.limits;
    const ratesAgeMs = wallMs - this.ratesReadWallMs;
    const isDue = (due: Due): boolean => due.dueVenueMs <= venueMs && due.notBeforeWallMs <= wallMs;
    const settled = this.rereads.some(isDue);
    const wantsRates =
      (settled && ratesAgeMs >= fundingReadGapMs) || ratesAgeMs >= fundingAuditEveryMs;
    if (wantsRates && !this.readingRates) {
      this.rereads = this.rereads.filter((due) => !isDue(due));
      void this.readRates(settled);
    }
    this.check.tick(wallMs);
    const due = this.payments.filter(isDue);
    const paymentsAgeMs = wallMs - this.paymentsReadWallMs;
    if (due.length > 0 && !this.readingPayments && paymentsAgeMs >= paymentsReadGapMs) {
      void this.readPayments(due);
    }
  }

  /** An order for it leaves: what it settles at is compared from now on. */
  traded(instrument: InstrumentId): void {
    this.check.concerns(instrument);
  }

  /** A payment that a stream carried: emitted unless it was seen. */
  payment(event: FundingPaymentEvent): void {
    const key = `${event.symbol ?? ''} ${event.id}`;
    if (event.instrument !== null) this.check.concerns(event.instrument);
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

  stop(): void {
    this.stopped = true;
    this.check.stop();
  }

  private perps(): readonly Instrument[] {
    return this.context.instruments.filter((instrument) => isPerp(instrument.kind));
  }

  private noteSettlements(venueMs: number): void {
    const { catalog, table } = this.context;
    for (const instrument of this.perps()) {
      const index = catalog.indexOf(instrument.id);
      const next = table.get(index, slot.settlesAtMs);
      const promised = this.promised.get(index) ?? Number.NaN;
      if (promised <= venueMs) {
        this.settledAt(promised);
        this.settledLast.set(index, promised);
        this.promised.delete(index);
      }
      if (next > venueMs) this.promised.set(index, next);
    }
  }

  private settledAt(settledAtMs: number): void {
    if (this.settlements.has(settledAtMs)) return;
    const { settlementsPendingMax, fundingRereadVenueMs, paymentsReadVenueMs } =
      this.context.limits;
    this.settlements.add(settledAtMs);
    if (this.settlements.size > settlementsPendingMax) {
      for (const oldest of this.settlements) {
        this.settlements.delete(oldest);
        break;
      }
    }
    const laterWallMs = this.context.clock.wallMs() + this.context.limits.settlementLagWallMs;
    const dues = (afterMs: readonly number[]): readonly Due[] =>
      afterMs.map((ms, k) => ({
        settledAtMs,
        dueVenueMs: settledAtMs + ms,
        notBeforeWallMs: k === afterMs.length - 1 ? laterWallMs : 0,
      }));
    this.rereads.push(...dues(fundingRereadVenueMs));
    this.payments.push(...dues(paymentsReadVenueMs));
    if (this.rereads.length > settlementsPendingMax) this.rereads.shift();
    if (this.payments.length > settlementsPendingMax) this.payments.shift();
  }

  /** Null, or why the rates could not be read. */
  private async readRates(afterSettlement: boolean): Promise<string | null> {
    const perps = this.perps();
    if (perps.length === 0) return null;
    const { context } = this;
    this.readingRates = true;
    const result = await context.rest.readAll(context.spec.requests.fundingRates(perps));
    if (result.ok && !this.stopped) {
      this.market.readRates(result.events, context.clock.wallMs());
      await this.inferIntervals(perps, afterSettlement);
    }
    this.ratesReadWallMs = context.clock.wallMs();
    this.readingRates = false;
    if (result.ok) return null;
    const { venue, log } = context;
    log.warn({ venue, reason: result.error.message }, 'funding rates not read');
    return result.error.message;
  }

  /**
   * Where the venue states no interval (Binance lists only adjusted symbols), the interval that
   * runs now is the next settlement minus the last one. The history is asked once; after a
   * settlement only when the next one does not stand where the known interval puts it.
   */
  private async inferIntervals(perps: readonly Instrument[], again: boolean): Promise<void> {
    const { catalog, table } = this.context;
    const wanted = perps.filter((instrument) => {
      const index = catalog.indexOf(instrument.id);
      return Number.isNaN(table.get(index, slot.intervalMs)) || (again && this.isDoubtful(index));
    });
    await Promise.all(wanted.map((instrument) => this.inferInterval(instrument)));
  }

  private isDoubtful(index: number): boolean {
    const lastMs = this.settledLast.get(index);
    if (lastMs === undefined || !this.inferred.has(index)) return false;
    const { table, clock } = this.context;
    const intervalMs = intervalOf(lastMs, table.get(index, slot.settlesAtMs), clock.venueMs());
    return intervalMs !== table.get(index, slot.intervalMs);
  }

  private async inferInterval(instrument: Instrument): Promise<void> {
    const { catalog, clock, rest, spec, log, venue } = this.context;
    const index = catalog.indexOf(instrument.id);
    const toMs = Math.floor(clock.venueMs());
    const range = { fromMs: toMs - 2 * intervalMsMax, toMs };
    const result = await rest.read(spec.requests.fundingHistory(instrument, range));
    if (!result.ok) {
      log.warn(
        { venue, instrument: instrument.id, reason: result.error.message },
        'no funding history',
      );
      return;
    }
    if (this.market.readSettled(index, result.events)) this.inferred.add(index);
  }

  private async readPayments(due: readonly Due[]): Promise<void> {
    const { context } = this;
    if (context.credentials === null) return;
    this.readingPayments = true;
    this.paymentsReadWallMs = context.clock.wallMs();
    // From the last reading on: it may have come before the venue booked what it was meant for.
    const startedMs = context.clock.venueMs();
    const oldestMs = Math.min(this.paymentsCoveredMs, ...due.map((entry) => entry.settledAtMs));
    const sinceMs = Math.floor(oldestMs - context.limits.paymentsOverlapVenueMs);
    const scope = { instruments: this.perps(), sinceMs };
    const result = await context.rest.readAll(context.spec.requests.fundingPayments(scope));
    this.readingPayments = false;
    if (this.stopped) return;
    if (!result.ok) {
      const { venue, log } = context;
      log.warn({ venue, reason: result.error.message }, 'funding payments not read: again later');
      return;
    }
    this.paymentsCoveredMs = startedMs;
    // The last reading of a settlement: by now the venue has billed it.
    for (const { settledAtMs, notBeforeWallMs } of due) {
      if (notBeforeWallMs > 0) this.check.settled(settledAtMs);
    }
    const done = new Set(due);
    this.payments = this.payments.filter((entry) => !done.has(entry));
    const payments = result.events.filter(
      (e): e is FundingPaymentEvent => e.kind === 'funding-payment',
    );
    payments.sort((a, b) => (a.venueTsMs ?? 0) - (b.venueTsMs ?? 0));
    for (const payment of payments) this.payment(payment);
  }
}
