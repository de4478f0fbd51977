// One simulated venue: matches orders against the published books, keeps the account, settles
// funding and liquidates. Synchronous and without a clock: the same calls at the same times give
// the same results. It reads the exogenous market and never writes to it.
//
// Order of events of one order: `order` when it is accepted, then per trade `fill` (with the order
// after it), `balance` for each touched asset and `position`; a further `order` only when it ends
// otherwise than by its last fill. Settlement: `funding-payment`, `balance`, `position`.
import { present } from '../base/assert.ts';
import { abs, type Decimal, minOf, zero } from '../base/decimal.ts';
import type { InstrumentId, VenueId } from '../domain/instrument.ts';
import { slot } from '../domain/market-table.ts';
import type { Side } from '../domain/order.ts';
import type { StartBalance } from './account.ts';
import type {
  SimEndReason,
  SimEvent,
  SimExchange,
  SimFill,
  SimFundingPayment,
  SimHistoryFilter,
  SimInstrument,
  SimNow,
  SimOrder,
  SimOrderRequest,
  SimOrderTarget,
  SimResult,
} from './api.ts';
import { type SimBarWish, simBars } from './bars.ts';
import { Account } from './exchange-account.ts';
import { Booking } from './exchange-booking.ts';
import { Books } from './exchange-books.ts';
import { type Refusal, refuse } from './exchange-filters.ts';
import { selectHistory } from './exchange-history.ts';
import { changeLeverage } from './exchange-leverage.ts';
import { liquidate, markOnTick } from './exchange-liquidation.ts';
import { Matching } from './exchange-matching.ts';
import { isEnded, Orders } from './exchange-orders.ts';
import { type ExchangeRules, rulesOf } from './exchange-rules.ts';
import { Settlements } from './exchange-settlements.ts';
import type { ExogenousMarket } from './market-api.ts';

export interface SimExchangeOptions {
  readonly venue: VenueId;
  readonly market: ExogenousMarket;
  /** What is listed; without it, what the market lists for the venue. */
  readonly listings?: readonly SimInstrument[];
  readonly startBalances: readonly StartBalance[];
  /** Perpetuals that are held from the start on; without it, none. */
  readonly startPositions?: readonly StartPosition[];
  /** Without it, the market's. */
  readonly startMs?: number;
  /** Replaces single rules of the venue. */
  readonly rules?: Partial<ExchangeRules>;
}

export interface StartPosition {
  readonly instrument: InstrumentId;
  /** Signed, + long. */
  readonly qty: Decimal;
  /** Its value at the entry prices, signed as the quantity. */
  readonly cost: Decimal;
}

/** What a fault can do to an account beside the venue's normal life. */
export interface FaultableExchange extends SimExchange {
  /**
   * The venue closes part of a position at the mark: auto-deleveraging (the default, without a
   * fee), or a liquidation with its fee.
   */
  deleverage(
    request: {
      readonly instrument: InstrumentId;
      readonly qty: Decimal;
      readonly forced?: 'adl' | 'liquidation';
    },
    now: SimNow,
  ): SimResult<SimOrder>;
  /** Somebody takes part of a resting order, at its price. */
  takeResting(target: SimOrderTarget, qty: Decimal, now: SimNow): void;
  /** Somebody takes a share of what an order of this side would have traded; false = nothing. */
  takeDepth(id: InstrumentId, taken: { side: Side; share: number }, now: SimNow): boolean;
  /** The venue changes a listing: another fee tier, trading stopped or resumed. */
  relist(id: InstrumentId, change: ListingChange): void;
  /** Money of a wallet moves without a trade: a deposit (+) or a withdrawal (-). */
  transfer(request: StartBalance, now: SimNow): void;
}

export interface ListingChange {
  readonly status?: 'trading' | 'halted';
  readonly feeRateMaker?: Decimal;
  readonly feeRateTaker?: Decimal;
}

export function createSimExchange(options: SimExchangeOptions): FaultableExchange {
  return new VenueExchange(options);
}

class VenueExchange implements FaultableExchange {
  readonly venue: VenueId;
  private readonly market: ExogenousMarket;
  private readonly rules: ExchangeRules;
  private readonly listed = new Map<InstrumentId, SimInstrument>();
  /** The same as a list, until a listing changes. */
  private listings: readonly SimInstrument[] | null = null;
  private readonly books: Books;
  private readonly orderStore = new Orders();
  private readonly account: Account;
  private readonly booking: Booking;
  private readonly matching: Matching;
  private readonly settlements: Settlements;
  private readonly listeners: ((event: SimEvent) => void)[] = [];
  /** Venue and wall time that everything has happened up to. */
  private clock: SimNow;

