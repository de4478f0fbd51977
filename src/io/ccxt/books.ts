// Books and best prices of one venue: a ccxt.pro order book per instrument, or a REST poll where
// there is no stream. What is lost is unknown at once; a silent book is compared with the venue's.

import { toNumber } from '../../base/decimal.ts';
import { slot } from '../../domain/market-table.ts';
import type { Level } from '../../domain/venue-event.ts';
import type { StreamStats } from '../driver-types.ts';
import type { Row } from './api.ts';
import { can } from './capabilities.ts';
import { textOf } from './errors.ts';
import { numberAt, rowOf } from './fields.ts';
import { type CcxtContext, call } from './session.ts';
import { WatchLoop } from './streams.ts';

export class Books {
  private readonly context: CcxtContext;
  private readonly loops = new Map<string, WatchLoop>();
  private readonly changed: (isUp: boolean, detail: string) => void;
  private isUp = false;
  private auditWallMs: number;
  private auditing = false;

  /** `changed`: every book came up, or one was lost. */
  constructor(context: CcxtContext, changed: (isUp: boolean, detail: string) => void) {
    this.context = context;
    this.changed = changed;
    this.auditWallMs = context.clock.wallMs();
  }

  start(): void {
    const { exchanges, bySymbol, limits } = this.context;
    const { market } = exchanges;
    const streamed = can(market.has, 'watchOrderBook');
    for (const symbol of bySymbol.keys()) {
      let polls = 0;
      const watch = streamed
        ? () => market.watchOrderBook(symbol)
        : async () => {
            if (polls++ > 0) await new Promise((resolve) => setTimeout(resolve, limits.bookPollMs));
            return call(market, 'fetchOrderBook', [symbol], limits.readTimeoutMs);
          };
      const loop = new WatchLoop(this.context, {
        name: `book ${symbol}`,
        access: 'public',
        watch,
        data: (value, wallMs) => this.take(symbol, rowOf(value), wallMs),
        up: () => this.judge('every book is up'),
        lost: (reason) => this.lose(symbol, reason),
        refused: (thrown) => this.lose(symbol, textOf(thrown)),
        settleMs: null,
      });
      this.loops.set(symbol, loop);
      loop.start();
    }
  }

  get allUp(): boolean {
    return [...this.loops.values()].every((loop) => loop.isUp);
  }

  stats(): readonly StreamStats[] {
    return [...this.loops.values()].map((loop) => loop.stats());
  }

  tick(wallMs: number): void {
    const { limits, bySymbol, catalog, table } = this.context;
    if (this.auditing || wallMs - this.auditWallMs < limits.quoteAuditEveryMs) return;
    this.auditWallMs = wallMs;
    const silent = [...bySymbol].flatMap(([symbol, { id }]) => {
      const ageMs = wallMs - table.get(catalog.indexOf(id), slot.quoteWallMs);
      return ageMs > limits.quoteAuditAgeMs ? [symbol] : [];
    });
    if (silent.length > 0) void this.audit(silent);
  }

  stop(): void {
    for (const loop of this.loops.values()) loop.stop();
  }

  private take(symbol: string, book: Row, wallMs: number): void {
    const { bySymbol, catalog, table, limits, depth, onQuote } = this.context;
    const instrument = bySymbol.get(symbol);
    if (instrument === undefined) return;
    const index = catalog.indexOf(instrument.id);
    const units = { price: toNumber(instrument.priceUnit), qty: toNumber(instrument.qtyUnit) };
    const bids = levelsOf(book['bids'], units, limits.bookTopLevels);
    const asks = levelsOf(book['asks'], units, limits.bookTopLevels);
    const [bid, ask] = [bids[0], asks[0]];
    if (bid !== undefined && ask !== undefined && bid[0] >= ask[0]) {
      // ccxt keeps the sequence where the venue has one; a crossed book is not to be believed.
      this.invalidate(symbol);
      return;
    }
    const nothing = Number.NaN;
    const stampMs = numberAt(book, 'timestamp') ?? nothing;
    const [bidPrice = nothing, bidQty = nothing] = bid ?? [];
    const [askPrice = nothing, askQty = nothing] = ask ?? [];
    const values = Float64Array.of(bidPrice, bidQty, askPrice, askQty, stampMs, wallMs);
    const isNew = table.setQuote(index, values);
    if (depth) table.books[index] = { bids, asks, wallMs };
    if (isNew) onQuote(index);
  }

  private lose(symbol: string, reason: string): void {
    this.invalidate(symbol);
    this.judge(`${symbol}: ${reason}`);
  }

  private invalidate(symbol: string): void {
    const { bySymbol, catalog, table, onQuote } = this.context;
    const instrument = bySymbol.get(symbol);
    if (instrument === undefined) return;
    const index = catalog.indexOf(instrument.id);
    const wasKnown = !Number.isNaN(table.get(index, slot.bid));
    table.invalidateQuote(index);
    if (wasKnown) onQuote(index);
  }

  private judge(detail: string): void {
    const isUp = this.allUp;
    if (isUp === this.isUp) return;
    this.isUp = isUp;
    this.changed(isUp, detail);
  }

  /** Equal best prices: a quiet market. Different ones: the stream is dead, all are opened anew. */
  private async audit(symbols: readonly string[]): Promise<void> {
    const { exchanges, limits, clock, catalog, table, bySymbol, log, venue } = this.context;
    this.auditing = true;
    try {
      for (const symbol of symbols) {
        const instrument = bySymbol.get(symbol);
        if (instrument === undefined || this.context.isStopped()) continue;
        const index = catalog.indexOf(instrument.id);
        const seenMs = table.get(index, slot.quoteWallMs);
        const args = [symbol];
        const book = rowOf(
          await call(exchanges.market, 'fetchOrderBook', args, limits.readTimeoutMs),
        );
        if (!Object.is(table.get(index, slot.quoteWallMs), seenMs)) continue;
        const unit = toNumber(instrument.priceUnit);
        const isSame = (['bids', 'asks'] as const).every((side) => {
          const best = levelsOf(book[side], { price: unit, qty: 1 }, 1)[0]?.[0];
          return best === table.get(index, side === 'bids' ? slot.bid : slot.ask);
        });
        if (isSame) {
          table.set(index, slot.quoteWallMs, clock.wallMs());
          continue;
        }
        log.warn({ venue, symbol }, "the stream's book differs from the REST book: reconnecting");
        this.invalidate(symbol);
        await exchanges.market.close();
        break;
      }
    } catch (thrown) {
      log.warn({ venue, reason: textOf(thrown) }, 'silent books could not be compared');
    } finally {
      this.auditing = false;
    }
  }
}

interface Units {
  readonly price: number;
  readonly qty: number;
}

/** Best first, in our units; rows that are not two positive numbers are left out. */
export function levelsOf(value: unknown, units: Units, countMax: number): readonly Level[] {
  const levels: Level[] = [];
  if (!Array.isArray(value)) return levels;
  for (const row of value) {
    if (levels.length >= countMax) break;
    const price = Number(row?.[0]);
    const qty = Number(row?.[1]);
    if (price > 0 && qty > 0) levels.push([price / units.price, qty * units.qty]);
  }
  return levels;
}
