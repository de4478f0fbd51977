// Reads of the account through ccxt: balances, positions, orders, fills, payments. A listing is
// asked for once per market type where the venue takes that, else once per symbol; a full page is
// asked for again with ccxt's own paging. Throws what ccxt throws.
import { isPerp } from '../../domain/instrument.ts';
import type {
  BalanceEvent,
  FillEvent,
  FundingPaymentEvent,
  OrderEvent,
  PositionEvent,
} from '../../domain/venue-event.ts';
import type { MethodName, Row } from './api.ts';
import { historyOf } from './capabilities.ts';
import { isA, textOf } from './errors.ts';
import { rowOf, rowsOf } from './fields.ts';
import { type MarketType, unifiedHoldings, walletOf } from './profiles.ts';
import { fillEventOf, orderEventOf, paymentEventOf, positionEventOf } from './rows.ts';
import { type CcxtContext, call, marketTypesOf } from './session.ts';

export class Listings {
  private readonly context: CcxtContext;
  /** Listings that the venue gives per symbol only. */
  private readonly perSymbol: Set<MethodName>;
  private feesUnknown = 0;

  constructor(context: CcxtContext) {
    this.context = context;
    this.perSymbol = new Set(context.profile.perSymbol);
  }

  async balances(): Promise<readonly BalanceEvent[]> {
    const { venue, profile } = this.context;
    const events: BalanceEvent[] = [];
    const types: readonly MarketType[] = profile.unified ? ['swap'] : marketTypesOf(this.context);
    for (const type of types) {
      const params = profile.unified ? {} : { type };
      const balance = rowOf(await this.read('fetchBalance', [params]));
      const held = profile.holdings?.(balance['info'], type) ?? unifiedHoldings(balance);
      for (const { asset, total, available } of held) {
        if (total === 0n) continue;
        const wallet = walletOf(profile, type);
        const stamp = { venue, symbol: null, instrument: null, venueTsMs: null };
        events.push({ kind: 'balance', ...stamp, asset, total, available, wallet });
      }
    }
    return events;
  }

  async positions(): Promise<readonly PositionEvent[]> {
    const { source, bySymbol } = this.context;
    const perps = [...bySymbol].filter(([, { kind }]) => isPerp(kind));
    if (perps.length === 0) return [];
    const rows = rowsOf(await this.read('fetchPositions', [undefined, { type: 'swap' }]));
    const events: PositionEvent[] = [];
    for (const row of rows) {
      const event = positionEventOf(row, source);
      if (event !== null && event.qty !== 0n) events.push(event);
    }
    return events;
  }

  async openOrders(): Promise<readonly OrderEvent[]> {
    return this.orders(await this.list('fetchOpenOrders', null, null));
  }

  /** Ended orders of the symbols (null = wherever the venue lists them) since then. */
  async history(symbols: readonly string[], sinceMs: number): Promise<readonly OrderEvent[]> {
    const methods = historyOf(this.context.exchanges.account.has) ?? [];
    const rows: Row[] = [];
    for (const method of methods) rows.push(...(await this.list(method, symbols, sinceMs)));
    return this.orders(rows);
  }

  async fills(symbols: readonly string[], sinceMs: number): Promise<readonly FillEvent[]> {
    return this.fillsOf(await this.list('fetchMyTrades', symbols, sinceMs));
  }

  /** An order's own listing rows, asked for with its symbol alone. */
  async ofSymbol(
    method: MethodName,
    symbol: string,
    { sinceMs, params }: { readonly sinceMs: number | null; readonly params: Row },
  ): Promise<readonly Row[]> {
    return this.pages(method, symbol, sinceMs, params);
  }

  async payments(sinceMs: number): Promise<readonly FundingPaymentEvent[]> {
    const perps = [...this.context.bySymbol].flatMap(([symbol, { kind }]) =>
      isPerp(kind) ? [symbol] : [],
    );
    if (perps.length === 0) return [];
    const rows = await this.list('fetchFundingHistory', perps, sinceMs, ['swap']);
    return rows.flatMap((row) => paymentEventOf(row, this.context.source) ?? []);
  }

  orders(rows: readonly Row[]): readonly OrderEvent[] {
    return rows.flatMap((row) => orderEventOf(row, this.context.source) ?? []);
  }

  fillsOf(rows: readonly Row[]): readonly FillEvent[] {
    return rows.flatMap((row) => {
      const read = fillEventOf(row, this.context.source);
      if (read === null) return [];
      if (!read.feeKnown) this.noFee(read.fill);
      return [read.fill];
    });
  }

  /** A fill whose fee is not known with its sign is left to the listing, which tells it. */
  streamedFills(rows: readonly Row[]): readonly FillEvent[] {
    const { source, profile } = this.context;
    const { streamFeeSign } = profile;
    if (streamFeeSign === null) return [];
    return rows.flatMap((row) => {
      const read = fillEventOf(row, source, streamFeeSign);
      return read?.feeKnown === true ? [read.fill] : [];
    });
  }

  /** One read with the usual deadline; tells whether the venue answered. */
  async read(method: MethodName, args: readonly unknown[]): Promise<unknown> {
    const { exchanges, limits } = this.context;
    return this.watched(() => call(exchanges.account, method, args, limits.listingTimeoutMs));
  }

  private async watched<T>(work: () => Promise<T>): Promise<T> {
    const { reached } = this.context;
    try {
      const result = await work();
      reached(true, '');
      return result;
    } catch (thrown) {
      const lost = isA(thrown, 'NetworkError') || isA(thrown, 'Unanswered');
      reached(!lost, textOf(thrown));
      throw thrown;
    }
  }

  /** `symbols` null: every wanted one. */
  private async list(
    method: MethodName,
    symbols: readonly string[] | null,
    sinceMs: number | null,
    types: readonly MarketType[] = marketTypesOf(this.context),
  ): Promise<readonly Row[]> {
    if (!this.perSymbol.has(method)) {
      try {
        const rows: Row[] = [];
        for (const type of types) rows.push(...(await this.pages(method, null, sinceMs, { type })));
        return rows;
      } catch (thrown) {
        // Told before anything is sent, or as a request that the venue does not understand.
        if (!isA(thrown, 'ArgumentsRequired') && !isA(thrown, 'BadRequest')) throw thrown;
        this.perSymbol.add(method);
      }
    }
    const rows: Row[] = [];
    for (const symbol of symbols ?? this.context.bySymbol.keys()) {
      rows.push(...(await this.pages(method, symbol, sinceMs, {})));
    }
    return rows;
  }

  private async pages(
    method: MethodName,
    symbol: string | null,
    sinceMs: number | null,
    params: Row,
  ): Promise<readonly Row[]> {
    const { limits, log, venue } = this.context;
    const limit = sinceMs === null ? undefined : limits.listingRows;
    const args = [symbol ?? undefined, sinceMs === null ? undefined : Math.floor(sinceMs), limit];
    const rows = rowsOf(await this.read(method, [...args, params]));
    if (limit === undefined || rows.length < limit) return rows;
    try {
      const paged = rowsOf(await this.read(method, [...args, { ...params, paginate: true }]));
      return [...rows, ...paged];
    } catch (thrown) {
      log.warn({ venue, method, reason: textOf(thrown) }, 'a full page could not be paged on');
      return rows;
    }
  }

  private noFee({ fillId }: FillEvent): void {
    const { log, venue, limits } = this.context;
    this.feesUnknown++;
    if (this.feesUnknown > limits.logsMax) return;
    log.warn({ venue, fillId }, 'the venue lists no fee of this fill: booked as none');
  }
}