  constructor(options: SimExchangeOptions) {
    const { market, venue } = options;
    const listings = options.listings ?? market.instruments(venue);
    const startMs = options.startMs ?? market.startMs;
    const rules = { ...rulesOf(venue), ...options.rules };
    const { listed, orderStore: orders } = this;
    const emit = (event: SimEvent): void => this.emit(event);
    this.venue = venue;
    this.market = market;
    this.rules = rules;
    this.clock = { tsMs: startMs, wallMs: 0 };
    for (const listing of listings) this.put(listing);
    const { fundingPrice } = rules;
    this.settlements = new Settlements(market, listings, { startMs, fundingPrice });
    for (const { instrument } of listings) this.refreshInterval(instrument.id);
    const instruments = listings.map((listing) => listing.instrument);
    this.books = new Books({ market, instruments, refillWallMs: rules.refillWallMs, startMs });
    this.account = new Account({
      listed,
      orders,
      markOf: (id) => this.mark(id),
      leverageDefault: rules.leverageDefault,
      startBalances: options.startBalances,
      startMs,
    });
    for (const { instrument, qty, cost } of options.startPositions ?? []) {
      this.account.setState(instrument, { qty, cost, updatedTsMs: startMs });
    }
    const { account, books } = this;
    this.booking = new Booking({ listed, account, orders, emit });
    this.matching = new Matching({ rules, books, orders, account, booking: this.booking, emit });
  }

  instruments(): readonly SimInstrument[] {
    this.listings ??= [...this.listed.values()];
    return this.listings;
  }

  instrument(id: InstrumentId): SimInstrument | null {
    return this.listed.get(id) ?? null;
  }

  quote(id: InstrumentId) {
    return this.books.quote(id);
  }

  show(id: InstrumentId, row: Float64Array): void {
    this.books.show(id, row);
    row[slot.mark] = this.mark(id);
    row[slot.index] = this.index(id);
    this.settlements.show(id, this.clock.tsMs, row);
  }

  book(id: InstrumentId, levelsMax: number) {
    return this.books.book(id, levelsMax);
  }

  mark(id: InstrumentId): number {
    return this.market.mark(id, this.clock.tsMs);
  }

  index(id: InstrumentId): number {
    return this.market.index(present(this.listed.get(id), id).underlying, this.clock.tsMs);
  }

  funding(id: InstrumentId) {
    return this.settlements.funding(id, this.clock.tsMs);
  }

  fundingHistory(id: InstrumentId, range: { readonly fromMs: number; readonly toMs: number }) {
    return this.settlements.history(id, { ...range, toMs: Math.min(range.toMs, this.clock.tsMs) });
  }

  bars(id: InstrumentId, wish: SimBarWish) {
    const { underlying } = present(this.listed.get(id), id);
    return simBars(this.market, { id, underlying, nowMs: this.clock.tsMs }, wish);
  }

  advance(now: SimNow): void {
    const tsMs = Math.max(now.tsMs, this.clock.tsMs);
    const wallMs = Math.max(now.wallMs, this.clock.wallMs);
    for (
      let next = this.settlements.nextMs();
      next !== null && next <= tsMs;
      next = this.settlements.nextMs()
    ) {
      this.clock = { tsMs: next, wallMs };
      this.settleAt(next);
      this.liquidate();
    }
    this.clock = { tsMs, wallMs };
    const refilled = this.books.refill(wallMs);
    const published = this.books.publish(tsMs);
    if (refilled || published) this.matching.matchResting(this.listed, this.clock);
    if (published) this.liquidate();
  }

  onEvent(listener: (event: SimEvent) => void): void {
    this.listeners.push(listener);
  }

  place(request: SimOrderRequest, now: SimNow): SimResult<SimOrder> {
    this.advance(now);
    const listing = this.listed.get(request.instrument);
    if (listing === undefined) return notListed(request.instrument);
    return this.matching.place(request, listing, this.clock);
  }

  cancel(target: SimOrderTarget, now: SimNow, reason: SimEndReason = 'user'): SimResult<SimOrder> {
    this.advance(now);
    const order = this.orderStore.find(target);
    if (order === null) return refuse('order-not-found', 'no such order');
    if (isEnded(order)) return refuse('order-terminal', `the order is ${order.status}`);
    return { ok: true, value: this.matching.end(order, reason, this.clock) };
  }

  cancelAll(
    instrument: InstrumentId | null,
    now: SimNow,
    reason: SimEndReason = 'user',
  ): readonly SimOrder[] {
    this.advance(now);
    const open = this.orderStore.openOrders(instrument);
    return open.map((order) => this.matching.end(order, reason, this.clock));
  }

  order(target: SimOrderTarget): SimOrder | null {
    return this.orderStore.find(target);
  }

  openOrders(instrument: InstrumentId | null): readonly SimOrder[] {
    return this.orderStore.openOrders(instrument);
  }

  orders(filter: SimHistoryFilter): readonly SimOrder[] {
    return selectHistory(this.orderStore.all(), filter, (order) => ({
      id: order.orderId,
      instrument: order.instrument,
      tsMs: order.createdTsMs,
    }));
  }

  fills(filter: SimHistoryFilter): readonly SimFill[] {
    return selectHistory(this.booking.fills(), filter, (fill) => ({
      id: fill.tradeId,
      instrument: fill.instrument,
      tsMs: fill.tsMs,
    }));
  }

  fundingPayments(filter: SimHistoryFilter): readonly SimFundingPayment[] {
    return selectHistory(this.booking.payments(), filter, (payment) => ({
      id: payment.id,
      instrument: payment.instrument,
      tsMs: payment.settledAtMs,
    }));
  }

  bills(filter: SimHistoryFilter) {
    return selectHistory(this.account.wallets.bills(), filter, (bill) => bill);
  }

  balances() {
    return this.account.balances();
  }

  positions() {
    return this.account.touched().map((id) => this.account.position(id));
  }

  position(id: InstrumentId) {
    return this.account.position(id);
  }

  margin(wallet: string, coin?: string) {
    return this.account.margin(wallet, coin ?? null);
  }

  leverage(id: InstrumentId): number {
    return this.account.leverage(id);
  }

  setLeverage(id: InstrumentId, leverage: number, now: SimNow): SimResult<'changed' | 'unchanged'> {
    this.advance(now);
    const listing = this.listed.get(id);
    if (listing === undefined) return notListed(id);
    const result = changeLeverage(this.account, listing, leverage);
    if (result.ok && result.value === 'changed') {
      this.emit({ kind: 'leverage', instrument: id, leverage, tsMs: this.clock.tsMs });
    }
    return result;
  }

  deleverage(
    request: {
      readonly instrument: InstrumentId;
      readonly qty: Decimal;
      readonly forced?: 'adl' | 'liquidation';
    },
    now: SimNow,
  ): SimResult<SimOrder> {
    this.advance(now);
    const listing = this.listed.get(request.instrument);
    if (listing === undefined) return notListed(request.instrument);
    const qty = minOf(request.qty, abs(this.account.state(request.instrument).qty));
    if (qty <= zero) return refuse('reduce-only-rejected', 'there is no position to reduce');
    const price = markOnTick(this.account, listing.instrument);
    const { instrument, forced = 'adl' } = request;
    const feeRate = forced === 'adl' ? zero : this.rules.liquidationFeeRate;
    const close = { instrument, qty, price, feeRate, forced };
    return { ok: true, value: this.matching.forceClose(close, this.clock) };
  }

  takeResting(target: SimOrderTarget, qty: Decimal, now: SimNow): void {
    this.advance(now);
    const order = this.orderStore.find(target);
    const listing = this.listed.get(target.instrument);
    if (order === null || listing === undefined || isEnded(order)) return;
    this.matching.takeResting(order, { listing, qty }, this.clock);
  }

  takeDepth(id: InstrumentId, taken: { side: Side; share: number }, now: SimNow): boolean {
    this.advance(now);
    return this.books.takeShare(id, taken, this.clock.wallMs) > zero;
  }

  relist(id: InstrumentId, change: ListingChange): void {
    const { status, ...fees } = change;
    const listing = present(this.listed.get(id), `instrument ${id}`);
    const instrument = { ...listing.instrument, status: status ?? listing.instrument.status };
    this.put({ ...listing, ...fees, instrument });
  }

  transfer({ wallet, asset, amount }: StartBalance, now: SimNow): void {
    this.advance(now);
    const { tsMs } = this.clock;
    const nothing = { instrument: null, tradeId: null };
    this.account.wallets.post({ kind: 'transfer', wallet, asset, amount, ...nothing, tsMs });
    const balance = this.account.balance(wallet, asset);
    this.emit({ kind: 'balance', balance, cause: 'transfer', tsMs });
  }

  private settleAt(tsMs: number): void {
    const { settlements, intervalChanges } = this.settlements.takeAt(tsMs);
    for (const settlement of settlements) this.booking.settle(settlement);
    for (const instrument of intervalChanges) {
      this.refreshInterval(instrument);
      const intervalMs = this.settlements.intervalMs(instrument);
      if (intervalMs !== null) this.emit({ kind: 'interval-change', instrument, intervalMs, tsMs });
    }
  }

  private liquidate(): void {
    const { listed, account, orderStore: orders, matching, booking } = this;
    const feeRate = this.rules.liquidationFeeRate;
    liquidate({ listed, account, orders, matching, booking, feeRate }, this.clock);
  }

  /** The listing always shows the current interval. */
  private refreshInterval(id: InstrumentId): void {
    const listing = present(this.listed.get(id), `instrument ${id}`);
    const fundingIntervalMs = this.settlements.intervalMs(id);
    if (fundingIntervalMs === listing.instrument.fundingIntervalMs) return;
    this.put({ ...listing, instrument: { ...listing.instrument, fundingIntervalMs } });
  }

  private put(listing: SimInstrument): void {
    this.listed.set(listing.instrument.id, listing);
    this.listings = null;
  }

  private emit(event: SimEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

function notListed(id: InstrumentId): Refusal {
  return refuse('unknown-instrument', `${id} is not listed`);
}
